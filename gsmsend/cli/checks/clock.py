"""The clock of this computer, against the newest entry of the operation's log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from gsmsend import wiring
from gsmsend.cli import timekeeping
from gsmsend.cli.checks import Finding, Level
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError


def against_the_log(settings: Settings) -> Iterator[Finding]:
    """Whether the clock was set back, or far ahead, since; said only if it was."""
    try:
        with closing(wiring.open_view(settings)) as store:
            odd = timekeeping.words(store, time.time())
    except GsmsendError:
        return  # the check of the store says so
    if odd:
        yield Finding(Level.BAD, "clock", odd, timekeeping.ADVICE)
