"""Rows of an Excel workbook (XLSX, ECMA-376), every visible sheet that has a column of numbers.

The cells are read by python-calamine, which takes one twentieth of the time of openpyxl and neither evaluates nor
expands anything. A number kept as a number is taken if all its digits are there (up to 15), never where the
spreadsheet has rounded it. A formula counts by the result that was saved with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from gsmsend.campaign.sources import archive
from gsmsend.campaign.sources.columns import SAMPLE, Columns, find, no_number_column
from gsmsend.campaign.sources.delimited import cells_to_row
from gsmsend.campaign.sources.row import Choice, RowKind, Source, SourceRow
from gsmsend.campaign.sources.sheetmarks import Marks, marks_of
from gsmsend.errors import UsageError

_EXACT = 10**15
"""Below this a double holds every digit of a whole number, and spreadsheets show them."""

_NO_RESULT = (
    "this cell holds a formula whose result was not saved; open the file in a spreadsheet program, save it there "
    "and import it again"
)
_Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that is read. `merged` leads from a row whose number is merged with one above to that row."""

    name: str
    columns: Columns
    kind: RowKind
    count: int
    merged: dict[int, int]
    empty_formulas: frozenset[int]


def open_workbook(path: Path, choice: Choice) -> Source:
    """A workbook, checked before a cell of it is used.

    Raises UsageError: damaged, protected, too large unpacked, no such sheet or column, no column of numbers.
    """
    with archive.opened(path) as packed:
        archive.guard_sizes(path, packed)
        marks = marks_of(path, packed)
    book = _book(path)
    notes: list[str] = []
    sheets: list[_Sheet] = []
    first: list[str] = []
    for name in _wanted(path, book, choice, notes):
        sheet = _look(path, book, name, choice, marks.get(name, Marks()))
        if isinstance(sheet, _Sheet):
            sheets.append(sheet)
            notes.append(_describe(sheet))
        else:
            first = first or sheet
            notes.append(f"sheet {name}: no column of phone numbers, not read")
    if not sheets:
        raise no_number_column(str(path), first, choice.column)
    return Source(
        path.name, tuple(notes), archive.digest(path), any(sheet.columns.text is not None for sheet in sheets),
        sum(sheet.count for sheet in sheets), lambda: _rows(path, sheets, choice),
    )  # fmt: skip


def _book(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> UsageError:
    protected = "password" in str(error).lower()
    what = "is protected by a password" if protected else "cannot be read as a workbook: it is damaged"
    return UsageError(
        f"{path} {what}",
        remedy="Open it in a spreadsheet program and save it again as .xlsx without a password.",
    )


def _wanted(path: Path, book: CalamineWorkbook, choice: Choice, notes: list[str]) -> Iterator[str]:
    """Names of the sheets to read. Raises UsageError if the one that was asked for is not there."""
    known = [sheet for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    if choice.sheet is not None:
        found = [sheet.name for sheet in known if sheet.name.casefold() == choice.sheet.casefold()]
        if not found:
            names = ", ".join(f'"{sheet.name}"' for sheet in known)
            raise UsageError(
                f"{path} has no sheet {choice.sheet!r}; it has {names}", remedy="Give --sheet one of these."
            )
        yield from found
        return
    for sheet in known:
        if sheet.visible is SheetVisibleEnum.Visible:
            yield sheet.name
        else:
            notes.append(f'sheet {sheet.name} is hidden and was not read; to read it: --sheet "{sheet.name}"')


def _look(path: Path, book: CalamineWorkbook, name: str, choice: Choice, marks: Marks) -> _Sheet | list[str]:
    """How a sheet is laid out, or its first row if it has no column of numbers."""
    where = f"{path}, sheet {name}"
    sheet = _sheet(path, book, name)
    records: list[tuple[int, list[str]]] = []
    count = 0
    for row, cells in _records(sheet):
        if any(cell.strip() for cell in cells):
            count += 1
            if len(records) < SAMPLE:
                records.append((row, cells))
    found = find(records, choice.region, where, choice.column) if records else None
    if found is None:
        return records[0][1] if records else []
    columns = found[0]
    merged = {
        row + 1: top + 1
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if left <= columns.number <= right
        for row in range(top + 1, min(bottom, top + count) + 1)
    }
    kind = _kind(name)
    if kind is RowKind.LIST and columns.log:
        kind = RowKind(columns.log)
    empty = frozenset(row for row, column in marks.empty_formulas if column == columns.number)
    return _Sheet(name, columns, kind, count, merged, empty)


def _sheet(path: Path, book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (CalamineError, ValueError) as error:
        raise _damaged(path, error) from None


def _records(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Rows as text with their row numbers; columns from A on, whichever the first with anything in it is."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row, cells in enumerate(sheet.iter_rows(), 1):
        yield row, before + [_text(cell) for cell in cells]


def _text(cell: _Cell) -> str:
    """A cell's words. A number keeps all its digits or shows that it has lost some."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


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


def _describe(sheet: _Sheet) -> str:
    columns = sheet.columns
    header = f"header in row {columns.header}" if columns.header else "no header"
    return f"sheet {sheet.name}: {header}, number in column {columns.number + 1}{columns.others()}"


def _rows(path: Path, sheets: Sequence[_Sheet], choice: Choice) -> Iterator[SourceRow]:
    book = _book(path)
    for sheet in sheets:
        make = cells_to_row(sheet.columns, choice, place=sheet.name, kind=sheet.kind, parted="comma")
        number, header = sheet.columns.number, sheet.columns.header
        for row, cells in _records(_sheet(path, book, sheet.name)):
            if row <= header or not any(cell.strip() for cell in cells):
                if row in sheet.empty_formulas:
                    yield SourceRow(row, "", place=sheet.name, kind=sheet.kind, why=_NO_RESULT)
                continue
            made = make(row, cells)
            if not made.original.strip():
                made = _explained(made, sheet)
            elif _is_date(cells[number]):
                made = _refused(made, "this cell is a date, not a phone number")
            yield made


def _explained(row: SourceRow, sheet: _Sheet) -> SourceRow:
    if row.row in sheet.merged:
        return _refused(row, f"this cell is merged with that of row {sheet.merged[row.row]}, which has the number")
    return _refused(row, _NO_RESULT) if row.row in sheet.empty_formulas else row


def _is_date(text: str) -> bool:
    return len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-" and text[:4].isdecimal()


def _refused(row: SourceRow, why: str) -> SourceRow:
    return SourceRow(row.row, row.original, "", row.place, row.kind, why=why)
