"""The XML of workbooks as other programs write it: shared strings, dates, cells without addresses, odd orders."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice, SourceRow
from gsmsend.errors import UsageError

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ANNA, BORIS = "+447700900101", "+447700900102"
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>'
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A workbook with one sheet of these rows, and what else is said."""

    def make(rows: str, *, strings: str = "", styles: str = "", workbook: str = "", after: str = "") -> Path:
        path = tmp_path / "made.xlsx"
        parts = {
            "xl/workbook.xml": f'<workbook {NS} xmlns:r="{REL}">{workbook}<sheets>'
            '<sheet name="People" sheetId="1" r:id="a"/><sheet name="Chart" sheetId="2" r:id="d"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships"><Relationship Id="a" Type="{REL}/worksheet" Target="/xl/worksheets/Sheet1.xml"/>'
            f'<Relationship Id="b" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
            f'<Relationship Id="c" Type="{REL}/styles" Target="styles.xml"/>'
            f'<Relationship Id="d" Type="{REL}/chartsheet" Target="chart.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f"<worksheet {NS}><sheetData>{rows}</sheetData>{after}</worksheet>",
            "xl/sharedStrings.xml": f"<sst {NS}>{strings}</sst>",
            "xl/styles.xml": f"<styleSheet {NS}>{styles}</styleSheet>",
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, octets in parts.items():
                packed.writestr(name, octets)
        return path

    return make


def read(path: Path, column: str | None = None) -> list[SourceRow]:
    return list(open_source(path, Choice(column=column)).rows())


def cell(address: str, value: object, kind: str = "n", style: int = 0) -> str:
    return f'<c r="{address}" t="{kind}" s="{style}"><v>{value}</v></c>'


def test_shared_strings_with_fonts_escapes_and_spoken_words(write: Write) -> None:
    strings = (
        "<si><t>number</t></si><si><t>text</t></si>"
        '<si><r><rPr><b/></rPr><t>+4477</t></r><r><t xml:space="preserve">00900101 </t></r>'
        "<rPh><t>plus four four</t></rPh></si>"
        "<si><t>Help_x000D_\n_x005F_x000D_ _xD83D__xDE00_</t></si>"
    )
    table = (
        f'<row r="1">{cell("A1", 0, "s")}{cell("B1", 1, "s")}</row>'
        f'<row r="2">{cell("A2", 2, "s")}{cell("B2", 3, "s")}</row>'
    )
    (row,) = read(write(table, strings=strings))
    assert (row.original, row.text) == (f"{ANNA} ", "Help\r\n_x000D_ \U0001f600")


def test_rows_and_cells_without_addresses_follow_each_other(write: Write) -> None:
    table = "<row><c t='str'><v>number</v></c></row><row><c/></row><row><c t='str'><v>07700900101</v></c></row>"
    assert [(row.row, row.original) for row in read(write(table))] == [(3, "07700900101")]


STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="[$-809]dd\\ mmm;@"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/>'
    '<numFmt numFmtId="166" formatCode="&quot;mobile &quot;0;[Red]-0"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="22"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>'
    "</cellXfs>"
)


@pytest.mark.parametrize(
    ("style", "value", "words"),
    [
        (0, "447700900101", "447700900101"),
        (0, "4.4770090010100000E+11", "447700900101"),
        (0, "7700900101.5", "7700900101.5"),
        (0, "4.4770090010512e19", "4.4770090010512e+19"),
        (1, "46024.5", "2026-01-02T12:00:00"),
        (2, "46024", "2026-01-02"),
        (2, "59", "1900-02-28"),
        (2, "61", "1900-03-01"),
        (2, "0.75", "18:00:00"),
        (3, "1.25", "1 day, 6:00:00"),
        (4, "447700900101", "447700900101"),
        (1, "447700900101", "447700900101"),
        (1, "-1", "-1"),
        (9, "46024", "46024"),
    ],
    ids=str,
)
def test_a_number_is_read_as_it_is_shown(write: Write, style: int, value: str, words: str) -> None:
    table = HEAD + f'<row r="2">{cell("A2", value, style=style)}</row>'
    (row,) = read(write(table, styles=STYLES), column="A")
    assert row.original == words


def test_days_that_are_counted_from_1904(write: Write) -> None:
    table = HEAD + f'<row r="2">{cell("A2", 44562, style=1)}</row>'
    (row,) = read(write(table, styles=STYLES, workbook='<workbookPr date1904="1"/>'), column="A")
    assert (row.original, row.why) == ("2026-01-02", "this cell is a date, not a phone number")


def test_a_formula_with_an_empty_result_is_an_empty_cell_and_one_without_is_refused(write: Write) -> None:
    table = (
        HEAD
        + '<row r="2"><c r="A2" t="str"><f>IF(1,"","")</f><v></v></c></row>'
        + '<row r="3"><c r="A3"><f>B1</f></c></row>'
        + f'<row r="4"><c r="A4" t="str"><f>B2</f><v>{ANNA}</v></c></row>'
        + '<row r="5"><c r="A5" t="e"><f>B3</f><v>#N/A</v></c></row>'
    )
    found = read(write(table))
    assert [(row.row, row.original) for row in found] == [(3, ""), (4, ANNA), (5, "#N/A")]
    assert "a formula whose result was not saved" in found[0].why


def test_only_the_number_of_a_merged_cell_is_missed(write: Write) -> None:
    table = HEAD + "".join(
        f'<row r="{row}">{cell(f"A{row}", ANNA, "str") if row == 2 else ""}{cell(f"B{row}", row)}</row>'
        for row in range(2, 6)
    )
    after = '<mergeCells><mergeCell ref="B2:B5"/><mergeCell ref="A2:A4"/><mergeCell ref="A9"/></mergeCells>'
    assert [row.why.partition(" of ")[2] for row in read(write(table, after=after))] == [
        "", "row 2, which has the number", "row 2, which has the number", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        '<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="A3"><v>1</v></c></row>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="2"><c r="\u0661"><v>1</v></c></row>',
        '<row r="two"/>',
        '<c r="A2"><v>1</v></c>',
    ],
)
def test_cells_at_places_that_cannot_be_are_damage(write: Write, table: str) -> None:
    """One would take the place of another, and a text the number of another row."""
    with pytest.raises(UsageError, match=r"sheet1\.xml has a cell at a place that no sheet has: it is damaged"):
        read(write(HEAD + table))


@pytest.mark.parametrize("value", ["<c r='A2' t='s'><v>7</v></c>", "<c r='A2' t='s'><v>-1</v></c>",
                                   "<c r='A2'><v>4477_00900101</v></c>", "<c r='A2'><v>many</v></c>"])  # fmt: skip
def test_a_value_that_is_none_of_its_kind_is_damage(write: Write, value: str) -> None:
    with pytest.raises(UsageError, match="cannot be read as a workbook: it is damaged"):
        read(write(f'{HEAD}<row r="2">{value}</row>', strings="<si><t>x</t></si>"))


def test_a_sheet_that_is_missing_is_named(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "less.xlsx"
    with zipfile.ZipFile(write(HEAD)) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            if "sheet1" not in name:
                after.writestr(name, before.read(name))
    with pytest.raises(UsageError, match="sheet People is missing; it cannot be read as a workbook"):
        read(path)


def test_ten_times_the_rows_take_the_same_memory(write: Write) -> None:
    def peak(count: int) -> int:
        table = "".join(
            f'<row r="{row}">{cell(f"A{row}", f"+4477009{row % 1000:05}", "str")}</row>'
            for row in range(2, count + 2)
        )
        path = write(HEAD + table)
        tracemalloc.start()
        try:
            assert sum(1 for _ in open_source(path, Choice()).rows()) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is imported on the way is no part of it
    few = peak(2_000)
    assert peak(20_000) < few * 2
