"""operation.key: made once, for its owner only; lost or swapped, nothing goes on without it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gsmsend.contract import Suppression
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import StoreError
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.key import LENGTH, NAME
from gsmsend.testing.store_desk import NOW_S, number


@contextmanager
def opened(folder: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(folder / "gsmsend.db", EngineRules())) as store:
        yield store


def suppressing(folder: Path) -> Path:
    """An operation with one person on its list; its key."""
    folder.mkdir(exist_ok=True)
    with opened(folder) as store:
        store.suppress([number(1)], Suppression.NEVER, "a witness", "j.doe", NOW_S)
    return folder / NAME


def test_there_is_no_key_before_it_is_needed(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert store.suppressed([number(1)]) == {}
    assert not (tmp_path / NAME).exists()


def test_the_key_is_for_its_owner_only_and_stays_the_same(tmp_path: Path) -> None:
    key = suppressing(tmp_path)
    first = key.read_bytes()
    assert len(first) == LENGTH
    assert key.stat().st_mode & 0o777 == 0o600
    suppressing(tmp_path)
    assert key.read_bytes() == first


def test_neither_the_store_nor_the_key_holds_a_number(tmp_path: Path) -> None:
    suppressing(tmp_path)
    for file in tmp_path.iterdir():
        assert number(1)[4:].encode() not in file.read_bytes()


def test_two_operations_hash_the_same_number_differently(tmp_path: Path) -> None:
    assert suppressing(tmp_path / "a").read_bytes() != suppressing(tmp_path / "b").read_bytes()


def test_a_lost_key_stops_the_work_and_says_so(tmp_path: Path) -> None:
    suppressing(tmp_path).unlink()
    with pytest.raises(StoreError, match=r"operation\.key is gone") as raised, opened(tmp_path):
        pass
    assert "copy" in raised.value.remedy
    with closing(SqlView(tmp_path / "gsmsend.db")) as view:
        assert [row.people for row in view.suppressions()] == [1]
        with pytest.raises(StoreError, match="is gone"):
            view.suppressed([number(2)])
    assert not (tmp_path / NAME).exists(), "a new key would hide that the old one is lost"


def test_the_key_of_another_operation_is_told_from_this_ones(tmp_path: Path) -> None:
    theirs = suppressing(tmp_path / "other")
    ours = suppressing(tmp_path / "ours")
    ours.write_bytes(theirs.read_bytes())
    with pytest.raises(StoreError, match="key of another operation"), opened(tmp_path / "ours"):
        pass


def test_half_a_key_is_no_key(tmp_path: Path) -> None:
    key = suppressing(tmp_path)
    key.write_bytes(b"short")
    with pytest.raises(StoreError, match="5 octets, not 32"), opened(tmp_path):
        pass


def test_a_key_whose_writing_was_cut_off_is_made_anew_while_nothing_is_hashed(tmp_path: Path) -> None:
    (tmp_path / NAME).touch(mode=0o600)
    assert len(suppressing(tmp_path).read_bytes()) == LENGTH


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    suppressing(tmp_path).chmod(0o640)
    with pytest.raises(StoreError, match=r"read by others \(its mode is 0640\)") as raised, opened(tmp_path):
        pass
    assert "chmod 600" in raised.value.remedy


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_refused(tmp_path: Path, there: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    if there:
        elsewhere.write_bytes(bytes(LENGTH))
    (tmp_path / NAME).symlink_to(elsewhere)
    with pytest.raises(StoreError, match="is a link"):
        suppressing(tmp_path)
    assert elsewhere.exists() is there


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(StoreError, match="not a file"):
        suppressing(tmp_path)
