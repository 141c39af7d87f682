"""Runs in which a line is cut: what goes over the fallback, what waits, and who is never texted twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import sleep

import pytest

from gsmsend.config import LineTerms, Rule
from gsmsend.contract import ImportSource, NewMessage, Submission, Suppression
from gsmsend.engine import fallwatch
from gsmsend.engine.events import HeldBack, LineChanged, Notice
from gsmsend.engine.run import Run
from gsmsend.model import Outcome, OutcomeKind, Refusal, Registration, State
from gsmsend.testing.scripted import ScriptedLink, number
from gsmsend.window import Window
from tests.unit.engine.falling_desk import BARRED, OTHER, TRIAL, Routes, desk, terms

UNKNOWN = Outcome(OutcomeKind.UNKNOWN, why="silence")


def cut_after(count: int, outcome: Outcome = BARRED, doubt: bool = True):  # type: ignore[no-untyped-def]
    """The line carries so many texts, is in doubt about the next, and refuses all others."""

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        sent = len(link.driver.on_air)
        if sent < count:
            return link.accept(submission)
        if sent == count and doubt:
            link.go(submission)
            return UNKNOWN
        link.commit()
        return outcome

    return answer


def states(found: Routes) -> dict[str, int]:
    return {state.value: count for state, count in found.store.totals().items() if count}


def nobody_twice(found: Routes) -> None:
    both = Counter([*found.reached()["line"], *found.reached()["cloud"]])
    assert max(both.values()) == 1
    assert found.store.verify().findings == ()


def test_the_line_is_barred_in_the_middle_and_the_rest_goes_over_the_fallback(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(40)
    found.driver.answer = cut_after(16)
    finished = found.go()
    assert finished.exit_code == 4
    assert states(found) == {"delivered": 16 + 23 + 1, "uncertain": 1}
    assert len(found.reached()["line"]) == 17
    assert len(found.reached()["cloud"]) == 23
    assert {text for _, text, _ in found.cloud.on_air} == {OTHER}
    (uncertain,) = found.store.messages(State.UNCERTAIN)
    assert not uncertain.fallback
    assert uncertain.number not in found.reached()["cloud"]
    nobody_twice(found)


def test_a_trial_that_was_not_delivered_lets_nothing_move(tmp_path: Path) -> None:
    found = desk(tmp_path, trial=None)
    found.fill(10)
    found.driver.answer = cut_after(2, doubt=False)
    finished = found.go()
    assert finished.exit_code == 5
    assert "does not take over: no trial text was sent over it yet: gsmsend fallback trial" in finished.why
    assert found.cloud.on_air == []
    assert states(found) == {"delivered": 2, "queued": 8}


def test_the_trial_text_goes_first_and_the_rest_follows_its_delivery(tmp_path: Path) -> None:
    found = desk(tmp_path, trial=State.QUEUED)
    found.try_it()
    found.fill(6)
    found.driver.answer = cut_after(2, doubt=False)
    assert found.go().exit_code == 0
    assert found.reached()["cloud"][0] == number(TRIAL)
    assert states(found) == {"delivered": 7}
    nobody_twice(found)


def test_an_undelivered_trial_stops_it_again(tmp_path: Path) -> None:
    found = desk(tmp_path, trial=State.QUEUED)
    found.try_it()
    found.fill(4)
    found.driver.answer = cut_after(0, doubt=False)
    found.cloud.answer = lambda link, submission: link.accept(submission, status=0x41)
    finished = found.go()
    assert finished.exit_code == 5
    assert "its trial text is undelivered" in finished.why
    assert found.reached()["cloud"] == [number(TRIAL)]


def test_what_is_waited_for_is_said_and_the_run_goes_on_until_then(tmp_path: Path) -> None:
    found = desk(tmp_path, terms=terms(after_s=2.0))
    found.try_it()
    found.fill(5)
    found.driver.answer = cut_after(0, doubt=False)
    assert found.go().exit_code == 0
    told = [event.why for event in found.of(HeldBack)]
    assert any("is barred or out of credit; the fallback takes over at" in words for words in told)
    assert len(found.reached()["cloud"]) == 5


def test_a_rule_that_is_off_moves_nothing(tmp_path: Path) -> None:
    found = desk(tmp_path, terms=terms(on=frozenset({Rule.CLOSED, Rule.NO_NETWORK})))
    found.try_it()
    found.fill(5)
    found.driver.answer = cut_after(1, doubt=False)
    finished = found.go()
    assert finished.exit_code == 5
    assert "is stopped: the network refuses every text from this SIM" in finished.why
    assert found.cloud.on_air == []


def test_no_network_and_back_again(tmp_path: Path) -> None:
    """The line is gone at first; a few texts go another way; when it is back the others are its own."""
    found = desk(tmp_path)
    found.try_it()
    found.fill(30)
    found.driver.registration = Registration.SEARCHING
    back: list[int] = []

    def slow(link: ScriptedLink, submission: Submission) -> Outcome:
        if len(found.cloud.on_air) == 4 and not back:
            back.append(1)
            line = found.driver.links[-1]
            facts = replace(line.bring_up(), registration=Registration.HOME)
            found.driver.registration = Registration.HOME
            line.heard.put(lambda: line.sink.changed(facts))
        return link.accept(submission)

    found.cloud.answer = slow
    assert found.go().exit_code == 0
    reached = found.reached()
    assert states(found) == {"delivered": 31}
    assert 4 <= len(reached["cloud"]) <= 12
    assert len(reached["line"]) == 30 - len(reached["cloud"])
    assert {text for _, text, _ in found.driver.on_air} == {"Help is here."}
    assert {text for _, text, _ in found.cloud.on_air} == {OTHER}
    nobody_twice(found)


def test_a_line_that_is_paid_for_again_carries_the_rest_before_the_fallback_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallwatch, "_TRY_AGAIN_S", 0.5)
    found = desk(tmp_path, terms=terms(after_s=60.0))
    found.try_it()
    found.fill(6)
    refused: list[str] = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if len(refused) < 3:
            refused.append(submission.destination)
            link.commit()
            return BARRED
        return link.accept(submission)

    found.driver.answer = answer
    assert found.go().exit_code == 0
    assert found.cloud.on_air == []
    assert sorted(found.reached()["line"]) == [number(index) for index in range(6)]
    assert found.store.outages() == []


def test_the_budget_ends_it_and_the_rest_stays_with_the_line(tmp_path: Path) -> None:
    found = desk(tmp_path, terms=terms(budget=Decimal("0.12")))
    found.try_it()
    found.fill(10)
    found.driver.answer = cut_after(0, doubt=False)
    finished = found.go()
    assert finished.exit_code == 5
    assert "its budget is spent (0.12 for 4 segments)" in finished.why
    assert len(found.reached()["cloud"]) == 4
    assert states(found) == {"delivered": 5, "queued": 6}
    assert found.go().exit_code == 5
    assert len(found.reached()["cloud"]) == 4
    nobody_twice(found)


def test_a_text_that_was_refused_for_good_goes_another_way_and_one_to_nobody_does_not(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(6)
    congested = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=42, why="overloaded")
    nobody = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1, why="not in use")

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        link_says = {number(1): congested, number(2): nobody}.get(submission.destination)
        if link_says is None:
            return link.accept(submission)
        link.commit()
        return link_says

    found.driver.answer = answer
    assert found.go().exit_code == 3
    assert found.reached()["cloud"] == [number(1)]
    assert states(found) == {"delivered": 6, "failed": 1}
    nobody_twice(found)


def test_the_closing_day_of_a_line_gives_its_texts_to_the_fallback(tmp_path: Path) -> None:
    found = desk(tmp_path)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    found.tune(lines={"red": LineTerms("red", iccid="8944000000000000017", closes=yesterday)})
    found.try_it()
    found.fill(7)
    assert found.go().exit_code == 0
    assert found.reached() == {"line": [], "cloud": [number(index) for index in range(7)]}
    nobody_twice(found)


def test_texts_that_are_held_for_a_closed_line_are_said_to_be_the_fallbacks(tmp_path: Path) -> None:
    found = desk(tmp_path)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    red = LineTerms("red", iccid="8944000000000000017", closes=yesterday)
    found.tune(lines={"red": red}, fallbacks={"campaign": terms()})
    found.try_it()
    source = ImportSource("list.csv", "of the red line", "campaign", 1.7e9, line="red")
    found.store.add(source, [NewMessage(number(index), "Help is here.", index + 1, 1) for index in range(7)])
    assert found.go().exit_code == 0
    assert found.reached() == {"line": [], "cloud": [number(index) for index in range(7)]}
    told = [event.text for event in found.of(Notice)]
    assert any("the fallback is meant to carry those of campaign campaign" in words for words in told)
    assert not any("no other line is here" in words for words in told)
    assert {"red", "fallback cloud"} <= {event.known_as for event in found.of(LineChanged)}


def test_who_opted_out_is_not_texted_by_the_fallback(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(12)
    found.driver.answer = cut_after(0, doubt=False)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if len(found.cloud.on_air) == 1:
            found.store.suppress([number(11)], Suppression.OPT_OUT, "asked", "a.person", 1.0)
        return link.accept(submission)

    found.cloud.answer = answer
    found.go()
    assert states(found) == {"delivered": 12, "suppressed": 1}
    assert number(11) not in found.reached()["cloud"]


def test_a_paused_campaign_does_not_go_over_it(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(5)
    found.driver.answer = cut_after(0, doubt=False)
    found.store.pause("campaign", "a.person", "", 1.0)
    assert found.go().exit_code == 5
    assert found.cloud.on_air == []


def test_first_texts_hold_back_the_rest_over_the_fallback_too(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.tune(canary=2)
    found.try_it()
    rows = [NewMessage(number(index), "Help is here.", index + 1, 1) for index in range(8)]
    found.store.add(ImportSource("list.csv", "digest", "campaign", 1.0, draft=True), rows)
    found.store.release_campaign("campaign", 2, 1.0)
    found.driver.answer = cut_after(0, doubt=False)
    at_first: list[int] = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        at_first.append(found.store.totals()[State.DRAFT])
        return link.accept(submission)

    found.cloud.answer = answer
    finished = found.go()
    assert (finished.exit_code, at_first) == (5, [6, 6])
    assert "0 are delivered, 2 left to the fallback, which says nothing of the line; the other 6" in finished.why
    found.driver.answer = None  # nothing goes over a line of which nothing is known
    assert found.go().exit_code == 5
    assert found.reached()["line"] == []
    found.driver.answer = cut_after(0, doubt=False)
    found.store.pass_canary("campaign", "an officer said go on", 1.0, "a.person")
    assert found.go().exit_code == 0
    assert len(found.reached()["cloud"]) == 8
    nobody_twice(found)


def test_first_texts_that_the_line_refused_let_nothing_follow_over_it(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.tune(canary=2)
    found.try_it()
    rows = [NewMessage(number(index), "Help is here.", index + 1, 1) for index in range(8)]
    found.store.add(ImportSource("list.csv", "digest", "campaign", 1.0, draft=True), rows)
    found.store.release_campaign("campaign", 2, 1.0)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination in (number(0), number(1)):
            link.commit()
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, code=193, why="refused")
        return link.accept(submission)

    found.driver.answer = answer
    finished = found.go()
    assert finished.exit_code == 5
    assert found.reached()["line"] == []
    assert states(found)["draft"] == 6


def test_outside_the_window_nothing_goes_over_it(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(3)
    tomorrow = (datetime.now(UTC).weekday() + 2) % 7
    found.tune(window=Window(frozenset({tomorrow}), time(9), time(9, 1), "UTC", ""))
    assert found.go().exit_code == 5
    assert found.cloud.on_air == []


def test_an_approval_that_does_not_stand_moves_nothing(tmp_path: Path) -> None:
    found = desk(tmp_path, stands=lambda _: "the approval of the campaign is void: the fallback's text changed")
    found.try_it()
    found.fill(5)
    found.driver.answer = cut_after(0, doubt=False)
    finished = found.go()
    assert finished.exit_code == 5
    assert "the fallback's text changed" in finished.why
    assert found.cloud.on_air == []


def test_when_the_account_fails_too_its_texts_are_the_lines_again(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(8)
    found.driver.answer = cut_after(0, doubt=False)
    found.cloud.answer = cut_after(1 + 1, doubt=False)
    finished = found.go()
    assert finished.exit_code == 5
    assert "The fallback does not take over: it cannot be used" in finished.why
    rows = {row.number: row for row in found.store.messages()}
    assert {row.text for row in rows.values() if row.state is State.QUEUED} == {"Help is here."}
    assert not any(row.fallback for row in rows.values() if row.state is State.QUEUED)
    assert sum(rows[number(index)].state is State.DELIVERED for index in range(8)) == 2
    found.driver.answer = None
    found.cloud.answer = None
    again = found.go()
    assert again.totals[State.DELIVERED] + again.totals[State.FAILED] == 9
    nobody_twice(found)


def test_stopped_in_the_middle_of_it_the_next_run_carries_on(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(20)
    found.driver.answer = cut_after(3)

    def stop(run: Run) -> None:
        while len(found.cloud.on_air) < 5:
            sleep(0.01)
        run.stop()

    assert found.go(during=stop).exit_code == 130
    finished = found.go()
    assert finished.exit_code == 4
    came_to = states(found)
    # This far end tells each report once: those that it told while the first run was being stopped are lost.
    assert came_to.pop("sent", 0) + came_to.pop("delivered") == 20
    assert came_to == {"uncertain": 1}
    assert {text for _, text, _ in found.cloud.on_air} == {OTHER}
    nobody_twice(found)


def test_what_the_account_may_have_sent_is_uncertain_and_stays_so(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(4)
    found.driver.answer = cut_after(0, doubt=False)
    found.cloud.answer = cut_after(2, doubt=True, outcome=BARRED)
    found.go(wait_reports_s=0.5)
    (uncertain,) = found.store.messages(State.UNCERTAIN)
    assert uncertain.fallback
    assert len(found.reached()["cloud"]) == 3
    found.driver.answer = None
    found.go(wait_reports_s=0.5)
    assert uncertain.number not in found.reached()["line"]
    nobody_twice(found)


@pytest.mark.parametrize("what", ["warning"])
def test_it_is_told_once_that_a_campaign_goes_over_its_fallback(tmp_path: Path, what: str) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(15)
    found.driver.answer = cut_after(0, doubt=False)
    found.go()
    told = [event for event in found.of(Notice) if "goes over its fallback" in event.text]
    assert [(event.level, event.text) for event in told] == [
        (what, "campaign campaign goes over its fallback: the line sim-000017 is barred or out of credit")
    ]


def test_it_goes_over_the_account_that_was_approved_whatever_other_one_is_here(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.try_it()
    found.fill(4)
    found.driver.answer = cut_after(0, doubt=False)
    over: list[str] = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        over.append(link.endpoint.address)
        return link.accept(submission)

    found.cloud.answer = answer
    assert found.go(accounts=("cloud", "cloud:second")).exit_code == 0
    assert over == ["cloud"] * 4
    nobody_twice(found)


@pytest.mark.parametrize("first", ["cloud", "cloud:second"])
def test_the_trial_goes_over_its_own_account(tmp_path: Path, first: str) -> None:
    found = desk(tmp_path, trial=None)
    source = ImportSource("trial", "trial", "campaign trial", 1.0, line="fallback cloud:second")
    found.store.add(source, [NewMessage(number(TRIAL), OTHER, 1, 1)])
    over: list[str] = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        over.append(link.endpoint.address)
        return link.accept(submission)

    found.cloud.answer = answer
    second = {"cloud": "cloud:second", "cloud:second": "cloud"}[first]
    assert found.go(accounts=(first, second)).exit_code == 0
    assert over == ["cloud:second"]


def test_a_trial_over_an_account_that_is_another_one_now_carries_nobody(tmp_path: Path) -> None:
    """The name of the key is the same, the key behind it is not."""
    found = desk(tmp_path)
    found.try_it()
    found.fill(3)
    found.driver.answer = cut_after(0, doubt=False)
    found.cloud.account = "other account"
    finished = found.go()
    assert finished.exit_code == 5
    assert "no trial text was sent over it yet" in finished.why
    assert found.cloud.on_air == []
    found.cloud.account = "example account"
    assert found.go().exit_code == 0
    assert len(found.cloud.on_air) == 3


def test_who_was_texted_over_the_line_is_not_texted_again_over_the_fallback(tmp_path: Path) -> None:
    """Two texts for one person: the first failed for good, the second arrived, or may have, or failed as well."""
    found = desk(tmp_path)

    def refuse(link: ScriptedLink, submission: Submission) -> Outcome:
        link.commit()
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, code=193, why="refused")

    def doubt(link: ScriptedLink, submission: Submission) -> Outcome:
        link.go(submission)
        return UNKNOWN

    for index, second in enumerate([None, doubt, refuse]):
        for body, answer in (("Help is here.", refuse), ("Help is here, really.", second)):
            found.driver.answer = answer
            source = ImportSource(body, f"{body}{index}", "campaign", 1.0)
            found.store.add(source, [NewMessage(number(index), body, 1, 1)])
            found.execute(wait_reports_s=0.2)
    found.try_it()
    found.driver.answer = refuse
    found.go(wait_reports_s=0.5)
    assert found.reached() == {"line": [number(0), number(1)], "cloud": [number(2)]}
