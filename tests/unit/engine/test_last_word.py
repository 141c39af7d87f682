"""How a run ends: with everything that was heard before told and counted."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from gsmsend.contract import Submission
from gsmsend.engine.events import Event, Finished, ReportArrived
from gsmsend.engine.rules import EngineRules
from gsmsend.engine.run import Run
from gsmsend.model import Outcome, Report, ReportOutcome, State
from gsmsend.testing.scripted import Desk, RealClock, ScriptedLink, number

_SLOW_S = 0.5


def test_a_report_being_recorded_when_the_run_ends_is_told_before_and_counted(
    bench: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.fill(1)
    over = threading.Event()
    outcome_of, wake = EngineRules.outcome_of, ScriptedLink.wake

    def slow_disk(rules: EngineRules, status: int) -> ReportOutcome:
        over.wait(_SLOW_S)
        return outcome_of(rules, status)

    def hears_it_when_stopped(link: ScriptedLink) -> None:
        link.heard.put(lambda: link.sink.report(Report(1, number(0), 0, raw="AA")))
        wake(link)

    def publish(event: Event) -> None:
        bench.events.append(event)
        if isinstance(event, Finished):
            over.set()

    def no_report_yet(link: ScriptedLink, submission: Submission) -> Outcome:
        return link.accept(submission, status=None)

    monkeypatch.setattr(EngineRules, "outcome_of", slow_disk)
    monkeypatch.setattr(ScriptedLink, "wake", hears_it_when_stopped)
    bench.driver.answer = no_report_yet
    routes = [(bench.driver, bench.driver.endpoint("fake1"))]
    run = Run(bench.settings, bench.store, RealClock(), routes, publish=publish, wait_reports_s=0.0, stay=False)
    finished = run.execute()
    bench.store.close()
    assert bench.of(ReportArrived)
    assert bench.events[-1] is finished
    assert finished.totals[State.DELIVERED] == 1


def test_texts_whose_reports_are_overdue_at_the_end_are_unconfirmed(
    bench: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.settings = dataclasses.replace(bench.settings, unconfirmed_after_s=0.0)
    bench.fill(2)
    looked, expire = threading.Event(), bench.store.expire

    def note(before_s: float, now_s: float) -> int:
        looked.set()
        return expire(before_s, now_s)

    def after_the_first_look(link: ScriptedLink, submission: Submission) -> Outcome:
        assert looked.wait(10.0)
        return link.accept(submission, status=None)

    monkeypatch.setattr(bench.store, "expire", note)
    bench.driver.answer = after_the_first_look
    assert bench.execute(wait_reports_s=0.2).totals[State.UNCONFIRMED] == 2
