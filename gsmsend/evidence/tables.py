"""Tables of a pack as CSV and as a workbook, the same octets for the same rows; no cell of them is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gsmsend.inert import cell, plain

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under a heading; `name` is that of the file and of the sheet, `widths` are in characters."""

    name: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def as_csv(sheet: Sheet) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets show every letter."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(sheet.heads)
    writer.writerows([one if isinstance(one, int) else cell(one or "") for one in row] for row in sheet.rows)
    return stream.getvalue().encode("utf-8-sig", "replace")


def as_workbook(sheets: Sequence[Sheet], *, at: datetime) -> bytes:
    """An XLSX workbook of them, every text as a text. `at` is the time that stands in it."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - only who exports needs it

    stream = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "remove_timezone": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": "gsmsend evidence pack", "created": at.astimezone(UTC).replace(tzinfo=None)})
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        words = book.add_format({"text_wrap": True, "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for column, head in enumerate(sheet.heads):
                page.write_string(0, column, head, heading)
                page.set_column(column, column, _width(sheet, column))
            for number, row in enumerate(sheet.rows, 1):
                for column, one in enumerate(row):
                    if isinstance(one, int):
                        page.write_number(number, column, one, words)
                    elif one:
                        page.write_string(number, column, _fitting(one), words)
            page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.heads) - 1)
            page.set_landscape()
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            page.repeat_rows(0)
    return stream.getvalue()


def _fitting(text: str) -> str:
    """As much as a cell takes (32,767 characters), with no sign that acts."""
    return plain(text).encode("utf-8", "replace").decode()[:32_000]


def _width(sheet: Sheet, column: int) -> int:
    longest = max((len(str(row[column] or "")) for row in sheet.rows), default=0)
    return max(len(sheet.heads[column]) + 3, min(longest + 2, 48))
