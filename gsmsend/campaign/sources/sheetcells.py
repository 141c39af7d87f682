"""The cells of one sheet as its XML comes (ECMA-376 part 1, 18.3.1), a row at a time and none of them kept."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gsmsend.campaign.sources import archive, markup
from gsmsend.campaign.sources.sheetbook import Book, Sheet, damaged, unescaped
from gsmsend.errors import UsageError

MOST_CELLS = 20_000_000
"""Each row is laid out to its last cell, so stray cells far off in many rows would take hours."""

_PIECE = 1 << 16
"""Octets to read at a time: as many rows as are in them are held."""

_ROWS, _COLUMNS = 1_048_576, 16_384
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not empty: its number from 1, its cells as words from column A on.

    `unsaved` are the columns (from 0) of formulas that have no result.
    """

    number: int
    cells: list[str]
    unsaved: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells that are one, by their first and last row (from 1) and column (from 0)."""

    top: int
    left: int
    bottom: int
    right: int


class SheetReader:
    """Reads one sheet, once. `merged` and `widest` (in cells) are whole when the rows have been read."""

    def __init__(self, where: str, book: Book) -> None:
        self.merged: list[Merged] = []
        self.widest = 0
        self._where = where
        self._book = book
        self._ready: list[SheetRow] = []
        self._laid = 0
        self._row = self._column = 0
        self._cells: list[str] = []
        self._unsaved: list[int] = []
        self._in_row = self._in_cell = self._numbered = False
        self._kind = self._style = ""
        self._formula = self._valued = self._inside = self._spoken = False
        self._pieces: list[str] = []

    def rows(self, packed: zipfile.ZipFile, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows in their order.

        Raises UsageError: damaged, with a document type or entities, or a sheet that reaches too far.
        """
        parse = markup.Stream(self._where, self._start, self._end, self._text)
        with archive.part(packed, sheet.part) as stream:
            while piece := stream.read(_PIECE):
                parse.feed(piece)
                yield from self._ready
                self._ready.clear()
        parse.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t"):
            self._inside = self._in_cell and (name == "t") is (self._kind == "inlineStr") and not self._spoken
            self._valued = self._valued or self._inside
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True
        elif name == "row":
            self._start_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._spoken = False
        elif name == "row":
            self._end_row()

    def _text(self, words: str) -> None:
        if self._inside:
            self._pieces.append(words)

    def _start_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        self._numbered = given is not None
        if given is None:
            self._go_to_row(self._row + 1)
        elif given.isascii() and given.isdecimal() and len(given) <= 7:
            self._go_to_row(int(given))
        else:
            raise self._impossible()
        self._in_row, self._column = True, -1
        self._cells, self._unsaved = [], []

    def _go_to_row(self, row: int) -> None:
        """Rows go downwards: one above the last would take its number from another."""
        if not self._row < row <= _ROWS:
            raise self._impossible()
        self._row = row

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if not self._in_row or self._in_cell:
            raise self._impossible()
        address = attributes.get("r")
        if address is None:
            column = self._column + 1  # a cell without an address follows the one before
        else:
            column, row = self._address(address)
            if row != self._row:
                if self._numbered or self._column >= 0:
                    raise self._impossible()
                self._go_to_row(row)
        if not self._column < column < _COLUMNS:
            raise self._impossible()
        self._column = column
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._in_cell = True
        self._formula = self._valued = False
        self._pieces.clear()

    def _end_cell(self) -> None:
        self._in_cell = False
        words = "".join(self._pieces)
        if words:
            self._cells += [""] * (self._column - len(self._cells))
            self._cells.append(self._value(words))
        elif self._formula and not (self._valued and self._kind == "str"):  # a result that is empty is one too
            self._unsaved.append(self._column)

    def _end_row(self) -> None:
        self._in_row = False
        self.widest = max(self.widest, len(self._cells))
        self._laid += len(self._cells)
        if self._laid > MOST_CELLS:
            raise UsageError(
                f"{self._where} reaches to column {self.widest:,} and row {self._row:,}, more than can be "
                "laid out",
                remedy="Delete the empty rows and columns at its end, or save the sheet as CSV and import that.",
            )
        if self._cells or self._unsaved:
            self._ready.append(SheetRow(self._row, self._cells, tuple(self._unsaved)))

    def _value(self, words: str) -> str:
        """What stands in a cell, by its kind (18.18.11). Raises UsageError: it is none of that kind."""
        try:
            if self._kind == "s":
                return self._book.strings[int(words)]
            if self._kind == "n":
                if "_" in words or not words.isascii():
                    raise damaged(self._where)
                return self._book.words(float(words), int(self._style or 0))
        except (ValueError, IndexError):
            raise damaged(self._where) from None
        if self._kind in ("str", "inlineStr"):
            return unescaped(words)
        if self._kind == "b":
            return "FALSE" if words.strip() in ("0", "false") else "TRUE"
        return words  # an error such as #N/A, or a date in ISO 8601

    def _merge(self, given: str) -> None:
        first, _, last = given.partition(":")
        left, top = self._address(first)
        right, bottom = self._address(last or first)
        self.merged.append(Merged(top, left, bottom, right))

    def _address(self, given: str) -> tuple[int, int]:
        """Column from 0 and row from 1."""
        found = _ADDRESS.fullmatch(given)
        if found is None:
            raise self._impossible()
        return column_of(found[1]), int(found[2])

    def _impossible(self) -> UsageError:
        return UsageError(
            f"{self._where} has a cell at a place that no sheet has: it is damaged",
            remedy="Open it in a spreadsheet program and save it again as .xlsx.",
        )


@cache
def column_of(letters: str) -> int:
    """A column's letters as a number from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
