"""A line without network, as the engine drives it: nothing is burnt, and it goes on at once."""

from __future__ import annotations

import dataclasses
import time

import pytest

from gsmsend.contract import Submission
from gsmsend.engine.events import Notice, PartAnswered
from gsmsend.engine.run import Run
from gsmsend.model import Outcome, OutcomeKind, Refusal, Registration, State
from gsmsend.testing.scripted import Desk, ScriptedLink, number

LONG = "Help is here for you, any time and for free. " * 8


def refused(refusal: Refusal, code: int = 1) -> Outcome:
    return Outcome(OutcomeKind.REFUSED, refusal=refusal, code=code, why="the network said no")


def test_a_network_that_comes_back_is_used_at_once_and_told(bench: Desk) -> None:
    bench.fill(1)
    bench.driver.registration = Registration.DENIED

    def come_back(run: Run) -> None:
        time.sleep(0.3)
        (link,) = bench.driver.links
        facts = link.bring_up()
        link.heard.put(lambda: link.sink.changed(dataclasses.replace(facts, registration=Registration.HOME)))

    began_s = time.monotonic()
    assert bench.execute(during=come_back).exit_code == 0
    assert time.monotonic() - began_s < 10.0
    told = [event.text for event in bench.of(Notice)]
    assert any("the network refuses this SIM" in text for text in told)
    assert any("the network is back" in text for text in told)


def test_a_line_without_network_burns_no_tries_and_leaves_the_texts_to_others(bench: Desk) -> None:
    bench.driver.sims = ["8944000000000000017", "8944000000000000025"]
    bench.fill(10)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if link.endpoint.address == "fake1":
            link.commit()
            link.heard.put(
                lambda: link.sink.changed(
                    dataclasses.replace(link.bring_up(), registration=Registration.SEARCHING)
                )
            )
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=331, why="no network service")
        time.sleep(0.01)
        return link.accept(submission)

    bench.driver.answer = answer
    finished = bench.execute("fake1", "fake2", wait_reports_s=2.0)
    assert finished.totals[State.DELIVERED] == 10
    parts = [part for row in bench.store.messages() for part in row.parts]
    assert all(part.attempts == 1 for part in parts)
    refused = [event for event in bench.of(PartAnswered) if event.outcome.code == 331]
    assert 1 <= len(refused) <= 3


def test_a_text_that_gets_no_network_though_there_is_one_is_charged_and_told_once(
    bench: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsmsend.engine.network._READ_S", 0.01)
    bench.fill(4)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(1):
            link.commit()
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=331, why="no network service")
        return link.accept(submission)

    bench.driver.answer = answer
    finished = bench.execute(wait_reports_s=2.0)
    assert (finished.totals[State.DELIVERED], finished.totals[State.FAILED]) == (3, 1)
    told = [event.text for event in bench.of(Notice) if "no network" in event.text]
    assert len(told) == 1
    assert "though it is registered" in told[0]
