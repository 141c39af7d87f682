"""`gsmsend verify`, and what `run` does with an older copy of the store."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from gsmsend.cli.init import make
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.testing.scripted import ScriptedDriver

from .conftest import Call, People, objects


@pytest.fixture
def op(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operation that is no lab, where nothing needs approval, and a user's folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "op"
    make(folder, lab=False)
    return folder


def noted(folder: Path, what: str = "looked") -> str:
    """Something is done, and the head signed."""
    store = SqlStore(folder / "gsmsend.db", EngineRules())
    try:
        store.note("pc1", what, "", 1.0)
        head = store.sign_head(2.0)
    finally:
        store.close()
    assert head is not None
    return head.short


def remembered(call: Call, folder: Path, driver: ScriptedDriver) -> None:
    """A run with nothing to send remembers how far the log has come."""
    assert driver is not None
    result = call("run", "--operation", folder)
    assert result.exit_code == 0, result.output


def test_a_log_as_it_was_written(call: Call, op: Path) -> None:
    head = noted(op)
    result = call("verify", "--operation", op)
    assert result.exit_code == 0
    assert "The audit log is as it was written:" in result.stdout
    assert head in result.stdout
    result = call("verify", "--operation", op, "--head", head.lower().replace("0", "o"))
    assert result.exit_code == 0
    assert "that was noted is in it" in result.stdout


def test_before_anything_was_done_there_is_nothing_to_find(call: Call, op: Path) -> None:
    result = call("verify", "--operation", op)
    assert result.exit_code == 0
    assert "nothing was done" in result.stdout


def test_a_changed_log_is_told_with_what_to_do(call: Call, op: Path) -> None:
    noted(op)
    connection = sqlite3.connect(op / "gsmsend.db")
    connection.execute("DROP TRIGGER audit_is_not_changed")
    connection.execute("UPDATE audit SET line = replace(line, 'looked', 'lookeD')")
    connection.commit()
    connection.close()
    result = call("verify", "--operation", op)
    assert result.exit_code == 5
    assert "does not hold the hash of the entry before it" in result.stdout
    assert "What to do: Send nothing" in result.stdout
    (told,) = objects(call("verify", "--operation", op, "--json"))
    assert told["ok"] is False
    assert {finding["entry"] for finding in told["findings"]} >= {4}


def test_a_head_that_cannot_be_one_is_refused_in_words(call: Call, op: Path) -> None:
    result = call("verify", "--operation", op, "--head", "hello")
    assert result.exit_code == 2
    assert "as it was written down" in result.stderr


def test_a_run_says_what_to_write_into_the_notebook(call: Call, op: Path, driver: ScriptedDriver) -> None:
    noted(op)
    result = call("run", "--operation", op)
    assert result.exit_code == 0
    shown = result.stdout.rsplit("Write this into your notebook: ", 1)[1].strip()
    assert call("verify", "--operation", op, "--head", shown).exit_code == 0
    events = objects(call("run", "--operation", op, "--json"))
    assert [event["event"] for event in events][-2:] == ["head", "finished"]


def test_a_lab_run_has_no_ceremony(call: Call, operation: Path, driver: ScriptedDriver, people: People) -> None:
    result = call("run", "--operation", operation, "--to", people(1))
    assert "notebook" not in result.output
    assert [event["event"] for event in objects(call("run", "--operation", operation, "--json"))][-2:] == [
        "head",
        "finished",
    ]


def test_an_older_copy_sends_nothing_until_a_person_accepts_it(
    call: Call, op: Path, driver: ScriptedDriver, tmp_path: Path
) -> None:
    remembered(call, op, driver)
    shutil.copytree(op, tmp_path / "copy")
    remembered(call, op, driver)
    shutil.rmtree(op)
    shutil.copytree(tmp_path / "copy", op)
    people = tmp_path / "people.csv"
    people.write_text("number,text\n07700 900001,Help is here\n", encoding="utf-8")
    result = call("run", "--operation", op, "--to", people)
    assert result.exit_code == 5
    assert "not the newest one" in result.stderr
    assert "--accept-older" in result.stderr
    assert sum(_totals(call, op).values()) == 0  # it was not even imported
    assert call("verify", "--operation", op).exit_code == 5
    assert call("verify", "--operation", op, "--accept-older").exit_code == 2  # a reason is asked for
    result = call(
        "verify", "--operation", op, "--accept-older", "--because", "the disk is gone", "--person", "A. Ward"
    )
    assert result.exit_code == 0, result.output
    remembered(call, op, driver)
    rows = sqlite3.connect(op / "gsmsend.db")
    (line,) = rows.execute("SELECT line FROM audit WHERE kind = 'note'").fetchone()
    rows.close()
    data = json.loads(line)["data"]
    assert (data["person"], data["what"]) == ("A. Ward", "accepted a store that is older than it was")
    assert "reason" not in data  # it is sealed: people write names into it


def _totals(call: Call, folder: Path) -> dict[str, int]:
    (told,) = objects(call("status", "--operation", folder, "--json"))
    totals: dict[str, int] = told["totals"]
    return totals


def test_there_is_nothing_to_accept_in_the_newest_store(call: Call, op: Path, driver: ScriptedDriver) -> None:
    remembered(call, op, driver)
    result = call("verify", "--operation", op, "--accept-older", "--because", "to be sure")
    assert result.exit_code == 0
    assert "nothing to accept" in result.stderr


def test_what_cannot_be_remembered_is_told_and_stops_nothing(
    call: Call, op: Path, driver: ScriptedDriver, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where a folder should be", encoding="utf-8")
    noted(op)
    result = call("run", "--operation", op)
    assert result.exit_code == 0
    assert "by the heads in your notebook" in result.output


def test_a_pack_is_checked_by_its_own_program(call: Call, op: Path, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    result = call("verify", tmp_path / "pack")
    assert result.exit_code == 5
    assert "cannot be checked" in result.stdout
    assert call("verify", tmp_path / "pack", "--json").exit_code == 2
