"""Putting a pack where it was asked for: whole or not at all, for its owner only, over nothing that is there."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from gsmsend.errors import UsageError, reason
from gsmsend.guarding import make_folder

EXPORTS = "exports"
"""The one folder of an operation in which packs may lie."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that a zip can have: it says nothing, and is the same each time."""
_MODE = 0o100600 << 16
_UNIX = 3
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def check_place(place: Path, operation: Path) -> None:
    """Raise UsageError if a pack may not be made there."""
    if os.path.lexists(place):
        raise UsageError(
            f"{place} is there already; a pack is never written over anything",
            remedy="Name another place with --to, or look at what is there.",
        )
    home, own = place.absolute().parent.resolve(), operation.resolve()
    if home.is_relative_to(own) and not home.is_relative_to(own / EXPORTS):
        raise UsageError(
            f"{place} is among the operation's own files",
            remedy=f"Name a place in its folder {EXPORTS}/, or outside of it, with --to.",
        )


def put(files: Mapping[str, bytes], place: Path, before: Callable[[], None]) -> None:
    """Write the pack beside its place, do `before`, then move it there. A name that ends in .zip makes a zip.

    Raises UsageError.
    """
    beside = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        make_folder(place.parent)
        if place.suffix.lower() == ".zip":
            _write(beside, as_zip(files))
        else:
            beside.mkdir(mode=0o700)
            for name, octets in files.items():
                make_folder((beside / name).parent)
                _write(beside / name, octets)
        before()
        _move(beside, place)
    except OSError as error:
        raise UsageError(
            f"the pack cannot be written to {place}: {reason(error)}", remedy="Name a place where you may write."
        ) from None
    finally:
        with suppress(OSError):
            shutil.rmtree(beside) if beside.is_dir() else beside.unlink()


def as_zip(files: Mapping[str, bytes]) -> bytes:
    """The same files, the same octets: in order of their names, with no time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(files):
            item = zipfile.ZipInfo(name, _DATE)
            item.create_system, item.external_attr, item.compress_type = _UNIX, _MODE, zipfile.ZIP_DEFLATED
            archive.writestr(item, files[name], compresslevel=9)
    return stream.getvalue()


def _write(file: Path, octets: bytes) -> None:
    handle = os.open(file, _NEW, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())


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
