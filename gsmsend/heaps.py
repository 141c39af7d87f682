"""The C library's heaps: few for all threads, so that what one thread gave back another can use.

glibc gives threads heaps of their own, up to eight for each core, and keeps in each what was ever needed at once.
SQLite's page cache goes there: with 64 lines on two cores that was 2 MiB more each minute, for a quarter of an
hour and more. Python holds its lock while it allocates, so threads hardly ever wait for one another here.
"""

from __future__ import annotations

import ctypes
import sys

HEAPS = 2
_M_ARENA_MAX = -8
"""mallopt(3), glibc."""


def share_heaps() -> bool:
    """Have at most `HEAPS`; False where the C library has no such thing. To be called before threads start."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, HEAPS))
    except (OSError, AttributeError):  # musl has none
        return False
