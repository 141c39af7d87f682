"""Pace: limits in sliding stretches, counted in segments."""

from __future__ import annotations

from random import Random

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


def test_what_left_longer_ago_than_it_looks_back_counts_for_nothing() -> None:
    assert Pace().looks_back_s == 0.0
    for pace in (Pace(per_minute=1), Pace(per_minute=9, per_hour=1), Pace(per_hour=9, per_day=1)):
        now_s = 1_000_000.0
        assert PaceKeeper(pace, [now_s - pace.looks_back_s]).ready_at(now_s) == now_s
        assert PaceKeeper(pace, [now_s - pace.looks_back_s + 1]).ready_at(now_s) == now_s + 1


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


def test_waits_are_lengthened_by_a_share_drawn_once_a_text() -> None:
    drawn = iter([0.5, 1.0, 0.0])
    keeper = PaceKeeper(Pace(per_minute=1, jitter=0.2), [100.0], lambda: next(drawn))
    assert keeper.ready_at(101.0) == keeper.ready_at(150.0) == 100.0 + 60.0 + 6.0
    keeper.note(166.0)
    assert keeper.ready_at(167.0) == 166.0 + 60.0 + 12.0
    keeper.note(238.0)
    assert keeper.ready_at(239.0) == 298.0


def test_without_a_limit_there_is_nothing_to_lengthen() -> None:
    keeper = PaceKeeper(Pace(jitter=1.0), [100.0], lambda: 1.0)
    keeper.note(101.0)
    assert keeper.ready_at(101.5) == 101.5


@given(st.lists(st.floats(0, 30), max_size=40), st.floats(0, 1), st.randoms(use_true_random=False))
def test_jitter_never_lets_a_text_leave_sooner_nor_for_ever_later(
    gaps_s: list[float], jitter: float, random: Random
) -> None:
    exact, loose = PaceKeeper(Pace(per_minute=3)), PaceKeeper(Pace(per_minute=3, jitter=jitter), (), random.random)
    now_s = 0.0
    for gap_s in gaps_s:
        now_s += gap_s
        assert exact.ready_at(now_s) <= loose.ready_at(now_s) <= exact.ready_at(now_s) + 60.0 * jitter + 1e-6
        now_s = loose.ready_at(now_s)
        for keeper in (exact, loose):
            keeper.note(now_s)
