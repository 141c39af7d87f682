"""Fault switches of reports and of the SIM."""

from __future__ import annotations

import pytest

from gsmsend_virtual import faults
from tests.unit.virtual.talk import CTRL_Z, Talk, armed, report_in

THEM = "+447700900123"
ME = "+447700900901"


# -- reports ----------------------------------------------------------------------------------------------


def test_a_report_before_the_answer() -> None:
    said = armed("report-early").send()
    assert said.index("+CDS") < said.index("+CMGS")


def test_reports_lost_late_and_twice() -> None:
    lost = armed("report-lost")
    assert "+CDS" not in lost.send() + lost.wait(1000)
    late = armed("report-late:30")
    assert "+CDS" not in late.send() + late.wait(30.9)
    assert "+CDS" in late.wait(0.2)
    twice = armed("report-twice:1")
    assert (twice.send() + twice.wait(3)).count("+CDS") == 2


def test_reports_out_of_order() -> None:
    talk = armed("reports-shuffled:3", radio_s=0.0)
    for _ in range(8):
        talk.send()
    talk.wait(10)
    order = [str(line["reference"]) for line in talk.seen("report")]
    assert sorted(order) == list("01234567")
    assert order != sorted(order)


def test_reports_with_a_wrong_clock_number_centre_or_status() -> None:
    talk = armed("report-clock:86400", radio_s=0.0)
    wrong = report_in(talk.send() + talk.wait(2)).service_centre_time.epoch_s
    right = report_in(talk.send() + talk.wait(2)).service_centre_time.epoch_s
    assert wrong is not None
    assert right is not None
    assert wrong - right == pytest.approx(86400, abs=5)
    talk = armed("report-national", radio_s=0.0)
    assert report_in(talk.send(to=THEM) + talk.wait(2)).recipient.text == "07700900123"
    talk = armed("report-smsc", radio_s=0.0)
    assert "0791447700098010" in talk.send() + talk.wait(2)
    talk = armed("report-status:0x46", radio_s=0.0)
    assert report_in(talk.send() + talk.wait(2)).status == 0x46


def test_a_pending_report_is_followed_by_the_final_one() -> None:
    talk = armed("report-pending:status=0x30,s=5", radio_s=0.0)
    assert report_in(talk.send() + talk.wait(2)).status == 0x30
    assert report_in(talk.wait(5)).status == 0


def test_a_report_for_a_part_nobody_sent() -> None:
    talk = armed("report-unknown", radio_s=0.0)
    talk.send()
    talk.wait(2)
    assert [line["reference"] for line in talk.seen("report")] == [0, 97]


def test_no_reports() -> None:
    talk = armed("no-reports", radio_s=0.0)
    assert "+CDS" not in talk.send() + talk.wait(100)


def test_references_about_to_wrap() -> None:
    talk = armed("reference:254", radio_s=0.0, reports=False)
    assert [talk.send().split("\r\n")[1] for _ in range(3)] == ["+CMGS: 255", "+CMGS: 0", "+CMGS: 1"]


# -- the SIM ----------------------------------------------------------------------------------------------


def test_no_sim_and_back() -> None:
    talk = Talk()
    disarm = faults.arm(talk.bench, "sim-absent")
    talk.wait(0.1)
    talk.say("AT+CMEE=1")
    assert talk.say("AT+CPIN?") == "\r\n+CME ERROR: 10\r\n"
    assert talk.say("AT+CMGS=20") == "\r\n+CMS ERROR: 310\r\n"
    disarm()
    assert "READY" in talk.say("AT+CPIN?")


def test_pin_and_puk_wanted() -> None:
    talk = armed("sim-pin:pin=4711,tries=1")
    assert "+CPIN: SIM PIN" in talk.say("AT+CPIN?")
    talk.say("AT+CPIN=0000")
    assert "+CPIN: SIM PUK" in talk.say("AT+CPIN?")
    assert "+CPIN: SIM PUK" in armed("sim-puk").say("AT+CPIN?")


def test_texts_that_came_while_the_pin_was_wanted_arrive_after_it() -> None:
    talk = armed("sim-pin", redelivery_s=1.0)
    talk.bench.network.inject(ME, THEM, "Hello")
    assert talk.wait(10) == ""
    talk.say("AT+CPIN=1234")
    assert "+CMTI" in talk.wait(2)


def test_another_sim_with_its_own_identity_and_memory() -> None:
    talk = armed("full:SM", "sim-swap:after=5")
    before = talk.say("AT+CCID")
    assert talk.wait(6) == "\r\n+CPIN: NOT READY\r\n\r\n+CPIN: READY\r\n"
    assert talk.say("AT+CCID") != before
    assert talk.modem.stores["SM"].used == 0
    assert talk.seen("boot", "fault")[-1]["what"] == "SIM swapped"


def test_a_silent_swap_and_one_that_restarts() -> None:
    silent = armed("sim-swap:how=silent")
    assert silent.wait(1) == ""
    restarted = armed("sim-swap:how=reboot")
    restarted.wait(1)
    assert restarted.say("AT").startswith("AT\r"), "echo is back on"


def test_a_sim_that_is_swapped_at_the_prompt_sends_nothing() -> None:
    talk = armed("sim-swap:after=1,how=silent")
    length, pdu = talk.pdu()
    assert talk.say(f"AT+CMGS={length}").endswith("> ")
    talk.wait(2)
    assert talk.type(pdu + CTRL_Z) == "\r\n+CMS ERROR: 313\r\n"
    assert talk.seen("submit") == []
    assert "+CMGS" in talk.send()


def test_a_full_memory() -> None:
    unread = armed("full:memory=SM,status=unread,free=29")
    unread.say('AT+CPMS="SM"')
    assert unread.say("AT+CMGL=0").startswith("\r\n+CMGL: 1,0,")
    talk = armed("full:ME")
    assert "100,100" in talk.say("AT+CPMS?")
    talk.bench.network.inject(ME, THEM, "no room")
    talk.wait(100)
    assert talk.seen("inbound") == []
    assert talk.seen("held")


def test_no_service_centre() -> None:
    assert armed("smsc-missing").send() == "\r\n+CMS ERROR: 330\r\n"


def test_a_modem_that_keeps_the_reference_to_itself() -> None:
    talk = armed("smss-frozen", radio_s=0.0)
    before = talk.say("AT+CRSM=176,28483,0,0,2")
    assert "+CMGS: 0" in talk.send()
    assert talk.say("AT+CRSM=176,28483,0,0,2") == before
