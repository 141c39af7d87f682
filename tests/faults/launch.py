"""Starts gsmsend as a child whose clock, limits and rights a test has in its hand.

    python launch.py WISHES ARG...

WISHES are JSON: {"clock": FILE, "file_limit": OCTETS, "plain_user": true, "environment": {...},
"set": {"MODULE:NAME": VALUE}}.
`clock` holds two doubles, seconds to add to the wall clock and to the monotonic one; they may change any time.
`file_limit` is the most that any file may hold (RLIMIT_FSIZE): a full disk for whoever may mount none.
`plain_user` takes root's right to write where the permissions say no. `set` changes constants before the start.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import mmap
import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

CLOCK = struct.Struct("dd")
_CAPABILITIES_3 = 0x20080522  # linux/capability.h
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2


def main() -> None:
    """Prepare, then be gsmsend."""
    sys.path[0] = ""  # not this folder: its modules have everyday names
    wishes = json.loads(sys.argv[1])
    sys.argv = ["gsmsend", *sys.argv[2:]]
    if "clock" in wishes:
        _shift_clocks(Path(wishes["clock"]))
    if "file_limit" in wishes:
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_FSIZE, (wishes["file_limit"], wishes["file_limit"]))
    os.environ.update(wishes.get("environment", {}))
    if wishes.get("plain_user"):
        _give_up_rights()
    for place, value in wishes.get("set", {}).items():
        module, _, name = place.partition(":")
        target = importlib.import_module(module)
        assert hasattr(target, name), f"{module} has no {name}"
        setattr(target, name, value)
    from gsmsend.cli import main as gsmsend

    gsmsend()


def _shift_clocks(file: Path) -> None:
    with file.open("r+b") as stream:
        page = mmap.mmap(stream.fileno(), CLOCK.size)

    def shifted(real: Callable[[], float], place: int) -> Callable[[], float]:
        return lambda: real() + float(CLOCK.unpack_from(page)[place])

    time.time = shifted(time.time, 0)
    time.monotonic = shifted(time.monotonic, 1)


def _give_up_rights() -> None:
    """Drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH from this process; nothing to do for who has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        return
    for place in (0, 1):  # effective and permitted, capabilities 0 to 31
        sets[place] &= ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")


if __name__ == "__main__":
    main()
