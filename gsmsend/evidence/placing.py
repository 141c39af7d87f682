"""Putting a pack where it was asked for: whole or not at all, for its owner only, over nothing that is there."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gsmsend.errors import GuardStop, UsageError, reason
from gsmsend.guarding import check_folder, make_folder

EXPORTS = "exports"
"""The one folder of an operation in which packs may lie."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can have: it says nothing, and is the same each time."""
_MODE = 0o100600 << 16
_UNIX = 3
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def check_place(place: Path, operation: Path) -> None:
    """Raise UsageError if a pack may not be made there, GuardStop if exports/ is a link or another's."""
    if os.path.lexists(place):
        raise UsageError(
            f"{place} is there already; a pack is never written over anything",
            remedy="Name another place with --to, or look at what is there.",
        )
    exports = (operation / EXPORTS).absolute()
    if place.absolute().is_relative_to(exports):
        if exports.is_symlink():
            raise GuardStop(
                f"{exports} is a link to another place: a pack would lie there",
                remedy="Take the link away, or name the place itself with --to.",
            )
        check_folder(exports)
    home, own = place.absolute().parent.resolve(), operation.resolve()
    if home.is_relative_to(own) and not home.is_relative_to(own / EXPORTS):
        raise UsageError(
            f"{place} is among the operation's own files",
            remedy=f"Name a place in its folder {EXPORTS}/, or outside of it, with --to.",
        )


class Folder:
    """A folder of ours beside the place that a pack is to have: its files are whole there before it is moved."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, name: str) -> BinaryIO:
        """A new file, to be written and closed."""
        make_folder((self.path / name).parent)
        return os.fdopen(os.open(self.path / name, _NEW, 0o600), "wb")

    def write(self, name: str, octets: bytes) -> None:
        """A new file with these octets."""
        with self.create(name) as stream:
            stream.write(octets)

    def names(self) -> list[str]:
        """The files, in order."""
        return sorted(file.relative_to(self.path).as_posix() for file in self.path.rglob("*") if file.is_file())

    def opener(self, name: str) -> Callable[[], BinaryIO]:
        """Opens one of the files, to be read."""
        return lambda: (self.path / name).open("rb")


@contextmanager
def beside(place: Path) -> Iterator[Folder]:
    """A folder beside the place, which is gone at the end whatever comes. Raises UsageError."""
    folder = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        make_folder(place.parent)
        folder.mkdir(mode=0o700)
        yield Folder(folder)
    except OSError as error:
        raise _not_written(place, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(folder: Folder, place: Path, before: Callable[[], None]) -> None:
    """Have all of it on the disk, do `before`, then move it to its place. A name that ends in .zip makes a zip.

    Raises UsageError.
    """
    packed = folder.path.with_name(f"{folder.path.name}.zip")
    try:
        if place.suffix.lower() == ".zip":
            with os.fdopen(os.open(packed, _NEW, 0o600), "w+b") as stream:
                write_zip(folder, stream)
                stream.flush()
                os.fsync(stream.fileno())
        else:
            for name in folder.names():
                _onto_disk(folder.path / name)
        before()
        _move(packed if place.suffix.lower() == ".zip" else folder.path, place)
    except OSError as error:
        raise _not_written(place, error) from None
    finally:
        with suppress(OSError):
            packed.unlink()


def _not_written(place: Path, error: OSError) -> UsageError:
    full = error.errno == errno.ENOSPC
    remedy = "Make room there, or name another place with --to." if full else "Name a place where you may write."
    return UsageError(f"the pack cannot be written to {place}: {reason(error)}", remedy=remedy)


def write_zip(folder: Folder, stream: BinaryIO) -> None:
    """The same files, the same octets: in order of their names, with no time."""
    with zipfile.ZipFile(stream, "w") as archive:
        for name in folder.names():
            item = zipfile.ZipInfo(name, _DATE)
            item.create_system, item.external_attr, item.compress_type = _UNIX, _MODE, zipfile.ZIP_DEFLATED
            item.file_size = (folder.path / name).stat().st_size
            with folder.opener(name)() as source, archive.open(item, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _onto_disk(file: Path) -> None:
    handle = os.open(file, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _move(beside: Path, place: Path) -> None:
    """To its place, if nothing came there meanwhile."""
    if beside.is_dir():
        place.mkdir(mode=0o700)  # fails if anything is there; an empty folder of ours may be moved onto
        if os.name != "posix":
            place.rmdir()
        beside.rename(place)
        return
    try:
        os.link(beside, place)
    except FileExistsError:
        raise
    except OSError:  # a disk with no hard links, such as a memory stick
        if os.path.lexists(place):
            raise FileExistsError(17, os.strerror(17)) from None
        beside.rename(place)
