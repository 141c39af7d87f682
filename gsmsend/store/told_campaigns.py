"""Campaigns, lists, lines, visits and messages as the audit log tells them, to hold their tables against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind, stamp
from gsmsend.audit.checking import FOUND
from gsmsend.audit.states import ids_in
from gsmsend.store.identity import ACCOUNT
from gsmsend.store.schema import campaigns, decisions, imports, lines, messages, texts, visits

KINDS = frozenset({
    Kind.IMPORT, Kind.ROWS, Kind.IMPORTED, Kind.ANSWER, Kind.RELEASE, Kind.WITHDRAW, Kind.PAUSE, Kind.RESUME,
    Kind.CANCEL, Kind.LINE, Kind.VISITS,
})  # fmt: skip
_COUNTS = ("accepted", "duplicates", "refused")
_IDENTITY = ("name", "iccid", "imsi", "number", "imei")
_PEOPLE = ("person", "by", "login", "officer")
_SHOWN = 5
ACCEPTED = "accepted what sending over "
"""What a decision begins with that lets texts leave: the log must tell of these very words."""


@dataclass(slots=True)
class _Import:
    """What entries say of one import; `n` is that of its first."""

    n: int
    campaign: object
    line: object
    person: object
    at: str
    counts: tuple[object, ...] | None = None


@dataclass(slots=True)
class ToldCampaigns:
    """Fed with entries in order. Of messages only the ranges that imports made are kept."""

    _names: dict[int, tuple[int, str]] = field(default_factory=dict)
    _released: dict[int, bool] = field(default_factory=dict)
    _paused: dict[int, bool] = field(default_factory=dict)
    _cancelled: dict[int, int] = field(default_factory=dict)
    _imports: dict[int, _Import] = field(default_factory=dict)
    _ranges: list[tuple[int, int, int, int]] = field(default_factory=list)
    _answers: dict[int, int] = field(default_factory=dict)
    _lines: dict[int, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    _visits: dict[tuple[object, ...], tuple[list[str], int]] = field(default_factory=dict)
    _decided: set[int] = field(default_factory=set)
    _first: str = ""
    _older: bool = False

    def anything(self, made: Mapping[str, Any]) -> None:
        """Any entry: when, and by whom, something was decided."""
        told = made["data"]
        self._first = self._first or made["at"]
        self._older |= bool(told.get("before")) or told.get("why") == FOUND
        for name in _PEOPLE:
            person = told.get(name)
            if isinstance(person, str):
                self._decided.add(hash((made["at"], person)))
                if made["kind"] == Kind.NOTE:
                    self._decided.add(hash((made["at"], person, told.get("what"))))
        if made["kind"] == Kind.RELEASE:
            self._decided.add(hash((made["at"], str(told.get("why", "")).rpartition("(by ")[2].removesuffix(")"))))

    def take(self, made: Mapping[str, Any]) -> None:
        """The next entry. Raises KeyError, TypeError or ValueError if it has not the facts of its kind."""
        kind, n, told = made["kind"], made["n"], made["data"]
        if kind == Kind.LINE:
            self._lines[told["line"]] = n, told
        elif kind == Kind.IMPORTED:
            if told["import"] in self._imports:
                self._imports[told["import"]].counts = tuple(told[name] for name in _COUNTS)
        elif kind == Kind.VISITS:
            key = told["campaign"], made["at"]
            days, count = self._visits.get(key, ([], 0))
            self._visits[key] = sorted([*days, *told["days"]]), count + told["count"]
        else:
            self._of_campaign(kind, n, told, made["at"])

    def _of_campaign(self, kind: str, n: int, told: Mapping[str, Any], at: str) -> None:
        whose = int(told["campaign"])
        if kind == Kind.IMPORT:
            self._names[whose] = n, str(told["name"])
            self._imports.setdefault(told["import"], _Import(n, whose, told["line"], told["person"], at))
        elif kind == Kind.ROWS:
            for span in ids_in([told["messages"]] if told["messages"] else []):
                self._ranges.append((span.start, span.stop, whose, int(told["import"])))
        elif kind == Kind.ANSWER:
            self._names[whose] = n, str(told["name"])
            self._answers[int(told["message"])] = whose
        elif kind in (Kind.RELEASE, Kind.WITHDRAW):
            self._released[whose] = kind == Kind.RELEASE
        elif kind in (Kind.PAUSE, Kind.RESUME):
            self._paused[whose] = kind == Kind.PAUSE
        else:
            self._cancelled[whose] = n
            self._paused[whose] = False

    def differences(self, connection: sa.Connection) -> Iterator[str]:
        """What the tables have otherwise, a sentence each."""
        yield from self._of_campaigns(connection)
        yield from self._of_imports(connection)
        yield from self._of_messages(connection)
        yield from self._of_lines(connection)
        yield from self._of_visits(connection)
        yield from self._of_decisions(connection)

    def _of_campaigns(self, connection: sa.Connection) -> Iterator[str]:
        left = dict(self._names)
        for row in connection.execute(sa.select(campaigns).order_by(campaigns.c.id)):
            where = f"the table campaigns, row {row.id} ({row.name})"
            n, name = left.pop(row.id, (0, ""))
            if n and name != row.name:
                yield f"{where}: entry {n} calls this campaign {name}"
            for what, said, there in (
                ("released for sending", self._released.get(row.id), row.released_at_s is not None),
                ("paused", self._paused.get(row.id), bool(row.paused)),
                ("cancelled", row.id in self._cancelled or None, bool(row.cancelled)),
            ):
                if said is not None and said != there:
                    yield f"{where} {'is' if there else 'is not'} {what}, and the log says the contrary"
        for campaign_id, (n, name) in left.items():
            yield f"the table campaigns lacks campaign {campaign_id} ({name}), of which entry {n} tells"

    def _of_imports(self, connection: sa.Connection) -> Iterator[str]:
        left = dict(self._imports)
        for row in connection.execute(sa.select(imports).order_by(imports.c.id)):
            told = left.pop(row.id, None)
            if told is None:
                continue  # of replies' answers, or older than the log
            where = f"the table imports, row {row.id}"
            pairs = [
                ("campaign", told.campaign, row.campaign_id), ("line", told.line, row.wanted_line),
                ("person", told.person, row.person), ("time", told.at, stamp(row.at_s)),
            ]  # fmt: skip
            if told.counts is not None:
                there = row.accepted, row.duplicates, row.refused
                pairs += list(zip(_COUNTS, told.counts, there, strict=True))
            for what, said, found in pairs:
                if said != found:
                    yield f"{where}: {what} is {found}, and the log says {said} (from entry {told.n} on)"
        for import_id, told in left.items():
            yield f"the table imports lacks row {import_id}, of which entry {told.n} tells"

    def _of_messages(self, connection: sa.Connection) -> Iterator[str]:
        c, other = messages.c, list[int]()
        for start, stop, whose, its_import in self._ranges:
            wrong = sa.select(c.id).where(
                c.id >= start, c.id < stop, sa.or_(c.campaign_id != whose, c.import_id != its_import)
            )
            other += connection.execute(wrong).scalars()
        for message_id, whose in self._answers.items():
            found = connection.execute(sa.select(c.campaign_id).where(c.id == message_id)).scalar()
            other += [message_id] if found is not None and found != whose else []
        if other:
            yield f"the table messages, {_listed(other)}: not of the campaign or import that the log says"
        root = sa.func.coalesce(campaigns.c.parent_id, campaigns.c.id)
        strange = (
            sa.select(c.id)
            .join(campaigns, campaigns.c.id == c.campaign_id)
            .join(texts, texts.c.id == c.text_id, isouter=True)
            .where(sa.func.coalesce(texts.c.campaign_id, -1) != root)
            .order_by(c.id)
        )
        found_so = list(connection.execute(strange).scalars())
        if found_so:
            yield f"the table messages, {_listed(found_so)}: their text is one of another campaign"

    def _of_lines(self, connection: sa.Connection) -> Iterator[str]:
        left = dict(self._lines)
        for row in connection.execute(sa.select(lines).order_by(lines.c.id)):
            n, told = left.pop(row.id, (0, {}))
            for name in _IDENTITY:
                said = told.get(name)
                if said is not None and said != getattr(row, name):
                    yield f"the table lines, row {row.id} ({row.name}): {name} is not what entry {n} says"
            account = told.get("account")
            if account is not None and row.identity != f"{ACCOUNT}{account}":
                yield f"the table lines, row {row.id} ({row.name}): account is not what entry {n} says"
        for line_id, (n, _) in left.items():
            yield f"the table lines lacks line {line_id}, of which entry {n} tells"

    def _of_visits(self, connection: sa.Connection) -> Iterator[str]:
        there: dict[tuple[object, ...], tuple[list[str], int]] = {}
        for row in connection.execute(sa.select(visits, visits.c.count.label("people")).order_by(visits.c.id)):
            put_in: tuple[object, ...] = (row.campaign_id, stamp(row.at_s))
            days, count = there.get(put_in, ([], 0))
            there[put_in] = sorted([*days, row.day]), count + row.people
        for key in dict.fromkeys([*there, *self._visits]):
            older = key not in self._visits and self._older and str(key[1]) < self._first
            if there.get(key) != self._visits.get(key) and not older:
                found, said = there.get(key, ([], 0))[1], self._visits.get(key, ([], 0))[1]
                yield f"the table visits: {found} visits of campaign {key[0]} put in at {key[1]}; the log: {said}"

    def _of_decisions(self, connection: sa.Connection) -> Iterator[str]:
        c, strange = decisions.c, []
        for row_id, at_s, person, what in connection.execute(
            sa.select(c.id, c.at_s, c.person, c.what).order_by(c.id)
        ):
            decided = (stamp(at_s), person, what) if what.startswith(ACCEPTED) else (stamp(at_s), person)
            if hash(decided) not in self._decided and not (self._older and stamp(at_s) < self._first):
                strange.append(row_id)
        if strange:
            yield f"the table decisions, {_listed(strange)}: no entry of the log tells of what was decided there"


def _listed(ids: list[int]) -> str:
    return f"{len(ids)} row(s) ({', '.join(map(str, ids[:_SHOWN]))}{'...' if len(ids) > _SHOWN else ''})"
