"""`gsmsend report` and `gsmsend visits`, as they are typed."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.cli.group import main
from gsmsend.cli.init import make
from gsmsend.contract import AttemptOpen, ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Sim, State
from gsmsend.store import SqlStore, SqlView
from gsmsend.testing.store_desk import NOW_S, Desk, accepted, number, report

BODY = "Help is here: https://example.org/help"
AT = "2026-11-26T09:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "op"
    make(place, lab=True)
    store = SqlStore(place / "gsmsend.db", EngineRules())
    desk = Desk(store)
    rows = [NewMessage(number(index), BODY, index, 1) for index in range(1, 4)]
    store.add(ImportSource("red-phone.csv", "one", "main", NOW_S, person="a.officer"), rows)
    line = store.line(Sim(iccid="89440000000000000010"), Device("virtual", "virtual:1", imei="1"), NOW_S)
    for reference, message in enumerate(desk.claim(line), 1):
        opened = AttemptOpen(message.message_id, 1, line.line_id, NOW_S)
        attempt_id = store.advance(None, opened).result().attempt_id
        assert attempt_id is not None
        desk.close(line, message, attempt_id, accepted(reference), State.SENT)
        status = 0x46 if reference == 3 else 0
        store.record_report(line.line_id, report(reference, message.number, status), NOW_S + 4).result()
    store.close()
    return place


def run(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--operation", str(folder)])
    said = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), said.out, said.err


def test_in_short_on_the_screen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, folder, "report")
    assert code == 0
    assert re.search(r"2  of 3 people on the lists had the text delivered", out)
    assert "The phone stayed out of reach" in out


def test_a_page_and_a_pdf_are_for_their_owner_only_and_the_same_each_time(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    words = ("report", "--html", str(page), "--pdf", str(paper), "--at", AT)
    assert run(capsys, folder, *words)[0] == 0
    first = page.read_bytes(), paper.read_bytes()
    assert {stat.S_IMODE(file.stat().st_mode) for file in (page, paper)} == {0o600}
    assert b"Thu 26 Nov 2026 09:00" in first[0]
    assert run(capsys, folder, *words)[0] == 0
    assert (page.read_bytes(), paper.read_bytes()) == first
    assert sorted(file.name for file in tmp_path.iterdir()) == ["op", "report.html", "report.pdf"]


def test_numbers_in_full_are_on_record(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    run(capsys, folder, "report", "--html", str(page))
    assert number(3) not in page.read_text(encoding="utf-8")
    code, _, err = run(capsys, folder, "report", "--html", str(page), "--unmask")
    assert code == 0
    assert "This is recorded" in err
    assert number(3) in page.read_text(encoding="utf-8")
    with closing(sqlite3.connect(folder / "gsmsend.db")) as store, store:
        (line,) = store.execute("SELECT line FROM audit WHERE kind = 'unmask'").fetchone()
    assert json.loads(line)["data"]["command"] == "report of campaign main"


def test_the_partners_variant_has_nothing_of_the_store_in_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    assert run(capsys, folder, "report", "--redacted", "--html", str(page))[0] == 0
    shown = re.sub(r"<style>.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    with closing(SqlView(folder / "gsmsend.db")) as view:
        kept = {words for row in view.messages() for words in (row.number, row.text)}
        kept |= {seen.source for row in view.messages() for seen in view.sightings(row.message_id)}
    with closing(sqlite3.connect(folder / "gsmsend.db")) as store, store:
        kept |= {
            str(value)
            for table, column in (
                ("messages", "why"), ("imports", "person"), ("lines", "iccid"),
                ("lines", "name"), ("lines", "device"),
            )
            for (value,) in store.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")  # noqa: S608 - named above
        }  # fmt: skip
    assert {number(1), BODY, "red-phone.csv", "a.officer", "89440000000000000010"} <= kept
    assert [value for value in kept if value in shown] == []
    assert "fewer than 5" in shown


def test_for_scripts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, folder, "report", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["recipients"] == 3
    assert found["outcome"] == {"delivered": 2, "undelivered": 1}
    assert found["delivery"]["median_s"] == 4
    assert number(3) not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--campaign", "other"), "no campaign 'other'"),
        (("--redacted", "--unmask"), "both given"),
        (("--at", "yesterday"), "'yesterday' is no time"),
        (("--html", "/nowhere/at/all/report.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, folder, "report", *words)
    assert code == 2
    assert said in err


def test_visits_are_entered_imported_listed_and_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "visits.csv"
    table.write_text("date,count\n2025-11-23,120\n2025-11-24,141\n", encoding="utf-8")
    assert run(capsys, folder, "visits", "import", str(table))[0] == 0
    _, out, _ = run(capsys, folder, "visits", "add", "9", "--day", "2025-11-25")
    assert out == "2025-11-25: 9 visits (entered by hand).\n"
    _, out, _ = run(capsys, folder, "visits", "add", "8", "--day", "2025-11-25")
    assert "takes the place" in out
    _, out, _ = run(capsys, folder, "visits", "list")
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["2025-11-23", "120"], ["2025-11-24", "141"], ["2025-11-25", "8"], ["together", "269"],
    ]  # fmt: skip
    _, out, _ = run(capsys, folder, "report", "--json")
    assert json.loads(out)["visits"]["total"] == 269


def test_a_file_that_could_tell_who_came_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "visits.csv"
    table.write_text("date,count,phone\n2025-11-23,1,07700 900123\n", encoding="utf-8")
    code, _, err = run(capsys, folder, "visits", "import", str(table))
    assert code == 2
    assert "could tell who opened the link" in err
    assert "900123" not in err
    _, _, err = run(capsys, folder, "visits", "list")
    assert "No visits are counted" in err
