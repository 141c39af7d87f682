"""A score is bounded, moves the right way with everything that it is made of, and always comes back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.engine.health import (
    LONGEST_PAUSE_S,
    SHARED_EVERY_S,
    Grade,
    Health,
    Signs,
    Try,
    Verdict,
    allowance,
    judge,
)

NOW_S = 1_800_000_000.0
moments = st.floats(NOW_S - 20_000, NOW_S)
tries = st.builds(
    Try, moments, st.none() | st.floats(0, 10_000), st.sampled_from(Verdict),
    st.none() | st.sampled_from([38, 42, 331, 500]), st.booleans(),
)  # fmt: skip
signs = st.builds(
    Signs, st.lists(tries, max_size=25).map(lambda made: tuple(sorted(made, key=lambda one: one.at_s))),
    st.lists(moments, max_size=30).map(tuple), st.none() | st.integers(-130, -30), st.none() | st.floats(-40, 200),
    st.booleans(),
)  # fmt: skip


def score(found: Signs, now_s: float = NOW_S) -> int:
    return judge(found, now_s).score


def after(found: Signs, verdict: Verdict, took_s: float | None = 2.0) -> Signs:
    return replace(found, tries=(*found.tries, Try(NOW_S, took_s, verdict, 38)))


@given(signs)
def test_bounded_and_explained(found: Signs) -> None:
    health = judge(found, NOW_S)
    assert 0 <= health.score <= 100
    assert health.score >= 98 or health.reasons
    assert all(reason.words and reason.points > 0 for reason in health.reasons)
    assert list(health.reasons) == sorted(health.reasons, key=lambda reason: -reason.points)


@given(signs)
def test_a_failure_never_helps_and_a_success_never_harms(found: Signs) -> None:
    before = score(found)
    assert score(after(found, Verdict.GOOD)) >= before
    assert score(after(found, Verdict.REFUSED, None)) <= before
    assert score(after(found, Verdict.SILENT, None)) <= before
    assert score(after(found, Verdict.NOTHING)) == before


@given(signs, st.integers(0, 24))
def test_a_try_that_had_gone_well_would_never_have_made_it_worse(found: Signs, at: int) -> None:
    if at < len(found.tries) and found.tries[at].verdict is not Verdict.NOTHING:
        better = list(found.tries)
        better[at] = replace(better[at], verdict=Verdict.GOOD)
        assert score(replace(found, tries=tuple(better))) >= score(found)


@given(signs, st.integers(1, 40), st.floats(0.1, 80))
def test_a_weaker_signal_heat_and_another_loss_never_help(found: Signs, weaker: int, hotter: float) -> None:
    before = score(found)
    if found.signal_dbm is not None:
        assert score(replace(found, signal_dbm=found.signal_dbm - weaker)) <= before
    if found.temperature_c is not None:
        assert score(replace(found, temperature_c=found.temperature_c + hotter)) <= before
    assert score(replace(found, lost_s=(*found.lost_s, NOW_S))) <= before


@given(signs, st.floats(0, 50_000))
def test_time_alone_never_makes_it_worse_and_in_the_end_makes_it_well(found: Signs, left_s: float) -> None:
    assert score(found, NOW_S + left_s) >= score(found)
    calm = replace(found, signal_dbm=None, temperature_c=None)
    assert judge(calm, NOW_S + 20_000).grade is Grade.WELL


@given(signs)
def test_texts_that_go_well_make_it_well(found: Signs) -> None:
    calm = replace(found, signal_dbm=None, temperature_c=None, lost_s=())
    for _ in range(20):
        calm = after(calm, Verdict.GOOD)
    assert score(calm) == 100


@given(st.integers(0, 100), st.booleans(), st.floats(0, 1e6), st.integers(0, 20))
def test_no_starvation(points: int, others_well: bool, shared_ago_s: float, streak: int) -> None:
    found = allowance(Health(points, streak=streak), others_well=others_well, shared_ago_s=shared_ago_s)
    assert 0 <= found.pause_s <= LONGEST_PAUSE_S
    if not others_well or shared_ago_s >= SHARED_EVERY_S or streak:
        assert found.shared
    if Health(points).grade is Grade.WELL:
        assert (found.ahead, found.pause_s, found.shared) == (True, 0.0, True)


@given(st.integers(0, 99), st.booleans(), st.floats(0, 100))
def test_a_better_line_never_gets_less_work(points: int, others_well: bool, ago_s: float) -> None:
    worse = allowance(Health(points), others_well=others_well, shared_ago_s=ago_s)
    better = allowance(Health(points + 1), others_well=others_well, shared_ago_s=ago_s)
    assert better.pause_s <= worse.pause_s
    assert (better.ahead, better.shared) >= (worse.ahead, worse.shared)
