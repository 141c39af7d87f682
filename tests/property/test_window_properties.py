"""A window never lets a text leave at a time of day, or on a day, that is outside it; openings fit together."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from gsmsend.window import MIDNIGHT, Window

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "UTC")
AT_S = st.floats(1_735_689_600, 1_893_456_000)  # 2025 to 2030
CLOCK = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
WINDOWS = st.builds(
    lambda days, one, other, zone: Window(days, min(one, other), max(one, other), zone, ""),
    st.frozensets(st.integers(0, 6), min_size=1),
    CLOCK,
    CLOCK | st.just(MIDNIGHT),
    st.sampled_from(ZONES),
).filter(lambda window: window.opens < window.closes)


def local(at_s: float, window: Window) -> datetime:
    return datetime.fromtimestamp(at_s, ZoneInfo(window.zone))


@given(WINDOWS, AT_S)
@example(Window(frozenset({6}), time(1), time(1, 30), "Europe/London", ""), 1_792_890_000.0)
def test_open_means_that_the_clock_on_the_wall_shows_a_time_within(window: Window, at_s: float) -> None:
    opening = window.opening(at_s)
    assert opening is not None
    for moment_s in (opening.opens_s, (opening.opens_s + opening.closes_s) / 2, opening.closes_s - 0.001):
        wall = local(moment_s, window)
        assert wall.weekday() in window.days
        assert window.opens <= wall.time() < window.closes


@given(WINDOWS, AT_S)
def test_the_opening_that_is_told_is_the_one_that_holds_or_comes_next(window: Window, at_s: float) -> None:
    opening = window.opening(at_s)
    assert opening is not None
    assert opening.opens_s < opening.closes_s > at_s
    assert window.is_open(at_s) is opening.holds(at_s)
    assert window.opening(opening.opens_s) == opening
    # The moment of closing is closed, and what comes then begins later.
    after = window.opening(opening.closes_s)
    assert after is not None
    if opening.closes_s - opening.opens_s < 86_400:
        assert after.opens_s >= opening.closes_s


@given(WINDOWS, AT_S, st.floats(0, 1))
def test_nothing_between_now_and_the_next_opening_is_open(window: Window, at_s: float, share: float) -> None:
    opening = window.opening(at_s)
    assert opening is not None
    if opening.opens_s > at_s:
        between_s = at_s + (opening.opens_s - at_s) * share
        assert window.is_open(between_s) is (between_s >= opening.opens_s)
