"""No core dumps, and no looking into this process, while a key is in its memory."""

from __future__ import annotations

import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4
_done = False


def off() -> None:
    """Switch them off for the rest of this process's life.

    RLIMIT_CORE alone would not do: Linux does not heed it where dumps are piped to a program, as systemd-coredump
    has it (core(5)). With PR_SET_DUMPABLE 0 the kernel writes none, and no other process of the same user may
    attach to this one. There is no switch against it: whoever debugs starts the program under the debugger, or
    attaches as root. Memory is not wiped: Python copies objects as it likes, so that nothing could be promised.
    """
    global _done  # noqa: PLW0603 - it is the process that has the limit
    if _done or sys.platform == "win32":
        return
    _done = True
    import resource  # noqa: PLC0415 - Windows has none

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only where it is used

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
