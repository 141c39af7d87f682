"""Message storage (SM, ME, SR): fixed slots, every change recorded, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

RECORD_OCTETS = 176  # EF-SMS, TS 31.102 4.2.25


class Status(IntEnum):
    """<stat> of a stored message (TS 27.005 3.1)."""

    REC_UNREAD = 0
    REC_READ = 1
    STO_UNSENT = 2
    STO_SENT = 3

    @property
    def text(self) -> str:
        """The text mode name."""
        return ("REC UNREAD", "REC READ", "STO UNSENT", "STO SENT")[self]


# EF-SMS status octet, TS 31.102 4.2.25.
_OCTET = {Status.REC_READ: 0x01, Status.REC_UNREAD: 0x03, Status.STO_SENT: 0x05, Status.STO_UNSENT: 0x07}


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as kept: `sca` with its length octet, then the TPDU (TS 24.011, TS 23.040)."""

    status: Status
    sca: bytes
    tpdu: bytes

    def record(self) -> bytes:
        """The 176 octets of an EF-SMS record."""
        return (bytes((_OCTET[self.status],)) + self.sca + self.tpdu).ljust(RECORD_OCTETS, b"\xff")[:RECORD_OCTETS]


FREE = b"\x00" + b"\xff" * (RECORD_OCTETS - 1)

OnWrite = Callable[[str, int, str, bytes, bytes], None]


class MessageStore:
    """Slots from `first` on. `writes` counts every change since it was made, read marks included."""

    def __init__(self, name: str, capacity: int) -> None:
        self.name = name
        self.capacity = capacity
        self.first = 1
        self.writes = 0
        self.on_write: OnWrite | None = None
        self._slots: list[Stored | None] = [None] * capacity

    @property
    def used(self) -> int:
        """How many slots hold a message."""
        return self.capacity - self._slots.count(None)

    @property
    def full(self) -> bool:
        """Whether no slot is free."""
        return None not in self._slots

    def __iter__(self) -> Iterator[tuple[int, Stored]]:
        for index, stored in enumerate(self._slots, self.first):
            if stored is not None:
                yield index, stored

    def get(self, index: int) -> Stored | None:
        """What slot `index` holds; None if free. Raises IndexError if there is no such slot."""
        if not 0 <= index - self.first < self.capacity:
            raise IndexError(index)
        return self._slots[index - self.first]

    def add(self, stored: Stored) -> int | None:
        """Keep a message in the first free slot; its index, or None if all are taken."""
        if self.full:
            return None
        index = self._slots.index(None) + self.first
        self._put(index, stored, "add")
        return index

    def mark(self, index: int, status: Status) -> None:
        """Change the status of a kept message; nothing happens if it has that status."""
        stored = self.get(index)
        if stored is not None and stored.status is not status:
            self._put(index, replace(stored, status=status), f"mark {status.text}")

    def delete(self, index: int) -> bool:
        """Free a slot; whether it held anything."""
        if self.get(index) is None:
            return False
        self._put(index, None, "delete")
        return True

    def snapshot(self) -> bytes:
        """Every slot as it would lie in EF-SMS: equal snapshots mean nothing was altered."""
        return b"".join(stored.record() if stored else FREE for stored in self._slots)

    def _put(self, index: int, stored: Stored | None, what: str) -> None:
        old = self._slots[index - self.first]
        self._slots[index - self.first] = stored
        self.writes += 1
        if self.on_write is not None:
            before, after = (it.record() if it else FREE for it in (old, stored))
            self.on_write(self.name, index, what, before, after)
