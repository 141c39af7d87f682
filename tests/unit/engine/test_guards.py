"""What no text gets past: the window, a pause, a cancellation, first texts."""

from __future__ import annotations

import threading
import time

import pytest

from gsmsend.contract import ImportSource, NewMessage, Submission, Suppression
from gsmsend.engine.events import MessageMoved
from gsmsend.engine.run import Run
from gsmsend.errors import GuardStop
from gsmsend.model import Outcome, OutcomeKind, Refusal, Report, State
from gsmsend.testing.scripted import Desk, ScriptedLink, number
from gsmsend.window import Window
from tests.unit.engine.guarding import LONG, drafts, guard, notices, slowly, window

# -- the window ----------------------------------------------------------------------------------------------


def test_outside_the_window_nothing_leaves_and_the_run_says_when_it_goes_on(bench: Desk) -> None:
    bench.fill(3)
    guard(bench, window=window(3600, 7200))
    finished = bench.execute()
    assert (finished.exit_code, finished.totals[State.QUEUED]) == (5, 3)
    assert (bench.driver.on_air, bench.driver.opened) == ([], 0)
    assert "outside the hours for texts (every day, 1" in finished.why
    assert "they may leave again" in finished.why
    assert finished.why in notices(bench)


def test_a_window_that_never_opens_is_said_so(bench: Desk) -> None:
    bench.fill(1)
    guard(bench, window=Window(frozenset(), holidays=""))
    finished = bench.execute()
    assert finished.exit_code == 5
    assert "never opens" in finished.why


def test_reports_are_received_at_any_hour(bench: Desk) -> None:
    bench.fill(2)
    bench.driver.answer = lambda link, submission: link.accept(submission, status=None)
    bench.execute(wait_reports_s=0.0)
    bench.fill(3, "Another text.")
    guard(bench, window=window(3600, 7200))

    def bring_reports(_run: Run) -> None:
        while len(bench.driver.links) < 2:
            time.sleep(0.01)
        link = bench.driver.links[-1]
        for reference in (1, 2):
            report = Report(reference, number(reference - 1), 0, raw=f"{reference:02X}")
            link.heard.put(lambda report=report: link.sink.report(report))  # type: ignore[misc]

    finished = bench.execute(during=bring_reports)
    assert finished.exit_code == 5
    assert (finished.totals[State.DELIVERED], finished.totals[State.QUEUED]) == (2, 3)
    assert len(bench.driver.on_air) == 2


@pytest.mark.usefixtures("quick")
def test_what_closes_mid_run_lets_the_text_on_air_finish_and_nothing_more_begin(bench: Desk) -> None:
    bench.fill(50)
    bench.driver.answer = slowly(0.1)
    guard(bench, window=window(-60, 2))
    finished = bench.execute(wait_reports_s=0.3)
    assert finished.exit_code == 5
    assert 1 <= len(bench.driver.on_air) <= 25
    assert finished.totals[State.QUEUED] == 50 - len(bench.driver.on_air)
    assert finished.totals[State.SENDING] == finished.totals[State.UNCERTAIN] == 0
    assert "outside the hours" in finished.why


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("outcome", ["accepted", "refused"])
def test_no_second_part_and_no_retry_leaves_once_it_has_closed(bench: Desk, outcome: str) -> None:
    bench.fill(1, LONG)
    closes_s = time.time() + 2.0

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        link.go(submission)
        link.commit = lambda: None
        # This part takes longer than any before it: by then the window has closed.
        time.sleep(max(0.0, closes_s - time.time()) + 0.1)
        if outcome == "accepted":
            return Outcome(OutcomeKind.ACCEPTED, reference=1)
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=41, why="temporary failure")

    bench.driver.answer = answer
    guard(bench, window=window(-60, 2.0))
    finished = bench.execute(wait_reports_s=0.2)
    assert [seq for _, _, seq in bench.driver.on_air] == [1]
    assert (finished.exit_code, finished.totals[State.QUEUED]) == (5, 1)


def test_what_would_not_be_through_in_time_is_not_begun(bench: Desk) -> None:
    bench.fill(1, LONG)
    guard(bench, window=window(-60, 10))  # three parts may take 15 seconds on a line not measured yet
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.on_air) == (5, [])


def test_closed_while_the_modem_makes_ready_the_text_is_held_back(bench: Desk) -> None:
    bench.fill(1)
    guard(bench, window=window(-60, 60))

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        runs[0]._context.gate._window = window(60, 120)
        runs[0]._context.gate._known = None
        return link.accept(submission)

    runs: list[Run] = []
    bench.driver.answer = answer
    ready = threading.Event()

    def hold(_opened: int) -> None:
        ready.wait(5)

    bench.driver.bring_up = hold

    def during(run: Run) -> None:
        runs.append(run)
        ready.set()

    finished = bench.execute(during=during)
    assert bench.driver.on_air == []
    assert (finished.exit_code, finished.totals[State.QUEUED]) == (5, 1)
    (row,) = bench.store.messages()
    assert row.parts[0].attempts == 0


# -- paused, cancelled, opted out ------------------------------------------------------------------------------


def test_paused_mid_run_it_waits_and_goes_on_when_resumed(bench: Desk) -> None:
    bench.fill(30)
    bench.driver.answer = slowly(0.02)
    seen: list[int] = []

    def during(_run: Run) -> None:
        while len(bench.driver.on_air) < 5:
            time.sleep(0.005)
        bench.store.pause("campaign", "a.person", "wait", time.time())
        time.sleep(0.1)
        seen.append(len(bench.driver.on_air))
        time.sleep(1.2)
        seen.append(len(bench.driver.on_air))
        bench.store.resume("campaign", "a.person", "", time.time())

    finished = bench.execute(during=during)
    assert seen[0] == seen[1] < 30
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (0, 30)
    assert len(set(bench.driver.on_air)) == 30
    assert "campaign campaign is paused by a.person: wait" in notices(bench)
    assert "campaign campaign goes on" in notices(bench)


def test_started_while_paused_it_says_by_whom_and_what_to_type(bench: Desk) -> None:
    bench.fill(3)
    bench.store.pause("campaign", "a.person", "wait", time.time())
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.opened) == (5, 0)
    assert "paused by a.person: wait" in finished.why
    assert "gsmsend resume" in finished.why


def test_cancelled_mid_run_the_text_on_air_counts_and_the_rest_never_leaves(bench: Desk) -> None:
    bench.fill(40)
    bench.driver.answer = slowly(0.02)

    def during(_run: Run) -> None:
        while len(bench.driver.on_air) < 5:
            time.sleep(0.005)
        bench.store.cancel("campaign", "a.person", "wrong list", time.time())

    finished = bench.execute(during=during)
    sent = len(bench.driver.on_air)
    assert 5 <= sent < 40
    assert (finished.totals[State.DELIVERED], finished.totals[State.CANCELLED]) == (sent, 40 - sent)
    assert sum(finished.totals.values()) == 40


def test_a_person_who_opts_out_between_two_parts_gets_no_more(bench: Desk) -> None:
    bench.fill(2, LONG)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        outcome = link.accept(submission)
        if submission.destination == number(0) and submission.seq == 1:
            bench.store.suppress([number(0)], Suppression.OPT_OUT, "replied STOP", "a.person", time.time())
        return outcome

    bench.driver.answer = answer
    finished = bench.execute()
    assert [seq for to, _, seq in bench.driver.on_air if to == number(0)] == [1]
    assert [seq for to, _, seq in bench.driver.on_air if to == number(1)] == [1, 2, 3]
    assert (finished.totals[State.SUPPRESSED], finished.totals[State.DELIVERED]) == (1, 1)
    moves = [event.new for event in bench.of(MessageMoved) if event.number == number(0)]
    assert moves == [State.SUPPRESSED]


# -- first texts ---------------------------------------------------------------------------------------------


def test_the_rest_follows_at_once_when_the_first_texts_are_delivered(bench: Desk) -> None:
    drafts(bench, 12)
    bench.store.release_campaign("campaign", 3, time.time())
    finished = bench.execute()
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (0, 12)
    assert "the first 3 texts were delivered: the other 9 follow" in notices(bench)


@pytest.mark.parametrize(("status", "words"), [(0x43, "1 not delivered"), (None, "1 without a report yet")])
def test_a_first_text_that_does_not_arrive_stops_the_run(bench: Desk, status: int | None, words: str) -> None:
    drafts(bench, 12)
    bench.store.release_campaign("campaign", 3, time.time())
    bench.driver.answer = lambda link, submission: link.accept(
        submission, status=status if submission.destination == number(1) else 0
    )
    finished = bench.execute(wait_reports_s=0.5)
    assert (finished.exit_code, len(bench.driver.on_air)) == (5, 3)
    assert f"of the first 3 texts 2 are delivered, {words}; the other 9 wait" in finished.why
    assert "gsmsend resume --campaign 'campaign' --go-on" in finished.why
    again = bench.execute(wait_reports_s=0.1)
    assert (again.exit_code, len(bench.driver.on_air)) == (5, 3)
    bench.store.pass_canary("campaign", "a wrong number", time.time(), "a.person")
    assert bench.execute(wait_reports_s=0.2).totals[State.QUEUED] == 0
    assert len(set(bench.driver.on_air)) == 12


def test_a_run_does_not_end_as_done_when_people_were_added_meanwhile(bench: Desk) -> None:
    drafts(bench, 1)
    bench.store.release_campaign("campaign", 0, time.time())
    asked: list[float] = []

    def clear(now_s: float) -> list[str]:
        asked.append(now_s)
        if len(asked) > 1:
            raise GuardStop("the approval of the campaign is void: 2 recipients were added")
        return []

    def slow(link: ScriptedLink, submission: Submission) -> Outcome:
        rows = [NewMessage(number(index), "Help is here.", index, 1) for index in (7, 8)]
        bench.store.add(ImportSource("more.csv", "more", "campaign", time.time(), draft=True), rows)
        return link.accept(submission)

    bench.driver.answer = slow
    finished = bench.execute(clear=clear)
    assert (finished.exit_code, finished.totals[State.DRAFT]) == (5, 2)
    assert "2 recipients were added" in finished.why


def test_first_texts_that_are_cancelled_at_the_same_moment_end_no_run(
    bench: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts(bench, 4)
    bench.store.release_campaign("campaign", 2, time.time())
    passed = bench.store.pass_canary

    def too_late(name: str, why: str, now_s: float, person: str = "") -> int:
        if not bench.store.campaign(name).cancelled:  # type: ignore[union-attr]
            bench.store.cancel(name, "a.person", "", now_s)
        return passed(name, why, now_s, person)

    monkeypatch.setattr(bench.store, "pass_canary", too_late)
    finished = bench.execute()
    assert (finished.totals[State.DELIVERED], finished.totals[State.CANCELLED]) == (2, 2)
