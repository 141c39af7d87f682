"""The user's own folder: for nobody else to read, whatever was there before."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gsmsend.errors import KeyStop
from gsmsend.keyplace import Home, own_folder

from .key_scene import ID, KEY

posix = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")


@posix
def test_a_key_is_for_its_owner_only(tmp_path: Path) -> None:
    own = Home(tmp_path / "a" / "b")
    own.put(ID, KEY)
    assert own.get(ID) == KEY
    assert own.file(ID).stat().st_mode & 0o777 == 0o600
    assert own.folder.stat().st_mode & 0o777 == 0o700
    own.drop(ID)
    assert list(own.folder.iterdir()) == []


@posix
def test_a_folder_that_others_could_look_into_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    Home(tmp_path / "open").put(ID, KEY)
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    own = Home(tmp_path)
    own.put(ID, KEY)
    own.file(ID).chmod(mode)
    with pytest.raises(KeyStop, match="can be read by others"):
        own.get(ID)


@posix
def test_a_link_is_refused(tmp_path: Path) -> None:
    own = Home(tmp_path / "own")
    own.put("aa" * 16, KEY)
    own.file(ID).symlink_to(own.file("aa" * 16))
    with pytest.raises(KeyStop, match="is a link"):
        own.get(ID)


@posix
def test_what_another_user_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Home(tmp_path)
    own.put(ID, KEY)
    if os.geteuid() == 0:
        os.chown(own.file(ID), 4711, 4711)
    monkeypatch.setattr(os, "geteuid", lambda: 4712)
    with pytest.raises(KeyStop, match="belongs to another user"):
        own.get(ID)


def test_another_key_under_this_id_is_not_written_over(tmp_path: Path) -> None:
    own = Home(tmp_path)
    own.put(ID, KEY)
    own.put(ID, KEY)
    with pytest.raises(KeyStop, match="cannot be kept"):
        own.put(ID, bytes(32))
    assert own.get(ID) == KEY


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyStop, match="cannot be kept in") as raised:
        Home(tmp_path / "file" / "own").put(ID, KEY)
    assert "[key]" in raised.value.remedy


@posix
def test_what_systemd_hands_over_is_found_with_the_rights_that_it_has(tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / f"{ID}.key").write_bytes(KEY)
    (given / f"{ID}.key").chmod(0o440)
    own = Home(tmp_path / "own", given=given)
    assert own.get(ID) == KEY
    own.drop(ID)
    assert (given / f"{ID}.key").exists()


def test_a_key_is_found_in_the_own_folder_after_another_was_named(tmp_path: Path) -> None:
    Home(tmp_path / "own").put(ID, KEY)
    named = Home(tmp_path / "stick", (tmp_path / "own",))
    assert named.get(ID) == KEY
    named.put(ID, KEY)
    named.drop(ID, but_here=True)
    assert [file.parent.name for file in tmp_path.rglob("*.key")] == ["stick"]


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has ~/Library")
def test_the_own_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert own_folder() == tmp_path / "gsmsend"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative/is/not/allowed")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert own_folder() == tmp_path / "home" / ".config" / "gsmsend"


def test_no_home_at_all_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("APPDATA")
    monkeypatch.setattr(Path, "home", homeless)
    assert "nonexistent" in str(own_folder())
