"""Who must not be texted, as the audit log tells it, to hold the table `suppressions` against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.store.schema import suppressions
from gsmsend.store.seals import KEY_ROW

KINDS = frozenset({Kind.OPERATION, Kind.SUPPRESS, Kind.SUPPRESS_END})
BEFORE = "suppressed "
"""What stands before a list's name in `before` of the first entry: so many were on it before the log."""
_SHOWN = 3
_STANDING = (suppressions.c.kind != KEY_ROW, suppressions.c.ended_at_s.is_(None))


@dataclass(slots=True)
class ToldPeople:
    """Fed with entries in order, and with the numbers sealed in each (None: they cannot be opened, or are gone).

    `person` is the keyed hash of a number.
    """

    person: Callable[[str], str] | None = None
    _standing: Counter[str] = field(default_factory=Counter)
    _unknown: Counter[str] = field(default_factory=Counter)
    _digests: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, made: Mapping[str, Any], numbers: list[str] | None) -> None:
        """The next entry. Raises KeyError or TypeError if it has not the facts of its kind."""
        n, kind, told = made["n"], made["kind"], made["data"]
        if kind == Kind.OPERATION:
            for name, count in (told.get("before") or {}).items():
                if name.startswith(BEFORE):
                    listed = name.removeprefix(BEFORE)
                    self._standing[listed] += int(count)
                    self._unknown[listed] += int(count)
            return
        listed, count = str(told["list"]), int(told["count"])
        on_it = self._digests.setdefault(listed, {})
        ends = kind == Kind.SUPPRESS_END
        self._standing[listed] += -count if ends else count
        if numbers is None or self.person is None:
            self._unknown[listed] += count
        for digest in map(self.person, numbers or ()) if self.person is not None else ():
            if not ends:
                on_it[digest] = n
            elif on_it.pop(digest, None) is None:
                self._unknown[listed] -= 1

    def differences(self, connection: sa.Connection) -> Iterator[str]:
        """What the table has otherwise, a sentence each; nobody is named."""
        c = suppressions.c
        there: Counter[str] = Counter()
        strange: dict[str, list[int]] = {}
        left = {listed: dict(digests) for listed, digests in self._digests.items()}
        query = sa.select(c.id, c.digest, c.kind).where(*_STANDING).order_by(c.id)
        for row_id, digest, listed in connection.execute(query, execution_options={"yield_per": 1000}):
            there[listed] += 1
            if left.get(listed, {}).pop(digest, None) is None:
                strange.setdefault(listed, []).append(row_id)
        for listed in sorted({*there, *self._standing}):
            if there[listed] != self._standing[listed]:
                yield (
                    f"the table suppressions ({listed}) has {there[listed]} people who must not be texted; the "
                    f"log has put {self._standing[listed]} there"
                )
            gone = left.get(listed, {})
            if gone:
                entries = ", ".join(map(str, sorted(set(gone.values()))[:_SHOWN]))
                yield (
                    f"the table suppressions ({listed}) lacks {len(gone)} people whom the log has put there "
                    f"(entries {entries}): they would be texted"
                )
            more = strange.get(listed, [])
            if len(more) > max(0, self._unknown[listed]):
                rows = ", ".join(map(str, more[:_SHOWN]))
                yield f"the table suppressions ({listed}), rows {rows}: no entry of the log has put them there"


def before(connection: sa.Connection, pending: Sequence[Any]) -> dict[str, int]:
    """For the first entry: how many were on each list before the transaction whose entries are `pending`."""
    changed: Counter[str] = Counter()
    for one in pending:
        if one.kind in (Kind.SUPPRESS, Kind.SUPPRESS_END):
            changed[one.data["list"]] += one.data["count"] if one.kind is Kind.SUPPRESS else -one.data["count"]
    c = suppressions.c
    query = sa.select(c.kind, sa.func.count()).where(*_STANDING).group_by(c.kind)
    found = {listed: count - changed[listed] for listed, count in connection.execute(query).all()}
    return {f"{BEFORE}{listed}": count for listed, count in found.items() if count}
