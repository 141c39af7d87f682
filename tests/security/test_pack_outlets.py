"""An evidence pack of an operation in which strangers wrote all they could: words in every file of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from tests.security.conftest import Say
from tests.security.hostile import Page, acts_on_a_terminal, forged_lines, formulas


@pytest.mark.parametrize("variant", ["full", "redacted", "disclosure"])
def test_a_pack_has_no_formula_tag_or_sign_that_acts(
    say: Say, overrun: Path, tmp_path: Path, variant: str
) -> None:
    pack = tmp_path / "pack"
    said = say("export", "--to", pack, "--variant", variant, "--without-pdf", "--operation", overrun)
    assert said.code == 0, said.err
    assert acts_on_a_terminal(said.out + said.err) == []
    files = [path for path in pack.rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        if path.suffix == ".xlsx":
            rows = [row for sheet in openpyxl.load_workbook(path).worksheets for row in sheet.iter_rows()]
            assert not [cell for row in rows for cell in row if cell.data_type == "f" or cell.hyperlink]
        if path.suffix in {".csv", ".html", ".txt", ".md", ".json", ".jsonl"}:
            text = path.read_bytes().decode("utf-8-sig")
            assert acts_on_a_terminal(text) == [], path.name
            if path.suffix == ".csv":
                assert formulas(text) == [], path.name
                rows_of = list(csv.reader(io.StringIO(text, newline="")))  # a line end stays within its cell
                assert len({len(row) for row in rows_of}) == 1, path.name
            elif path.suffix != ".html":
                assert forged_lines(text) == [], path.name
            if path.suffix == ".html":
                assert Page(text).active == [], path.name
