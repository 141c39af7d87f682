"""What this user's own folder remembers finds an older copy of the store; what is unreadable there is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gsmsend.audit.short import read_short
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop
from gsmsend.keyplace import moving
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
    with Opened(folder) as store, pytest.raises(GuardStop):  # whoever asks, what is remembered stays
        witness.keep(store, store.sign_head(5.0), 5.0)
    with Opened(folder) as store:  # a person accepts it
        assert witness.accept(store, None, 5.0) == ""
        assert witness.check(store) == ""


def test_an_operation_that_nobody_remembers_is_fine(folder: Path, witness: Witness) -> None:
    with Opened(folder) as store:
        assert witness.check(store) == ""
        assert witness.keep(store, None, 1.0) == ""
        assert witness.noted(store) == (None, "")


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
        head, seen = store.last_head(), witness.noted(store)[0]
        assert head is not None
        assert seen is not None
        newest, signed = seen.entries
        assert read_short(head.short).begins == signed.begins[:20]
        assert store.newest_entry() == newest


def test_another_log_of_the_same_key_is_found_and_what_is_remembered_stays(
    folder: Path, witness: Witness, tmp_path: Path
) -> None:
    worked(folder, witness)
    with Opened(folder) as store:
        was = store.operation_id()
    for file in folder.glob("gsmsend.db*"):
        file.unlink()
    with Opened(folder) as store:
        with pytest.raises(GuardStop, match=f"had a log with id {was[:8]} up to entry .*this store has none"):
            witness.check(store)
        store.note("pc1", "looked", "", 1.0)
        with pytest.raises(GuardStop, match="this store has another, with id"):
            witness.keep(store, store.sign_head(2.0), 3.0)
        assert witness.operation_of(store.key_id()) == was
        assert witness.accept(store, None, 4.0) == ""
        assert witness.check(store) == ""


def test_a_spoiled_file_of_the_key_leaves_the_operations_own(
    folder: Path, witness: Witness, tmp_path: Path
) -> None:
    worked(folder, witness)
    shutil.copytree(folder, tmp_path / "copy")
    worked(folder, witness)
    with Opened(folder) as store:
        file = witness.key_file(store.key_id())
        assert file is not None
        file.write_text("[]", encoding="ascii")
        assert "cannot be read" in witness.check(store)
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "copy", folder)
    with Opened(folder) as store, pytest.raises(GuardStop):
        witness.check(store)


def test_the_id_of_a_key_is_the_same_wherever_it_is_kept(folder: Path) -> None:
    with Opened(folder) as store:
        store.note("pc1", "looked", "", 1.0)
        found = store.key_id()
    assert found == moving.id_of((folder / "operation.key").read_bytes())


def test_what_is_known_already_is_not_written_again(
    folder: Path, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(folder, witness)
    synced: list[int] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        synced.append(handle)
        sync(handle)

    monkeypatch.setattr("os.fsync", noted)
    with Opened(folder) as store:
        synced.clear()
        assert witness.keep(store, None, 9.0) == ""
        assert not synced
    with Opened(folder) as store:
        store.note("pc1", "looked", "", 1.0)
        synced.clear()
        assert witness.keep(store, None, 9.0) == ""
        assert len(synced) == (1 if os.name == "nt" else 2)  # the file, and its name
