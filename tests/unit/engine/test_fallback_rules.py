"""When a fallback takes over, in plain cases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gsmsend.at.cms import Sent, standard_causes
from gsmsend.config import FallbackTerms, Rule
from gsmsend.contract import FallCounts, TrialRow
from gsmsend.engine import fallback
from gsmsend.engine.fallback import LineView
from gsmsend.model import State

NOW_S = 1_800_000_000.0
TERMS = FallbackTerms("main", "notify", "words", "Pol", "+447700900990", Decimal("0.03"), Decimal(3), 1800.0)
UP = LineView(1, "red", usable=True)
UNKNOWN = LineView(1, "red")


def out(rule: Rule, minutes: float, line_id: int = 1) -> LineView:
    return LineView(line_id, "red", rule=rule, since_s=NOW_S - 60 * minutes)


def due(*lines: LineView, terms: FallbackTerms = TERMS, began_s: float = NOW_S - 7200) -> bool:
    found = fallback.takeover(lines, terms, began_s)
    return found is not None and found.at_s <= NOW_S


@pytest.mark.parametrize("rule", [Rule.BARRED, Rule.QUARANTINED, Rule.NO_NETWORK])
def test_a_line_must_be_out_of_use_for_as_long_as_was_set(rule: Rule) -> None:
    assert not due(out(rule, 29.9))
    assert due(out(rule, 30))
    assert not due(out(rule, 30), terms=replace(TERMS, on=frozenset(Rule) - {rule}))


def test_a_closed_line_is_closed_at_once() -> None:
    assert due(out(Rule.CLOSED, 0))


def test_it_is_said_when_and_why() -> None:
    found = fallback.takeover([out(Rule.BARRED, 10)], TERMS, NOW_S)
    assert found is not None
    assert (found.at_s, found.why) == (NOW_S + 1200, "the line red is barred or out of credit")


def test_while_one_line_may_carry_them_texts_stay() -> None:
    assert not due(out(Rule.BARRED, 99), replace(UP, line_id=2))
    assert not due(out(Rule.BARRED, 99), replace(UNKNOWN, line_id=2))
    assert due(out(Rule.BARRED, 99), out(Rule.NO_NETWORK, 31, 2))
    assert not due()


def test_texts_of_one_line_do_not_wait_for_another() -> None:
    lines = {1: out(Rule.BARRED, 99), 2: LineView(2, "blue", usable=True)}
    found, told = fallback.bounds_due({0, 1, 2, 3, -1}, lines, TERMS, 0.0, NOW_S, unknown=False)
    assert (found, told is not None) == ((1,), True)
    assert fallback.usable_for({0, 1, 2}, lines) == (0, 2)


def test_a_line_that_is_not_known_yet_keeps_texts_for_any() -> None:
    lines = {1: out(Rule.BARRED, 99)}
    assert fallback.bounds_due({0}, lines, TERMS, 0.0, NOW_S, unknown=True) == ((), None)
    assert fallback.bounds_due({1}, lines, TERMS, 0.0, NOW_S, unknown=True)[0] == (1,)


def test_a_new_run_gives_a_line_a_minute_to_come_up_but_not_one_that_is_barred() -> None:
    assert not due(out(Rule.NO_NETWORK, 9000), began_s=NOW_S - 59)
    assert due(out(Rule.NO_NETWORK, 9000), began_s=NOW_S - 60)
    assert due(out(Rule.BARRED, 9000), began_s=NOW_S)
    assert due(out(Rule.NO_NETWORK, 0), began_s=NOW_S, terms=replace(TERMS, after_s=0.0))


def test_a_clock_that_was_set_back_makes_nothing_wait_for_the_future() -> None:
    assert fallback.since(NOW_S, NOW_S + 9000, NOW_S) == NOW_S
    assert fallback.since(NOW_S, NOW_S - 9000, NOW_S) == NOW_S - 9000


@pytest.mark.parametrize("state", list(State))
def test_only_a_delivered_trial_lets_anything_go(state: State) -> None:
    lacking = fallback.lacks(TERMS, TrialRow(1, state, "", NOW_S), FallCounts(), 1)
    assert (lacking == "") == (state is State.DELIVERED)
    assert "gsmsend fallback trial" in fallback.lacks(TERMS, None, FallCounts(), 1)


def test_the_budget_pays_for_whole_texts_only() -> None:
    trial = TrialRow(1, State.DELIVERED, "", NOW_S)
    assert fallback.segments_left(TERMS, FallCounts(segments=98)) == 2
    assert fallback.lacks(TERMS, trial, FallCounts(segments=98), 2) == ""
    assert "its budget is spent" in fallback.lacks(TERMS, trial, FallCounts(segments=99), 2)
    free = replace(TERMS, segment=Decimal(0), budget=Decimal(0))
    assert fallback.lacks(free, trial, FallCounts(segments=9999), 2) == ""


def test_every_reason_that_proves_that_nothing_was_sent_is_judged_once_and_no_other_is() -> None:
    rows = fallback.causes()
    assert all(row["shared"] in {"yes", "no"} and row["why"].endswith(".") for row in rows)
    judged = [int(row["code"]) for row in rows]
    assert len(judged) == len(set(judged))
    proven = {code for code, cause in standard_causes().codes().items() if cause.sent is Sent.NO}
    assert set(judged) == proven


def test_a_number_that_is_in_use_nowhere_goes_nowhere() -> None:
    assert not {1, 27, 195, 196} & fallback.codes()
    assert {8, 10, 21, 28, 50, 42} <= fallback.codes()
