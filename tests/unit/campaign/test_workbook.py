"""Workbooks as people and tools save them: cells of every kind, several sheets, hidden ones, damage and bombs."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gsmsend.campaign.filters import Filters
from gsmsend.campaign.judging import LeftOut, Terms, Told, judge
from gsmsend.campaign.sources import archive, sheetcells
from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice, RowKind, Source, SourceRow
from gsmsend.contract import NewMessage, Refused
from gsmsend.errors import UsageError

ANNA, BORIS, CHLOE = "+447700900101", "+447700900102", "+447700900103"
Make = Callable[..., Path]
NOON = dt.datetime(2026, 1, 2, 12)  # noqa: DTZ001 - cells of a workbook have no zone


@pytest.fixture
def book(tmp_path: Path) -> Make:
    """A workbook of sheets, each a list of rows; `change` may do more to it."""

    def make(change: Callable[[Any], None] = lambda _: None, **sheets: list[list[object]]) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.worksheets[0])
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
        change(made)
        path = tmp_path / "people.bin"  # its kind is found by content
        made.save(path)
        return path

    return make


def rows(path: Path, **choice: Any) -> list[SourceRow]:
    return list(open_source(path, Choice(**choice)).rows())


def judged(source: Source, **terms: Any) -> list[Told]:
    return list(judge(source.rows(), Terms("GB", "Help", drama_allowed=True, **terms)))


def why(path: Path, value_row: int = 2) -> str:
    (found,) = [told for told in judged(open_source(path, Choice())) if isinstance(told, Refused)]
    assert found.row == value_row
    return found.why


@pytest.mark.parametrize(
    "cell",
    [
        "07700 900101",
        7700900101,
        447700900101,
        447700900101.0,
        "'07700900101",
        "\u202a+44\u00a07700\u00a0900101\u202c",
    ],
    ids=["text", "zero lost", "whole", "float", "apostrophe", "marks of a phone's export"],
)
def test_a_number_with_all_its_digits_is_taken_however_it_is_kept(book: Make, cell: object) -> None:
    (told,) = judged(open_source(book(People=[["number"], [cell]]), Choice()))
    assert isinstance(told, NewMessage)
    assert (told.number, told.row, told.place, told.kind) == (ANNA, 2, "People", RowKind.LIST)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("4.47911E+11", "a scientific number (one with an E in it) and lost its last digits"),
        ("4,47911E+11", "a scientific number"),
        (4.4770090010512e19, "a scientific number"),
        (447911000000, "the last five digits are all 0, as when a spreadsheet has rounded a number"),
        (447700900105.5, "a decimal number and may have lost digits"),
        (True, "it has letters in it"),
        (NOON.replace(hour=0), "this cell is a date, not a phone number"),
        ("=A1", "a formula whose result was not saved"),
        ("07700 900101 ext. 12", "an extension"),
        ("07700 900101 / 900102", "several numbers, but not each is a full one"),
        ("see note", "it has letters in it"),
    ],
)
def test_what_has_lost_digits_or_is_no_number_is_refused_and_never_guessed(
    book: Make, cell: object, says: str
) -> None:
    assert says in why(book(People=[["number", "name"], [cell, "x"], [CHLOE, "y"]]))


def test_a_formula_counts_by_its_saved_result(book: Make, tmp_path: Path) -> None:
    path = book(People=[["number", "name"], ['="07700"&"900101"', "x"], [BORIS, "y"]])
    changed = tmp_path / "saved.xlsx"
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            octets = before.read(name)
            if name.endswith("sheet1.xml"):
                octets = octets.replace(b'<c r="A2"><f>', b'<c r="A2" t="str"><f>').replace(
                    b"<v /></c>", b"<v>07700900101</v></c>", 1
                ).replace(b"<v></v></c>", b"<v>07700900101</v></c>", 1)  # fmt: skip
            after.writestr(name, octets)
    assert [told.number for told in judged(open_source(changed, Choice())) if isinstance(told, NewMessage)] == [
        ANNA, BORIS,
    ]  # fmt: skip


def test_a_merged_cell_says_which_row_has_its_number(book: Make) -> None:
    def merge(made: Any) -> None:
        made["People"].merge_cells("A2:A3")

    path = book(merge, People=[["number", "call"], [ANNA, 1], [None, 2], [BORIS, 3]])
    assert why(path, 3) == "this cell is merged with that of row 2, which has the number"


def test_all_visible_sheets_are_read_and_hidden_ones_are_told(book: Make) -> None:
    def hide(made: Any) -> None:
        made["Old"].sheet_state = "hidden"
        made["Older"].sheet_state = "veryHidden"

    path = book(
        hide,
        Contacts=[["Name", "Phone"], ["A", ANNA]],
        Summary=[["case", "officer"], ["1", "PC 1"]],
        Old=[["number"], [BORIS]],
        Older=[["number"], [BORIS]],
        **{"Call Log": [["Number", "Timestamp"], [CHLOE, NOON]]},
    )
    source = open_source(path, Choice())
    found = list(source.rows())
    assert [(row.place, row.row, row.kind) for row in found] == [
        ("Contacts", 2, RowKind.CONTACT),
        ("Call Log", 2, RowKind.CALL),
    ]
    assert found[1].at_s == NOON.replace(tzinfo=dt.UTC).timestamp()
    said = "\n".join(source.read_as)
    assert 'sheet Old is hidden and was not read; to read it: --sheet "Old"' in said
    assert "sheet Older is hidden" in said
    assert "sheet Summary: no column of phone numbers, not read" in said
    assert [row.original for row in rows(path, sheet="old")] == [BORIS]


def test_the_words_of_extracted_messages_are_never_sent(book: Make) -> None:
    path = book(**{"SMS Messages": [["Number", "Direction", "Body"], [ANNA, "Incoming", "got any?"]]})
    source = open_source(path, Choice())
    assert not source.texts
    (told,) = judged(source)
    assert isinstance(told, NewMessage)
    assert told.text == "Help"
    assert "its words are not sent" in source.read_as[0]


def test_a_list_that_begins_further_down_and_to_the_right(book: Make) -> None:
    def shift(made: Any) -> None:
        made["People"].move_range("A1:B2", rows=3, cols=2)

    (row,) = rows(book(shift, People=[["number", "text"], [ANNA, "Hi"]]))
    assert (row.row, row.original, row.text) == (5, ANNA, "Hi")


def test_a_wrong_sheet_or_column_lists_those_there_are(book: Make) -> None:
    path = book(People=[["who", "line"], ["A", ANNA]])
    with pytest.raises(UsageError, match="has no sheet 'Nobody'; it has \"People\""):
        rows(path, sheet="Nobody")
    with pytest.raises(UsageError, match='there is no column \'Mobile\'; the first row is: "who", "line"'):
        rows(path, column="Mobile")
    assert [row.original for row in rows(path, column="LINE")] == [ANNA]
    assert [row.original for row in rows(path, column="b")] == [ANNA]
    assert [row.original for row in rows(path, column="2")] == [ANNA]


def test_a_header_that_stands_twice_asks_which(book: Make) -> None:
    path = book(People=[["Phone", "Name", "Phone"], [ANNA, "A", BORIS]])
    with pytest.raises(UsageError, match=r'columns 1 and 3 are both headed "Phone"') as caught:
        rows(path)
    assert "--column 1" in caught.value.remedy
    assert [row.original for row in rows(path, column="3")] == [BORIS]


def repacked(path: Path, part: str, octets: bytes) -> Path:
    """The same workbook with one part in another's place."""
    changed = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, octets if name == part else before.read(name))
    return changed


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_refused_by_what_it_would_grow_to(book: Make) -> None:
    path = repacked(book(People=[["number"], [ANNA]]), SHEET, b" " * (4 * 1024 * 1024))
    with pytest.raises(UsageError, match=r"grows [\d,]+-fold when it is unpacked") as caught:
        rows(path)
    assert "Do not open it" in caught.value.remedy


def test_a_workbook_too_large_unpacked_is_refused(book: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive.guard_sizes, "__kwdefaults__", {"most_octets": 1000})
    with pytest.raises(UsageError, match="MB is read") as caught:
        rows(book(People=[["number"], [ANNA]]))
    assert "as CSV" in caught.value.remedy


def test_a_stray_cell_far_off_is_no_more_than_a_cell(book: Make) -> None:
    def stray(made: Any) -> None:
        made["People"]["XFD1048576"] = "x"

    assert [row.original for row in rows(book(stray, People=[["number"], [ANNA]]))] == [ANNA, ""]


def test_stray_cells_far_off_in_many_rows_are_refused_instead_of_laid_out(
    book: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stray(made: Any) -> None:
        for row in range(1, 11):
            made["People"][f"XFD{row}"] = "x"

    monkeypatch.setattr(sheetcells, "MOST_CELLS", 100_000)
    with pytest.raises(UsageError, match="reaches to column 16,384 and row 7") as caught:
        rows(book(stray, People=[["number"], [ANNA]]))
    assert "as CSV" in caught.value.remedy


def test_entities_in_a_workbook_are_refused(book: Make) -> None:
    bad = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(UsageError, match="declares a document type or entities"):
        rows(repacked(book(People=[["number"], [ANNA]]), SHEET, bad))


def test_a_damaged_or_cut_off_workbook_is_told_before_anything_is_read(book: Make) -> None:
    path = book(People=[["number"], *([f"07700 900{n:03}"] for n in range(300))])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match="damaged or cut off"):
        rows(path)
    broken = bytearray(whole)
    at = whole.find(b"xl/worksheets/sheet1.xml") + 60
    broken[at : at + 20] = bytes(20)
    path.write_bytes(broken)
    with pytest.raises(UsageError, match="damaged"):
        rows(path)


def test_the_days_asked_for(book: Make) -> None:
    def day(*when: int) -> dt.datetime:
        return dt.datetime(*when)  # type: ignore[arg-type]  # noqa: DTZ001 - cells of a workbook have no zone

    path = book(
        Calls=[["Number", "Timestamp"], [ANNA, day(2025, 12, 31, 23, 59)], [BORIS, day(2026, 1, 1)],
               [CHLOE, day(2026, 1, 31, 23, 59)], [CHLOE, None]],
    )  # fmt: skip
    asked = Filters(since=dt.date(2026, 1, 1), until=dt.date(2026, 1, 31))
    told = judged(open_source(path, Choice()), filters=asked)
    assert [one.number for one in told if isinstance(one, NewMessage)] == [BORIS, CHLOE]
    assert [one.why for one in told if isinstance(one, LeftOut)] == ["before 2026-01-01", "no date"]
