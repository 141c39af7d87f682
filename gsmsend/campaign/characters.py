"""What a text costs in segments, which characters make it dearer, where they stand and what would do instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from gsmsend.campaign.swaps import TABLE, swapped
from gsmsend.sms import Encoding, Segmentation, split
from gsmsend.sms.alphabet import alphabet

_NAMED = {"\t": "tabulator", "\n": "line end", "\r": "carriage return", "\x85": "line end", "\f": "form feed"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character stands: line and column, from 1."""

    line: int
    column: int

    @property
    def words(self) -> str:
        """`line 2, character 14`."""
        return f"line {self.line}, character {self.column}"


@dataclass(frozen=True, slots=True)
class Dear:
    """A character that plain GSM 7 bit lacks, or that takes two places in it (`double`).

    `name` is Unicode's; `swap` is what would do instead, None if nothing does.
    """

    char: str
    name: str
    places: tuple[Place, ...]
    double: bool
    swap: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it goes out. `swap` is the text with all swaps made, if that takes fewer segments."""

    text: str = field(repr=False)
    segmentation: Segmentation = field(repr=False)
    dear: tuple[Dear, ...]
    swap: Segmentation | None = field(default=None, repr=False)

    @property
    def segments(self) -> int:
        """How many segments it takes."""
        return len(self.segmentation.segments)

    @property
    def forcing(self) -> tuple[Dear, ...]:
        """The characters that force a dearer encoding, or a national letter table."""
        return tuple(one for one in self.dear if not one.double)

    @property
    def encoding_words(self) -> str:
        """How it is coded, for people."""
        found = self.segmentation
        if found.encoding is Encoding.UCS2:
            return "UCS-2: 70 characters in one segment, 67 in each of several"
        languages = {table.name.capitalize() for table in (found.locking, found.single) if table}
        if languages:
            return f"GSM 7 bit with the {' and '.join(sorted(languages))} letter table"
        return "GSM 7 bit: 160 characters in one segment, 153 in each of several"


@lru_cache(maxsize=256)
def read(text: str, *, national: bool = True) -> Reading:
    """Look at a text. Raises SmsError if it cannot be coded at all."""
    found = split(text, national=national)
    plainer = swapped(text)
    swap = split(plainer, national=national) if plainer != text else None
    if swap is not None and len(swap.segments) >= len(found.segments):
        swap = None
    return Reading(text, found, tuple(_dear(text)), swap)


def _dear(text: str) -> Iterator[Dear]:
    codes = alphabet().codes
    places: dict[str, list[Place]] = {}
    line, start = 1, 0
    for at, char in enumerate(text):
        if len(codes.get(char, b"")) != 1:
            places.setdefault(char, []).append(Place(line, at - start + 1))
        if char == "\n":
            line, start = line + 1, at + 1
    for char, found in places.items():
        name = _NAMED.get(char) or unicodedata.name(char, f"U+{ord(char):04X}").lower()
        yield Dear(char, name, tuple(found), char in codes, _swap(char, text))


def _swap(char: str, text: str) -> str | None:
    if char in TABLE:
        return TABLE[char]
    if unicodedata.combining(char) and char not in unicodedata.normalize("NFC", text):
        return ""
    return None
