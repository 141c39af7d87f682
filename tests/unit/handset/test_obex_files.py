"""Files that are handed over: of this user alone, and gone in any case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gsmsend.requesting import NeverLeft
from gsmsend_handset.obex_files import PrivateFiles

PHONE = "00:00:5E:00:53:01"


def test_it_is_there_for_the_block_and_closed_to_others(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        with PrivateFiles(tmp_path, PHONE).holding(b"words") as file:
            assert file.read_bytes() == b"words"
            assert file.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(umask)
    assert list(tmp_path.iterdir()) == []


def test_it_is_gone_whatever_went_wrong(tmp_path: Path) -> None:
    with pytest.raises(KeyError), PrivateFiles(tmp_path, PHONE).holding(b"words"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_proof_that_nothing_was_sent(tmp_path: Path) -> None:
    with pytest.raises(NeverLeft), PrivateFiles(tmp_path / "none", PHONE).holding(b"words"):
        pass


def test_what_a_killed_run_left_is_taken_away_and_nothing_of_others(tmp_path: Path) -> None:
    (tmp_path / ".map-00005E005301-x.bmsg").touch()
    (tmp_path / ".map-00005E005302-x.bmsg").touch()
    (tmp_path / "notes.bmsg").touch()
    PrivateFiles(tmp_path, PHONE).sweep()
    assert sorted(one.name for one in tmp_path.iterdir()) == [".map-00005E005302-x.bmsg", "notes.bmsg"]
