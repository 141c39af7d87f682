"""The program's first and last moments: asked to stop at any of them, it says one line and exits with 130.

Imports next to nothing, so that this holds from the start: click and the rest are imported under its protection.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # typing's own takes longer to import than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import NoReturn

    Handler = Callable[[int, FrameType | None], object] | signal.Handlers

_INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(args: Sequence[str] | None = None, prog_name: str = "gsmsend") -> NoReturn:
    """Run `gsmsend ARGS` (those of the process by default) and exit with its code."""
    _answer_with(_leave)
    from gsmsend.cli.group import main as group  # noqa: PLC0415 - a tenth of a second that may be interrupted

    _answer_with(_interrupt)
    try:
        group.main(args, prog_name)
    finally:
        # All is done and said; Python's own clearing up would answer with a traceback.
        _answer_with(signal.SIG_IGN)
    sys.exit(1)


def _answer_with(handler: Handler) -> None:
    """Let SIGINT and SIGTERM lead there; one that is ignored, as in a script's background, stays ignored."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Nothing is under way that could be broken, or the user asks for the second time: at once."""
    try:
        os.write(2, b"Interrupted.\n")
    finally:
        os._exit(_INTERRUPTED)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Put things away first; who asks again while that is going on is not kept waiting."""
    _answer_with(_leave)
    raise KeyboardInterrupt
