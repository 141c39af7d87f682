"""The program's first and last moments: asked to stop at any of them, it says one line and exits with 130.

Imports next to nothing, so that this holds from the start: click and the rest are imported under its protection.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` imports enum first, and is interrupted there
import gc
import os
import sys

TYPE_CHECKING = False  # typing's own takes longer to import than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import NoReturn

    Handler = Callable[[int, FrameType | None], object] | int

_INTERRUPTED = 130
_asked: list[int] = []
"""Signals that interrupted the command."""


def main(args: Sequence[str] | None = None, prog_name: str = "gsmsend") -> NoReturn:
    """Run `gsmsend ARGS` (those of the process by default) and exit with its code."""
    os.umask(0o077)  # what libraries make as well, such as SQLite's own files, is for its owner only
    _answer_with(_leave)
    gc.disable()  # until the command is imported: nothing of it is garbage, and to look is a fifth of the start
    from gsmsend.cli import edge  # noqa: PLC0415 - a tenth of a second that may be interrupted
    from gsmsend.cli.group import main as group  # noqa: PLC0415

    edge.watch_threads()
    _answer_with(_interrupt)
    try:
        group.main(args, prog_name)
    except SystemExit as end:
        # All is done and said; Python's own clearing up would answer with a traceback.
        _answer_with(_signal.SIG_IGN)
        if _asked and end.code == _INTERRUPTED:
            _end_so()
        raise
    except KeyboardInterrupt:  # while the last words were being said
        _leave(0, None)
    sys.exit(1)


def _end_so() -> NoReturn:
    """With this exit code: Python kills itself instead if the signal came within an exec(), as of a dataclass."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads it
            continue
    os._exit(_INTERRUPTED)


def _answer_with(handler: Handler) -> None:
    """Let SIGINT and SIGTERM lead there; one that is ignored, as in a script's background, stays ignored."""
    for number in (_signal.SIGINT, _signal.SIGTERM):
        if _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, handler)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Nothing is under way that could be broken, or the user asks for the second time: at once."""
    try:
        os.write(2, b"Interrupted.\n")
    finally:
        os._exit(_INTERRUPTED)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """Put things away first; who asks again while that is going on is not kept waiting."""
    _asked.append(number)
    _answer_with(_leave)
    raise KeyboardInterrupt
