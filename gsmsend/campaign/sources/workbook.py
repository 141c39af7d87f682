"""Rows of an Excel workbook (XLSX, ECMA-376), every visible sheet that has a column of numbers.

The cells are read as their XML comes, in flat memory; nothing is evaluated or expanded. A number kept as a number
is taken if all its digits are there (up to 15), never where the spreadsheet has rounded it. A formula counts by
the result that was saved with it.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gsmsend.campaign.sources import archive
from gsmsend.campaign.sources.columns import SAMPLE, Columns, find, no_number_column
from gsmsend.campaign.sources.delimited import cells_to_row
from gsmsend.campaign.sources.row import Choice, RowKind, Source, SourceRow
from gsmsend.campaign.sources.sheetbook import Book, Sheet, open_book
from gsmsend.campaign.sources.sheetcells import SheetReader
from gsmsend.errors import UsageError

_NO_RESULT = (
    "this cell holds a formula whose result was not saved; open the file in a spreadsheet program, save it there "
    "and import it again"
)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A sheet that is read. `merged` are stretches of rows (first, last) whose numbers are one cell, in order."""

    sheet: Sheet
    columns: Columns
    kind: RowKind
    count: int
    merged: tuple[tuple[int, int], ...]

    def merged_with(self, row: int) -> int | None:
        """The row that has the number of this one, if their cells are one."""
        place = bisect_right(self.merged, (row, 0)) - 1
        if place < 0:
            return None
        first, last = self.merged[place]
        return first if first < row <= last else None


def open_workbook(path: Path, choice: Choice) -> Source:
    """A workbook, read through once: all that can be wrong with it is known before a cell of it is used.

    Raises UsageError: damaged, protected, too large unpacked, no such sheet or column, no column of numbers.
    """
    notes: list[str] = []
    chosen: list[_Chosen] = []
    first: list[str] = []
    with archive.opened(path) as packed:
        archive.guard_sizes(path, packed)
        book = open_book(path, packed)
        for sheet in _wanted(path, book, choice, notes):
            found = _look(path, packed, book, sheet, choice)
            if isinstance(found, _Chosen):
                chosen.append(found)
                notes.append(_describe(found))
            else:
                first = first or found
                notes.append(f"sheet {sheet.name}: no column of phone numbers, not read")
    if not chosen:
        raise no_number_column(str(path), first, choice.column)
    return Source(
        path.name, tuple(notes), archive.digest(path), any(one.columns.text is not None for one in chosen),
        sum(one.count for one in chosen), lambda: _rows(path, book, chosen, choice),
    )  # fmt: skip


def _wanted(path: Path, book: Book, choice: Choice, notes: list[str]) -> Iterator[Sheet]:
    """The sheets to read. Raises UsageError if the one that was asked for is not there."""
    if choice.sheet is not None:
        found = [sheet for sheet in book.sheets if sheet.name.casefold() == choice.sheet.casefold()]
        if not found:
            names = ", ".join(f'"{sheet.name}"' for sheet in book.sheets)
            raise UsageError(
                f"{path} has no sheet {choice.sheet!r}; it has {names}", remedy="Give --sheet one of these."
            )
        yield from found
        return
    for sheet in book.sheets:
        if sheet.visible:
            yield sheet
        else:
            notes.append(f'sheet {sheet.name} is hidden and was not read; to read it: --sheet "{sheet.name}"')


def _look(path: Path, packed: zipfile.ZipFile, book: Book, sheet: Sheet, choice: Choice) -> _Chosen | list[str]:
    """How a sheet is laid out, or its first row if it has no column of numbers."""
    reader = SheetReader(f"{path}: {sheet.part}", book)
    records: list[tuple[int, list[str]]] = []
    count = 0
    for row in reader.rows(packed, sheet):
        if any(cell.strip() for cell in row.cells):
            count += 1
            if len(records) < SAMPLE:
                records.append((row.number, row.cells))
    found = find(records, choice.region, f"{path}, sheet {sheet.name}", choice.column) if records else None
    if found is None:
        return records[0][1] if records else []
    columns = replace(found[0], width=reader.widest)  # a remark beside the table is no fault of its row
    merged = (
        (it.top, it.bottom) for it in reader.merged if it.left <= columns.number <= it.right and it.top < it.bottom
    )
    kind = _kind(sheet.name)
    if kind is RowKind.LIST and columns.log:
        kind = RowKind(columns.log)
    return _Chosen(sheet, columns, kind, count, tuple(sorted(merged)))


def _kind(name: str) -> RowKind:
    """What a sheet of a report holds, by its name."""
    name = name.casefold()
    for kind, words in (
        (RowKind.CALL, ("call",)),
        (RowKind.MESSAGE, ("sms", "mms", "message", "chat", "conversation")),
        (RowKind.CONTACT, ("contact", "phonebook", "address book")),
    ):
        if any(word in name for word in words):
            return kind
    return RowKind.LIST


def _describe(chosen: _Chosen) -> str:
    columns = chosen.columns
    header = f"header in row {columns.header}" if columns.header else "no header"
    return f"sheet {chosen.sheet.name}: {header}, number in column {columns.number + 1}{columns.others()}"


def _rows(path: Path, book: Book, chosen: Sequence[_Chosen], choice: Choice) -> Iterator[SourceRow]:
    with archive.opened(path) as packed:
        for one in chosen:
            yield from _rows_of(path, packed, book, one, choice)


def _rows_of(
    path: Path, packed: zipfile.ZipFile, book: Book, chosen: _Chosen, choice: Choice
) -> Iterator[SourceRow]:
    sheet = chosen.sheet
    make = cells_to_row(chosen.columns, choice, place=sheet.name, kind=chosen.kind, parted="comma")
    number, header = chosen.columns.number, chosen.columns.header
    for row in SheetReader(f"{path}: {sheet.part}", book).rows(packed, sheet):
        if row.number <= header:
            continue
        unsaved = number in row.unsaved
        if not unsaved and not any(cell.strip() for cell in row.cells):
            continue
        made = make(row.number, row.cells)
        if unsaved:
            made = _refused(made, _NO_RESULT)
        elif not made.original.strip():
            first = chosen.merged_with(row.number)
            if first is not None:
                made = _refused(made, f"this cell is merged with that of row {first}, which has the number")
        elif _is_date(made.original):
            made = _refused(made, "this cell is a date, not a phone number")
        yield made


def _is_date(text: str) -> bool:
    return len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-" and text[:4].isdecimal()


def _refused(row: SourceRow, why: str) -> SourceRow:
    return SourceRow(row.row, row.original, "", row.place, row.kind, why=why)
