"""Reports and texts on their way to the client (TS 27.005 3.4.1, 3.4.4)."""

from __future__ import annotations

import pytest

from gsmsend.sms import Deliver, StatusReport, from_pdu
from tests.unit.virtual.talk import CTRL_Z, OK, Talk

ME = "+447700900901"
THEM = "+447700900123"


def pdu_of(said: str) -> StatusReport | Deliver:
    smsc, tpdu = from_pdu(said.split("\r\n")[2], "from_network")
    assert smsc is not None
    assert isinstance(tpdu, StatusReport | Deliver)
    return tpdu


def test_a_routed_report_names_the_text_it_is_about() -> None:
    talk = Talk(radio_s=1.0, report_delay_s=3.0)
    talk.say("AT+CNMI=2,1,0,1,0")
    talk.send(to=THEM)
    assert talk.wait(2.9) == ""
    report = pdu_of(talk.wait(0.2))
    assert isinstance(report, StatusReport)
    assert (report.reference, report.status, report.recipient.text) == (0, 0, THEM)
    submitted, discharged = report.service_centre_time.epoch_s, report.discharge_time.epoch_s
    assert submitted is not None
    assert discharged is not None
    assert discharged - submitted == pytest.approx(4.0, abs=1.0)


def test_in_phase_2_plus_the_next_waits_for_the_acknowledgement() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    assert talk.say("AT+CSMS=1") == "\r\n+CSMS: 1,1,1\r\n" + OK
    talk.say("AT+CNMI=2,1,0,1,0")
    talk.send()
    talk.send()
    said = talk.heard() + talk.wait(5.0)
    assert said.count("+CDS:") == 0, "the first came with the answers"
    assert len(talk.seen("report")) == 1
    assert talk.say("AT+CNMA").startswith(OK + "\r\n+CDS: 25\r\n")
    assert talk.say("AT+CNMA") == OK
    assert talk.say("AT+CNMA") == "\r\n+CMS ERROR: 340\r\n"
    assert [line["by"] for line in talk.seen("acknowledged")] == ["client", "client"]


@pytest.mark.parametrize("command", ["AT+CNMA", "AT+CNMA=0", "AT+CNMA=1"])
def test_every_form_of_acknowledgement(command: str) -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CSMS=1;+CNMI=2,1,0,1,0")
    talk.send()
    assert talk.say(command) == OK
    assert len(talk.seen("acknowledged")) == 1


def test_an_acknowledgement_with_a_pdu_asks_for_it() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CSMS=1;+CNMI=2,1,0,1,0")
    talk.send()
    assert talk.say("AT+CNMA=1,3") == "\r\n> "
    assert talk.type("000000" + CTRL_Z) == OK
    assert len(talk.seen("acknowledged")) == 1


def test_a_negative_acknowledgement_brings_it_again_later() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0, redelivery_s=4.0)
    talk.say("AT+CSMS=1;+CNMI=2,1,0,1,0")
    talk.send()
    assert talk.say("AT+CNMA=2") == OK
    assert talk.wait(3.9) == ""
    assert "+CDS" in talk.wait(0.2)


def test_what_is_not_acknowledged_in_time_switches_routing_off_and_is_not_lost() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CSMS=1;+CNMI=2,2,0,1,0")
    talk.send()
    talk.wait(15.1)
    assert "+CNMI: 2,0,0,0,0" in talk.say("AT+CNMI?")
    talk.wait(60)
    assert [line["how"] for line in talk.seen("report")] == ["routed", "stored"]
    assert "+CMGL: 1,0,,25" in talk.say("AT+CMGL=4")


def test_a_report_waits_for_a_client_that_is_away_and_comes_when_it_is_back() -> None:
    talk = Talk(radio_s=1.0, report_delay_s=1.0, redelivery_s=0.5)
    talk.say("AT+CSMS=1;+CNMI=2,1,0,1,0")
    talk.send()
    talk.modem.detach()
    talk.wait(100)
    assert talk.seen("report") == []
    talk.modem.attach()
    assert "+CDS" in talk.wait(1.0)
    assert talk.say("AT+CNMA") == OK


def test_clients_that_come_and_go_do_not_put_a_report_off() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0, redelivery_s=2.0)
    talk.say("AT+CSMS=1;+CNMI=2,1,0,1,0")
    talk.modem.detach()
    talk.send()
    for _ in range(4):
        talk.modem.attach()
        talk.wait(0.6)
        talk.modem.detach()
        talk.wait(0.05)
    assert [line["how"] for line in talk.seen("report")] == ["routed"], "2 s after the first came"


def test_a_client_that_dies_before_acknowledging_gets_the_report_again() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0, redelivery_s=0.5)
    talk.say("AT+CSMS=1;+CNMI=2,1,0,1,0")
    talk.send()
    talk.modem.detach()
    talk.wait(30)
    talk.modem.attach()
    assert "+CDS" in talk.wait(1.0)
    assert "+CNMI: 2,1,0,1,0" in talk.say("AT+CNMI?"), "a client that left is no client that forgot"


def test_without_phase_2_plus_a_report_to_nobody_is_buffered_and_flushed_by_cnmi() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=1.0)
    talk.say("AT+CNMI=2,1,0,1,0")
    talk.send()
    talk.modem.detach()
    talk.wait(10)
    talk.modem.attach()
    talk.heard()
    assert talk.say("AT+CNMI=2,1,0,1,0").startswith(OK + "\r\n+CDS: 25\r\n")


def test_the_buffer_can_be_cleared_instead() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CNMI=0,1,0,1,0")
    talk.send()
    assert talk.wait(5) == ""
    assert talk.say("AT+CNMI=2,1,0,1,1") == OK
    assert talk.wait(5) == ""


def test_mode_0_buffers_and_another_mode_flushes_in_order() -> None:
    talk = Talk()
    talk.say("AT+CNMI=0,1,0,0,0")
    for text in ("one", "two"):
        talk.bench.network.inject(ME, THEM, text)
    assert talk.wait(5) == ""
    assert talk.say("AT+CNMI=1") == OK + '\r\n+CMTI: "ME",1\r\n\r\n+CMTI: "ME",2\r\n'


def test_a_stored_report_is_announced_and_read() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CNMI=2,1,0,2,0")
    assert '+CDSI: "ME",1' in talk.send() + talk.wait(0.1)
    assert talk.say("AT+CMGR=1").startswith("\r\n+CMGR: 0,,25\r\n0791")
    assert talk.say("AT+CMGR=1").startswith("\r\n+CMGR: 1,,25\r\n0791")


def test_reports_can_have_a_memory_of_their_own() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say('AT+CPMS="ME","ME","SR";+CNMI=2,1,0,2,0')
    assert '+CDSI: "SR",1' in talk.send() + talk.wait(0.1)
    talk.bench.network.inject(ME, THEM, "text")
    assert talk.heard() == '\r\n+CMTI: "ME",1\r\n'


@pytest.mark.parametrize(
    ("mt", "said"), [(0, ""), (1, '\r\n+CMTI: "ME",1\r\n'), (2, "+CMT: ,"), (3, '\r\n+CMTI: "ME",1\r\n')]
)
def test_an_incoming_text_goes_where_mt_says(mt: int, said: str) -> None:
    talk = Talk()
    talk.say(f"AT+CNMI=2,{mt},0,0,0")
    talk.bench.network.inject(ME, THEM, "Hello")
    heard = talk.heard()
    assert said in heard
    assert bool(said) == bool(heard)


def test_a_routed_text_carries_its_sender_and_words() -> None:
    talk = Talk()
    talk.say("AT+CNMI=2,2,0,0,0")
    talk.bench.network.inject(ME, THEM, "Ol\u00e9 \u20ac")
    message = pdu_of(talk.heard())
    assert isinstance(message, Deliver)
    assert (message.originator.text, message.text) == (THEM, "Ol\u00e9 \u20ac")


def test_a_long_text_comes_in_parts_with_one_reference() -> None:
    talk = Talk()
    talk.say("AT+CNMI=2,2,0,0,0")
    assert talk.bench.network.inject(ME, THEM, "long " * 60) == 2
    said = talk.heard()
    assert said.count("+CMT") == 2


def test_modems_text_each_other_with_the_parts_kept() -> None:
    talk = Talk(modems=2, radio_s=0.0, report_delay_s=0.0)
    talk.say("ATE0", modem=2)
    talk.say("AT+CNMI=2,2,0,1,0", modem=2)
    talk.say("AT+CNMI=2,1,0,1,0")
    talk.send("+447700900902", "part two", seq=2, total=2, concat_reference=77)
    message = pdu_of(talk.heard(2))
    assert isinstance(message, Deliver)
    assert message.originator.text == ME
    header = message.user_data.header
    assert header is not None
    assert header.concatenation is not None
    assert (header.concatenation.reference, header.concatenation.seq) == (77, 2)
    assert len(talk.seen("delivered", "report")) == 2


def test_a_text_for_a_modem_that_is_off_waits_and_its_report_with_it() -> None:
    talk = Talk(modems=2, radio_s=0.0, report_delay_s=0.0, redelivery_s=1.0)
    talk.say("AT+CNMI=2,1,0,1,0")
    talk.bench.modems[1].power_off("test")
    said = talk.send("+447700900902") + talk.wait(1000)
    assert "+CDS" not in said
    talk.bench.modems[1].boot("test")
    assert "+CDS" in talk.wait(2.0)
    assert talk.bench.modems[1].stores["ME"].used == 1


def test_a_text_whose_validity_runs_out_is_given_up_and_reported_so() -> None:
    talk = Talk(modems=2, radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CNMI=2,1,0,1,0")
    talk.bench.modems[1].power_off("test")
    talk.send("+447700900902", validity_s=3600)
    assert "+CDS" not in talk.wait(3599)
    talk.wait(2)
    assert talk.seen("report")[0]["status"] == 0x46
    talk.bench.modems[1].boot("test")
    talk.wait(100)
    assert talk.seen("inbound") == []


def test_a_full_memory_makes_the_network_wait_until_there_is_room() -> None:
    talk = Talk(redelivery_s=1.0)
    store = talk.modem.stores["ME"]
    talk.say("AT+CNMI=2,1,0,0,0")
    for number in range(store.capacity):
        talk.bench.network.inject(ME, THEM, f"text {number}")
    talk.heard()
    talk.bench.network.inject(ME, THEM, "one too many")
    assert talk.wait(10) == ""
    assert talk.seen("held")
    assert talk.say("AT+CMGD=7") == OK
    assert talk.wait(2) == '\r\n+CMTI: "ME",7\r\n'


def test_a_text_for_the_sim_is_kept_on_the_sim() -> None:
    from gsmsend_virtual import tpdu
    from gsmsend_virtual.network import Mt

    talk = Talk()
    talk.say("AT+CNMI=2,2,0,0,0")
    octets = tpdu.text_parts(THEM, "class 2", 1.77e9, 0, 0)[0]
    coding = octets.index(bytes((0, 0))) + 1
    octets = octets[:coding] + b"\x12" + octets[coding + 1 :]
    talk.bench.network.post(Mt("text", octets, tpdu.sca("+447700900800")), ME)
    assert talk.heard() == '\r\n+CMTI: "SM",1\r\n'


def test_text_mode_indications() -> None:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CMGF=1;+CNMI=2,2,0,1,0")
    talk.bench.network.inject(ME, THEM, "Hello")
    assert talk.heard() == f'\r\n+CMT: "{THEM}",,"26/01/01,00:00:00+00"\r\nHello\r\n'
    talk.say("AT+CSDH=1")
    talk.bench.network.inject(ME, THEM, "Hello")
    assert talk.heard() == (
        f'\r\n+CMT: "{THEM}",,"26/01/01,00:00:00+00",145,4,0,0,"+447700900800",145,5\r\nHello\r\n'
    )
    talk.say("AT+CSMP=49,167,0,0")
    talk.say(f'AT+CMGS="{THEM}"')
    said = talk.type("Hi" + CTRL_Z) + talk.wait(0.1)
    assert f'+CDS: 6,0,"{THEM}",145,"26/01/01,00:00:00+00","26/01/01,00:00:00+00",0' in said
