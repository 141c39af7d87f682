"""Refusing an operation that others could change, or whose files are links to somewhere else, or no files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gsmsend.errors import GuardStop

_FILES = (
    "gsmsend.toml", "operation.key", "gsmsend.db", "gsmsend.db-wal", "gsmsend.db-shm", "gsmsend.db-journal",
    "run.lock", "run.holder", "transcripts", "faults",
)  # fmt: skip
_OTHERS_WRITE = 0o022
_ROOT = 0


def check_operation(folder: Path) -> None:
    """Raise GuardStop unless the folder is its user's own, and each of the operation's files lies in it.

    The way to the folder may lead over links: who named it chose them. Where it is not there yet, or files have no
    owners (Windows), there is nothing to check.
    """
    check_folder(folder)
    for name in _FILES:
        check_file(folder / name)


def check_folder(folder: Path) -> None:
    """Raise GuardStop if another user owns the folder, or others than its owner may write to it."""
    if os.name != "posix":
        return
    try:
        found = folder.stat()
    except OSError:  # not there, or not to be looked at: who wants to read it says so
        return
    if found.st_uid not in (os.geteuid(), _ROOT):
        raise GuardStop(
            f"the folder {folder} belongs to another user ({_owner(found.st_uid)})",
            remedy="Work as that user, or copy the folder to where it is your own: who owns it can change what is "
            "in it at any moment.",
        )
    if found.st_mode & _OTHERS_WRITE:
        raise GuardStop(
            f"others may write to the folder {folder} (its mode is {stat.S_IMODE(found.st_mode):04o})",
            remedy=f"See that nothing in it was changed, then close it: chmod 700 '{folder}'",
        )


def check_file(file: Path) -> None:
    """Raise GuardStop if there is a link in place of the file, a pipe or device, or another user's file."""
    try:
        found = file.lstat()
    except OSError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise GuardStop(
            f"{file} is a link to somewhere else; expected the file itself",
            remedy="See who made the link and what it leads to, then put the file itself there.",
        )
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise GuardStop(  # who opened a pipe would wait for its other end
            f"{file} is no file, but a pipe, a socket or a device",
            remedy="See who put it there, then put the file itself back, from a copy of the folder.",
        )
    if os.name == "posix" and found.st_uid not in (os.geteuid(), _ROOT):
        raise GuardStop(
            f"{file} belongs to another user ({_owner(found.st_uid)})",
            remedy="See how it came there, then copy the folder: the copy is your own.",
        )


def _owner(uid: int) -> str:
    import pwd  # noqa: PLC0415 - Windows has none

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"
