"""The record of what was asked of a handset or modem over a message bus, in the form of transcripts.

One line each: the time (UTC), the device (its IMEI; `-` where that cannot be read), a sign, the text. `>` is a
call of a method, with nothing of a recipient in it; `>p` a part of a text that was handed over; `=` an outcome,
`=l` a late one. What a program of this computer is only asked is not recorded: the device does not notice it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from gsmsend.model import Outcome

HEADER = "# gsmsend transcript 2"
_OF_THE_BUS = "org.freedesktop.DBus"


def _now() -> datetime:
    return datetime.now(UTC)


class BusRecord:
    """Appends to a file; with None, or a file that cannot be written, keeps no record: it stops no work."""

    def __init__(self, path: Path | None, title: str, now: Callable[[], datetime] = _now) -> None:
        self._file: IO[str] | None = None
        self._now = now
        self.device: str | None = None
        if path is not None:
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                self._file = os.fdopen(descriptor, "a", encoding="utf-8")
                self._write(f"{HEADER}\n# {_visible(title)}\n")

    def called(self, interface: str, member: str) -> None:
        """A method is about to be called."""
        if not interface.startswith(_OF_THE_BUS):
            self._put(f"> D-Bus {interface}.{member}")

    def handed_over(self, parts: int, octets: int) -> None:
        """A text of so many parts, and octets in all, is about to be handed over in one."""
        for part in range(1, parts + 1):
            self._put(f">p {{part {part} of {parts} of {octets} octets}}")

    def outcome(self, outcome: Outcome, *, late: bool = False) -> None:
        """What came of it."""
        words = [outcome.kind.value, outcome.refusal.value if outcome.refusal is not None else ""]
        words += [f"code={outcome.code}" if outcome.code is not None else ""]
        self._put(" ".join(["=l" if late else "=", *filter(None, words)]))

    def close(self) -> None:
        """Write out and close. Never raises."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.close()

    def _put(self, line: str) -> None:
        at = self._now().isoformat(timespec="milliseconds").removesuffix("+00:00")
        self._write(f"{at}Z {self.device or '-'} {line}\n")

    def _write(self, text: str) -> None:
        """On its way before the call is: the record outlives this process."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.write(text)
                self._file.flush()


def _visible(text: str) -> str:
    return "".join(sign if " " <= sign <= "~" else ascii(sign)[1:-1] for sign in text)
