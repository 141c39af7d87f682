"""What is cut off is settled by the next text's number, also over a stop of the program; never over a restart."""

from __future__ import annotations

import dataclasses

import pytest

from gsmsend.contract import Submission
from gsmsend.engine.events import Notice
from gsmsend.errors import LinkLost
from gsmsend.model import Outcome, OutcomeKind, State
from gsmsend.testing.scripted import Desk, ScriptedLink, number


class Counting:
    """A modem whose TP-MR goes up by one over all links; it loses its link at one recipient, once."""

    def __init__(self, bench: Desk, *, on_air: bool = False, restarts_at: int | None = None) -> None:
        self.bench = bench
        self.last = 40
        self.on_air = on_air
        self.restarts_at = restarts_at
        self.cut = [number(4)]

    def __call__(self, link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination in self.cut:
            self.cut.clear()
            link.commit()
            if self.on_air:
                self.last += 1
                self.bench.driver.on_air.append((submission.destination, "", submission.seq))
            if self.restarts_at is not None:
                self.last, self.bench.driver.register = self.restarts_at, 0
            raise LinkLost("unplugged")
        link.reference = self.last
        outcome = link.accept(submission)
        self.last = link.reference
        return outcome


@pytest.fixture
def quick(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """No listening first, as nothing is ever late here."""
    bench.settings = dataclasses.replace(bench.settings, listen_first_s=0.0)
    bench.driver.register = 0
    bench.fill(9)
    return bench


def test_the_next_text_took_its_number_so_it_is_sent_again(quick: Desk) -> None:
    quick.driver.answer = Counting(quick)
    finished = quick.execute(wait_reports_s=2.0)
    assert finished.totals[State.SENT] + finished.totals[State.DELIVERED] == 9
    assert len(quick.driver.on_air) == len(set(quick.driver.on_air)) == 9
    assert any("the next text took the number" in event.text for event in quick.of(Notice))


def test_it_took_a_number_so_it_stays_uncertain(quick: Desk) -> None:
    quick.driver.answer = Counting(quick, on_air=True)
    finished = quick.execute(wait_reports_s=0.5)
    assert finished.totals[State.UNCERTAIN] == 1
    assert len(quick.driver.on_air) == len(set(quick.driver.on_air)) == 9


def test_a_modem_that_restarts_and_gives_its_number_again_proves_nothing(quick: Desk) -> None:
    quick.driver.answer = Counting(quick, on_air=True, restarts_at=44)
    finished = quick.execute(wait_reports_s=0.5)
    assert finished.totals[State.UNCERTAIN] == 1
    assert len(quick.driver.on_air) == len(set(quick.driver.on_air)) == 9


def test_a_device_that_keeps_no_mark_proves_nothing(quick: Desk) -> None:
    quick.driver.register = None
    quick.driver.answer = Counting(quick)
    assert quick.execute(wait_reports_s=0.5).totals[State.UNCERTAIN] == 1


def test_the_stretch_goes_on_in_the_next_run(quick: Desk) -> None:
    counting = Counting(quick)

    def one_run(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(4) and counting.cut:
            quick_stop.append(True)
            link.commit()
            counting.cut.clear()
            return Outcome(OutcomeKind.UNKNOWN, why="stopped")
        if quick_stop and quick.driver.opened == 1:
            raise LinkLost("the run is over")
        return counting(link, submission)

    quick_stop: list[bool] = []
    quick.driver.answer = one_run
    quick.execute(wait_reports_s=0.5, during=lambda run: _stop_when(quick_stop, run.stop))
    register = quick.driver.register
    assert quick.store.totals()[State.UNCERTAIN] == 1
    finished = quick.execute(wait_reports_s=2.0)
    assert quick.driver.register == register
    assert finished.totals[State.SENT] + finished.totals[State.DELIVERED] == 9


def _stop_when(said: list[bool], stop: object) -> None:
    while not said:
        pass
    assert callable(stop)
    stop()
