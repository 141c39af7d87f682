"""The record of what libgammu sent to a handset, in the form of transcripts: nothing of a recipient is in it.

One line each: the time (UTC), the handset's IMEI (`-` before it was read), a sign, the text. `>` is a command,
`>p` a text that was handed over, `>e` the key ESC; `=` an outcome, `=l` a late one.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from gsmsend.masking import mask_number
from gsmsend.model import Outcome

HEADER = "# gsmsend transcript 2"

_NUMBER = re.compile(r"\+?\d{7,}")
_PDU = re.compile(r"PDU (\d+)")


class Record:
    """Appends to a file. A full disk ends the record, not the work."""

    def __init__(self, path: Path, title: str) -> None:
        """Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")
        self._file.write(f"{HEADER}\n# {_visible(title)}\n")
        self.imei: str | None = None

    def sent(self, commands: Iterable[object]) -> None:
        """What libgammu sent, in order."""
        self._put(*(_line(str(each)) for each in commands))

    def outcome(self, outcome: Outcome, *, late: bool = False) -> None:
        """What came of a part."""
        words = [outcome.kind.value, outcome.refusal.value if outcome.refusal is not None else ""]
        words += [f"mr={outcome.reference}" if outcome.reference is not None else ""]
        words += [f"code={outcome.code}" if outcome.code is not None else ""]
        self._put(" ".join(["=l" if late else "=", *filter(None, words)]))

    def close(self) -> None:
        """Write out and close. Never raises."""
        with contextlib.suppress(OSError, ValueError):
            self._file.close()

    def _put(self, *lines: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        with contextlib.suppress(OSError, ValueError):
            self._file.writelines(f"{at}Z {self.imei or '-'} {line}\n" for line in lines)
            self._file.flush()


def begin_record(path: Path | None, title: str) -> Record | None:
    """A record at `path`; None if none is kept, or it cannot be: it is for later, and stops no work."""
    if path is None:
        return None
    try:
        return Record(path, title)
    except OSError:
        return None


def _line(command: str) -> str:
    handed = _PDU.fullmatch(command)
    if handed is not None:
        return f">p {{SUBMIT {handed[1]}}}"
    if command == "ESC":
        return ">e ESC"
    return "> " + _visible(_NUMBER.sub(lambda found: mask_number(found[0]), command))


def _visible(text: str) -> str:
    return "".join(sign if " " <= sign <= "~" else ascii(sign)[1:-1] for sign in text)
