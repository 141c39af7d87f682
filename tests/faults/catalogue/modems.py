"""The modem itself: unplugged, renamed, restarted, hung, late."""

from __future__ import annotations

import os

from tests.faults.case import case
from tests.faults.far_side import until
from tests.faults.scene import Scene

MANY = 14
LONG = "Help is here for you, free and private. " * 10
POINTS = ("before-prompt", "at-prompt", "mid-pdu", "after-ctrl-z", "before-result")


@case("modem", "unplugged", *POINTS)
def unplugged(on: Scene, point: str) -> None:
    on.bench(f"unplug:at={point},back=1,skip=4")
    on.people(MANY)
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": MANY})
    on.told("gone")
    on.recovers(6)


@case("modem", "unplugged", "at-prompt, texts of three parts", "after-ctrl-z, texts of three parts")
def unplugged_in_a_long_text(on: Scene, what: str) -> None:
    """The parts that the network has are not sent again; the rest goes with the same reference."""
    on.bench(f"unplug:at={what.partition(',')[0]},back=1,skip=7")
    on.people(5, LONG)
    on.run(wait_reports_s=15)
    on.ends(0, {"delivered": 5})
    on.recovers(6)
    assert all(part.attempts <= 2 for row in on.messages() for part in row.parts)


@case("modem", "unplugged", "while nothing is sent")
def unplugged_while_waiting(on: Scene, _: object) -> None:
    on.bench(report_s=3)
    on.people(4)
    run = on.run(wait_reports_s=20)
    on.far.wait_for("accepted", 4)
    on.far.fault("unplug:at=now,back=1")
    on.ends(0, {"delivered": 4}, run)
    on.told("gone")


@case("modem", "unplugged", "and never plugged in again, another modem there")
def unplugged_for_good(on: Scene, _: object) -> None:
    on.bench("unplug:at=at-prompt,back=never,skip=4,modem=1", modems=2)
    on.people(30)
    on.run(wait_reports_s=2)
    on.ends({0, 4})
    on.told("gone", "not there")
    on.never_waits(2, spare=14)
    assert sum(row.state.value in ("sent", "delivered") for row in on.messages()) == 30


@case("modem", "unplugged", "and never plugged in again, the only modem")
def unplugged_the_only_one(on: Scene, _: object) -> None:
    on.bench("unplug:at=at-prompt,back=never,skip=4")
    on.people(10)
    on.run(wait_reports_s=2, set={"gsmsend.engine.comeback:_GIVE_UP_S": 2.0})
    on.ends(6)
    on.told("gone", "not there")


@case("modem", "comes back under another name", "at-prompt", "after-ctrl-z")
def renamed(on: Scene, point: str) -> None:
    on.bench(f"vanish:at={point},back=1,skip=4")
    on.people(MANY)
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": MANY})
    on.told("gone")
    on.recovers(12)


@case("modem", "restarts by itself", *POINTS)
def restarted(on: Scene, point: str) -> None:
    on.bench(f"reboot:at={point},skip=4")
    on.people(MANY)
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": MANY})
    on.recovers(8)


@case("modem", "restarts by itself", "huawei", long=("simcom", "quectel"))
def restarted_with_words(on: Scene, personality: str) -> None:
    on.bench("reboot:at=at-prompt,skip=4", personality=[personality])
    on.people(MANY)
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": MANY})
    on.recovers(15)


@case("modem", "restarts by itself", "while nothing is sent")
def restarted_while_waiting(on: Scene, _: object) -> None:
    on.bench(report_s=2)
    on.people(4)
    run = on.run("--stay", wait_reports_s=20)
    on.far.wait_for("accepted", 4)
    on.far.ask("reboot", modem=1)
    later = on.people(4, first=100, name="later.csv")
    until(
        lambda: on.command("import", str(later), "--operation", str(on.place)) == 0, "the second list is imported"
    )
    on.far.wait_for("acknowledged", 8)
    run.stop()
    on.ends(130, {"delivered": 8}, run)


@case(
    "modem",
    "hangs",
    "silent, after-ctrl-z",
    "says-ok, before-prompt",
    "stuck-prompt, before-prompt",
    long=("silent, before-prompt", "says-ok, after-ctrl-z", "stuck-prompt, after-ctrl-z"),
)
def hangs(on: Scene, what: str) -> None:
    how, point = what.split(", ")
    on.bench(f"wedge:how={how},at={point},for=2,skip=4")
    on.people(MANY)
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": MANY})
    on.recovers(12)


@case("modem", "hangs", "for good, another modem there")
def hangs_for_good(on: Scene, _: object) -> None:
    on.bench("wedge:at=before-prompt,skip=4,modem=1", modems=2)
    on.people(40)
    on.run(wait_reports_s=2)
    on.ends({0, 4})
    on.told("no prompt")
    on.never_waits(2, spare=14)
    assert sum(row.state.value in ("sent", "delivered") for row in on.messages()) == 40


@case("modem", "hangs", "for good, the only modem")
def hangs_alone(on: Scene, _: object) -> None:
    on.bench("wedge:at=before-prompt,skip=4")
    on.people(10)
    on.run(wait_reports_s=2, set={"gsmsend.engine.comeback:_GIVE_UP_S": 2.0})
    on.ends(6)
    on.told("no prompt", "silent")


@case(
    "modem", "hangs", "silent, from the start", "says-ok, from the start", long=("stuck-prompt, from the start",)
)
def hangs_from_the_start(on: Scene, what: str) -> None:
    on.bench(f"wedge:how={what.partition(',')[0]}")
    on.people(4)
    on.run(wait_reports_s=1)
    on.ends(6, {"queued": 4})
    on.told("says ok" if "says-ok" in what else "silent")


@case("modem", "hangs", "after a text that went out")
def hangs_on_a_text(on: Scene, _: object) -> None:
    on.bench("no-result:skip=4,modem=1", modems=2)
    on.people(30)
    on.run(wait_reports_s=3)
    on.ends({0, 4})
    on.told("no answer")
    on.never_waits(2, spare=14)
    assert sum(row.state.value == "uncertain" for row in on.messages()) <= 1


@case("modem", "left at a prompt by another program")
def left_at_a_prompt(on: Scene) -> None:
    on.bench()
    port = os.open(on.far.ports[0], os.O_RDWR | os.O_NOCTTY)
    os.write(port, b"AT+CMGF=0\rAT+CMGS=26\r")
    on.far.wait_for("attached")
    os.write(port, b"0011000D91")
    os.close(port)
    on.people(6)
    on.run()
    on.ends(0, {"delivered": 6})


@case("modem", "prompt is late", "a little", "too much")
def late_prompt(on: Scene, how: str) -> None:
    on.bench(f"late-prompt:s={0.6 if how == 'a little' else 2},skip=4,count=1")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.recovers(8)
    if how == "too much":
        on.told("no prompt")


@case("modem", "prompt is swallowed")
def swallowed_prompt(on: Scene) -> None:
    on.bench("swallow-prompt:skip=4,count=2")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.told("no prompt")
    on.recovers(8)


@case("modem", "AT+CMGS is refused", "302", long=("-1", "500"))
def refused_command(on: Scene, code: str) -> None:
    on.bench(f"refuse-command:skip=4,count=1,code={code}")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.recovers(8)


@case("modem", "answer is late", "the modem is busy until then", "in the middle of something else")
def late_answer(on: Scene, how: str) -> None:
    on.bench(f"late-result:s=2.5,skip=4,busy={'yes' if 'busy' in how else 'no'}")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.told("no answer", "late answer")
    on.recovers(8)


@case("modem", "answer is late", "within the next text")
def late_answer_within_the_next(on: Scene, _: object) -> None:
    on.bench("late-result:s=4.2,skip=4,busy=no", radio_s=0.8)
    on.people(7)
    on.run(wait_reports_s=10)
    on.ends(0, {"delivered": 7})
    on.told("no answer")


@case("modem", "answer never comes")
def no_answer(on: Scene) -> None:
    on.bench("no-result:then=free,skip=4")
    on.people(MANY)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": MANY})
    on.told("no answer")
    on.recovers(10)
