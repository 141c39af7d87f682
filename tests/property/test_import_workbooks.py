"""What stands in the cells of a workbook is what another reader of workbooks finds there."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.campaign.sources.sheetbook import number_text, open_book
from gsmsend.campaign.sources.sheetcells import SheetReader

PLACE = Path("people.xlsx")
FIRST = dt.datetime(1900, 3, 1)  # noqa: DTZ001 - cells of a workbook have no zone
LAST = dt.datetime(9999, 12, 30)  # noqa: DTZ001 - the same
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")),
    st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0)),
    st.times().map(lambda at: at.replace(microsecond=0)),
)


def words(value: object) -> str:
    """How a cell reads, of what another reader makes of it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return number_text(float(value)) if isinstance(value, int | float) else str(value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_every_cell_reads_as_another_reader_has_it(table: list[list[object]]) -> None:
    made = openpyxl.Workbook()
    for place, cells in enumerate(table, 1):
        for column, value in enumerate(cells, 1):
            cell = made.worksheets[0].cell(place, column, value)  # type: ignore[call-overload]
            if isinstance(value, str) and value:
                cell.data_type = "s"  # also one that begins with an equals sign
    out = io.BytesIO()
    made.save(out)
    expected: dict[int, list[str]] = {}
    for row in openpyxl.load_workbook(out, data_only=True).worksheets[0].iter_rows():
        cells_there = [words(cell.value) for cell in row]
        while cells_there and not cells_there[-1]:
            cells_there.pop()
        if cells_there:
            expected[int(row[0].row or 0)] = cells_there
    with zipfile.ZipFile(out) as packed:
        book = open_book(PLACE, packed)
        reader = SheetReader(str(PLACE), book)
        assert {row.number: row.cells for row in reader.rows(packed, book.sheets[0])} == expected
    assert reader.widest == max(map(len, expected.values()), default=0)
