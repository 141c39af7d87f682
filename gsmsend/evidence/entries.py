"""Entries of the audit log as the pack reads them, and up to which one a pack goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gsmsend.audit import Kind
from gsmsend.contract.chronicle import AuditRow

QUIET = frozenset({Kind.SESSION, Kind.SIGN_IN, Kind.UNMASK, Kind.EXPORT, Kind.HEAD, Kind.TIMESTAMP})
"""Kinds that tell of looking and signing: what comes of them alone is no reason for another pack."""


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

    def secret(self, name: str) -> Any:
        """A sealed value, None where there is none or it was destroyed."""
        return self.salted[name][1] if name in self.salted else None

    @classmethod
    def of(cls, row: AuditRow) -> Entry:
        """A row of the log, read. Raises ValueError or KeyError for a line that is none of an entry."""
        said = json.loads(row.line)
        return cls(
            row.number, str(said["kind"]), str(said["at"]), row.line, said["data"], row.campaign_id,
            row.secrets or {}, row.forgotten,
        )  # fmt: skip


def up_to_head(entries: Sequence[Entry]) -> Sequence[Entry] | None:
    """The entries that a pack has: up to the signed head after the last change, and what stamped that head.

    None if something was changed since the last head was signed.
    """
    last_change = max((index for index, one in enumerate(entries) if one.kind not in QUIET), default=0)
    for index in range(last_change + 1, len(entries)):
        if entries[index].kind == Kind.HEAD:
            return entries[: _stamped(entries, index) + 1]
    return None


def _stamped(entries: Sequence[Entry], head: int) -> int:
    """Where the last time stamp of this head stands, or the head itself."""
    of = entries[head].data.get("head")
    stamps = (
        index for index, one in enumerate(entries) if one.kind == Kind.TIMESTAMP and one.data.get("head") == of
    )
    return max(stamps, default=head)


def of_kind(entries: Iterable[Entry], *kinds: Kind) -> list[Entry]:
    """The entries of these kinds."""
    return [one for one in entries if one.kind in kinds]
