"""The decision after an attempt, with the clock and the tries as arguments."""

from __future__ import annotations

from math import nan

import pytest

from gsmsend.config import Retry
from gsmsend.engine.policy import decide
from gsmsend.model import Outcome, OutcomeKind, Refusal, State

NOW_S = 1_000_000.0
RETRY = Retry(soon_first_s=2, soon_longest_s=60, soon_tries=6, later_first_s=60, later_tries=4)


def refused(refusal: Refusal) -> Outcome:
    return Outcome(OutcomeKind.REFUSED, refusal=refusal, why="the network said no")


@pytest.mark.parametrize(("more", "state"), [(True, State.SENDING), (False, State.SENT)])
def test_accepted(more: bool, state: State) -> None:
    outcome = Outcome(OutcomeKind.ACCEPTED, reference=1)
    assert decide(outcome, tries=1, more_parts=more, retry=RETRY, now_s=NOW_S).state is state


def test_unknown_is_uncertain_whatever_the_tries() -> None:
    silence = Outcome(OutcomeKind.UNKNOWN, why="silence")
    verdict = decide(silence, tries=1, more_parts=True, retry=RETRY, now_s=NOW_S)
    assert (verdict.state, verdict.due_at_s) == (State.UNCERTAIN, None)


@pytest.mark.parametrize("refusal", [Refusal.RECIPIENT, Refusal.MESSAGE])
def test_a_refusal_for_good_is_not_tried_again(refusal: Refusal) -> None:
    assert decide(refused(refusal), tries=1, more_parts=False, retry=RETRY, now_s=NOW_S).state is State.FAILED


@pytest.mark.parametrize(
    ("refusal", "tries", "least_s", "most_s"),
    [
        (Refusal.RETRY, 1, 2, 2.5),
        (Refusal.RETRY, 3, 8, 8.5),
        (Refusal.RETRY, 5, 32, 32.5),
        (Refusal.LATER, 1, 60, 75),
        (Refusal.LATER, 3, 240, 255),
        (Refusal.LINE, 1, 2, 2.5),
        (Refusal.MODEM, 1, 2, 2.5),
    ],
)
def test_waits_double(refusal: Refusal, tries: int, least_s: float, most_s: float) -> None:
    verdict = decide(refused(refusal), tries=tries, more_parts=False, retry=RETRY, now_s=NOW_S)
    assert verdict.state is State.QUEUED
    assert verdict.due_at_s is not None
    assert least_s <= verdict.due_at_s - NOW_S <= most_s


@pytest.mark.parametrize(("refusal", "tries"), [(Refusal.RETRY, 6), (Refusal.LATER, 4)])
def test_the_last_try_fails_it_and_says_how_often(refusal: Refusal, tries: int) -> None:
    verdict = decide(refused(refusal), tries=tries, more_parts=False, retry=RETRY, now_s=NOW_S)
    assert verdict.state is State.FAILED
    assert f"tried {tries} times" in verdict.why


@pytest.mark.parametrize(("wait_s", "due_s"), [(30.0, 30.0), (0.0, 1.0), (-5.0, 1.0), (1e9, 86_400.0), (nan, 1.0)])
def test_a_route_that_asks_to_wait_gets_the_text_again_then_and_it_is_no_try(wait_s: float, due_s: float) -> None:
    outcome = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=429, why="too many requests", wait_s=wait_s)
    verdict = decide(outcome, tries=99, more_parts=False, retry=RETRY, now_s=NOW_S)
    assert (verdict.state, verdict.due_at_s, verdict.counts) == (State.QUEUED, NOW_S + due_s, False)
