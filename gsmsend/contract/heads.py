"""Heads of the audit log: signed, shown, and remembered apart from the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gsmsend.audit.checking import Finding
from gsmsend.audit.short import Noted, short


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A signed head: entry `n` had the hash `hash` (64 hex digits); `entry` is the number of the one that says so.

    `signature` is Ed25519 in hex, by the public key in the first entry. `at` is as entries have it.
    """

    n: int
    hash: str
    entry: int
    signature: str
    at: str

    @property
    def short(self) -> str:
        """To write down: `1042 7KQX-93MB-TT2P-0A4C`."""
        return short(self.n, self.hash)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking a whole audit log came to, as of one moment.

    `sealed` commitments were opened and fit; `closed` says why the operation's key is not here, so that neither
    they nor who wrote the entries was checked (empty: they were); `forgotten` ones are gone for good, as they
    should be. `times` are those of the first and the last entry. `unkeyed` entries were written by a stop, without
    the key. `older`: the store is older than the audit log, which is not begun. `back` is how often an entry is
    much earlier than the one before it, the first of them, and by how many seconds.
    """

    entries: int
    findings: tuple[Finding, ...]
    heads: int
    head: HeadRow | None
    totals: dict[str, int] = field(default_factory=dict)
    sealed: int = 0
    forgotten: int = 0
    closed: str = ""
    times: tuple[str, str] = ("", "")
    unkeyed: int = 0
    older: bool = False
    back: tuple[int, int, int] = (0, 0, 0)


class HeadView(Protocol):
    """What can be asked about the audit log as a whole."""

    def last_head(self) -> HeadRow | None:
        """The newest head that was signed."""
        ...

    def key_id(self) -> str:
        """The id of the operation's key, wherever it is kept; "" if there is none, or its file is damaged."""
        ...

    def newest_entry(self) -> Noted | None:
        """The last entry's number and hash, None while there is no log."""
        ...

    def has_entry(self, noted: Noted) -> bool:
        """Whether there is an entry of this number, with a hash that begins so."""
        ...

    def differences(self) -> tuple[Finding, ...]:
        """Where the tables do not hold what the log tells; sealed values too if the operation's key is here."""
        ...

    def verify(self, noted: Sequence[Noted] = ()) -> Verdict:
        """Check the whole log: its chain, its heads, what is sealed, and that it tells what the tables hold."""
        ...


class HeadDesk(HeadView, Protocol):
    """A store whose heads can be signed."""

    def sign_head(self, now_s: float) -> HeadRow | None:
        """Sign the head of the log, in an entry of its own; the last one if nothing came after it.

        None if nothing was ever entered. Needs the operation's key. Raises StoreError.
        """
        ...
