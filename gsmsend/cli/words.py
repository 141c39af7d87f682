"""Words and small signs that several screens share."""

from __future__ import annotations

import time

from gsmsend.inert import plain
from gsmsend.model import State

__all__ = ["STATE_WORDS", "bars", "clock", "count", "duration", "level", "plain", "tail"]

STATE_WORDS = {
    State.DRAFT: "not released for sending yet",
    State.QUEUED: "waiting to be sent",
    State.SENDING: "being sent",
    State.SENT: "sent, no delivery report yet",
    State.DELIVERED: "every part reported delivered",
    State.UNDELIVERED: "reported as not delivered",
    State.UNCONFIRMED: "sent, and no delivery report came",
    State.FAILED: "not sent, for the reason given",
    State.UNCERTAIN: "may have gone out: a person must look",
    State.HELD: "needs a person's decision",
    State.SUPPRESSED: "opted out, or on the never-contact list",
    State.CANCELLED: "cancelled by a person",
}

# dBm at and above which 1 to 4 bars are lit, as handsets do.
_BARS_DBM = (-109, -97, -85, -73)
_LIT = "\u2582\u2584\u2586\u2588"


def level(signal_dbm: int | None) -> int:
    """Signal strength as 0..4 bars."""
    return 0 if signal_dbm is None else sum(signal_dbm >= least for least in _BARS_DBM)


def bars(signal_dbm: int | None) -> str:
    """Signal bars in four columns; a question mark where it is unknown."""
    if signal_dbm is None:
        return "?   "
    lit = level(signal_dbm)
    return _LIT[:lit] + "\u00b7" * (4 - lit)


def tail(digits: str | None) -> str:
    """The end of an ICCID or IMEI, by which people tell them apart."""
    return f"\u2026{digits[-5:]}" if digits else "?"


def count(number: int, noun: str, several: str = "") -> str:
    """`1 text`, `2,000 texts`."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def clock(at_s: float) -> str:
    """The local time of day."""
    return time.strftime("%H:%M:%S", time.localtime(at_s))


def duration(seconds: float) -> str:
    """A stretch of time for people: `38 s`, `2 min 10 s`, `3 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
