"""The SIM: missing, locked, swapped, full, barred."""

from __future__ import annotations

from itertools import pairwise

from tests.faults.case import case
from tests.faults.scene import Scene


@case("sim", "SIM absent", "from the start")
def absent(on: Scene, _: object) -> None:
    on.bench("sim-absent")
    on.people(4)
    on.run()
    on.ends(5, {"queued": 4})
    on.told("no sim")


@case("sim", "SIM absent", "in mid-run")
def taken_out(on: Scene, _: object) -> None:
    on.bench(radio_s=0.1)
    on.people(20)
    run = on.run()
    on.far.wait_for("accepted", 5)
    on.far.fault("sim-absent")
    on.ends(5, None, run)
    on.told("no sim")


@case("sim", "SIM asks for its PIN", "three tries left", "one try left")
def pin(on: Scene, tries: str) -> None:
    """However often it is run, no PIN is tried without approval."""
    on.bench(f"sim-pin:tries={3 if 'three' in tries else 1}")
    on.people(4)
    for _ in range(3):
        on.run()
        on.ends(5, {"queued": 4})
    on.told("pin")
    assert not on.far.events("pin"), "a PIN was tried"


@case("sim", "SIM asks for its PIN", "approved and right", "approved and wrong", "approved, one try left")
def pin_approved(on: Scene, what: str) -> None:
    """Typed once for each approval, over restarts; never with one try left."""
    on.bench(f"sim-pin:pin=1234,tries={1 if 'one try' in what else 3}")
    iccid = on.far.modems[0]["iccid"]
    on.operation({f"pin.{iccid}": {"variable": "PIN_OF_THE_CASE", "approval": 1}})
    on.people(4)
    if what == "approved and right":
        on.run(environment={"PIN_OF_THE_CASE": "1234"})
        on.ends(0, {"delivered": 4})
        return
    for _ in range(3):
        on.run(environment={"PIN_OF_THE_CASE": "9999" if "wrong" in what else "1234"})
        on.ends(5, {"queued": 4})
    on.told("pin refused" if "wrong" in what else "one try left")
    assert len(on.far.events("pin")) == ("wrong" in what), "a PIN was tried again"
    assert on.far.ask("state")["modems"][0]["pin_tries"] == (2 if "wrong" in what else 1)


@case("sim", "SIM asks for its PUK")
def puk(on: Scene) -> None:
    on.bench("sim-puk")
    on.people(4)
    on.run()
    on.ends(5, {"queued": 4})
    on.told("puk")
    assert not on.far.events("pin"), "a PIN or PUK was tried"


@case("sim", "SIM swapped in mid-run", "hot", "reboot", "silent")
def swapped(on: Scene, how: str) -> None:
    """Nothing goes out from the other SIM: that would be another sender's number."""
    on.bench(radio_s=0.1, report_s=0.2)
    on.people(60)
    run = on.run()
    on.far.wait_for("accepted", 5)
    if how == "silent":  # with nothing said, only a pause or an error makes a program look
        on.far.fault("no-network:for=1")
        on.far.wait_for("fault", fault="no-network")
    first = on.far.events("submit")[0]["iccid"]
    on.far.fault(f"sim-swap:how={how}")
    on.ends(5, None, run)
    on.told("other sim")
    others = [event for event in on.far.events("submit") if event["iccid"] != first]
    assert not others, f"{len(others)} texts went out from the other SIM"


@case("sim", "SIM swapped between two runs", "officers", "lab")
def swapped_between(on: Scene, who: str) -> None:
    on.bench(report_s=0.1)
    on.operation(lab=who == "lab", pace={"per_minute": 0, "per_hour": 0, "per_day": 0})
    on.people(4)
    if who == "officers":
        on.approve()
    on.run()
    on.ends(0, {"delivered": 4})
    on.far.fault("sim-swap:how=hot")
    on.people(4, first=50, name="people2.csv")
    if who == "officers":
        on.approve()
    on.run()
    if who == "lab":
        on.ends(0, {"delivered": 8})
        return
    on.ends(5, {"delivered": 4, "queued": 4})
    on.told("not used before")


@case("sim", "SIM storage full", "generic", "huawei", long=("simcom", "quectel"))
def full(on: Scene, personality: str) -> None:
    on.bench("full:memory=SM", "full:memory=ME", personality=[personality])
    before = on.far.snapshot()
    on.people(6)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": 6})
    assert on.far.snapshot() == before, "something was deleted to make room"


@case("sim", "message centre's number missing")
def no_centre(on: Scene) -> None:
    on.bench("smsc-missing")
    on.people(6)
    on.run()
    on.ends(5, {"queued": 6})
    on.told("no centre")


@case("sim", "credit gone", "the only line", "another line there")
def credit(on: Scene, lines: str) -> None:
    alone = lines == "the only line"
    on.bench("credit-gone:skip=4,modem=1", modems=1 if alone else 2)
    on.people(30)
    on.run()
    if alone:
        on.ends(5, {"delivered": 4, "queued": 26})
    else:
        on.ends(0, {"delivered": 30})
        on.never_waits(2, spare=14)
    on.told("credit")
    refused = {event["to"] for event in on.far.events("refused")}
    assert len(refused) == 3, f"the line went on after {len(refused)} people were refused"


@case("sim", "credit gone", "stopped after 5, as the config says")
def credit_configured(on: Scene, _: object) -> None:
    on.bench("credit-gone:skip=4")
    on.operation(retry={"barred_after": 5})
    on.people(20)
    on.run()
    on.ends(5, {"delivered": 4, "queued": 16})
    assert len({event["to"] for event in on.far.events("refused")}) == 5


@case("sim", "line barred", "8", long=("10", "28"))
def barred(on: Scene, code: str) -> None:
    on.bench(f"line-barred:skip=4,code={code}")
    on.people(12)
    on.run()
    on.ends(5, {"delivered": 4, "queued": 8})
    on.told("barred")


@case("sim", "one recipient always fails", "1", "38", "41", long=("27", "195"))
def one_always_fails(on: Scene, code: str) -> None:
    on.bench(f"always-refused:to=+447700900002,code={code}")
    on.people(20)
    on.run()
    on.ends(3, {"delivered": 19, "failed": 1})
    others = [event for event in on.far.events("submit") if not event["to"].endswith("0002")]
    for earlier, later in pairwise(others):
        on.soon("the next of the others had its turn", earlier["mono"], later["mono"], 1.0)
    on.told({"1": "not in use", "195": "not valid"}.get(code, "tried"))
