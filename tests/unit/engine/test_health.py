"""The score of a line: what counts against it, in which words, and how it passes."""

from __future__ import annotations

import pytest

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
    try_of,
)
from gsmsend.model import Outcome, OutcomeKind, Refusal

NOW_S = 1_800_000_000.0
GOOD = Outcome(OutcomeKind.ACCEPTED, reference=1)
BUSY = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=38, raw="+CMS ERROR: 38")
SILENT = Outcome(OutcomeKind.UNKNOWN, why="the modem did not answer")


def tried(*outcomes: Outcome, took_s: float = 3.0, ago_s: float = 0.0) -> tuple[Try, ...]:
    return tuple(try_of(outcome, NOW_S - ago_s, took_s) for outcome in outcomes)


def test_a_line_of_which_nothing_is_known_is_well() -> None:
    assert judge(Signs(), NOW_S) == Health(100, ())


def test_its_score_is_told_with_what_it_comes_from() -> None:
    found = judge(Signs(tried(*[GOOD] * 17, *[BUSY] * 3), signal_dbm=-107), NOW_S)
    assert found.words == "72: 3 of the last 20 texts were refused by the network (CMS 38); signal weak (-107 dBm)"
    assert found.grade is Grade.WELL


def test_a_silent_modem_is_told_apart_from_a_network_that_refuses() -> None:
    found = judge(Signs(tried(GOOD, SILENT, BUSY, SILENT)), NOW_S)
    refused = "1 of the last 4 texts was refused by the network (CMS 38)"
    assert found.why == f"{refused} and 2 were left without an answer"


def test_a_single_text_is_told_as_such() -> None:
    assert judge(Signs(tried(BUSY)), NOW_S).why == "1 text, its last, was refused by the network (CMS 38)"


def test_one_refusal_condemns_nobody_and_three_in_a_row_do() -> None:
    assert judge(Signs(tried(BUSY)), NOW_S).grade is Grade.WELL
    assert judge(Signs(tried(BUSY, BUSY, BUSY)), NOW_S).grade is Grade.SICK


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1),
        Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, code=95),
        Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=27),
        Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=429, wait_s=30.0),
        Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=331),
        Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw="held back"),
        Outcome(OutcomeKind.UNKNOWN, why="gsmsend was stopped while this was being sent; it may have gone out"),
    ],
    ids=[
        "no such number", "a text it dislikes", "a phone that is off", "asked to wait", "no network", "ours",
        "a stop",
    ],
)  # fmt: skip
def test_what_is_no_fault_of_the_line_costs_it_nothing(outcome: Outcome) -> None:
    assert judge(Signs(tried(*[outcome] * 20)), NOW_S).words == "100"


def test_slowness_heat_weakness_and_losses_are_told() -> None:
    signs = Signs(tried(*[GOOD] * 20, took_s=40.0), (NOW_S - 400, NOW_S - 30), -113, 90.0)
    found = judge(signs, NOW_S)
    assert [reason.words for reason in found.reasons] == [
        "hot (90 \u00b0C)", "texts take 40 s, at worst 40 s", "its modem was lost 2 times, last just now",
        "signal weak (-113 dBm)",
    ]  # fmt: skip
    assert found.score == 25


def test_a_provider_has_no_cms_codes() -> None:
    refused = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=500)
    assert "(code 500)" in judge(Signs(tried(refused), account=True), NOW_S).why


def test_what_is_long_ago_counts_no_more() -> None:
    worst = Signs(tried(*[SILENT] * 20))
    assert judge(worst, NOW_S).score == 10
    assert judge(worst, NOW_S + 1800).grade is Grade.WELL
    assert judge(worst, NOW_S + 7200).words == "100"


def test_a_clock_that_was_set_back_makes_nothing_worse() -> None:
    signs = Signs(tried(BUSY, BUSY), (NOW_S,))
    assert judge(signs, NOW_S - 86_400) == judge(signs, NOW_S)


def test_work_is_taken_from_a_sick_line_and_given_back() -> None:
    sick, weak, well = Health(10), Health(50), Health(90)
    assert allowance(well, others_well=True, shared_ago_s=0.0).ahead
    assert not allowance(weak, others_well=True, shared_ago_s=0.0).ahead
    assert allowance(weak, others_well=True, shared_ago_s=0.0).pause_s == 0
    eased = allowance(sick, others_well=True, shared_ago_s=0.0)
    assert (eased.shared, 0 < eased.pause_s <= LONGEST_PAUSE_S) == (False, True)
    assert allowance(sick, others_well=True, shared_ago_s=SHARED_EVERY_S).shared
    alone = allowance(sick, others_well=False, shared_ago_s=0.0)
    assert alone.shared
    assert alone.pause_s < eased.pause_s


def test_a_sick_line_gets_work_again_with_the_first_text_that_goes_well() -> None:
    failed = tried(*[BUSY] * 20)
    before = judge(Signs(failed), NOW_S)
    after = judge(Signs((*failed, *tried(GOOD))), NOW_S)
    assert (before.streak, after.streak, after.grade) == (0, 1, Grade.SICK)
    assert not allowance(before, others_well=True, shared_ago_s=0.0).shared
    eased, going = (allowance(each, others_well=True, shared_ago_s=0.0) for each in (before, after))
    assert going.shared
    assert going.pause_s < eased.pause_s / 2 + 1


def test_a_modem_that_denies_its_network_is_at_fault() -> None:
    denied = try_of(Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=331), NOW_S, 1.0, denied=True)
    assert judge(Signs((denied,) * 5), NOW_S).grade is Grade.SICK


def test_a_try_that_says_nothing_is_kept_out_of_the_twenty() -> None:
    spared = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1)
    assert try_of(spared, NOW_S, 1.0).verdict is Verdict.NOTHING
    assert "of the last 2 texts" in judge(Signs(tried(BUSY, GOOD, *[spared] * 20)), NOW_S).why
