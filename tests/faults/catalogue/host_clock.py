"""The computer's clock and its sleep."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.faults.case import case
from tests.faults.launch import CLOCK
from tests.faults.scene import Scene

DAY_S = 86_400.0
HOUR_S = 3_600.0


class Clock:
    """The child's clock, in the test's hand."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clock"
        self.path.write_bytes(CLOCK.pack(0.0, 0.0))

    def shift(self, wall_s: float, monotonic_s: float = 0.0) -> None:
        """Set it so far off the real one."""
        with self.path.open("r+b") as stream:
            stream.write(CLOCK.pack(wall_s, monotonic_s))


JUMPS = {"a day back": -DAY_S, "a day ahead": DAY_S}


@case("host", "clock set", *(f"{jump}, {when}" for jump in JUMPS for when in ("in mid-run", "between two runs")))
def clock_set(on: Scene, what: str) -> None:
    """One text waits to be tried again meanwhile; nobody waits a day, nobody is texted twice."""
    jump, when = what.split(", ")
    clock = Clock(on.folder)
    on.bench("refuse:code=41,to=+447700900001,count=2", radio_s=0.1)
    on.operation(retry={"soon_first_seconds": 1.5, "soon_longest_seconds": 1.5})
    on.people(16)
    run = on.run(clock=str(clock.path), wait_reports_s=8)
    on.far.wait_for("accepted", 4)
    if when == "between two runs":
        run.stop()
        on.ends(130, None, run)
        clock.shift(JUMPS[jump])
        run = on.run(clock=str(clock.path), wait_reports_s=8)
    else:
        clock.shift(JUMPS[jump])
    on.ends(0, {"delivered": 16}, run)
    if when == "in mid-run":
        on.never_waits(1, 6)
        if jump == "a day back":
            on.told("clock back")


@case("host", "clock set", *(f"{jump}, while reports are awaited" for jump in JUMPS))
def clock_set_while_waiting(on: Scene, what: str) -> None:
    clock = Clock(on.folder)
    on.bench(report_s=2)
    on.people(4)
    run = on.run(clock=str(clock.path), wait_reports_s=12)
    on.far.wait_for("accepted", 4)
    time.sleep(0.7)
    clock.shift(JUMPS[what.partition(",")[0]])
    on.ends(0, {"delivered": 4}, run)


@case("host", "clock set", "a day back, reports that never come")
def clock_set_back_no_reports(on: Scene, _: object) -> None:
    clock = Clock(on.folder)
    on.bench("no-reports")
    on.people(4)
    run = on.run(clock=str(clock.path), wait_reports_s=3)
    on.far.wait_for("accepted", 4)
    time.sleep(0.7)
    clock.shift(-DAY_S)
    on.ends(0, {"sent": 4}, run)


@case("host", "clock set", "a day back, with a pace")
def clock_set_back_pace(on: Scene, _: object) -> None:
    clock = Clock(on.folder)
    on.bench()
    on.operation(pace={"per_minute": 600, "per_hour": 8})
    on.people(5)
    on.run(clock=str(clock.path))
    on.ends(0, {"delivered": 5})
    clock.shift(-DAY_S)
    on.people(3, first=50, name="people2.csv")
    on.run(clock=str(clock.path))
    on.ends(0, {"delivered": 8})


@case("host", "suspended for an hour", *(f"{clocks}, {when}" for clocks in ("wall clock", "both clocks")
                                         for when in ("while sending", "while reports are awaited")))  # fmt: skip
def suspended(on: Scene, what: str) -> None:
    """Linux stops the monotonic clock in sleep, other systems let it run on; the modem works on meanwhile."""
    clocks, when = what.split(", ")
    clock = Clock(on.folder)
    on.bench(radio_s=0.3, report_s=2.5 if "reports" in when else 0.2)
    on.people(4 if "reports" in when else 10)
    run = on.run(clock=str(clock.path), wait_reports_s=8)
    on.far.wait_for("accepted", 4)
    os.kill(run.child.pid, signal.SIGSTOP)
    time.sleep(1.5)
    clock.shift(HOUR_S, HOUR_S if clocks == "both clocks" else 0.0)
    os.kill(run.child.pid, signal.SIGCONT)
    on.ends(0, {"delivered": on.recipients}, run)
