"""What a workbook's own XML says that its cells do not: formulas without a result, and how far a sheet reaches."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from gsmsend.campaign.sources import archive, markup
from gsmsend.errors import UsageError

MOST_CELLS = 20_000_000
"""A sheet is laid out as a rectangle from its first to its last cell, so one stray cell far off makes it vast."""

_PIECE = 1 << 20
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP = 20


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one sheet: formulas that have no result, as (row from 1, column from 0)."""

    empty_formulas: frozenset[tuple[int, int]] = frozenset()


def marks_of(path: Path, packed: zipfile.ZipFile) -> dict[str, Marks]:
    """Read every part once, so that a damaged one is known before a cell is used; the marks by sheet.

    Raises UsageError: damaged, with a document type or entities, or a sheet that reaches too far.
    """
    marks: dict[str, Marks] = {}
    for info in packed.infolist():
        if "/worksheets/" in info.filename and info.filename.endswith(".xml"):
            marks[info.filename] = _read(path, packed, info.filename)
        elif info.filename.endswith((".xml", ".rels")):
            _scan(path, packed, info.filename)
    return {name: marks[part] for name, part in _sheets(path, packed).items() if part in marks}


def _scan(path: Path, packed: zipfile.ZipFile, name: str) -> None:
    rest = b""
    with archive.part(packed, name) as stream:
        while piece := stream.read(_PIECE):
            if _DOCTYPE.search(rest + piece):
                raise UsageError(
                    f"{path}: {name} declares a document type or entities, which no workbook has",
                    remedy="It may have been made to do harm. Do not open it; ask whoever sent it.",
                )
            rest = piece[-_OVERLAP:]


class _Cells:
    """Follows the cells of one sheet (ECMA-376 part 1, 18.3.1.4 and 18.3.1.73)."""

    def __init__(self, where: str) -> None:
        self.widest = self.lowest = 0
        self.empty_formulas: set[tuple[int, int]] = set()
        self._where = where
        self._row = self._column = 0
        self._formula = self._value = self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins. Raises UsageError for an address that no cell has."""
        if name == "c":
            self._column += 1  # a cell without an address follows the one before
            if "r" in attributes:
                self._column, self._row = self._address(attributes["r"])
            self.widest, self.lowest = max(self.widest, self._column), max(self.lowest, self._row)
            self._formula = self._value = False
        elif name == "row":
            given = attributes.get("r")
            self._row = self._number(given) if given is not None else self._row + 1
            self._column = 0
        elif name == "f":
            self._formula = True
        elif name in ("v", "t"):
            self._inside = True

    def end(self, name: str) -> None:
        """An element ends."""
        if name in ("v", "t"):
            self._inside = False
        elif name == "c" and self._formula and not self._value:
            self.empty_formulas.add((self._row, self._column - 1))

    def text(self, _: str) -> None:
        """Text inside an element."""
        self._value = self._value or self._inside

    def _address(self, given: str) -> tuple[int, int]:
        found = _ADDRESS.fullmatch(given)
        if found is None:
            raise self._impossible()
        return column_of(found[1]) + 1, self._number(found[2])

    def _number(self, given: str) -> int:
        if not given.isascii() or not given.isdecimal() or len(given) > 7:
            raise self._impossible()
        return int(given)

    def _impossible(self) -> UsageError:
        return UsageError(
            f"{self._where} has a cell at a place that no sheet has: it is damaged",
            remedy="Open it in a spreadsheet program and save it again as .xlsx.",
        )


def _read(path: Path, packed: zipfile.ZipFile, part: str) -> Marks:
    where = f"{path}: {part}"
    cells = _Cells(where)
    with archive.part(packed, part) as stream:
        markup.read(where, stream, cells.start, cells.end, cells.text)
    if cells.widest * cells.lowest > MOST_CELLS:
        raise UsageError(
            f"{where} reaches to column {cells.widest:,} and row {cells.lowest:,}, more than can be laid out",
            remedy="Delete the empty rows and columns at its end, or save the sheet as CSV and import that.",
        )
    return Marks(frozenset(cells.empty_formulas))


def column_of(letters: str) -> int:
    """A column's letters as a number from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _sheets(path: Path, packed: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by its name (ECMA-376 part 1, 18.2.19)."""
    names: dict[str, str] = {}
    parts: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            where = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            names[attributes.get("name", "")] = where

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            parts[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    for part, start in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", relation)):
        if part in packed.namelist():
            with archive.part(packed, part) as stream:
                markup.read(f"{path}: {part}", stream, start)
    return {name: parts[where] for name, where in names.items() if where in parts}
