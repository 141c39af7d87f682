"""Acknowledgements: only what is durable, only between exchanges, one at a time (TS 27.005 3.4.4)."""

from __future__ import annotations

import pytest

from gsmsend.model import OutcomeKind
from gsmsend.testing.driver_suite import Commit, OnAir, part
from gsmsend_atmodem.link import CHECK_EVERY_S
from tests.unit.atmodem.fake_modem import Rig

PARTS = [OnAir(f"+44770090012{number}", "Help is there", number) for number in range(5)]


def commit(rig: Rig) -> Commit:
    return Commit(_Bench(rig))  # type: ignore[arg-type]


class _Bench:
    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def on_air(self) -> list[OnAir]:
        return self._rig.modem.on_air


def test_durable_reports_are_acknowledged_one_after_the_other() -> None:
    rig = Rig()
    link = rig.up()
    for each in PARTS:
        rig.modem.report(each)
    link.listen(1)
    assert [report.reference for report in rig.sink.reports] == [0, 1, 2, 3, 4]
    assert rig.modem.said == ["AT+CNMA"] * 5


def test_what_is_not_on_disk_is_not_acknowledged() -> None:
    rig = Rig()
    rig.sink.durable = False
    link = rig.up()
    rig.modem.report(PARTS[0])
    rig.modem.report(PARTS[1])
    link.listen(3)
    assert (len(rig.sink.reports), rig.modem.said) == (1, [])
    rig.sink.receipts[0].durable = True
    link.wake()
    link.listen(3)
    assert rig.modem.said == ["AT+CNMA"]
    link.listen(1)
    assert len(rig.sink.reports) == 2


def test_sending_goes_on_while_a_report_waits_for_the_disk() -> None:
    rig = Rig()
    rig.sink.durable = False
    link = rig.up()
    rig.modem.report(PARTS[0])
    took = rig.elapsed(lambda: link.submit(part(), commit(rig)))
    assert took < 0.1
    assert [line[:7] for line in rig.modem.said] == ["AT+CMGS"]
    rig.sink.receipts[0].durable = True
    link.submit(part(), commit(rig))
    assert [line[:7] for line in rig.modem.said] == ["AT+CMGS", "AT+CNMA", "AT+CMGS"]


def test_nothing_slips_between_prompt_and_answer() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.delay_s = 5
    rig.modem.later.append((rig.clock.monotonic() + 2, lambda: rig.modem.report(PARTS[0])))
    done = commit(rig)
    done.then = lambda: rig.modem.report(PARTS[1])
    assert link.submit(part(), done).kind is OutcomeKind.ACCEPTED
    assert rig.modem.said == [rig.modem.said[0]]
    assert len(rig.sink.reports) == 1
    link.listen(1)
    assert rig.modem.said[1:] == ["AT+CNMA", "AT+CNMA"]
    assert len(rig.sink.reports) == 2


def test_routing_that_the_modem_switched_off_is_switched_on_again() -> None:
    rig = Rig()
    rig.sink.durable = False
    link = rig.up()
    rig.modem.report(PARTS[0])
    link.listen(30)
    rig.modem.unacknowledged, rig.modem.cnmi = None, "2,0,0,0,0"
    rig.sink.receipts[0].durable = True
    link.listen(1)
    assert rig.modem.cnmi == "2,2,0,1,0"


def test_without_service_one_nothing_is_acknowledged() -> None:
    rig = Rig()
    rig.modem.answers |= {"AT+CSMS=?": ("+CSMS: (0)", "OK"), "AT+CPMS=?": ("ERROR",)}
    link = rig.up()
    rig.modem.report(PARTS[0])
    link.listen(1)
    assert len(rig.sink.reports) == 1
    assert rig.modem.said == []


def test_what_cannot_be_read_is_kept_raw_and_acknowledged() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.deliver("+CMT:", "0004FFFFFFFFFFFFFFFF")
    link.listen(1)
    assert rig.sink.inbounds[0].raw == "0004FFFFFFFFFFFFFFFF"
    assert "unreadable" in rig.sink.inbounds[0].how
    assert rig.modem.said == ["AT+CNMA"]


def test_half_a_report_is_not_acknowledged_so_it_comes_again() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.say("+CDS: 25", "RING")
    link.listen(1)
    assert rig.sink.reports == []
    assert rig.modem.said == []


def test_a_report_in_text_mode_is_not_lost() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.say('+CDS: 6,12,"+447700900123",145,"25/06/15,12:00:00+04","25/06/15,12:00:05+04",48')
    link.listen(1)
    assert [(report.reference, report.recipient, report.status) for report in rig.sink.reports] == [
        (12, "+447700900123", 48)
    ]


def test_an_unreadable_report_does_not_end_all_others() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.say("+CDS: 25", "0006D60B9144#garbled#")
    link.listen(10)
    assert "AT+CNMI=2,2,0,1,0" not in rig.modem.said
    link.listen(20)
    assert rig.modem.said.count("AT+CNMI=2,2,0,1,0") == 1
    rig.modem.report(PARTS[0])
    link.listen(1)
    assert [report.reference for report in rig.sink.reports] == [0]


def test_routing_that_was_switched_off_without_a_sign_is_found_in_a_look_from_time_to_time() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.cnmi = "2,0,0,0,0"
    rig.modem.stored["ME"] = {}
    rig.modem.answers["AT+CPMS?"] = ('+CPMS: "ME",1,20,"ME",1,20,"ME",1,20', "OK")
    link.listen(2 * CHECK_EVERY_S)
    assert rig.modem.cnmi == "2,2,0,1,0"
    assert "AT+CMGL=4" in rig.modem.said


@pytest.mark.parametrize(
    "answer", [("ERROR",), ("OK",), ("+CNMI: 2,2,0,1,0", "OK"), ("+CNMI: 1,2,0,1,1", "OK"), None]
)
def test_routing_that_stands_is_left_alone(answer: tuple[str, ...] | None) -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.answers["AT+CNMI?"] = answer
    rig.modem.said.clear()
    link.listen(2 * CHECK_EVERY_S)
    assert "AT+CNMI?" in rig.modem.said
    assert not [line for line in rig.modem.said if line.startswith("AT+CNMI=")]


def test_an_unreadable_report_while_a_text_is_without_its_answer_makes_nothing_spin() -> None:
    rig = Rig()
    link = rig.up(submit_timeout_s=60, late_listen_s=30)
    rig.modem.mute = True
    done = commit(rig)
    done.then = lambda: rig.modem.say("+CDS: 25", "0006D60B9144#garbled#")
    assert link.submit(part(), done).kind is OutcomeKind.UNKNOWN
    assert 40 <= rig.elapsed(lambda: link.listen(40)) < 41
    assert rig.modem.said.count("AT+CNMI=2,2,0,1,0") == 1
