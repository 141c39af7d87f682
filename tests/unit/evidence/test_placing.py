"""Where a pack may lie, and that it is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gsmsend.errors import GuardStop, UsageError
from gsmsend.evidence.placing import beside, check_place
from gsmsend.evidence.placing import put as moved

FILES = {"manifest.json": b"{}", "transcripts/a.transcript": b"AT"}


def nothing() -> None:
    """Nothing is to be done before."""


def put(files: Mapping[str, bytes], place: Path, before: Callable[[], None]) -> None:
    with beside(place) as folder:
        for name, octets in files.items():
            folder.write(name, octets)
        moved(folder, place, before)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    place = tmp_path / "exports" / "pack"
    put(FILES, place, nothing)
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "transcripts").stat().st_mode & 0o777 == 0o700
    assert (place / "manifest.json").stat().st_mode & 0o777 == 0o600
    put(FILES, tmp_path / "pack.zip", nothing)
    assert (tmp_path / "pack.zip").stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["exports", "pack.zip"]


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_nothing_is_left_where_it_could_not_be_recorded(tmp_path: Path, name: str) -> None:
    def fails() -> None:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        put(FILES, tmp_path / name, fails)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_what_came_there_meanwhile_is_not_written_over(tmp_path: Path, name: str) -> None:
    def meanwhile() -> None:
        (tmp_path / name).write_text("somebody's", encoding="utf-8")

    with pytest.raises(UsageError, match="cannot be written"):
        put(FILES, tmp_path / name, meanwhile)
    assert (tmp_path / name).read_text(encoding="utf-8") == "somebody's"
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_place_that_is_taken_or_the_stores_own_is_refused(tmp_path: Path) -> None:
    operation = tmp_path / "op"
    (operation / "exports").mkdir(parents=True)
    (tmp_path / "link").symlink_to(operation)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    for taken in (operation, tmp_path / "gone"):
        with pytest.raises(UsageError, match="is there already"):
            check_place(taken, operation)
    for own in (operation / "pack", operation / "transcripts" / "pack", tmp_path / "link" / "pack.zip"):
        with pytest.raises(UsageError, match="among the operation's own files"):
            check_place(own, operation)
    check_place(operation / "exports" / "pack", operation)
    check_place(tmp_path / "pack", operation)


def test_a_zip_has_no_time_and_one_order(tmp_path: Path) -> None:
    put(FILES, tmp_path / "a.zip", nothing)
    put(dict(reversed(FILES.items())), tmp_path / "b.zip", nothing)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_link_in_place_of_the_folder_of_packs_is_refused(tmp_path: Path) -> None:
    operation = tmp_path / "op"
    operation.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (operation / "exports").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GuardStop, match="is a link to another place"):
        check_place(operation / "exports" / "pack", operation)
