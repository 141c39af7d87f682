"""A zip archive (XLSX and UFDR are such), checked before anything in it is used: how large it becomes."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gsmsend.errors import UsageError

MOST_OCTETS = 256 * 1024 * 1024
"""What the parts of a workbook may come to unpacked; a million rows need less."""

MOST_TIMES = 200
"""How many times its size a part may grow. Real workbooks grow ten- to fiftyfold, made-up ones a thousandfold."""

_SMALL = 1024 * 1024
"""A part of this size unpacked is harmless however small it was packed."""


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive. Raises UsageError if it is damaged or protected by a password."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        protected = "password" in str(error) or "encrypt" in str(error)
        what = "is protected by a password" if protected else "is damaged or cut off"
        raise UsageError(
            f"{path} {what}",
            remedy="Save it again without a password, and copy it whole. Nothing was imported.",
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="Check its name and folder, and that you may read it.",
        ) from None


def guard_sizes(path: Path, archive: zipfile.ZipFile, *, most_octets: int = MOST_OCTETS) -> None:
    """Raise UsageError for a zip bomb: by what the parts say of themselves, which `part` holds them to."""
    for info in archive.infolist():
        guard_part(path, info, most_octets=most_octets)
    _guard_total(path, sum(info.file_size for info in archive.infolist()), most_octets)


def guard_part(path: Path, info: zipfile.ZipInfo, *, most_octets: int) -> None:
    """The same for one part by itself."""
    grows = info.file_size / max(info.compress_size, 1)
    if info.file_size > _SMALL and grows > MOST_TIMES:
        raise UsageError(
            f"{path}: a part of it grows {grows:,.0f}-fold when it is unpacked; at most {MOST_TIMES}-fold is read",
            remedy="It may have been made to fill the memory. Do not open it; ask whoever sent it.",
        )
    _guard_total(path, info.file_size, most_octets)


def _guard_total(path: Path, total: int, most_octets: int) -> None:
    if total > most_octets:
        raise UsageError(
            f"{path} comes to {total / 1024**2:,.0f} MB when it is unpacked; at most "
            f"{most_octets / 1024**2:,.0f} MB is read",
            remedy="Save the sheet that is needed as CSV, and import that: CSV may be of any size.",
        )


@contextmanager
def part(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """One part, unpacked as it is read; no more comes than it said of itself (zipfile checks size and CRC)."""
    with archive.open(name) as stream:
        yield stream


def digest(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
