"""The wall clock set back in mid-run: noticed, and nothing waits for the old time."""

from __future__ import annotations

from gsmsend.config import Pace
from gsmsend.engine.pace import PaceKeeper
from gsmsend.engine.wall import WallWatch
from gsmsend.testing.clock import ManualClock

DAY_S = 86_400.0


def test_only_a_step_back_is_noticed_and_once() -> None:
    clock, watch = ManualClock(), WallWatch()

    def look() -> float:
        return watch.set_back(clock.now(), clock.monotonic())

    assert look() == 0.0
    clock.advance(1000.0)
    assert look() == 0.0
    clock.set_back(DAY_S)
    assert look() == DAY_S
    assert look() == 0.0
    clock.set_back(-DAY_S)
    assert look() == 0.0
    clock.set_back(0.5)
    assert look() == 0.0


def test_the_pace_does_not_wait_for_tomorrow() -> None:
    keeper = PaceKeeper(Pace(per_minute=2), [DAY_S, DAY_S + 1.0])
    assert keeper.ready_at(10.0) == 70.0
