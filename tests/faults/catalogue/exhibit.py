"""The exhibit: what the SIM and the modem keep is as it was when all is over, under the default config."""

from __future__ import annotations

from tests.faults.case import case
from tests.faults.scene import Scene

FAMILIES = ("generic", "huawei", "simcom", "quectel")
STORED = {"huawei"}
"""Without +CNMA what comes is kept in the stick's own memory: there records are added, none is changed."""
RECORD = 2 * 176
FREE = "00" + "FF" * 175


@case("exhibit", "exhibit", *(f"{name}, old texts unread" for name in FAMILIES),
      long=tuple(f"{name}, old texts read" for name in FAMILIES))  # fmt: skip
def untouched(on: Scene, what: str) -> None:
    """A campaign with reports and inbound texts, with old texts on the SIM and in the modem."""
    personality, state = what.split(", old texts ")
    mark = ",status=unread" if state == "unread" else ""
    on.bench(
        f"full:memory=SM,free=10{mark}", f"full:memory=ME,free=12{mark}", personality=[personality], report_s=0.2
    )
    on.operation(lab=False)
    before = on.far.snapshot()
    own = on.far.modems[0]["number"]
    on.people(12)
    on.approve()
    run = on.run(wait_reports_s=12)
    on.far.wait_for("accepted", 3)
    for words in ("I want help", "Who is this?", "Long " + "and longer " * 20):
        on.far.ask("text", to=own, text=words)
    on.ends(0, {"delivered": 12}, run)
    on.far.wait_for("inbound", 4)
    for name, was in before.items():
        _same(name, was, on.far.snapshot()[name], added=personality in STORED and name != "SM")
    assert not [event for event in on.far.events("write") if event["memory"] == "EF-SMSP"]
    came = sorted(row.text[:4] for row in on.inbox())  # the network keeps no order
    assert came == ["I wa", "Long", "Who "], f"what came in, and no more, was to be in the inbox: {came}"


def _same(name: str, was: str, now: str, *, added: bool) -> None:
    if was == now:
        return
    records = [(was[at : at + RECORD], now[at : at + RECORD]) for at in range(0, len(was), RECORD)]
    changed = [place for place, (old, new) in enumerate(records, 1) if old != new and old.upper() != FREE]
    assert not changed, f"{name}: records {changed} that were there before are not as they were"
    assert added, f"{name}: new records were written to it"


@case("exhibit", "exhibit", "nothing was imported", "modems looked at")
def looked_at(on: Scene, how: str) -> None:
    """`modems`, `doctor` and a run with nothing to send alter nothing."""
    on.bench("full:memory=SM,free=10,status=unread", "full:memory=ME,free=12,status=unread",
             personality=["generic", "huawei", "simcom", "quectel"], modems=4)  # fmt: skip
    on.operation(lab=False)
    before = [on.far.snapshot(modem) for modem in range(1, 5)]
    ports = [word for port in on.far.ports for word in ("--port", port)]
    if how == "modems looked at":
        assert on.command("modems", *ports, "--operation", str(on.place)) == 0
        assert on.command("doctor", *ports, "--operation", str(on.place)) == 0
    else:
        on.run(ports=on.far.ports[:1])
        assert on.runs[-1].finish() == 0
    assert [on.far.snapshot(modem) for modem in range(1, 5)] == before
