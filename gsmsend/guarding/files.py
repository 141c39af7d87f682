"""Files that only their owner can read, whatever the umask, the file that was there before, or who made a link."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from gsmsend.guarding.folders import check_file

FILE, FOLDER = 0o600, 0o700
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing. One that is there stays as it is. Raises OSError."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=FOLDER, exist_ok=True)
        if os.name == "posix":
            place.chmod(FOLDER)


def private(file: Path) -> None:
    """Close a file of ours to others, its owner's rights as they are; one that is not ours is let be."""
    if os.name != "posix":
        return
    with suppress(OSError):
        found = file.lstat()
        if found.st_mode & 0o077 and found.st_uid == os.geteuid():
            handle = os.open(file, os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0))
            try:
                os.fchmod(handle, found.st_mode & FOLDER)
            finally:
                os.close(handle)


def written(file: Path) -> int:
    """A new, empty file under this name, open to write: its descriptor. What was there is replaced.

    Raises OSError, GuardStop if there is a link in its place.
    """
    check_file(file)
    return _opened(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)


def appended(file: Path) -> int:
    """A file open to be written on at its end, made where it is missing: its descriptor. Raises as `written`."""
    check_file(file)
    return _opened(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)


def _opened(file: Path, flags: int) -> int:
    handle = os.open(file, flags | _NO_LINK | _BINARY, FILE)
    if os.name == "posix":
        with suppress(OSError):  # it is another's, who let us write: they see to it
            os.fchmod(handle, FILE)
    return handle


def replaced(file: Path, content: bytes, *, synced: bool = False) -> None:
    """Write a file whole or not at all; `synced`: on disk, its name too, when this returns.

    Raises OSError, GuardStop if there is a link in its place.
    """
    check_file(file)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if synced:
                stream.flush()
                os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    if synced and os.name == "posix":  # elsewhere folders cannot be synced, and the system sees to it
        _sync(file.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
