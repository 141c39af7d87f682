"""`gsmsend verify` where an earlier version made the operation, and where its key is not to be had."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.cli.init import make
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME
from gsmsend.testing.scripted import ScriptedDriver
from tests.unit.store.test_migrating import PEOPLE, made_by_the_third_version

from .conftest import Call, objects


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Made before there was a log: two campaigns and the answers to one, a gsmsend.toml, one text that waits."""
    folder = tmp_path / "op"
    make(folder, lab=True)
    made_by_the_third_version(folder / "gsmsend.db")
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        database.execute("UPDATE messages SET state = 'queued' WHERE id = 1")
        database.execute("DELETE FROM approvals")
    return folder


def test_before_its_log_is_begun_it_is_told_to_be_older(call: Call, older: Path) -> None:
    result = call("verify", "--operation", older)
    assert result.exit_code == 0, result.output
    assert "older than the audit log, which is not begun yet: the next run begins it" in result.stdout
    (told,) = objects(call("verify", "--operation", older, "--json"))
    assert (told["ok"], told["older_than_log"], told["entries"]) == (True, True, 0)


@pytest.mark.parametrize("command", [("pause", "--campaign", "main"), ("cancel", "--campaign", "main", "--yes")])
def test_its_log_is_right_once_a_command_has_begun_it(call: Call, older: Path, command: tuple[str, ...]) -> None:
    begun = call(*command, "--operation", older)
    assert begun.exit_code == 0, begun.output
    result = call("verify", "--operation", older)
    assert result.exit_code == 0, result.output
    assert f"It tells what the store holds: {PEOPLE} messages" in result.stdout
    with closing(sqlite3.connect(older / "gsmsend.db")) as database:
        kinds = [row[0] for row in database.execute("SELECT kind FROM audit WHERE n <= 4 ORDER BY n")]
        lines = [json.loads(row[0])["data"] for row in database.execute("SELECT line FROM audit ORDER BY n")]
    assert kinds == ["operation", "session", "config", "move"]
    assert {one["name"] for one in lines if "why" in one and one.get("campaign")} == {
        "main", "second", "main answers",
    }  # fmt: skip
    assert [one["parent"] for one in lines if "parent" in one] == [1]


def test_its_log_is_right_after_a_run(call: Call, older: Path, driver: ScriptedDriver) -> None:
    assert driver is not None
    result = call("run", "--operation", older)
    assert result.exit_code == 0, result.output
    result = call("verify", "--operation", older)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "statement", ["DELETE FROM keys WHERE campaign_id = -1", "UPDATE keys SET wrapped = x'00'"]
)
def test_that_it_is_older_cannot_be_said_without_the_key(call: Call, older: Path, statement: str) -> None:
    """A store whose log was taken away must not pass for one that never had any."""
    assert call("verify", "--operation", older).exit_code == 0
    with closing(sqlite3.connect(older / "gsmsend.db")) as database, database:
        database.execute(statement)
    result = call("verify", "--operation", older)
    assert result.exit_code == 5
    assert "there is no audit log" in result.stdout


def noted(folder: Path) -> None:
    with closing(SqlStore(folder / "gsmsend.db", EngineRules())) as store:
        store.note("pc1", "looked", "", 1.0)
        store.sign_head(2.0)


def test_without_the_key_the_rest_is_checked_and_what_was_not_is_told(call: Call, operation: Path) -> None:
    noted(operation)
    (operation / NAME).unlink()
    result = call("verify", "--operation", operation)
    assert result.exit_code == 0, result.output
    assert "The audit log's chain has no gap" in result.stdout
    assert "as it was written" not in result.stdout
    assert "NOT checked, as that needs the operation's key" in result.stdout
    with closing(sqlite3.connect(operation / "gsmsend.db")) as database, database:
        database.execute("DROP TRIGGER audit_is_kept")
    assert call("verify", "--operation", operation).exit_code == 5


def test_under_a_passphrase_that_cannot_be_asked_for_it_says_how_to_give_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, secret = tmp_path / "op", tmp_path / "secret"
    secret.write_text("a passphrase of good length\n", encoding="ascii")
    secret.chmod(0o600)
    make(folder, lab=True)
    config = folder / "gsmsend.toml"
    words = config.read_text("utf-8")
    config.write_text(re.sub(r'(?m)^#? ?keep = "\w+"', 'keep = "passphrase"', words, count=1), encoding="utf-8")
    people = tmp_path / "people.csv"
    people.write_text("number,text\n07700 900001,Help is here\n", encoding="utf-8")
    result = call("import", people, "--operation", folder, "--passphrase-file", secret)
    assert result.exit_code == 0, result.output
    result = call("verify", "--operation", folder)
    assert result.exit_code == 0, result.output
    assert "NOT checked" in result.stdout
    assert "--passphrase-file FILE" in result.stdout
    result = call("verify", "--operation", folder, "--passphrase-file", secret)
    assert "The audit log is as it was written" in result.stdout
    paused = call("pause", "--campaign", "main", "--operation", folder)  # a stop waits for no passphrase
    assert paused.exit_code == 0, paused.output
    result = call("verify", "--operation", folder, "--passphrase-file", secret)
    assert result.exit_code == 0, result.output
    assert "2 entries were written without the operation's key" in result.stdout
