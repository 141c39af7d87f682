"""Where transcripts lie, which of them tell of a run, and what they come to."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend import transcripts
from gsmsend.config import Settings
from gsmsend.errors import GuardStop


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "gsmsend.toml").write_text("")
    return Settings(tmp_path, "Test")


def test_runs_and_looks_have_files_of_their_own(settings: Settings) -> None:
    run = transcripts.place(settings, "/dev/ttyUSB2")
    look = transcripts.place(settings, "/dev/ttyUSB2", looking=True)
    assert run is not None
    assert look is not None
    assert (run.name, look.name) == ("dev-ttyUSB2.transcript", "look-dev-ttyUSB2.transcript")
    assert run.parent == settings.transcript_folder
    assert run.parent.is_dir()


def test_looking_writes_nothing_in_a_lab_where_there_is_no_operation_or_none_is_wanted(settings: Settings) -> None:
    assert transcripts.place(replace(settings, lab=True), "COM5", looking=True) is None
    assert transcripts.place(replace(settings, transcripts=False), "COM5", looking=True) is None
    (settings.folder / "gsmsend.toml").unlink()
    assert transcripts.place(settings, "COM5", looking=True) is None
    assert not settings.transcript_folder.exists()


def test_a_look_does_not_make_an_operation_one_that_has_sent(settings: Settings) -> None:
    assert not transcripts.of_runs(settings)
    look = transcripts.place(settings, "COM5", looking=True)
    assert look is not None
    look.write_text("x")
    assert not transcripts.of_runs(settings)
    run = transcripts.place(settings, "COM5")
    assert run is not None
    run.write_text("x")
    assert transcripts.of_runs(settings)
    look.unlink()
    run.unlink()
    assert transcripts.of_runs(settings), "an empty folder: somebody has tidied up"


def test_sums_are_of_the_octets_as_they_are(settings: Settings) -> None:
    assert transcripts.sums(settings) == {}
    file = transcripts.place(settings, "COM5")
    assert file is not None
    octets = bytes(range(256)) * 5000
    file.write_bytes(octets)
    (file.parent / "notes.txt").write_text("not one")
    assert transcripts.sums(settings) == {"COM5.transcript": [len(octets), hashlib.sha256(octets).hexdigest()]}


def test_a_link_in_its_place_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.transcript_folder.mkdir()
    (settings.transcript_folder / "COM5.transcript").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GuardStop):
        transcripts.place(settings, "COM5")
