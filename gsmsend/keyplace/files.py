"""Files that hold keys: for their owner only, through no link, changed in one step, overwritten when they go."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from gsmsend.errors import KeyStop, StoreError, reason

_FOLLOW_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def sync(folder: Path) -> None:
    """Put the names of new files on disk too; where folders cannot be synced (Windows) the system sees to it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(path: Path, most: int, *, what: str = "the operation's key", trusted: bool = False) -> bytes | None:
    """Up to `most` octets and one more; None if there is no such file.

    Raises KeyStop for a link, for what is no file, for one that cannot be read, and unless `trusted` for one that
    others can read.
    """
    if path.is_symlink():
        raise KeyStop(
            f"{path} is a link to another file; {what} must lie in its folder",
            remedy="Put the file itself there, and see who made the link.",
        )
    if path.exists() and not path.is_file():
        raise KeyStop(f"{path} is not a file; expected {what}")
    try:
        handle = os.open(path, os.O_RDONLY | _FOLLOW_NO_LINK | _BINARY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyStop(
            f"{what} {path} cannot be read: {reason(error)}",
            remedy="Ask whoever made the operation for the right to read it.",
        ) from None
    with os.fdopen(handle, "rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if os.name == "posix" and mode & 0o077 and not trusted:
            raise KeyStop(
                f"{what} {path} can be read by others (its mode is {mode & 0o777:04o})",
                remedy=f"Allow it to its owner only: chmod 600 {path}",
            )
        return stream.read(most + 1)


def write(path: Path, octets: bytes) -> None:
    """A new file, on disk when this returns. Raises FileExistsError, OSError."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _FOLLOW_NO_LINK | _BINARY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
    sync(path.parent)


def write_new(path: Path, octets: bytes) -> None:
    """The same, and whoever looks meanwhile sees all of it or nothing. Raises FileExistsError, OSError."""
    fresh = _fresh(path, octets)
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        write(path, octets)
    finally:
        shred(fresh)
    sync(path.parent)


def replace(path: Path, octets: bytes) -> None:
    """Other content in one step; what was there before is overwritten as well as the file system allows.

    Wherever this is cut off, `path` is whole, the old or the new one; what is left beside it `tidy` takes away.
    Raises StoreError.
    """
    tidy(path)
    old = _old(path)
    try:
        fresh = _fresh(path, octets)
        with suppress(OSError):  # a file system without hard links: it is gone then, but not overwritten
            os.link(path, old)
        fresh.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be replaced: {reason(error)}; it was left as it is",
            remedy="Check the free space of that disk and your right to write to the folder.",
        ) from None
    sync(path.parent)


def tidy(path: Path) -> None:
    """Take away what a change of `path` that was cut off has left beside it. Raises OSError."""
    for rest in (_old(path), _new(path)):
        with suppress(FileNotFoundError):
            shred(rest)


def left_over(path: Path) -> bool:
    """Whether a change of `path` was cut off and left the old one beside it."""
    return _old(path).exists()


def shred(path: Path) -> None:
    """Overwrite a file and take it away; one that has another name too keeps its octets under that.

    Raises FileNotFoundError.

    A journalling or copying file system, and a flash disk, may keep the old octets somewhere: that is why the new
    place is chosen well, not why this is done.
    """
    if path.is_symlink():
        path.unlink()
        return
    with suppress(PermissionError):
        handle = os.open(path, os.O_WRONLY | _FOLLOW_NO_LINK | _BINARY)
        with os.fdopen(handle, "wb") as stream:
            found = os.fstat(stream.fileno())
            if found.st_nlink < 2:
                stream.write(secrets.token_bytes(found.st_size))
                stream.flush()
                os.fsync(stream.fileno())
    path.unlink()
    sync(path.parent)


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _fresh(path: Path, octets: bytes) -> Path:
    fresh = _new(path)
    with suppress(FileNotFoundError):
        shred(fresh)
    write(fresh, octets)
    return fresh
