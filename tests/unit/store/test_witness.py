"""What this user's own folder remembers finds an older copy of the store; what is unreadable there is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gsmsend.audit.short import read_short
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop
from gsmsend.store import SqlStore
from gsmsend.store.witness import Witness


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "operation"
    made.mkdir()
    return made


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "state")


class Opened:
    """A store for a moment."""

    def __init__(self, folder: Path) -> None:
        self.store = SqlStore(folder / "gsmsend.db", EngineRules())

    def __enter__(self) -> SqlStore:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


def worked(folder: Path, witness: Witness) -> str:
    """A run, in short; what it tells."""
    with Opened(folder) as store:
        store.note("pc1", "looked", "", 1.0)
        return witness.keep(store, store.sign_head(2.0), 3.0)


def test_a_store_that_goes_on_is_fine(folder: Path, witness: Witness) -> None:
    for _ in range(3):
        assert worked(folder, witness) == ""
        with Opened(folder) as store:
            assert witness.check(store) == ""


def test_an_older_copy_stops_everything(folder: Path, witness: Witness, tmp_path: Path) -> None:
    worked(folder, witness)
    shutil.copytree(folder, tmp_path / "copy")
    worked(folder, witness)
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "copy", folder)
    with (
        Opened(folder) as store,
        pytest.raises(GuardStop, match="its audit log ends") as stop,
    ):
        witness.check(store)
    assert stop.value.exit_code == 5
    assert "--accept-older" in stop.value.remedy
    for _ in range(4):  # the copy goes on by itself, past what is remembered
        with Opened(folder) as store:
            store.note("pc1", "looked", "", 4.0)
    with Opened(folder) as store, pytest.raises(GuardStop, match="is not the one that was there"):
        witness.check(store)
    with Opened(folder) as store:  # a person accepts it
        assert witness.keep(store, None, 5.0) == ""
        assert witness.check(store) == ""


def test_an_operation_that_nobody_remembers_is_fine(folder: Path, witness: Witness) -> None:
    with Opened(folder) as store:
        assert witness.check(store) == ""
        assert witness.keep(store, None, 1.0) == ""
        assert witness.noted(store) == ([], "")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"newest": [1, "x"], "at": ""}', b'{"newest": 7}', b"\xff" * 9000]
)
def test_what_cannot_be_read_is_told_and_stops_nothing(folder: Path, witness: Witness, content: bytes) -> None:
    worked(folder, witness)
    with Opened(folder) as store:
        file = witness.file(store.operation_id())
        assert file is not None
        file.write_bytes(content)
        assert "cannot be read" in witness.check(store)
        assert "by the heads in your notebook" in witness.noted(store)[1]


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_file_is_its_users_alone(folder: Path, witness: Witness) -> None:
    worked(folder, witness)
    with Opened(folder) as store:
        file = witness.file(store.operation_id())
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    assert "cannot be written" in worked(folder, Witness(tmp_path / "state"))


def test_an_id_that_is_none_names_no_file(witness: Witness) -> None:
    assert witness.file("../../etc/passwd") is None
    assert witness.file("") is None


def test_what_is_remembered_is_the_head_and_the_newest_entry(folder: Path, witness: Witness) -> None:
    worked(folder, witness)
    with Opened(folder) as store:
        head, (newest, signed) = store.last_head(), witness.noted(store)[0]
        assert head is not None
        assert read_short(head.short).begins == signed.begins[:20]
        assert store.newest_entry() == newest
