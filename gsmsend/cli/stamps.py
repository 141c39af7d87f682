"""The newest head of the audit log and its time stamp, for `status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gsmsend.contract import StoreView


def collect(store: StoreView) -> dict[str, Any]:
    """The field `head` of `status --json`: the newest one that was signed, null while there is none."""
    found = store.last_stamp()
    if found is None:
        return {"head": None}
    return {
        "head": {
            "number": found.n,
            "short": found.short,
            "service": found.service or None,
            "time_stamp": found.time or None,
            "why_no_time_stamp": None if found.time else (found.why or "none was asked for"),
        }
    }


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    head = found["head"]
    if head is None:
        return
    yield f"The log's newest signed head: {head['short']}"
    if head["time_stamp"]:
        yield f"  time-stamped {head['time_stamp'][:19].replace('T', ' ')} UTC by {head['service']}"
    else:
        yield f"  without a time stamp: {head['why_no_time_stamp']}"
