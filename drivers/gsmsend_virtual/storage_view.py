"""MT: the ME's and the SIM's messages under one numbering (TS 27.005 3.1, <memr>)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from gsmsend_virtual.storage import MessageStore, Status, Stored


class Memory(Protocol):
    """What commands need of a message memory."""

    @property
    def used(self) -> int: ...

    @property
    def capacity(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[int, Stored]]: ...

    def get(self, index: int) -> Stored | None: ...

    def add(self, stored: Stored) -> int | None: ...

    def mark(self, index: int, status: Status) -> None: ...

    def delete(self, index: int) -> bool: ...


class Joined:
    """Several stores in a row: the second begins where the first ends."""

    def __init__(self, stores: Sequence[MessageStore]) -> None:
        self._stores = stores

    @property
    def used(self) -> int:
        """How many slots hold a message."""
        return sum(store.used for store in self._stores)

    @property
    def capacity(self) -> int:
        """How many slots there are."""
        return sum(store.capacity for store in self._stores)

    def __iter__(self) -> Iterator[tuple[int, Stored]]:
        offset = 0
        for store in self._stores:
            for index, stored in store:
                yield offset + index, stored
            offset += store.capacity

    def _find(self, index: int) -> tuple[MessageStore, int]:
        for store in self._stores:
            if 0 <= index - store.first < store.capacity:
                return store, index
            index -= store.capacity
        raise IndexError(index)

    def get(self, index: int) -> Stored | None:
        """What a slot holds. Raises IndexError if there is no such slot."""
        store, own = self._find(index)
        return store.get(own)

    def add(self, stored: Stored) -> int | None:
        """Keep a message in the first store that has room; its index here."""
        offset = 0
        for store in self._stores:
            index = store.add(stored)
            if index is not None:
                return offset + index
            offset += store.capacity
        return None

    def mark(self, index: int, status: Status) -> None:
        """Change the status of a kept message."""
        store, own = self._find(index)
        store.mark(own, status)

    def delete(self, index: int) -> bool:
        """Free a slot; whether it held anything."""
        store, own = self._find(index)
        return store.delete(own)
