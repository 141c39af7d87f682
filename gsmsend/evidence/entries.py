"""Entries of the audit log as the pack reads them, and up to which one a pack goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gsmsend.audit import Kind
from gsmsend.contract.chronicle import AuditRow

QUIET = frozenset({Kind.SESSION, Kind.SIGN_IN, Kind.UNMASK, Kind.EXPORT, Kind.STORE, Kind.HEAD, Kind.TIMESTAMP})
"""Kinds that tell of looking and signing: what comes of them alone is no reason for another pack."""
_STAMPING = frozenset({Kind.SESSION, Kind.TIMESTAMP})
"""What may follow the signed head in a pack: its time stamp, and the session that asked for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `salted` has salt and value of each sealed value that can still be opened.

    `campaign_id` is the campaign (a root one) under whose key they are sealed, 0 for none.
    """

    number: int
    kind: str
    at: str
    line: str = field(repr=False)
    data: Mapping[str, Any]
    campaign_id: int = 0
    salted: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    forgotten: bool = False
    session: int | None = None

    @property
    def said(self) -> dict[str, Any]:
        """As verify.py has it."""
        return {"n": self.number, "kind": self.kind, "at": self.at, "data": self.data, "session": self.session}

    def secret(self, name: str) -> Any:
        """A sealed value, None where there is none or it was destroyed."""
        return self.salted[name][1] if name in self.salted else None

    @property
    def secrets(self) -> dict[str, Any]:
        """The sealed values by name."""
        return {name: value for name, (_, value) in self.salted.items()}

    @classmethod
    def of(cls, row: AuditRow) -> Entry:
        """A row of the log, read. Raises ValueError or KeyError for a line that is none of an entry."""
        said = json.loads(row.line)
        return cls(
            row.number, str(said["kind"]), str(said["at"]), row.line, said["data"], row.campaign_id,
            row.secrets or {}, row.forgotten, said["session"],
        )  # fmt: skip


def last_of(kinds: Iterable[tuple[int, str]]) -> int | None:
    """The number of the last entry that a pack has, from all numbers and kinds of the log in order.

    A pack goes up to the first signed head after the last change, and what stamped that head. None if something
    was changed since the last head was signed.
    """
    last: int | None = None
    ended = changed = False
    for number, kind in kinds:
        if kind not in QUIET:
            last, ended, changed = None, False, True
        elif kind == Kind.HEAD and last is None and changed:
            last = number
        elif last is not None and not ended:
            ended = kind not in _STAMPING
            last = number if kind == Kind.TIMESTAMP else last
    return last


def of_kind(entries: Iterable[Entry], *kinds: Kind) -> list[Entry]:
    """The entries of these kinds."""
    return [one for one in entries if one.kind in kinds]
