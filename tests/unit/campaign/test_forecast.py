"""When a campaign will be done."""

from __future__ import annotations

from datetime import datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from gsmsend.campaign.forecast import Terms, forecast
from gsmsend.config import Pace
from gsmsend.window import Window

LONDON = ZoneInfo("Europe/London")
WINDOW = Window()
PACE = Pace(6, 100, 400)


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON).timestamp()


def test_without_limits_it_takes_the_time_on_the_air() -> None:
    (found,) = forecast({"": [1] * 10}, Terms(Pace(), None), 1000.0)
    assert (found.texts, found.segments, found.late, found.begins_s) == (10, 10, 0, 1000.0)
    assert found.ends_s == 1000.0 + 10 * 4.0


def test_more_lines_are_done_sooner() -> None:
    one, two = (
        forecast({"": [1] * 100}, Terms(PACE, None, others=lines), 0.0)[0].ends_s or 0.0 for lines in (1, 2)
    )
    assert two < one


def test_the_pace_of_a_minute_an_hour_and_a_day_is_kept() -> None:
    (found,) = forecast({"": [2] * 50}, Terms(Pace(6, None, None), None), 0.0)
    assert found.ends_s == 16 * 60.0 + 2 * 2 * 4.0  # three texts a minute, and two in the last one
    (found,) = forecast({"": [1] * 401}, Terms(PACE, None), 0.0)
    assert found.ends_s == pytest.approx(86_400 + 4.0)


def test_nothing_leaves_outside_the_window() -> None:
    monday = at(1, 18, 50)
    (found,) = forecast({"": [1] * 100}, Terms(Pace(6, None, None), WINDOW), monday)
    assert found.begins_s == monday
    assert found.ends_s is not None
    assert at(2, 10) < found.ends_s < at(2, 10, 10)


def test_jitter_makes_it_later() -> None:
    plain, spread = (
        forecast({"": [1] * 60}, Terms(Pace(6, jitter=jitter), None), 0.0)[0].ends_s or 0.0
        for jitter in (0.0, 0.5)
    )
    assert plain < spread < plain * 1.5


def test_the_rest_waits_until_the_first_texts_are_reported() -> None:
    (found,) = forecast({"": [1] * 10}, Terms(Pace(), None, first_texts=5), 0.0)
    assert found.ends_s == 5 * 4.0 + 300.0 + 5 * 4.0


def test_a_line_that_closes_leaves_texts_behind_and_the_others_go_on() -> None:
    terms = Terms(PACE, WINDOW, closes_s={"red": at(2, 0)})
    red, blue = forecast({"red": [1] * 500, "blue": [1] * 500}, terms, at(1, 10))
    assert (red.line, red.texts, red.late) == ("red", 500, 100)
    assert red.ends_s is not None
    assert red.ends_s < at(2, 0)
    assert (blue.line, blue.late) == ("blue", 0)


def test_a_line_that_is_closed_already_sends_nothing() -> None:
    (found,) = forecast({"red": [1, 1]}, Terms(PACE, None, closes_s={"red": 10.0}), 20.0)
    assert (found.late, found.begins_s, found.ends_s) == (2, None, None)


def test_a_window_that_never_opens_lets_nothing_leave() -> None:
    (found,) = forecast({"": [1, 1]}, Terms(PACE, Window(days=frozenset())), at(1, 10))
    assert (found.late, found.begins_s) == (2, None)


def test_a_text_of_more_segments_than_a_minute_allows_leaves_all_the_same() -> None:
    (found,) = forecast({"": [20, 20]}, Terms(Pace(6, None, None), None), 0.0)
    assert found.late == 0


def test_over_the_night_of_the_clock_change_the_window_keeps_local_hours() -> None:
    window = Window(opens=time(10), closes=time(11), days=frozenset(range(7)), holidays="")
    saturday = at(28, 10, 59, month=3)
    (found,) = forecast({"": [1] * 13}, Terms(Pace(6, None, None), window), saturday)
    assert found.ends_s is not None
    assert at(29, 10, month=3) < found.ends_s < at(29, 10, 5, month=3)
    assert at(29, 10, month=3) - at(28, 10, month=3) == 23 * 3600.0


def test_longer_lists_never_end_sooner() -> None:
    ends = [
        forecast({"red": [1] * n, "": [1] * n}, Terms(PACE, WINDOW), at(1, 10))[0].ends_s or 0.0
        for n in (1, 5, 50, 150, 450)
    ]
    assert all(a <= b for a, b in pairwise(ends))
