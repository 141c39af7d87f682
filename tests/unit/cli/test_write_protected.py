"""A copy of an operation that may not be written to (a USB stick, an evidence store) is read and left as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.model import Device, Inbound, Sim
from gsmsend.store import SqlStore

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")

READING = ["status", "messages", "inbox"]
FILES = ["gsmsend.db", "gsmsend.db-shm", "gsmsend.db-wal", "gsmsend.toml", "operation.key"]


def filled(operation: Path) -> SqlStore:
    """A store with one text to somebody and one from somebody, still open."""
    store = wiring.open_store(config.load(operation))
    store.add(ImportSource("a.csv", "digest", "main", 1.0), [NewMessage("+447700900001", "Help is here", 2, 1)])
    line = store.line(Sim(iccid="8944000000000000017"), Device("fake", "modem1"), 1.0)
    store.record_inbound(line.line_id, Inbound("+447700900002", "Please call me"), 2.0).result()
    return store


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Where the copy goes; it can be removed again."""
    place = tmp_path / "copy"
    yield place
    place.chmod(0o755)


def protect(place: Path, *left_out: str) -> None:
    for name in left_out:
        (place / name).unlink()
    for file in place.iterdir():
        file.chmod(0o400 if file.name == "operation.key" else 0o444)
    place.chmod(0o555)


def state_of(place: Path) -> dict[str, str]:
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in place.iterdir()}


def unprivileged(*words: str) -> subprocess.CompletedProcess[str]:
    """Run gsmsend with no right to write what its mode forbids, which root has otherwise."""
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*plain, sys.executable, "-m", "gsmsend", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read_all(place: Path) -> None:
    """Each reading command tells what is there, and the folder is as it was."""
    before = state_of(place)
    said = {command: unprivileged(command, "--operation", str(place), "--json") for command in READING}
    assert [done.stderr for done in said.values()] == [""] * len(READING)
    assert json.loads(said["status"].stdout)["totals"]["queued"] == 1
    assert json.loads(said["messages"].stdout)["number"] == "+447*****0001"
    assert json.loads(said["inbox"].stdout)["text"] == "Please call me"
    assert state_of(place) == before


def test_a_copy_of_an_operation_at_rest(operation: Path, copy: Path) -> None:
    filled(operation).close()
    shutil.copytree(operation, copy)
    protect(copy)
    assert sorted(state_of(copy)) == ["gsmsend.db", "gsmsend.toml", "operation.key"]
    read_all(copy)


def test_a_copy_made_while_a_run_was_going_on(operation: Path, copy: Path) -> None:
    store = filled(operation)
    shutil.copytree(operation, copy)
    store.close()
    protect(copy)
    assert sorted(state_of(copy)) == FILES
    read_all(copy)


def test_an_operation_of_somebody_else_while_it_is_being_written(operation: Path, copy: Path) -> None:
    operation.rename(copy)
    store = filled(copy)
    protect(copy)
    read_all(copy)
    store.note("somebody", "goes on", "writing", 3.0)
    store.close()


def test_a_copy_that_lacks_what_is_needed_says_what_to_do(operation: Path, copy: Path) -> None:
    store = filled(operation)
    shutil.copytree(operation, copy)
    store.close()
    protect(copy, "gsmsend.db-shm")
    before = state_of(copy)
    done = unprivileged("status", "--operation", str(copy))
    assert (done.returncode, done.stdout) == (1, "")
    assert "its latest entries are still in gsmsend.db-wal" in done.stderr
    assert "Copy the operation's whole folder to where you may write" in done.stderr
    assert state_of(copy) == before


def test_what_it_says_to_do_works(operation: Path, copy: Path) -> None:
    store = filled(operation)
    shutil.copytree(operation, copy)
    store.close()
    (copy / "gsmsend.db-shm").unlink()
    done = unprivileged("status", "--operation", str(copy), "--json")
    assert json.loads(done.stdout)["totals"]["queued"] == 1


def test_numbers_in_full_are_not_shown_where_that_cannot_be_recorded(operation: Path, copy: Path) -> None:
    filled(operation).close()
    shutil.copytree(operation, copy)
    protect(copy)
    done = unprivileged("messages", "--operation", str(copy), "--unmask")
    assert (done.returncode, done.stdout) == (1, "")
    assert "numbers are not shown in full: that is recorded in" in done.stderr
    assert "Leave out --unmask" in done.stderr


def test_an_operation_before_its_first_import_stays_without_a_store(operation: Path, copy: Path) -> None:
    shutil.copytree(operation, copy)
    protect(copy)
    done = unprivileged("status", "--operation", str(copy), "--json")
    assert json.loads(done.stdout)["recipients"] == 0
    assert sorted(state_of(copy)) == ["gsmsend.toml"]


@pytest.mark.parametrize("command", READING)
def test_reading_leaves_an_operation_that_may_be_written_as_it_is_too(operation: Path, command: str) -> None:
    filled(operation).close()
    before = state_of(operation)
    assert unprivileged(command, "--operation", str(operation)).returncode == 0
    assert state_of(operation) == before
