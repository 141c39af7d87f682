"""Lists to import are strangers' files: their names, cells and columns are words in every place they are told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from gsmsend.cli.init import make
from gsmsend.evidence.tables import Csv, write_workbook
from tests.security.conftest import AT, Say
from tests.security.hostile import ALL, acts_on_a_terminal, forged_lines, formulas

NAMES = (
    "\x1b[2Jgone.csv", "ok\nFORGED all were delivered.csv", "\u202egpj.csv", "$(touch owned).csv",
    "`touch owned`.csv", "; touch owned #.csv", "-rf.csv", "=1+1.csv", "<script>alert(1)<_script>.csv",
    "'); DROP TABLE messages;--.csv", "[bold]x.csv", "{0.__class__}%s.csv",
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A lab operation."""
    folder = tmp_path / "op"
    make(folder, lab=True)
    return folder


def listed(file: Path, rows: tuple[tuple[str, str], ...]) -> Path:
    """A list of numbers with a text each."""
    with file.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        csv.writer(stream).writerows([("number", "text"), *rows])
    return file


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_of_a_file_is_a_word(say: Say, place: Path, tmp_path: Path, name: str) -> None:
    file = listed(tmp_path / name, (("07700 900001", "Help is here"), ("nobody", "x")))
    said = say("import", "--operation", place, "--", file.resolve())
    assert said.code == 0, said.err
    shown = [said.out + said.err]
    for words in (("preview",), ("messages", "--id", "1"), ("report",), ("status",)):
        told = say(*words, "--operation", place)
        shown.append(told.out + told.err)
    again = say("import", "--operation", place, "--", file.with_name(f"no {name}"))
    assert again.code == 2
    shown.append(again.err)
    for one in shown:
        assert acts_on_a_terminal(one) == []
        assert forged_lines(one) == []
    assert not list(tmp_path.rglob("owned"))


def test_cells_are_words_on_the_screen_and_in_the_list_of_refusals(say: Say, place: Path, tmp_path: Path) -> None:
    whole = [one for one in ALL if "\x00" not in one]  # a list with NUL characters is refused as damaged
    bad = tuple((one, "Help is here") for one in whole)
    good = tuple((f"077009001{index:02}", one) for index, one in enumerate(whole))
    file = listed(tmp_path / "people.csv", bad + good)
    said = say("import", file, "--operation", place)
    assert "Traceback" not in said.err
    assert acts_on_a_terminal(said.out + said.err) == []
    assert forged_lines(said.out + said.err) == []
    refusals = list(place.rglob("*.csv"))
    assert refusals
    for one in refusals:
        text = one.read_bytes().decode("utf-8-sig")
        assert formulas(text) == []
        assert acts_on_a_terminal(text) == []
    feed = say("import", file, "--operation", place, "--json").out
    assert all(isinstance(json.loads(line), dict) for line in feed.splitlines())
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize("option", [("--sheet",), ("--column",), ("--campaign",), ("--line",), ("--text-file",)])
@pytest.mark.parametrize("word", ["\x1b[2Jx", "ok\nFORGED x", "\u202ex", "$(touch owned)"], ids=ascii)
def test_a_refused_option_is_quoted_as_words(
    say: Say, place: Path, tmp_path: Path, option: tuple[str], word: str
) -> None:
    file = listed(tmp_path / "people.csv", (("07700 900001", "Help is here"),))
    said = say("import", file, *option, word, "--operation", place)
    assert acts_on_a_terminal(said.out + said.err) == []
    assert forged_lines(said.out + said.err) == []


def test_tables_for_spreadsheets_hold_no_formula(tmp_path: Path) -> None:
    heads, rows = ("word", "again"), [(one, one) for one in ALL]
    written = Csv((tmp_path / "table.csv").open("wb"), heads)
    for row in rows:
        written.add(row)
    written.close()
    table = (tmp_path / "table.csv").read_bytes().decode("utf-8-sig")
    assert formulas(table) == []
    assert acts_on_a_terminal(table) == []
    file = tmp_path / "book.xlsx"
    write_workbook(file, [("recipients", heads, rows)], at=AT)
    cells = [cell for row in openpyxl.load_workbook(file).worksheets[0].iter_rows() for cell in row]
    assert len(cells) > 2 * len(ALL)
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
