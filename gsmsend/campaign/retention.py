"""What is due to be forgotten when. Pure: the days and the time are arguments; nothing is deleted by this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gsmsend.contract import Act, LastAct

DAY_S = 86_400
AFTER = {
    Act.SEND: "its last text", Act.REPORT: "its last delivery report", Act.CANCEL: "it was cancelled",
    Act.IMPORT: "its last import",
}  # fmt: skip
"""What the days are counted from, to stand behind "90 days after"."""


class Retention(StrEnum):
    """How it stands with a campaign's numbers and texts."""

    KEPT = "kept"
    DUE = "due"
    OVERDUE = "overdue"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Due:
    """A campaign and when it is due; `due_s` (seconds since the epoch) is None where no days are set."""

    act: LastAct
    state: Retention
    due_s: float | None


def due(acts: Iterable[LastAct], days: int, now_s: float) -> list[Due]:
    """How it stands with each campaign: `kept` with no date (`days` 0), `due` later, `overdue` or `forgotten`.

    The days are counted from the last act in seconds: a change of the clocks moves the hour, not the day.
    """
    return [_due(act, days, now_s) for act in acts]


def _due(act: LastAct, days: int, now_s: float) -> Due:
    due_s = act.last_s + days * DAY_S if days else None
    if act.forgotten_at_s is not None:
        return Due(act, Retention.FORGOTTEN, None)
    if due_s is None:
        return Due(act, Retention.KEPT, None)
    return Due(act, Retention.OVERDUE if now_s >= due_s else Retention.DUE, due_s)
