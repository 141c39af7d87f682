"""From when on a campaign is overdue to be forgotten."""

from __future__ import annotations

from dataclasses import replace

from gsmsend.campaign.retention import DAY_S, Retention, due
from gsmsend.contract import Act, LastAct

LAST_S = 1_750_000_000.0
ACT = LastAct(1, "main", LAST_S, Act.REPORT, 3, 0, None)


def state(days: int, now_s: float, act: LastAct = ACT) -> Retention:
    (found,) = due([act], days, now_s)
    return found.state


def test_with_no_days_set_nothing_is_ever_due() -> None:
    (found,) = due([ACT], 0, LAST_S + 1000 * DAY_S)
    assert (found.state, found.due_s) == (Retention.KEPT, None)


def test_it_is_overdue_from_the_last_second_of_its_days_on() -> None:
    assert state(90, LAST_S + 90 * DAY_S - 1) is Retention.DUE
    assert state(90, LAST_S + 90 * DAY_S) is Retention.OVERDUE
    assert due([ACT], 90, LAST_S)[0].due_s == LAST_S + 90 * DAY_S


def test_what_is_forgotten_is_never_due_again() -> None:
    gone = replace(ACT, forgotten_at_s=LAST_S + 1)
    assert state(90, LAST_S + 1000 * DAY_S, gone) is Retention.FORGOTTEN
    assert state(0, LAST_S, gone) is Retention.FORGOTTEN


def test_texts_that_wait_do_not_put_the_day_off() -> None:
    assert state(1, LAST_S + DAY_S, replace(ACT, waiting=2)) is Retention.OVERDUE
