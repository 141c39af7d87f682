"""The states of all messages, told from the log alone. An octet a message, whatever ids a log claims. Pure."""

from __future__ import annotations

from collections.abc import Iterator

_PAGE = 4096
MOST = 10_000_000
"""Messages that one entry may speak of; more is no entry of ours."""


class States:
    """Message ids and what they are now."""

    def __init__(self) -> None:
        self._names = [""]
        self._numbers: dict[str, int] = {}
        self._pages: dict[int, bytearray] = {}
        self.count = 0

    def get(self, message_id: int) -> str | None:
        """The state of a message; None if no entry made it."""
        page = self._pages.get(message_id // _PAGE)
        return (self._names[page[message_id % _PAGE]] or None) if page is not None else None

    def put(self, message_id: int, state: str) -> None:
        """A message is this from now on. Raises ValueError for more than 255 different states."""
        number = self._numbers.get(state)
        if number is None:
            number = self._numbers[state] = len(self._names)
            self._names.append(state)
        page = self._pages.setdefault(message_id // _PAGE, bytearray(_PAGE))
        self.count += not page[message_id % _PAGE]
        page[message_id % _PAGE] = number

    def totals(self) -> dict[str, int]:
        """How many messages are in each state."""
        counts = [sum(page.count(number) for page in self._pages.values()) for number in range(len(self._names))]
        return {name: count for name, count in zip(self._names[1:], counts[1:], strict=True) if count}

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for base in sorted(self._pages):
            for offset, number in enumerate(self._pages[base]):
                if number:
                    yield base * _PAGE + offset, self._names[number]


def ids_in(value: object) -> Iterator[range]:
    """The message ids of `messages` as ranges. Raises ValueError for what is none of ours."""
    for item in value if isinstance(value, list) else [] if value is None else [value]:
        first, last = item if isinstance(item, list) and len(item) == 2 else (item, item)
        if type(first) is not int or type(last) is not int or not 0 < first <= last:
            raise ValueError("its messages are not message ids")
        if last - first >= MOST:
            raise ValueError(f"it speaks of more than {MOST:,} messages at once")
        yield range(first, last + 1)
