"""A clock that was set back, or far ahead, while no run was going on: told when a command begins, and on record.

Within a run the engine sees it by the steady clock. Between runs only the log remembers what time it was.
"""

from __future__ import annotations

import time

from gsmsend.audit import Kind
from gsmsend.cli.options import say
from gsmsend.cli.words import duration
from gsmsend.contract import Store, StoreView
from gsmsend.errors import KeyStop

_BACK_S = 300.0
"""A clock that is kept in step is put right by less than this."""
_AHEAD_S = 5 * 366 * 86_400.0
"""Nobody goes on with an operation after so long."""
_NO_CLOCK_S = 1e9
"""Before September 2001 no clock was right that wrote an entry."""
ADVICE = "If the clock is right now, go on. If not, set it, then give the command again."


def words(store: StoreView | Store, now_s: float) -> str:
    """What is odd about this computer's clock, as the newest entry of the log has it; nothing if nothing is."""
    last_s = store.last_entry_s()
    if last_s is None:
        return ""
    now, last = _utc(now_s), _utc(last_s)
    if last_s - now_s > _BACK_S:
        return (
            f"this computer's clock was set back by {_long(last_s - now_s)}: it says {now}, and the last entry of "
            f"the audit log is of {last}"
        )
    if last_s > _NO_CLOCK_S and now_s - last_s > _AHEAD_S:
        return (
            f"this computer's clock may be ahead: it says {now}, {_long(now_s - last_s)} after the last entry of "
            f"the audit log, of {last}"
        )
    return ""


def mind(store: Store) -> None:
    """Say what is odd about the clock and put it on record; once, since that entry has the clock's new time."""
    now_s = time.time()
    odd = words(store, now_s)
    if not odd:
        return
    say(f"Mind the clock: {odd}. {ADVICE} It is put on record.")
    try:
        store.record_now(Kind.NOTE, {"person": None, "what": "clock", "reason": odd}, now_s)
    except KeyStop:
        return  # a command that needs no key: the next one that does puts it on record


def _utc(at_s: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at_s))


def _long(seconds: float) -> str:
    days = int(seconds // 86_400)
    return f"{days:,} days" if days > 1 else duration(seconds)
