"""The folder that a store lies in."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def sync(folder: Path) -> None:
    """Put the names of new files on disk too; where folders cannot be synced (Windows) the system sees to it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
