"""What a run makes of its lines, without any modem: each way that an attempt can end."""

from __future__ import annotations

import dataclasses
import time

import pytest

from gsmsend.config import Pace
from gsmsend.contract import Submission
from gsmsend.engine.events import LineChanged, MessageMoved, PartAnswered, ReportArrived, Started
from gsmsend.engine.run import Run
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal, Registration, State
from gsmsend.testing.scripted import Desk, ScriptedLink, number

LONG = "Help is here for you, any time and for free. " * 8


def refused(refusal: Refusal, code: int = 1) -> Outcome:
    return Outcome(OutcomeKind.REFUSED, refusal=refusal, code=code, why="the network said no")


def test_everything_is_sent_once_and_delivered(bench: Desk) -> None:
    bench.fill(20)
    finished = bench.execute()
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (0, 20)
    assert sorted(bench.driver.on_air) == sorted((number(i), "Help is here.", 1) for i in range(20))
    assert len(bench.of(ReportArrived)) == 20
    assert isinstance(bench.events[0], Started)


def test_two_lines_share_the_work(bench: Desk) -> None:
    bench.fill(30)

    def slowly(link: ScriptedLink, submission: Submission) -> Outcome:
        time.sleep(0.005)
        return link.accept(submission)

    bench.driver.answer = slowly
    bench.driver.sims = ["8944000000000000017", "8944000000000000025"]
    assert bench.execute("fake1", "fake2").exit_code == 0
    assert len(bench.driver.on_air) == len(set(bench.driver.on_air)) == 30
    lines = {event.line for event in bench.of(PartAnswered)}
    assert len(lines) == 2


def test_a_long_text_goes_part_by_part(bench: Desk) -> None:
    bench.fill(3, LONG)
    assert bench.execute().exit_code == 0
    assert [seq for _, _, seq in bench.driver.on_air] == [1, 2, 3] * 3
    assert "".join(text for to, text, _ in bench.driver.on_air if to == number(0)) == LONG


def test_nothing_goes_on_air_before_its_intent_is_on_disk(bench: Desk) -> None:
    bench.fill(5)
    seen = []

    def look(link: ScriptedLink, submission: Submission) -> Outcome:
        link.commit()
        rows = {row.number: row for row in bench.store.messages(State.SENDING)}
        seen.append(submission.destination in rows)
        link.commit = lambda: None
        return link.accept(submission)

    bench.driver.answer = look
    bench.execute()
    assert seen == [True] * 5


def test_a_wrong_number_fails_alone_and_delays_nobody(bench: Desk) -> None:
    bench.fill(5)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(2):
            link.commit()
            return refused(Refusal.RECIPIENT)
        return link.accept(submission)

    bench.driver.answer = answer
    finished = bench.execute()
    assert finished.exit_code == 3
    assert (finished.totals[State.FAILED], finished.totals[State.DELIVERED]) == (1, 4)


def test_a_passing_refusal_is_tried_again_until_its_tries_are_used_up(bench: Desk) -> None:
    bench.fill(1)
    calls = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        calls.append(submission.seq)
        link.commit()
        return refused(Refusal.RETRY, 41)

    bench.driver.answer = answer
    finished = bench.execute()
    assert len(calls) == 3
    (row,) = bench.store.messages()
    assert (row.state, row.parts[0].attempts, row.parts[0].cms_error) == (State.FAILED, 3, 41)
    assert "tried 3 times" in row.why
    assert finished.exit_code == 3


def test_a_refused_part_is_tried_again_alone(bench: Desk) -> None:
    bench.fill(1, LONG)
    refusals = [1]

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.seq == 2 and refusals:
            refusals.pop()
            link.commit()
            return refused(Refusal.RETRY, 41)
        return link.accept(submission)

    bench.driver.answer = answer
    assert bench.execute().exit_code == 0
    assert [seq for _, _, seq in bench.driver.on_air] == [1, 2, 3]


def test_silence_makes_it_uncertain_and_it_is_never_sent_again(bench: Desk) -> None:
    bench.fill(3)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(1):
            link.go(submission)
            return Outcome(OutcomeKind.UNKNOWN, why="the modem fell silent")
        return link.accept(submission)

    bench.driver.answer = answer
    finished = bench.execute(wait_reports_s=0.3)
    assert finished.exit_code == 4
    assert finished.totals[State.UNCERTAIN] == 1
    assert bench.execute(wait_reports_s=0.3).exit_code == 4
    assert len(bench.driver.on_air) == 3


@pytest.mark.parametrize("committed", [True, False])
def test_a_link_that_breaks_while_sending(bench: Desk, committed: bool) -> None:
    bench.fill(2)
    breaks = [1]

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if breaks:
            breaks.pop()
            if committed:
                link.go(submission)
            raise LinkLost("unplugged")
        return link.accept(submission)

    bench.driver.answer = answer
    finished = bench.execute(wait_reports_s=1.0)
    assert bench.driver.opened == 2
    assert len(set(bench.driver.on_air)) == len(bench.driver.on_air) == 2
    assert finished.totals[State.UNCERTAIN] == int(committed)
    assert finished.totals[State.DELIVERED] == 2 - int(committed)


def test_an_interrupted_run_finishes_what_is_open_and_keeps_the_rest(bench: Desk) -> None:
    bench.fill(50)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        time.sleep(0.01)
        return link.accept(submission)

    bench.driver.answer = answer

    def stop_soon(run: Run) -> None:
        while len(bench.driver.on_air) < 3:
            time.sleep(0.001)
        run.stop()

    first = bench.execute(during=stop_soon)
    assert first.exit_code == 130
    assert first.totals[State.SENDING] == first.totals[State.UNCERTAIN] == 0
    assert first.totals[State.QUEUED] > 0
    assert sum(first.totals.values()) == 50
    assert bench.execute(wait_reports_s=0.2).exit_code == 0
    assert len(bench.driver.on_air) == len(set(bench.driver.on_air)) == 50


def test_another_sim_after_a_reset_stops_the_line_and_names_both(bench: Desk) -> None:
    bench.fill(3)
    bench.driver.sims = ["8944000000000000017", "8944000000000000025"]

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if len(bench.driver.on_air) == 1:
            raise LinkLost("reset")
        return link.accept(submission)

    bench.driver.answer = answer
    finished = bench.execute()
    assert finished.exit_code == 5
    assert "8944000000000000017" in finished.why
    assert "8944000000000000025" in finished.why
    assert len(bench.driver.on_air) == 1


def test_an_officers_operation_never_sends_from_a_sim_it_does_not_know(bench: Desk) -> None:
    bench.settings = dataclasses.replace(bench.settings, lab=False)
    bench.fill(1)
    assert bench.execute().exit_code == 0
    bench.fill(1, "Second text.")
    bench.driver.sims = ["8944000000000000025"]
    finished = bench.execute()
    assert finished.exit_code == 5
    assert "is not one that this operation has sent from before" in finished.why
    assert len(bench.driver.on_air) == 1


def test_one_sim_is_never_driven_through_two_ports(bench: Desk) -> None:
    bench.fill(4)
    finished = bench.execute("fake1", "fake2")
    assert finished.exit_code == 0
    stopped = [event for event in bench.of(LineChanged) if event.state == "stopped" and event.why]
    assert any("already in use" in event.why for event in stopped)
    assert len(bench.driver.on_air) == 4


def test_a_pin_stops_the_line_with_its_own_exit_code(bench: Desk) -> None:
    bench.fill(1)

    def ask(_opened: int) -> None:
        raise GuardStop("the SIM asks for its PIN")

    bench.driver.bring_up = ask
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.opened) == (5, 1)
    assert "PIN" in finished.why
    assert finished.totals[State.QUEUED] == 1


def test_a_modem_that_never_answers_is_given_up(bench: Desk) -> None:
    bench.fill(1)

    def silent(_opened: int) -> None:
        raise LinkLost("nobody answers at fake1")

    bench.driver.bring_up = silent
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.opened) == (6, 3)
    assert "nobody answers" in finished.why


def test_a_barred_sim_stops_its_line_and_loses_no_text(bench: Desk) -> None:
    bench.fill(5)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        link.commit()
        return refused(Refusal.LINE, 10)

    bench.driver.answer = answer
    finished = bench.execute()
    assert finished.exit_code == 5
    assert finished.totals[State.QUEUED] == 5
    assert "refuses every text" in finished.why


def test_a_number_of_the_drama_range_never_leaves_a_real_modem(bench: Desk) -> None:
    bench.fill(1)
    bench.driver.virtual = False
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.on_air) == (3, [])


def test_without_reports_the_run_does_not_wait_for_them(bench: Desk) -> None:
    bench.fill(2)
    bench.driver.reports = False
    bench.driver.answer = lambda link, submission: link.accept(submission, status=None)
    began_s = time.monotonic()
    finished = bench.execute(wait_reports_s=60.0)
    assert finished.exit_code == 0
    assert finished.totals[State.SENT] == 2
    assert time.monotonic() - began_s < 30


def test_reports_that_never_come_are_waited_for_no_longer_than_asked(bench: Desk) -> None:
    bench.fill(1)
    bench.driver.answer = lambda link, submission: link.accept(submission, status=None)
    finished = bench.execute(wait_reports_s=0.2)
    assert (finished.exit_code, finished.totals[State.SENT]) == (0, 1)


def test_an_undelivered_text_shows_in_the_exit_code(bench: Desk) -> None:
    bench.fill(1)
    bench.driver.answer = lambda link, submission: link.accept(submission, status=0x43)
    finished = bench.execute()
    assert (finished.exit_code, finished.totals[State.UNDELIVERED]) == (3, 1)
    moved = [event for event in bench.of(MessageMoved) if event.new is State.UNDELIVERED]
    assert len(moved) == 1


def test_no_network_sends_nothing_until_it_is_back(bench: Desk) -> None:
    bench.fill(1)
    bench.driver.registration = Registration.SEARCHING

    def stop_soon(run: Run) -> None:
        time.sleep(0.3)
        run.stop()

    finished = bench.execute(during=stop_soon)
    assert (finished.exit_code, bench.driver.on_air) == (130, [])
    assert any(event.state == "no network" for event in bench.of(LineChanged))


def test_a_pace_holds_a_line_back(bench: Desk) -> None:
    bench.settings = dataclasses.replace(bench.settings, pace=Pace(per_minute=2))
    bench.fill(4)

    def stop_soon(run: Run) -> None:
        time.sleep(0.5)
        run.stop()

    bench.execute(during=stop_soon)
    assert len(bench.driver.on_air) == 2
    bench.execute(during=stop_soon)
    assert len(bench.driver.on_air) == 2


def test_nothing_to_send_opens_no_port(bench: Desk) -> None:
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.opened) == (0, 0)


def test_a_bug_in_a_driver_ends_the_run_with_its_own_error(bench: Desk) -> None:
    bench.fill(1)

    def bug(link: ScriptedLink, submission: Submission) -> Outcome:
        raise ZeroDivisionError

    bench.driver.answer = bug
    with pytest.raises(ZeroDivisionError):
        bench.execute()
    assert bench.store.totals()[State.QUEUED] == 1


def test_texts_never_appear_in_what_the_run_tells(bench: Desk) -> None:
    bench.fill(2, "A very particular wording")
    bench.execute()
    assert "particular" not in repr(bench.events)
