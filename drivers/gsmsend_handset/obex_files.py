"""Files that obexd reads or writes for us: it takes paths only. Private, and gone as soon as it has them open."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gsmsend.model import Refusal
from gsmsend.requesting import NeverLeft


class PrivateFiles:
    """Those for one handset, in `folder`: readable by this user alone (0600), named after its address."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._prefix = folder, f".map-{address.replace(':', '')}-"

    def sweep(self) -> None:
        """Take away what an earlier run could not, as it was killed."""
        with suppress(OSError):
            for left in self._folder.glob(f"{self._prefix}*.bmsg"):
                left.unlink()

    @contextmanager
    def holding(self, octets: bytes) -> Iterator[Path]:
        """A file with this in it, for as long as the block lasts. Raises NeverLeft if it cannot be written."""
        name = ""
        try:
            handle, name = tempfile.mkstemp(prefix=self._prefix, suffix=".bmsg", dir=self._folder)
            with os.fdopen(handle, "wb") as stream:
                stream.write(octets)
        except OSError as fault:
            self._remove(name)
            why = f"the file to hand over cannot be written in {self._folder}"
            raise NeverLeft(why, refusal=Refusal.MODEM, raw=type(fault).__name__) from None
        try:
            yield Path(name)
        finally:
            self._remove(name)

    def _remove(self, name: str) -> None:
        if name:
            with suppress(OSError):
                Path(name).unlink()
