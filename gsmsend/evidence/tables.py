"""Tables of a pack as CSV and as a workbook, the same octets for the same rows; no cell of them is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from gsmsend.inert import cell, plain

Cell = str | int | None
_WIDTHS = {"wording": 60, "text": 40, "why": 30, "campaign": 18, "number": 18, "sender": 18, "time": 28}
_MOST_ROWS = 1_048_576
"""What a sheet takes; a pack of more has the rest in its CSV files only."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under a heading; `name` is that of the file and of the sheet."""

    name: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


class Csv:
    """A CSV file that is written row by row: RFC 4180 in UTF-8 with a byte order mark, for spreadsheets."""

    def __init__(self, stream: BinaryIO, heads: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(heads)

    def add(self, row: Iterable[Any]) -> None:
        """One row more."""
        self._writer.writerow([one if isinstance(one, int) else cell(one or "") for one in row])

    def close(self) -> None:
        """All of it is in the stream, which is closed."""
        self._text.close()


def write_workbook(
    file: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Any]]]], *, at: datetime
) -> None:
    """An XLSX workbook of them (name, heads, rows), row by row, every text as a text. `at` stands in it."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - only who exports needs it

    options = {
        "constant_memory": True, "tmpdir": str(file.parent), "strings_to_formulas": False,
        "strings_to_urls": False, "strings_to_numbers": False, "remove_timezone": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties({"title": "gsmsend evidence pack", "created": at.astimezone(UTC).replace(tzinfo=None)})
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        words = book.add_format({"text_wrap": True, "valign": "top"})
        for name, heads, rows in sheets:
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            page.set_landscape()
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
            for column, head in enumerate(heads):
                page.set_column(column, column, _WIDTHS.get(head, max(len(head) + 3, 10)))
            for column, head in enumerate(heads):
                page.write_string(0, column, head, heading)
            for number, row in enumerate(rows, 1):
                if number < _MOST_ROWS:
                    for column, one in enumerate(row):
                        if isinstance(one, int):
                            page.write_number(number, column, one, words)
                        elif one:
                            page.write_string(number, column, _fitting(one), words)


def _fitting(text: str) -> str:
    """As much as a cell takes (32,767 characters), with no sign that acts."""
    return plain(text).encode("utf-8", "replace").decode()[:32_000]
