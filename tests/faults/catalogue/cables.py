"""The line between computer and modem, and unsolicited noise on it."""

from __future__ import annotations

from tests.faults.case import case
from tests.faults.scene import Scene

MANY = 20
LOOKS_OFTEN = {"gsmsend_atmodem.link:CHECK_EVERY_S": 5.0}
"""A modem switches its routing off when a torn report was not acknowledged; the idle check finds that out."""


@case("line", "unsolicited lines everywhere")
def unsolicited(on: Scene) -> None:
    on.bench("urcs:share=0.6")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.never_waits(1)


@case("line", "floods of unsolicited lines")
def flood(on: Scene) -> None:
    on.bench("flood:lines=30,every=0.05")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.never_waits(1)


@case("line", "garbage and 8-bit octets", "between lines")
def garbage_between(on: Scene, _: object) -> None:
    on.bench("garbage:share=0.3")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.never_waits(1, 2)


@case("line", "garbage and 8-bit octets", "inside lines, for a while")
def garbage_inside(on: Scene, _: object) -> None:
    """What was garbled may stay in doubt; once the noise is over everything is as before."""
    on.bench("garbage:where=inside,share=0.08,count=12")
    on.people(MANY)
    on.run(wait_reports_s=60, set=LOOKS_OFTEN).finish(150)
    on.ends({0, 4})
    counts = [row.state.value for row in on.messages()]
    assert counts.count("uncertain") <= 2, counts
    assert counts.count("delivered") >= MANY - 2, f"reports stopped coming: {counts}"


@case("line", "half lines", "in two halves")
def halves(on: Scene, _: object) -> None:
    on.bench("halves:s=0.02")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})


@case("line", "half lines", "the rest is lost, for a while")
def cut(on: Scene, _: object) -> None:
    on.bench("cut:share=0.06,count=6,skip=40")
    on.people(MANY)
    on.run(wait_reports_s=60, set=LOOKS_OFTEN).finish(150)
    on.ends({0, 4})
    counts = [row.state.value for row in on.messages()]
    assert counts.count("uncertain") <= 2, counts
    assert counts.count("delivered") >= MANY - 2, f"reports stopped coming: {counts}"


@case("line", "slow line", "9600", "2400")
def slow(on: Scene, baud: str) -> None:
    on.bench(f"slow:baud={baud}")
    on.people(6)
    on.run(wait_reports_s=10)
    on.ends(0, {"delivered": 6})


@case("line", "writes are not taken", "for 3 s")
def stalled(on: Scene, _: object) -> None:
    on.bench(report_s=0.3)
    on.people(MANY)
    run = on.run(wait_reports_s=15)
    on.far.wait_for("accepted", 4)
    on.far.fault("stall:s=3")
    on.ends(0, {"delivered": MANY}, run)
    on.recovers(10)


@case("line", "writes are not taken", "for good, another modem there")
def stalled_for_good(on: Scene, _: object) -> None:
    on.bench(modems=2, report_s=0.3)
    on.people(60)
    run = on.run(wait_reports_s=3, set={"gsmsend_atmodem.stream:WRITE_TIMEOUT_S": 2.0})
    on.far.wait_for("accepted", 6, modem=1)
    on.far.fault("stall:s=1000,modem=1")
    on.ends({0, 4}, None, run)
    on.never_waits(2, spare=14)
    assert sum(row.state.value in ("sent", "delivered") for row in on.messages()) >= 59
