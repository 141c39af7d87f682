"""A masked record of what was said to a handset: each question over adb, each request to the app.

Two lines of title, then one line each: the time (UTC), the IMEI (`-` before it was read), a sign, the text.
`>` is a question or request, `<` the status of its answer, `>p` a text (or part of one) that was handed over,
`=` what came of it. It has no number and no word of a text; gsmsend.evidence counts what is in it
(gsmsend/data/commands.csv).
"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from gsmsend.contract import Clock, Submission
from gsmsend.model import Outcome

HEADER = "# gsmsend transcript 2"


class Transcript:
    """Appends to a file, if there is one: each line is with the operating system before what it tells is done."""

    def __init__(self, path: Path | None, title: str, clock: Clock) -> None:
        self._clock = clock
        self._file: IO[str] | None = None
        self.imei: str | None = None
        if path is None:
            return
        with contextlib.suppress(OSError):  # the record is for later; its want must not stop the work
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file = os.fdopen(descriptor, "a", buffering=1, encoding="utf-8")
            self._file.write(f"{HEADER}\n# {title}\n")

    def asked(self, what: str) -> None:
        """A question over adb, or a request to the app but for a text."""
        self._put(f"> {what}")

    def answered(self, what: str) -> None:
        """How it was answered."""
        self._put(f"< {what}")

    def handing(self, submission: Submission) -> None:
        """A text is about to be handed over: a line for each of its parts, which go together."""
        self._put("> app POST /messages")
        for seq in range(1, submission.total + 1):
            self._put(f">p {{TEXT id={submission.key} part {seq} of {submission.total}}}")

    def came(self, outcome: Outcome) -> None:
        """What came of it."""
        refusal = outcome.refusal.value if outcome.refusal is not None else ""
        code = f"code={outcome.code}" if outcome.code is not None else ""
        self._put(" ".join(word for word in ("=", outcome.kind.value, refusal, code, outcome.handle) if word))

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError, ValueError):
                file.close()

    def _put(self, text: str) -> None:
        if self._file is None:
            return
        at = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")
        try:
            self._file.write(f"{at.removesuffix('+00:00')}Z {self.imei or '-'} {text}\n")
        except (OSError, ValueError):
            self.close()  # a full disk must not end a submission: the record ends here
