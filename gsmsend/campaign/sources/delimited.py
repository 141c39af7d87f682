"""Rows of CSV, TSV and their kin.

Row numbers are those that a spreadsheet shows: every record counts, the header and empty ones too. What stands
in a row is never bent until it fits: a row with more cells than its header is refused, because a text with an
unquoted comma would go out cut short.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from gsmsend.campaign.layout import DELIMITERS, Layout, inspect
from gsmsend.campaign.sources.columns import Columns
from gsmsend.campaign.sources.row import Choice, RowKind, Source, SourceRow
from gsmsend.campaign.sources.times import seen_at
from gsmsend.errors import UsageError

_LONGEST_LINE = 1 << 20  # characters


def open_delimited(path: Path, choice: Choice, layout: Layout | None = None) -> Source:
    """A CSV file, read through once: all that can be known of the whole file is checked before the first row.

    Raises UsageError: the file cannot be read, is no text, has no column of numbers, or has a quotation mark
    that is never closed. Memory stays flat.
    """
    layout = layout or inspect(path, choice.region, choice.column)
    # A store takes rows in batches and may send the first while the last are read: no surprise may come then.
    count = sum(1 for _ in _records(layout))
    return Source(
        path.name, (layout.describe(),), layout.examined.digest, layout.columns.text is not None, count,
        lambda: _read(layout, choice),
    )  # fmt: skip


CellsToRow = Callable[[int, list[str]], SourceRow]


def cells_to_row(columns: Columns, choice: Choice, *, place: str = "", kind: RowKind, parted: str) -> CellsToRow:
    """What makes a SourceRow of a row number and its cells, which are `parted` by a comma, say."""
    number, text, width = columns.number, columns.text, columns.width
    month_first = choice.region in ("US", "PH", "PR")
    plain = columns.time is None and columns.seen is None

    def make(row: int, record: list[str]) -> SourceRow:
        raw = record[number] if number < len(record) else ""
        words = record[text] if text is not None and text < len(record) else ""
        why = too_wide(record, columns, parted) if len(record) > width and columns.header else ""
        if plain:
            return SourceRow(row, raw, words, place, kind, None, 1, why)
        at = columns.time
        at_s = seen_at(record[at], month_first=month_first) if at is not None and at < len(record) else None
        return SourceRow(row, raw, words, place, kind, at_s, _times(record, columns.seen), why)

    return make


def _times(record: list[str], column: int | None) -> int:
    cell = record[column].strip() if column is not None and column < len(record) else ""
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 8 else 1


def too_wide(record: list[str], columns: Columns, parted: str) -> str:
    """Why a row that has more in it than its header is refused; empty if what is too much is empty."""
    if not any(cell.strip() for cell in record[columns.width :]):
        return ""
    return (
        f"this row has {len(record)} cells and the header {columns.width}: a text with a {parted} in it must "
        'stand in quotation marks (")'
    )


def _read(layout: Layout, choice: Choice) -> Iterator[SourceRow]:
    kind = RowKind(layout.columns.log or RowKind.LIST)
    make = cells_to_row(layout.columns, choice, kind=kind, parted=DELIMITERS[layout.delimiter])
    header = layout.columns.header
    for row, record in _records(layout):
        if isinstance(record, str):
            yield SourceRow(row, "", why=record)
        elif row > header and not _blank(row, record):
            yield make(row, record)


def _blank(row: int, record: list[str]) -> bool:
    """Whether a record holds nothing of its own: empty cells, or Excel's word about its delimiter."""
    return not any(cell.strip() for cell in record) or (row == 1 and record[0].startswith("sep="))


def _lines(stream: TextIO, path: Path) -> Iterator[str]:
    """Lines of bounded length, so that a file without line ends does not fill the memory."""
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise UsageError(
                f"{path}: line {number} is longer than a million characters; expected one recipient a line",
                remedy="Check that this is the right file and that it is a CSV file.",
            )
        yield line


def _records(layout: Layout) -> Iterator[tuple[int, list[str] | str]]:
    """Every record with its row number, or why it cannot be read.

    Raises UsageError where the rest of the file cannot be told apart.
    """
    path = layout.path
    with path.open(encoding=layout.examined.encoding, newline="") as stream:
        lines = _lines(stream, path)
        reader = csv.reader(lines, delimiter=layout.delimiter, skipinitialspace=layout.spaced, strict=True)
        row = 0
        while True:
            began = reader.line_num + 1
            row += 1
            try:
                yield row, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield row, _broken(error, path, row, began, reader.line_num)
            except UnicodeError:  # it was all proven to decode, so it has been changed meanwhile
                raise UsageError(f"{path} was changed while it was read") from None


def _broken(error: csv.Error, path: Path, row: int, began: int, ended: int) -> str:
    """A record that csv cannot read. Raises UsageError where what follows cannot be told apart either."""
    where = f"row {row} (line {began} of the file)"
    if "unexpected end" in str(error):
        raise UsageError(
            f'{path}: {where} opens a quotation mark (") that is never closed; all that follows would be one cell',
            remedy='Close or remove it; inside a quoted text write "" for a quotation mark. Nothing was imported.',
        )
    if "field limit" in str(error):
        raise UsageError(
            f"{path}: {where} has a cell of more than {csv.field_size_limit():,} characters",
            remedy='Look for a quotation mark (") that is not closed. Nothing was imported.',
        )
    span = f"line {began}" if began == ended else f"lines {began} to {ended}"
    return f'the quotation marks (") in this row do not pair up ({span} of the file)'
