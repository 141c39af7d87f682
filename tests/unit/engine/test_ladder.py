"""The recovery ladder: mild steps first, none on an exhibit, quarantine at the top, no effect on other lines."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from pathlib import Path

from gsmsend.config import Recovery, Settings
from gsmsend.contract import Endpoint, OpenOptions, Step, Submission
from gsmsend.engine import ladder
from gsmsend.engine.events import LineChanged, Notice
from gsmsend.errors import LinkLost
from gsmsend.model import Outcome, State
from gsmsend.testing.scripted import Desk, ScriptedDriver, ScriptedLink

LAB = Settings(Path("op"), "op", lab=True, recovery=Recovery(hub_power=True, quarantine_s=300.0))


def test_steps_come_between_openings_and_end_in_quarantine() -> None:
    rungs = [ladder.rung(failures, LAB) for failures in range(1, 19)]
    assert [rung.step for rung in rungs if rung.step] == [Step.RADIO, Step.USB, Step.POWER]
    assert [rung.quarantined for rung in rungs] == [False] * 11 + [True] * 7
    assert [rung.wait_s for rung in rungs[11:]] == [15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0]
    assert rungs[0].wait_s < rungs[1].wait_s < rungs[2].wait_s


def test_nothing_but_opening_again_is_done_to_an_exhibit() -> None:
    exhibit = dataclasses.replace(
        LAB, lab=False, recovery=Recovery(radio_cycle=True, usb_reset=True, hub_power=True)
    )
    assert ladder.steps(exhibit) == ()
    assert all(ladder.rung(failures, exhibit).step is None for failures in range(1, 50))
    assert {ladder.rung(failures, exhibit).wait_s for failures in range(3, 50)} == {300.0}


def test_a_step_can_be_forbidden_by_the_config() -> None:
    settings = dataclasses.replace(LAB, recovery=Recovery(radio_cycle=False))
    assert ladder.steps(settings) == (Step.USB,)


def test_a_device_that_never_came_up_gets_each_step_once_and_is_given_up() -> None:
    found = [ladder.first(failures, LAB) for failures in range(1, 8)]
    assert [rung.step for rung in found if rung is not None] == [None, None, *Step]
    assert found[-2:] == [None, None]


class Resettable(ScriptedDriver):
    """A driver whose device comes back after a certain step."""

    cure: Step | None = None
    steps: list[Step]
    cured = False

    def recover(self, endpoint: Endpoint, step: Step, options: OpenOptions) -> bool:
        self.steps.append(step)
        self.cured = self.cured or step is self.cure
        return True


def test_a_lost_device_is_brought_back_by_the_step_that_helps(bench: Desk) -> None:
    driver = Resettable()
    driver.steps, driver.cure = [], Step.USB
    bench.driver = driver
    bench.fill(2)

    def dead(opened: int) -> None:
        if not driver.cured:
            raise LinkLost("it answers nothing")

    driver.bring_up = dead
    finished = bench.execute(wait_reports_s=2.0)
    assert driver.steps == [Step.RADIO, Step.USB]
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (0, 2)
    told = [event.text for event in bench.of(Notice)]
    assert any("reset it on its USB port: done" in text for text in told)
    connection = sqlite3.connect(bench.folder / "gsmsend.db")
    log = [line for (line,) in connection.execute("SELECT line FROM audit WHERE kind = 'note' ORDER BY n")]
    connection.close()
    assert len(log) == 2
    assert "reset it on its USB port: done" in log[1]


def test_quarantine_is_told_once_however_often_the_device_is_tried(bench: Desk) -> None:
    bench.driver.sims = ["8944000000000000017", "8944000000000000025"]
    bench.settings = dataclasses.replace(
        bench.settings, recovery=Recovery(radio_cycle=False, usb_reset=False, quarantine_s=0.01)
    )
    bench.fill(50)
    tried: list[int] = []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if link.endpoint.address == "fake1":
            raise LinkLost("it answers nothing")
        time.sleep(0.05)
        return link.accept(submission)

    def dead(opened: int) -> None:
        if opened > 2:
            tried.append(opened)
            raise LinkLost("it answers nothing")

    bench.driver.answer, bench.driver.bring_up = answer, dead
    bench.execute("fake1", "fake2", wait_reports_s=2.0)
    assert len(tried) > 6
    assert len([event for event in bench.of(Notice) if "is out of use" in event.text]) == 1


def test_another_line_goes_on_meanwhile(bench: Desk) -> None:
    bench.driver.sims = ["8944000000000000017", "8944000000000000025"]
    bench.fill(10)

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if link.endpoint.address == "fake1":
            raise LinkLost("it answers nothing")
        time.sleep(0.01)
        return link.accept(submission)

    def dead(opened: int) -> None:
        if opened > 2:
            raise LinkLost("it answers nothing")

    bench.driver.answer, bench.driver.bring_up = answer, dead
    finished = bench.execute("fake1", "fake2", wait_reports_s=2.0)
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (0, 10)
    states = [event.state for event in bench.of(LineChanged) if event.address == "fake1"]
    assert "recovering" in states
