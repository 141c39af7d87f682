"""An older copy of the store, put back: nothing is sent from it, and whoever looks is told first."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from gsmsend import config, wiring
from gsmsend.cli.init import make
from gsmsend.config import ApprovalPolicy, Settings
from gsmsend.contract import ImportSource, NewMessage, Store, Submission
from gsmsend.engine.events import Event, Notice
from gsmsend.errors import GuardStop
from gsmsend.model import Outcome, State
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.migrate import configuration
from gsmsend.store.witness import Witness
from gsmsend.testing.scripted import Answer, ScriptedDriver, ScriptedLink
from gsmsend.wiring import remembering

from .conftest import Call, People, objects

FIRST = "this operation's store is not the newest one: "


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def op(tmp_path: Path) -> Path:
    folder = tmp_path / "op"
    make(folder, lab=False)
    return folder


def terms(folder: Path) -> Settings:
    """Of no lab, but with nobody who approves and no hours."""
    found = config.load(folder)
    return dataclasses.replace(
        found, approval=ApprovalPolicy(required=False), window=None, canary=0, pace=config.Pace(), lines={},
    )  # fmt: skip


def waiting(store: Store, count: int, name: str = "a") -> None:
    rows = [NewMessage(f"+4477009001{index:02}", f"Help is here, {name}", index + 2, 1) for index in range(count)]
    store.add(ImportSource(f"{name}.csv", name, "main", 1.0), rows)


def texts_go_out(folder: Path, answer: Answer | None = None, *, queue: int = 0, name: str = "a") -> list[Event]:
    settings, driver, events = terms(folder), ScriptedDriver(answer=answer), list[Event]()
    store = wiring.open_store(settings)
    try:
        if queue:
            waiting(store, queue, name)
        routes = [(driver, driver.endpoint("fake1"))]
        run = wiring.make_run(settings, store, routes, publish=events.append, wait_reports_s=1.0)
        assert run.execute().exit_code == 0
    finally:
        store.close()
    return events


def copied(folder: Path, name: str = "old.db") -> Path:
    """`cp gsmsend.db old.db`."""
    old = folder.parent / name
    with sqlite3.connect(folder / "gsmsend.db") as live, sqlite3.connect(old) as copy:
        live.backup(copy)
    live.close()
    copy.close()
    return old


def put_back(folder: Path, old: Path) -> None:
    for end in ("", "-wal", "-shm"):
        folder.joinpath(f"gsmsend.db{end}").unlink(missing_ok=True)
    shutil.copy(old, folder / "gsmsend.db")


@pytest.fixture
def older(op: Path) -> Path:
    """Two texts went out since this store was copied."""
    store = wiring.open_store(terms(op))
    waiting(store, 2)
    store.close()
    old = copied(op)
    texts_go_out(op)
    put_back(op, old)
    return op


def test_an_export_does_not_wipe_out_that_the_store_is_older(call: Call, op: Path, tmp_path: Path) -> None:
    store = wiring.open_store(terms(op))
    waiting(store, 2)
    store.close()
    old = copied(op)
    texts_go_out(op)
    newest = copied(op, "newest.db")
    put_back(op, old)
    assert call("verify", "--operation", op).exit_code == 5
    result = call("export", "--operation", op, "--to", tmp_path / "x")
    assert result.exit_code == 5
    assert FIRST in result.stderr
    assert not (tmp_path / "x").exists()
    assert call("verify", "--operation", op).exit_code == 5
    result = call("run", "--operation", op)
    assert result.exit_code == 5
    assert FIRST in result.stderr
    put_back(op, newest)  # the true one is accused of nothing
    result = call("verify", "--operation", op)
    assert result.exit_code == 0, result.output
    assert "which your own folder remembers" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        "run", "import people.csv --text-file message.txt", "export --to x",
        "suppress add 07700900123 --reason asked",
        "resolve 1 --as sent --because asked", "resume", "reword --text Help", "forget main --because asked --yes",
        "officer remove A --yes", "approve", "visits add 2 --day 2026-11-22",
    ],
)  # fmt: skip
def test_what_would_text_or_change_or_sign_stops(call: Call, older: Path, words: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("number\n07700 900001\n", encoding="utf-8")
    (tmp_path / "message.txt").write_text("Help is here", encoding="utf-8")
    before = entries(older)
    result = call(*words.split(), "--operation", older)
    if result.exit_code == 2:
        pytest.fail(result.output)
    assert result.exit_code == 5, result.output
    assert FIRST in result.stderr
    assert "Put the newest backup of the operation back first" in result.stderr
    assert entries(older) == before


def entries(folder: Path) -> int:
    with sqlite3.connect(folder / "gsmsend.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM audit").fetchone()
    connection.close()
    return int(count)


@pytest.mark.parametrize("words", ["status", "messages", "report", "doctor", "preview", "verify", "inbox"])
def test_whoever_looks_is_told_in_the_first_line(call: Call, older: Path, words: str) -> None:
    result = call(words, "--operation", older)
    assert FIRST in result.stdout.splitlines()[0]
    assert "suppress them before the next run." in result.stdout
    told = objects(call(words, "--operation", older, "--json")) if words != "inbox" else []
    for one in told:
        said = one["older"] if words != "doctor" else one["findings"][0]["says"]
        assert said.startswith(FIRST)


@pytest.mark.parametrize("words", ["status", "report", "preview", "verify"])
def test_of_the_newest_store_nothing_is_told(call: Call, op: Path, words: str) -> None:
    texts_go_out(op, queue=1)
    assert "not the newest" not in call(words, "--operation", op).output
    (told,) = objects(call(words, "--operation", op, "--json"))
    assert told["older"] is None


@pytest.mark.parametrize("stop", ["pause", "cancel --yes"])
def test_a_stop_stops_for_nothing_and_changes_nothing_that_is_remembered(
    call: Call, older: Path, stop: str, state: Path
) -> None:
    before = kept(state)
    assert call(*stop.split(), "--operation", older).exit_code == 0
    assert kept(state) == before
    assert call("run", "--operation", older).exit_code == 5


def test_a_stop_does_not_wait_for_a_folder_that_does_not_answer(
    call: Call, op: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = wiring.open_store(terms(op))
    waiting(store, 1)
    store.close()
    answers = threading.Event()
    monkeypatch.setattr(remembering, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(Witness, "keep", lambda *_: answers.wait(30.0) and "")
    try:
        assert call("pause", "--operation", op).exit_code == 0
        assert not answers.is_set()
    finally:
        answers.set()


def kept(state: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (state / "gsmsend" / "heads").iterdir()}


def test_a_person_accepts_it_on_record_and_then_all_goes_on(call: Call, older: Path) -> None:
    assert call("verify", "--operation", older, "--accept-older").exit_code == 2
    result = call("verify", "--operation", older, "--accept-older", "--because", "the disk is gone")
    assert result.exit_code == 0, result.output
    assert "This is recorded." in result.stderr
    assert call("verify", "--operation", older).exit_code == 0
    texts_go_out(older)


def third_version(folder: Path) -> None:
    """A store from before the log, as a backup that was made before the upgrade has it."""
    engine = sa.create_engine(f"sqlite:///{folder / 'gsmsend.db'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0003")
        connection.exec_driver_sql(f"PRAGMA application_id={0x67736D73}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


def removed(_folder: Path) -> None:
    """Nothing is put back; the next command would make a new store."""


@pytest.mark.parametrize("happens", [third_version, removed])
def test_a_store_from_before_the_log_or_none_is_known_by_the_operations_key(
    call: Call, op: Path, happens: Callable[[Path], None], people: People
) -> None:
    texts_go_out(op, queue=1)
    shutil.rmtree(op / "transcripts", ignore_errors=True)
    for end in ("", "-wal", "-shm"):
        (op / f"gsmsend.db{end}").unlink(missing_ok=True)
    happens(op)
    there = (op / "gsmsend.db").exists()
    for words in (("run",), ("import", people(2), "--text", "Help")):
        result = call(*words, "--operation", op)
        assert result.exit_code == 5, result.output
        assert "the operation of this key had a log with id" in result.stderr
        assert "this store has none" in result.stderr
    assert (op / "gsmsend.db").exists() == there
    assert FIRST in call("status", "--operation", op).stdout.splitlines()[0]
    assert call("verify", "--operation", op).exit_code == 5
    result = call("verify", "--operation", op, "--accept-older", "--because", "the disk is gone")
    assert result.exit_code == 0, result.output
    assert call("verify", "--operation", op).exit_code == 0
    texts_go_out(op, queue=1)


def test_a_store_made_anew_is_known_by_the_operations_key(call: Call, op: Path) -> None:
    texts_go_out(op, queue=1)
    for end in ("", "-wal", "-shm"):
        (op / f"gsmsend.db{end}").unlink(missing_ok=True)
    shutil.rmtree(op / "transcripts", ignore_errors=True)
    store = wiring.open_store(terms(op), older_stops=False)
    store.note("pc1", "looked", "", 1.0)
    store.close()
    result = call("run", "--operation", op)
    assert result.exit_code == 5
    assert "this store has another, with id" in result.stderr


def test_a_run_is_remembered_before_its_first_text_leaves(op: Path, state: Path, tmp_path: Path) -> None:
    texts_go_out(op, queue=1, name="a")
    store = wiring.open_store(terms(op))
    waiting(store, 1, "b")
    store.close()
    old = copied(op)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if not (tmp_path / "then").exists():
            shutil.copytree(state, tmp_path / "then")  # what is on disk if the power goes now
        return link.accept(submission)

    texts_go_out(op, answer)
    shutil.rmtree(state)
    shutil.copytree(tmp_path / "then", state)
    put_back(op, old)
    with pytest.raises(GuardStop, match="its audit log ends at entry"):
        wiring.open_store(terms(op))


def test_what_is_not_kept_when_a_run_is_killed_is_behind_and_accuses_nobody(op: Path, state: Path) -> None:
    texts_go_out(op, queue=1)
    before = state.parent / "before"
    shutil.copytree(state, before)
    texts_go_out(op, queue=1, name="b")
    shutil.rmtree(state)
    shutil.copytree(before, state)
    store = wiring.open_store(terms(op))
    assert store.totals()[State.QUEUED] == 0
    store.close()


@pytest.mark.parametrize(
    "words",
    [
        "suppress add 07700900123 --reason asked", "pause --because asked", "cancel --yes",
        "visits add 2 --day 2026-11-22",
        "resume --because asked",
    ],
)  # fmt: skip
def test_every_command_that_enters_something_is_remembered(call: Call, op: Path, words: str) -> None:
    store = wiring.open_store(terms(op))
    waiting(store, 1)
    if words.startswith("resume"):
        store.pause("main", "pc1", "asked", 2.0)
    store.close()
    old = copied(op)
    result = call(*words.split(), "--operation", op)
    assert result.exit_code == 0, result.output
    put_back(op, old)
    assert call("run", "--operation", op).exit_code == 5


def test_only_ids_numbers_and_hashes_are_remembered(op: Path, state: Path) -> None:
    texts_go_out(op, queue=2)
    files = kept(state)
    assert len(files) == 2
    for name, octets in files.items():
        assert re.fullmatch(r"(key-)?[0-9a-f]{32}\.json", name)
        found = json.loads(octets)
        assert set(found) in ({"at", "newest", "head"}, {"operation"})
        assert len(octets) < 300
    assert b"7700" not in b"".join(re.sub(rb'"[0-9a-f]{32,64}"', b"", one) for one in files.values())


def test_where_nothing_is_remembered_all_goes_on_and_verify_says_so(call: Call, op: Path, state: Path) -> None:
    texts_go_out(op, queue=1)
    shutil.rmtree(state)  # another user, or another computer
    result = call("verify", "--operation", op)
    assert result.exit_code == 0
    assert "Nothing is remembered of this operation in your own folder" in result.stdout
    (told,) = objects(call("verify", "--operation", op, "--json"))
    assert told["remembered"] is None
    texts_go_out(op, queue=1, name="b")
    (told,) = objects(call("verify", "--operation", op, "--json"))
    assert told["remembered"]["entry"] > 1


def test_a_labs_run_says_once_that_the_store_is_older_and_goes_on(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    assert call("run", "--operation", operation, "--to", people(1), "--wait-reports", 0).exit_code == 0
    old = copied(operation)
    assert call("run", "--operation", operation, "--to", people(2), "--wait-reports", 0).exit_code == 0
    put_back(operation, old)
    assert "not the newest" not in call("status", "--operation", operation).output
    run = ("run", "--operation", operation, "--to", people(2), "--wait-reports", 0)
    result = call(*run)
    assert result.exit_code == 0, result.output
    assert "not the newest one" in result.output
    assert "This is a lab, so it goes on" in " ".join(result.output.split())
    assert "not the newest" not in call(*run).output


def test_of_a_lab_with_its_key_beside_it_nothing_is_remembered(operation: Path, state: Path) -> None:
    OperationKey(operation / NAME).make()
    store = wiring.open_store(config.load(operation))
    store.note("pc1", "looked", "", time.time())
    store.close()
    assert not (state / "gsmsend" / "heads").exists()


def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nothing(call: Call, op: Path, state: Path) -> None:
    state.write_text("a file where a folder should be", encoding="utf-8")
    store = wiring.open_store(terms(op))
    waiting(store, 1)
    store.close()
    result = call("suppress", "add", "07700900123", "--reason", "asked", "--operation", op)
    assert result.exit_code == 0
    assert result.stderr.count("by the heads in your notebook") == 1
    notices = [event.text for event in texts_go_out(op) if isinstance(event, Notice)]
    assert sum("by the heads in your notebook" in text for text in notices) <= 1
