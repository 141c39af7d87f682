"""What the sheets of a workbook share: their names, their strings, and which of their numbers are dates."""

from __future__ import annotations

import posixpath
import re
import zipfile
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Final

from gsmsend.campaign.sources import archive, markup
from gsmsend.errors import UsageError

_REMEDY = "Open it in a spreadsheet program and save it again as .xlsx without a password."
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)

# No zone: a workbook's times have none.
_SINCE_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
_SINCE_1900: Final = datetime(1899, 12, 31)  # noqa: DTZ001
_LEAP_DAY_THAT_WAS_NONE = 60
"""The serial number of 29 February 1900, which spreadsheets count (ECMA-376 part 1, 18.17.4.1)."""


class Shown(Enum):
    """How a number is shown in its cell."""

    NUMBER = auto()
    DATE = auto()
    ELAPSED = auto()


_BUILT_IN = dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), Shown.DATE) | {
    46: Shown.ELAPSED
}
"""Formats that a workbook uses without describing them (ECMA-376 part 1, 18.8.30)."""


class Strings:
    """Strings in the order they came, as UTF-8 in one piece: an object for each would take five times that."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._ends = array("I", [0])

    def add(self, words: str) -> None:
        """One more."""
        self._octets += words.encode()
        self._ends.append(len(self._octets))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        """The one at a place, from 0. Raises IndexError."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._octets[self._ends[place] : self._ends[place + 1]].decode()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of cells: its name, its part of the archive, and whether people see it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets share. `styles` says for each style of a cell how it shows a number."""

    sheets: tuple[Sheet, ...]
    strings: Strings
    styles: tuple[Shown, ...]
    since_1904: bool

    def words(self, value: float, style: int) -> str:
        """A number as its cell shows it: ISO 8601 for a date, else its digits."""
        shown = self.styles[style] if 0 <= style < len(self.styles) else Shown.NUMBER
        return number_text(value) if shown is Shown.NUMBER else (self._time(value, shown) or number_text(value))

    def _time(self, days: float, shown: Shown) -> str:
        """Empty for what is no date, as a phone number is in a column of dates."""
        try:
            since = timedelta(milliseconds=round(days * 86_400_000))
            if shown is Shown.ELAPSED:
                return str(since)
            if days < 0:
                return ""
            if self.since_1904:
                at = _SINCE_1904 + since
            else:
                at = _SINCE_1900 + since - timedelta(days=days >= _LEAP_DAY_THAT_WAS_NONE)
        except (OverflowError, ValueError):
            return ""
        if days < 1:
            return at.time().isoformat()
        return (at if at.time().replace(microsecond=0) != datetime.min.time() else at.date()).isoformat()


_EXACT = 10**15
"""Below this a double holds every digit of a whole number, and spreadsheets show them."""


def number_text(value: float) -> str:
    """A number's digits; it has all of them or shows that it has lost some."""
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def unescaped(words: str) -> str:
    """A string without the escapes of signs that XML has no place for (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in words:
        return words
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def damaged(where: str) -> UsageError:
    """The error for a workbook that does not hold together."""
    return UsageError(f"{where} cannot be read as a workbook: it is damaged", remedy=_REMEDY)


def open_book(path: Path, packed: zipfile.ZipFile) -> Book:
    """All that is in a workbook beside the cells of its sheets. Raises UsageError: it is damaged."""
    reading = _Reading(path, packed)
    reading.run("xl/workbook.xml", reading.workbook)
    reading.run("xl/_rels/workbook.xml.rels", reading.relation)
    strings = Strings()
    if part := reading.part_of("sharedStrings"):
        gather = _Gather(strings)
        reading.run(part, gather.start, gather.end, gather.text)
    if part := reading.part_of("styles"):
        reading.run(part, reading.style, reading.style_end)
    return Book(reading.sheets(), strings, reading.styles(), reading.since_1904)


class _Reading:
    """Follows the small parts of a workbook."""

    def __init__(self, path: Path, packed: zipfile.ZipFile) -> None:
        self.since_1904 = False
        self._path = path
        self._packed = packed
        self._parts = {name.casefold(): name for name in packed.namelist()}
        self._names: list[tuple[str, str, bool]] = []
        self._relations: dict[str, tuple[str, str]] = {}
        self._formats: dict[str, str] = {}
        self._cell_styles: list[str] = []
        self._in_cell_styles = False

    def run(
        self,
        part: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] = lambda _: None,
        text: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Read a part. Raises UsageError: there is none, or it is damaged."""
        name = self._parts.get(part.casefold())
        if name is None:
            raise damaged(f"{self._path}: {part} is missing; it")
        with archive.part(self._packed, name) as stream:
            markup.read(f"{self._path}: {name}", stream, start, end, text)

    def workbook(self, name: str, attributes: dict[str, str]) -> None:
        """Elements of the workbook (18.2.19, 18.2.28)."""
        if name == "sheet":
            where = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            visible = attributes.get("state", "visible") == "visible"
            self._names.append((attributes.get("name", ""), where, visible))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")

    def relation(self, name: str, attributes: dict[str, str]) -> None:
        """Which part is which (ECMA-376 part 2, 8.5)."""
        if name == "Relationship":
            part = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
            self._relations[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], part)

    def part_of(self, kind: str) -> str | None:
        """The part of a kind, if it is there."""
        parts = (part for it, part in self._relations.values() if it == kind)
        return next((part for part in parts if part.casefold() in self._parts), None)

    def sheets(self) -> tuple[Sheet, ...]:
        """Those of cells, in their order: charts and dialogues have none. Raises UsageError: one is missing."""
        found = []
        for name, where, visible in self._names:
            kind, part = self._relations.get(where, ("worksheet", ""))
            if kind == "worksheet":
                if part.casefold() not in self._parts:
                    raise damaged(f"{self._path}: sheet {name} is missing; it")
                found.append(Sheet(name, self._parts[part.casefold()], visible))
        return tuple(found)

    def style(self, name: str, attributes: dict[str, str]) -> None:
        """Elements of the styles (18.8.10, 18.8.30, 18.8.45)."""
        if name == "cellXfs":
            self._in_cell_styles = True
        elif name == "xf" and self._in_cell_styles:
            self._cell_styles.append(attributes.get("numFmtId", "0"))
        elif name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")

    def style_end(self, name: str) -> None:
        """The end of one."""
        self._in_cell_styles = self._in_cell_styles and name != "cellXfs"

    def styles(self) -> tuple[Shown, ...]:
        """How each style of a cell shows a number."""
        own = {key: _shown(code) for key, code in self._formats.items()}
        built_in = {str(key): shown for key, shown in _BUILT_IN.items()}
        return tuple(own.get(key, built_in.get(key, Shown.NUMBER)) for key in self._cell_styles)


def _shown(code: str) -> Shown:
    """What a format makes of a number: its first section counts, which is that of positive ones."""
    first = _NO_CODE.sub("", code).partition(";")[0]
    if _ELAPSED.search(first):
        return Shown.ELAPSED
    return Shown.DATE if _DATE.search(first) else Shown.NUMBER


class _Gather:
    """Gathers shared strings (18.4.8); what tells how a word is spoken is no part of it (18.4.6)."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings
        self._pieces: list[str] = []
        self._inside = self._spoken = False

    def start(self, name: str, _: dict[str, str]) -> None:
        """An element begins."""
        if name == "si":
            self._pieces.clear()
        elif name == "rPh":
            self._spoken = True
        elif name == "t":
            self._inside = not self._spoken

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "si":
            self._strings.add(unescaped("".join(self._pieces)))
        elif name == "rPh":
            self._spoken = False
        elif name == "t":
            self._inside = False

    def text(self, words: str) -> None:
        """Text inside an element."""
        if self._inside:
            self._pieces.append(words)
