"""The computer: Python and disk space."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from gsmsend import __version__
from gsmsend.cli.checks import Finding, Level

_ENOUGH = 200 * 1_000_000  # octets: a day of a busy bench
_LEAST = 20 * 1_000_000


def python() -> Iterator[Finding]:
    """The versions that matter in a bug report."""
    version = platform.python_version()
    here = f"gsmsend {__version__}, Python {version}, {platform.system()} {platform.release()}"
    yield Finding(Level.OK, "python", here)


def disk(folder: Path) -> Iterator[Finding]:
    """Room for the store: without it nothing can be put on record, so nothing is sent."""
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:,.1f} GB free on the disk of {folder.resolve()}"
    if free < _LEAST:
        yield Finding(Level.BAD, "disk", words, "Make room: nothing is sent that cannot be recorded.", exit_code=5)
    elif free < _ENOUGH:
        yield Finding(Level.NOTE, "disk", words, "Make room soon.")
    else:
        yield Finding(Level.OK, "disk", words)
