"""Status reports: lost, late, twice, out of order, odd, and every TP-Status there is."""

from __future__ import annotations

from gsmsend.model import ReportOutcome, State
from gsmsend.sms import tp_status
from tests.faults import judge
from tests.faults.case import case
from tests.faults.scene import Scene

MANY = 12
ODD = {
    "twice": "report-twice:count=0,s=0.2",
    "out of order": "reports-shuffled:s=1.5",
    "before the +CMGS line": "report-early:count=0",
    "for unknown parts": "report-unknown:count=0",
    "from another SMSC": "report-smsc:count=0",
    "with a clock a day ahead": "report-clock:count=0",
    "with a clock a day behind": "report-clock:s=-86400,count=0",
    "with the number in national form": "report-national:count=0",
    "late": "report-late:s=2,count=4",
    "temporary first": "report-pending:count=0,s=0.5",
}
LONG = "Help is here for you, free and private. " * 10


@case("reports", "odd reports", *ODD)
def odd(on: Scene, what: str) -> None:
    on.bench(ODD[what])
    on.people(MANY)
    on.run(wait_reports_s=10)
    on.ends(0, {"delivered": MANY})


@case("reports", "odd reports", "all at once, texts of three parts")
def all_odd(on: Scene, _: object) -> None:
    on.bench(
        "report-twice:share=0.3,count=0,s=0.3", "reports-shuffled:s=1", "report-early:share=0.2,count=0",
        "report-unknown:share=0.3,count=0", "report-national:share=0.3,count=0", "report-smsc:share=0.3,count=0",
        "report-clock:share=0.3,count=0", "report-pending:share=0.3,count=0,s=0.5", modems=2, radio_s=0.03,
    )  # fmt: skip
    on.people(MANY, LONG)
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": MANY})


@case("reports", "reports are late", "after the run has ended")
def after_the_end(on: Scene, _: object) -> None:
    on.bench(report_s=3)
    on.people(6)
    on.run(wait_reports_s=0.2)
    on.ends(0, {"sent": 6})
    on.told("reports missing")
    on.far.wait_for("held")
    on.run(wait_reports_s=12)
    on.ends(0, {"delivered": 6})


@case("reports", "reports are lost", "of one text", "all of them")
def lost(on: Scene, what: str) -> None:
    on.bench("no-reports" if what == "all of them" else "report-lost:skip=2")
    on.people(6)
    on.run(wait_reports_s=3)
    on.ends(0, {"sent": 6} if what == "all of them" else {"delivered": 5, "sent": 1})
    on.told("reports missing")


@case("reports", "reports are lost", "and given up")
def given_up(on: Scene, _: object) -> None:
    on.bench("no-reports")
    on.operation(reports={"unconfirmed_after_hours": 0})
    on.people(3)
    for _twice in range(2):  # looked at once a minute, and whenever a run begins
        on.run(wait_reports_s=0.5)
        on.ends(0)
    assert judge.totals_of(on.messages()) == {"unconfirmed": 3}


@case(
    "reports", "old reports in the modem's memory", "of an earlier operation, with the same TP-MRs and recipients"
)
def of_an_earlier_operation(on: Scene, _: object) -> None:
    """None of them says anything about this operation's texts, however often the memory is read."""
    on.bench(personality=["huawei"])
    on.people(4)
    on.run()
    on.ends(0, {"delivered": 4})
    assert [event["how"] for event in on.far.events("report")] == ["stored"] * 4
    on.place = on.folder / "other"
    on.far.fault("no-reports")
    on.far.fault("reference:last=255")
    for _again in range(3):
        assert on.run(wait_reports_s=0.5).finish() == 0
    first, second = on.far.events("submit")[:4], on.far.events("submit")[4:]
    assert [(event["to"], event["reference"]) for event in first] == [
        (event["to"], event["reference"]) for event in second
    ]
    assert judge.totals_of(on.messages()) == {"sent": 4}


@case("reports", "TP-MR wraps past 255", "with old reports outstanding")
def wraps(on: Scene, _: object) -> None:
    """Every fifth report comes seconds late, when its TP-MR has been used again; one in ten says undelivered."""
    on.bench(
        "reference:last=200", "report-status:status=0x46,share=0.1,count=0", "report-late:s=2.5,share=0.2,count=0",
        radio_s=0.004, report_s=0.05,
    )  # fmt: skip
    many = 620
    on.people(many)
    on.run(wait_reports_s=15)
    on.ends(3)
    said = {event["to"]: event["status"] for event in on.far.events("report")}
    assert len(said) == many
    assert len(on.far.events("submit")) > 2 * 256
    wrong = [
        row.number for row in on.messages()
        if row.state is not (State.UNDELIVERED if said[row.number] else State.DELIVERED)
    ]  # fmt: skip
    assert not wrong, f"{len(wrong)} reports were taken for another text's"


@case("reports", "every TP-Status", "0 to 255")
def every_status(on: Scene, _: object) -> None:
    on.bench(
        *(f"report-status:status={status},skip={status}" for status in range(256)), radio_s=0.01, report_s=0.05
    )
    on.people(256)
    on.run(wait_reports_s=3)
    on.ends(3)
    state_of = {
        ReportOutcome.DELIVERED: State.DELIVERED, ReportOutcome.PENDING: State.SENT,
        ReportOutcome.UNDELIVERED: State.UNDELIVERED, ReportOutcome.FORWARDED: State.UNCONFIRMED,
        ReportOutcome.REPLACED: State.UNCONFIRMED,
    }  # fmt: skip
    said = {event["to"]: event["status"] for event in on.far.events("report")}
    assert sorted(said.values()) == list(range(256))
    for row in on.messages():
        status = said[row.number]
        assert row.state is state_of[tp_status(status).outcome], f"TP-Status {status:02X} made it {row.state}"
        assert row.parts[0].tp_status == status, "the raw value was not kept"
        if row.state is State.UNDELIVERED:
            assert tp_status(status).name in row.why, f"TP-Status {status:02X}: {row.why!r} does not say why"
    on.told("undelivered")


@case("reports", "one part of a long text is not delivered")
def one_part(on: Scene) -> None:
    on.bench("report-status:status=0x46,skip=4")
    on.people(4, LONG)
    on.run(wait_reports_s=6)
    on.ends(3, {"delivered": 3, "undelivered": 1})
