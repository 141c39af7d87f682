"""The values that all readers share: a row, what to read, and an opened source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class RowKind(StrEnum):
    """Where a number stood."""

    LIST = "list"
    CONTACT = "contact"
    CALL = "call"
    MESSAGE = "message"
    PHONEBOOK = "phonebook"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One number as it stood in a source: `place` is the sheet or section, `row` its number there, from 1.

    `number` is the number in it where `original` is more than that (an address, an account), else empty.
    `text` is a text of its own to send, empty for none. `at_s` is when the number was seen (a call, a message),
    `seen` how often. `why` says that the row cannot be used, whatever number is in it. No name is kept.
    """

    row: int
    original: str
    text: str = ""
    place: str = ""
    kind: RowKind = RowKind.LIST
    at_s: float | None = None
    seen: int = 1
    why: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose to read of a source; None for what is found by itself."""

    region: str = "GB"
    sheet: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source that was read through once and found whole.

    `read_as` says how it was understood, a line each. `digest` is the SHA-256 of its content (hex). `texts`: its
    rows may have texts of their own. `count` is how many rows there are about, for a progress bar. `rows` reads
    it from the start, in flat memory.
    """

    name: str
    read_as: tuple[str, ...]
    digest: str
    texts: bool
    count: int
    rows: Callable[[], Iterator[SourceRow]]
