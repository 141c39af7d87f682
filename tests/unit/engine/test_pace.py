"""Pace: limits in sliding stretches, counted in segments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.config import Pace
from gsmsend.engine.pace import PaceKeeper


def test_no_limit_never_waits() -> None:
    keeper = PaceKeeper(Pace())
    keeper.note(0.0)
    assert keeper.ready_at(0.0, 100) == 0.0


def test_the_seventh_in_a_minute_waits_for_the_first_to_be_a_minute_old() -> None:
    keeper = PaceKeeper(Pace(per_minute=6))
    for at_s in range(6):
        assert keeper.ready_at(float(at_s)) == at_s
        keeper.note(float(at_s))
    assert keeper.ready_at(6.0) == 60.0
    assert keeper.ready_at(60.0) == 60.0


def test_a_long_text_waits_for_room_for_all_its_segments() -> None:
    keeper = PaceKeeper(Pace(per_minute=6), [0.0, 10.0, 20.0, 30.0])
    assert keeper.ready_at(35.0, 2) == 35.0
    assert keeper.ready_at(35.0, 3) == 60.0
    assert keeper.ready_at(35.0, 4) == 70.0


def test_a_text_longer_than_the_limit_goes_after_an_empty_stretch() -> None:
    keeper = PaceKeeper(Pace(per_minute=2), [0.0, 30.0])
    assert keeper.ready_at(31.0, 5) == 90.0


def test_what_was_sent_before_a_restart_counts() -> None:
    keeper = PaceKeeper(Pace(per_hour=3), [100.0, 200.0, 300.0])
    assert keeper.ready_at(400.0) == 3700.0


@given(st.integers(1, 20), st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_limit_in_any_minute(limit: int, gaps_s: list[float]) -> None:
    keeper, now_s, sent = PaceKeeper(Pace(per_minute=limit)), 0.0, []
    for gap_s in gaps_s:
        now_s = keeper.ready_at(now_s + gap_s)
        keeper.note(now_s)
        sent.append(now_s)
        assert sum(1 for at_s in sent if at_s > now_s - 60.0 + 1e-6) <= limit
