"""Files and folders are for their owner only, and links are not followed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend import guarding
from gsmsend.errors import GuardStop

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes, owners and links of POSIX")


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """The worst umask there is."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


def test_new_files_and_folders_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    guarding.make_folder(folder)
    os.close(guarding.written(folder / "new"))
    os.close(guarding.appended(folder / "log"))
    guarding.replaced(folder / "whole", b"x")
    assert {mode(folder), mode(folder.parent)} == {0o700}
    assert {mode(file) for file in folder.iterdir()} == {0o600}


def test_files_that_were_open_to_others_are_closed(tmp_path: Path) -> None:
    for name in ("new", "log", "whole", "store"):
        (tmp_path / name).write_bytes(b"before")
        (tmp_path / name).chmod(0o666)
    os.close(guarding.written(tmp_path / "new"))
    os.close(guarding.appended(tmp_path / "log"))
    guarding.replaced(tmp_path / "whole", b"x")
    guarding.private(tmp_path / "store")
    assert {mode(file) for file in tmp_path.iterdir()} == {0o600}
    assert (tmp_path / "log").read_bytes() == b"before"
    assert (tmp_path / "new").read_bytes() == b""


def test_a_file_that_must_not_be_written_stays_so(tmp_path: Path) -> None:
    (tmp_path / "store").touch()
    (tmp_path / "store").chmod(0o444)
    guarding.private(tmp_path / "store")
    assert mode(tmp_path / "store") == 0o400


def test_links_are_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"untouched")
    target.chmod(0o644)
    link.symlink_to(target)
    for act in (guarding.written, guarding.appended, lambda file: guarding.replaced(file, b"x")):
        with pytest.raises(GuardStop, match="is a link"):
            act(link)
    guarding.private(link)
    assert target.read_bytes() == b"untouched"
    assert mode(target) == 0o644


@pytest.mark.parametrize("name", ["gsmsend.toml", "operation.key", "gsmsend.db", "transcripts"])
def test_a_pipe_in_place_of_an_operations_file_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(GuardStop, match=f"{name} is no file, but a pipe") as stopped:
        guarding.check_operation(tmp_path)
    assert "put the file itself back" in stopped.value.remedy


def test_what_cannot_be_written_whole_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        guarding.replaced(tmp_path / "taken", b"x")
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    "name",
    ["gsmsend.toml", "operation.key", "gsmsend.db", "gsmsend.db-wal", "gsmsend.db-shm", "run.lock", "run.holder",
     "transcripts", "faults"],
)  # fmt: skip
def test_a_link_in_place_of_an_operations_file_is_refused(tmp_path: Path, name: str) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / name).symlink_to(tmp_path / "nothing")
    with pytest.raises(GuardStop, match=f"{name} is a link to somewhere else"):
        guarding.check_operation(tmp_path)


def test_a_way_over_a_link_is_fine(tmp_path: Path) -> None:
    real = tmp_path / "real" / "operation"
    guarding.make_folder(real)
    (tmp_path / "way").symlink_to(tmp_path / "real")
    guarding.check_operation(tmp_path / "way" / "operation")
    guarding.check_operation(tmp_path / "not there")


@pytest.mark.parametrize("open_to", [0o770, 0o720, 0o707, 0o702, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, open_to: int) -> None:
    folder = tmp_path / "operation"
    folder.mkdir()
    folder.chmod(open_to)
    with pytest.raises(GuardStop, match="others may write") as stop:
        guarding.check_operation(folder)
    assert f"chmod 700 '{folder}'" in (stop.value.remedy or "")
    folder.chmod(0o755)
    guarding.check_operation(folder)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_another_users_folder_and_files_are_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "gsmsend.db").touch()
    os.chown(tmp_path / "gsmsend.db", 12345, -1)
    with pytest.raises(GuardStop, match=r"gsmsend\.db belongs to another user \(number 12345\)"):
        guarding.check_operation(tmp_path)
    os.chown(tmp_path, 12345, -1)
    with pytest.raises(GuardStop, match=r"the folder .* belongs to another user"):
        guarding.check_operation(tmp_path)


def test_another_users_folder_by_its_owners_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    if tmp_path.stat().st_uid == 0:
        guarding.check_operation(tmp_path)  # root's, as a folder that the system's own programs made
    else:
        with pytest.raises(GuardStop, match="belongs to another user"):
            guarding.check_operation(tmp_path)


def test_a_secret_leaves_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PIN_OF_A_TEST", "4711")
    assert guarding.take("A_PIN_OF_A_TEST") == "4711"
    assert "A_PIN_OF_A_TEST" not in os.environ
    assert guarding.take("A_PIN_OF_A_TEST") == "4711"
    monkeypatch.setenv("A_PIN_OF_A_TEST", "4712")
    assert guarding.take("A_PIN_OF_A_TEST") == "4712"
    assert guarding.take("A_PIN_THAT_NOBODY_SET") is None


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_a_secret_is_in_no_dump_of_the_environment() -> None:
    lines = (
        "import subprocess, sys; from pathlib import Path; from gsmsend import guarding",
        "before = b'84713265' in Path('/proc/self/environ').read_bytes()",
        "value = guarding.take('PIN_OF_CHILD')",
        "after = b'84713265' in Path('/proc/self/environ').read_bytes()",
        "child = subprocess.run(['env'], capture_output=True).stdout",
        "print(before, value, after, b'84713265' in child, b'OTHER_OF_CHILD=kept' in child)",
    )
    more = {"PIN_OF_CHILD": "84713265", "OTHER_OF_CHILD": "kept"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "84713265", "False", "False", "True"]
