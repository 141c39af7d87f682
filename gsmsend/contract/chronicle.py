"""The audit log as it is read (docs/audit-log.md): for its check, and for the evidence pack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry: its line, and what its commitments stand for, `{name: [salt, value]}`.

    `secrets` is None where nothing was sealed, and where it was destroyed since (`forgotten`).
    """

    number: int
    kind: str
    campaign_id: int
    line: str
    secrets: Mapping[str, Any] | None = field(default=None, repr=False)
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """What a store's tables say of a message: of those that are older than the log nothing else does."""

    message_id: int
    campaign_id: int
    campaign: str
    number: str = field(repr=False)
    text_id: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SoundEntry:
    """One entry whose place in the chain was checked, and that the operation's key wrote it.

    `keyed` is False for those that stop sending and were written without the key: anybody may have written them.
    """

    number: int
    kind: str
    at: str
    session: int | None
    data: Mapping[str, Any]
    campaign_id: int
    keyed: bool
    opener: Callable[[], Mapping[str, Any] | None] = field(repr=False)

    @property
    def secrets(self) -> Mapping[str, Any] | None:
        """What it sealed, by name, checked; None where nothing was, or it is forgotten. Ask while it is iterated.

        Raises LogStop if it is not what the entry stands for.
        """
        return self.opener()


class ChronicleView(Protocol):
    """What can be asked of the audit log."""

    def audit_kinds(self) -> Iterator[tuple[int, str]]:
        """Number and kind of each entry, in order. Needs no key."""
        ...

    def stored_messages(self) -> Iterator[StoredMessage]:
        """All messages by the tables, in order of import. Needs the operation's key."""
        ...

    def audit(self, since: int = 0) -> Iterator[AuditRow]:
        """The entries after that number, in order, with what they sealed. Needs the operation's key for that."""
        ...

    def sound_entries(self, kinds: Collection[str], since: tuple[int, str] | None = None) -> Iterator[SoundEntry]:
        """Entries of these kinds, in order; all of the log is checked on the way, some 5 us an entry.

        `since`: only after that entry (number and hash), which is taken for good. Raises LogStop at the first
        entry that gsmsend did not write with the operation's key, KeyStop if that cannot be had.
        """
        ...

    def last_entry_s(self) -> float | None:
        """The time of the newest entry, as whoever wrote it had it; None while there is no log."""
        ...

    def sign_pack(self, statement: bytes) -> str:
        """The operation's signature (Ed25519, hex) of a pack's manifest. Needs the operation's key.

        Raises ValueError for what is no such statement.
        """
        ...
