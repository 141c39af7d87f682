"""A queue so long that counting it takes a while: it is counted rarely, and nothing else waits for that."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from gsmsend.contract import Submission
from gsmsend.engine.ending import EXIT_INTERRUPTED
from gsmsend.engine.run import Run
from gsmsend.model import Outcome, State
from gsmsend.testing.scripted import Desk, ScriptedLink

COUNTING_S = 0.05


@pytest.fixture
def counted(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When it was counted; each time takes as long as with millions of texts."""
    totals, times = bench.store.totals, list[float]()

    def slowly() -> dict[State, int]:
        times.append(time.monotonic())
        time.sleep(COUNTING_S)
        return totals()

    monkeypatch.setattr(bench.store, "totals", slowly)
    return times


def slow(link: ScriptedLink, submission: Submission) -> Outcome:
    time.sleep(0.03)
    return link.accept(submission)


def test_it_is_counted_for_a_twentieth_of_the_time(bench: Desk, counted: list[float]) -> None:
    bench.driver.answer = slow
    bench.fill(50)
    assert bench.execute().totals[State.DELIVERED] == 50
    looks = counted[1:-1]  # without the run's start and end
    assert len(looks) >= 2
    assert all(later - earlier >= 20 * COUNTING_S for earlier, later in pairwise(looks))


def test_a_stop_does_not_wait_for_the_next_count(bench: Desk, counted: list[float]) -> None:
    bench.driver.answer = slow
    bench.fill(200)

    def stop(run: Run) -> None:
        while len(counted) < 2:
            time.sleep(0.01)
        time.sleep(2 * COUNTING_S)
        run.stop()

    finished = bench.execute(during=stop)
    assert finished.exit_code == EXIT_INTERRUPTED
    assert finished.totals[State.QUEUED] > 100
