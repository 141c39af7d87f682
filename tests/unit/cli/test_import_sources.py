"""`gsmsend import` as an officer meets it: two phones, sheets, filters, lines, campaigns, and what is told."""

from __future__ import annotations

import csv
import os
import pty
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from gsmsend.cli.init import make
from gsmsend.cli.operation import opened
from gsmsend.contract import Suppression
from gsmsend.model import State

from .conftest import Call, objects

CORPUS = Path(__file__).parents[2] / "corpus" / "import"
TEXT = ("--text", "Help is here: example.org/help")
LINES = """
[line.red-phone]
number = "07700 900800"

[line.blue-phone]
number = "07700 900801"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An operation that is no lab bench, with two lines that people know."""
    folder = tmp_path / "real"
    make(folder, lab=False)
    config = folder / "gsmsend.toml"
    config.write_text(config.read_text(encoding="utf-8") + LINES, encoding="utf-8")
    return folder


def phone(path: Path, *tails: int, more: tuple[str, ...] = ()) -> Path:
    """The workbook of a phone: contacts, and calls with each of them."""
    made = openpyxl.Workbook()
    contacts = made.worksheets[0]
    contacts.title = "Contacts"
    calls = made.create_sheet("Call Log")
    contacts.append(["Name", "Phone"])
    calls.append(["Number", "Timestamp", "Duration"])
    for tail in tails:
        contacts.append([f"Smith, Person {tail}", f"07700 900{tail:03}"])
        calls.append([447700900000 + tail, "2026-01-02 10:00:00", "00:10"])
    for value in more:
        contacts.append(["Odd", value])
    made.save(path)
    return path


def test_people_on_both_phones_are_texted_once_from_the_line_that_came_first(
    call: Call, place: Path, tmp_path: Path
) -> None:
    red, blue = phone(tmp_path / "red.xlsx", 101, 102), phone(tmp_path / "blue.xlsx", 102, 103)
    first = call("import", red, *TEXT, "--line", "red-phone", "--operation", place)
    assert first.exit_code == 0
    assert "red.xlsx: 2 in the draft, 2 in the lists before (same number)." in first.stdout
    second = call("import", blue, *TEXT, "--line", "blue-phone", "--operation", place)
    assert "blue.xlsx: 1 in the draft" in second.stdout
    assert "On both phones: 1. They are texted once, from the line that was imported first." in second.stdout
    (found,) = objects(call("messages", "--id", "2", "--json", "--operation", place))
    assert [(one["file"], one["place"], one["row"], one["line"]) for one in found["sources"]] == [
        ("red.xlsx", "Contacts", 3, "red-phone"),
        ("red.xlsx", "Call Log", 3, "red-phone"),
        ("blue.xlsx", "Contacts", 2, "blue-phone"),
        ("blue.xlsx", "Call Log", 2, "blue-phone"),
    ]
    assert "900102" not in str(found)
    shown = call("messages", "--id", "2", "--operation", place).stdout
    assert "red.xlsx, Call Log, row 3: 4477****0102 (call on 2026-01-02, line red-phone)" in shown


def test_a_line_that_the_config_does_not_name_lists_those_it_does(call: Call, place: Path, tmp_path: Path) -> None:
    result = call("import", phone(tmp_path / "a", 101), *TEXT, "--line", "green", "--operation", place)
    assert result.exit_code == 2
    assert "no [line.green]; the lines it names: red-phone, blue-phone" in result.stderr


def test_the_table_by_sheet_and_the_reasons_counted(call: Call, operation: Path, tmp_path: Path) -> None:
    path = phone(tmp_path / "phone.xlsx", 101, 102, more=("4.47911E+11", "020 7946 0101", "020 7946 0102", "?"))
    result = call("import", path, *TEXT, "--since", "2026-01-01", "--operation", operation)
    assert "phone.xlsx: 2 queued, 6 left out." in result.stdout
    assert " 6  no date" in result.stdout
    result = call("import", path, *TEXT, "--operation", operation)
    lines = result.stdout.splitlines()
    assert "phone.xlsx: 0 queued, 4 queued before (same number and text), 4 refused." in lines
    assert [line.split() for line in lines if line.startswith("  Contacts ")] == [["Contacts", "2", "0", "4"]]
    assert [line.split() for line in lines if line.startswith("  Call Log ")] == [["Call", "Log", "2", "0", "0"]]
    assert "         2  this is a landline, which takes no texts; a mobile number is needed" in lines
    assert any(line.startswith("  Contacts, row 4: ") and "scientific number" in line for line in lines)
    assert "07700 900" not in result.stdout


def test_the_file_to_send_back_names_file_sheet_and_row(call: Call, operation: Path, tmp_path: Path) -> None:
    path = phone(tmp_path / "phone.xlsx", 101, more=("020 7946 0101",))
    call("import", path, *TEXT, "--operation", operation)
    (kept,) = operation.glob("refused-phone-*.csv")
    with kept.open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["file"], row["sheet"], row["row"]) == ("phone.xlsx", "Contacts", "3")
    assert row["value"].endswith("0101")
    assert "7946" not in row["value"]
    assert "landline" in row["why"]


def test_the_name_of_a_sheet_is_no_order_to_a_terminal_or_a_spreadsheet(
    call: Call, operation: Path, tmp_path: Path
) -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].title = "=cmd\x9b2J"
    for cell in ("number", "+447700900101", "020 7946 0101"):
        made.worksheets[0].append([cell])
    made.save(tmp_path / "a.xlsx")
    result = call("import", tmp_path / "a.xlsx", *TEXT, "--operation", operation)
    assert result.exit_code == 0
    assert "\x9b" not in result.stdout
    (kept,) = operation.glob("refused-a-*.csv")
    with kept.open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert not row["sheet"].startswith("=")


def test_seen_at_least_counts_over_all_files_of_one_import(call: Call, operation: Path, tmp_path: Path) -> None:
    red, blue = phone(tmp_path / "red.xlsx", 101, 102), phone(tmp_path / "blue.xlsx", 102)
    found = objects(call("import", red, blue, *TEXT, "--seen-at-least", "4", "--operation", operation, "--json"))
    assert [one["accepted"] for one in found] == [1, 0]
    assert found[0]["left_out_why"] == {"seen fewer than 4 times": 2}
    assert found[1]["elsewhere"] == 1


def test_a_phone_report_is_imported_by_kind(call: Call, operation: Path) -> None:
    words = ["import", CORPUS / "report.xml", *TEXT, "--operation", operation, "--json"]
    (found,) = objects(call(*words, "--kind", "contact", "--kind", "call"))
    assert (found["accepted"], found["duplicates"], found["refused"]) == (3, 2, 1)
    assert found["left_out_why"] == {"not asked for: message": 6}
    assert found["refused_rows"][0]["place"] == "Call"


def test_who_must_not_be_texted_is_told_and_stays_in_the_totals(call: Call, place: Path, tmp_path: Path) -> None:
    with opened(place) as (_, store):
        store.suppress(["+447700900101"], Suppression.NEVER, "a witness", "pc1", 1.0)
    result = call("import", phone(tmp_path / "a.xlsx", 101, 102), *TEXT, "--operation", place)
    assert "a.xlsx: 1 in the draft, 2 in the lists before (same number), 1 suppressed." in result.stdout
    assert "Not to be texted (never-contact list, opted out): 1." in result.stdout
    totals = objects(call("status", "--json", "--operation", place))[0]["totals"]
    assert (totals["suppressed"], totals["draft"]) == (1, 1)


def test_an_earlier_campaign_is_not_texted_again_unless_it_is_asked_for(
    call: Call, place: Path, tmp_path: Path
) -> None:
    path = phone(tmp_path / "a.xlsx", 101, 102)
    call("import", path, *TEXT, "--operation", place)
    words = ["import", path, "--text", "We can still help", "--campaign", "second", "--operation", place]
    result = call(*words)
    assert result.exit_code == 0
    assert "In an earlier campaign: 2. They are not texted again." in result.stdout
    assert "the same command with --again" in result.stdout
    (found,) = objects(call("status", "--json", "--operation", place))
    assert found["recipients"] == 2


def test_days_that_cannot_be(call: Call, operation: Path, tmp_path: Path) -> None:
    words = ["import", phone(tmp_path / "a", 101), *TEXT, "--operation", operation]
    result = call(*words, "--since", "2026-02-01", "--until", "2026-01-01")
    assert result.exit_code == 2
    assert "--until 2026-01-01 is before --since 2026-02-01" in result.stderr


def test_one_bad_file_and_nothing_of_the_others_is_queued(call: Call, operation: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("Phone,Phone\n07700900101,07700900102\n", encoding="utf-8")
    result = call("import", phone(tmp_path / "a", 101), bad, *TEXT, "--operation", operation)
    assert result.exit_code == 2
    assert 'columns 1 and 2 are both headed "Phone"' in result.stderr
    assert "--column 1" in result.stderr
    with opened(operation) as (_, store):
        assert sum(store.totals().values()) == 0
    assert call("import", bad, *TEXT, "--column", "2", "--operation", operation).exit_code == 0
    with opened(operation) as (_, store):
        assert [row.number for row in store.messages(State.QUEUED)] == ["+447700900102"]


def test_no_file_at_all(call: Call, operation: Path) -> None:
    result = call("import", "--operation", operation)
    assert result.exit_code == 2
    assert "no file was named" in result.stderr
    assert "--from-modem" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_a_large_file_shows_how_far_it_is_on_a_terminal_and_nowhere_else(operation: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("number\n" + "".join(f"07700 900{n % 1000:03}\n" for n in range(6000)), encoding="utf-8")
    command = [sys.executable, "-m", "gsmsend", "import", str(path), *TEXT, "--operation", str(operation)]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as run:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(ours)
        assert run.stdout is not None
        said = run.stdout.read()
    assert run.returncode == 0
    assert b"%" in shown
    assert b"many.csv" in shown
    assert b"%" not in said
    assert b"many.csv: 1,000 queued" in said
