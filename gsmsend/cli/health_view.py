"""How well lines do, as it is told of them from outside a run: from the texts on record, and their signal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gsmsend.contract import Glance, LastTry, LineRow, StoreView
from gsmsend.engine.health import MEMORY_S, MOST_TRIES, Grade, Health, Signs, judge, try_of

MARKS = {Grade.WELL: "\u25cf", Grade.WEAK: "\u25b2", Grade.SICK: "\u25a0"}
"""Signs that differ in form, for whoever does not see the colour."""


def of_lines(
    store: StoreView, rows: Iterable[LineRow | Glance], now_s: float, *, running: bool
) -> dict[int, Health]:
    """The health of each of these lines, by its id. A signal counts only while a run reads it."""
    rows = list(rows)
    tries: dict[int, list[LastTry]] = {row.line_id: [] for row in rows}
    for one in store.last_tries(list(tries), now_s - MEMORY_S, MOST_TRIES):
        tries[one.line_id].append(one)
    found = {}
    for row in rows:
        told = tuple(try_of(one.outcome, one.at_s, one.took_s) for one in tries[row.line_id])
        signal_dbm = row.signal_dbm if running else None
        found[row.line_id] = judge(Signs(told, (), signal_dbm, None, account=row.cloud), now_s)
    return found


def as_object(health: Health) -> dict[str, Any]:
    """As scripts get it."""
    reasons = [reason.words for reason in health.reasons]
    return {"score": health.score, "grade": health.grade.value, "reasons": reasons}


def sign(grade: str, score: int) -> str:
    """Five columns: `● 100`."""
    return f"{MARKS[Grade(grade)]} {score:>3}"
