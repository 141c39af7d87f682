"""AT+CMGS in PDU mode, from the prompt to its answer (TS 27.005 4.3)."""

from __future__ import annotations

import pytest

from tests.unit.virtual.talk import CTRL_Z, ESC, OK, Talk


def test_a_text_goes_out_and_is_answered_after_its_radio_time() -> None:
    talk = Talk(radio_s=1.5)
    length, pdu = talk.pdu()
    assert talk.say(f"AT+CMGS={length}") == "\r\n> "
    assert talk.type(pdu + CTRL_Z) == ""
    assert talk.wait(1.499) == ""
    assert talk.wait(0.002) == "\r\n+CMGS: 0\r\n" + OK
    assert [line["event"] for line in talk.events if "submit" in line] == [
        "submit", "on_air", "accepted", "result",
    ]  # fmt: skip
    assert talk.seen("submit")[0]["to"] == "+447700900001"
    assert talk.seen("result")[0]["busy_s"] == 1.5


def test_references_count_up_and_wrap_at_255() -> None:
    talk = Talk(radio_s=0.0, reports=False)
    sim = talk.modem.sim
    assert sim is not None
    sim.last_reference = 254
    answers = [talk.send() for _ in range(3)]
    assert answers == [f"\r\n+CMGS: {reference}\r\n{OK}" for reference in (255, 0, 1)]


def test_the_pdu_is_echoed_while_echo_is_on() -> None:
    talk = Talk(echo=True, radio_s=0.0)
    length, pdu = talk.pdu()
    assert talk.say(f"AT+CMGS={length}") == f"AT+CMGS={length}\r\r\n> "
    assert talk.type(pdu[:20]) == pdu[:20]
    assert talk.type(pdu[20:] + CTRL_Z) == pdu[20:] + "\r\n+CMGS: 0\r\n" + OK


def test_escape_cancels_and_nothing_goes_out() -> None:
    talk = Talk()
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    assert talk.type(pdu + ESC) == OK
    assert talk.wait(5) == ""
    assert talk.sent_to == []
    assert talk.say("AT") == OK


def test_a_pdu_may_come_in_pieces_of_any_size_and_in_lower_case() -> None:
    talk = Talk(radio_s=0.0)
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    for char in pdu.lower():
        assert talk.type(char) == ""
    assert talk.type(CTRL_Z) == "\r\n+CMGS: 0\r\n" + OK


def test_a_pdu_sent_without_waiting_for_the_prompt_is_taken() -> None:
    talk = Talk(radio_s=0.0)
    length, pdu = talk.pdu()
    assert talk.type(f"AT+CMGS={length}\r\n{pdu}{CTRL_Z}") == "\r\n> \r\n+CMGS: 0\r\n" + OK


@pytest.mark.parametrize("spoil", [
    lambda length, pdu: (length + 1, pdu),
    lambda length, pdu: (length - 1, pdu),
    lambda length, pdu: (length, pdu[:-1]),
    lambda length, _: (length, "ZZ" * (length + 1)),
    lambda length, _: (length, ""),
    lambda length, pdu: (length, "00" + "02" + pdu[4:]),
])  # fmt: skip
def test_a_pdu_that_does_not_fit_is_refused_with_304_and_not_sent(spoil) -> None:  # type: ignore[no-untyped-def]
    talk = Talk(radio_s=0.0)
    length, pdu = spoil(*talk.pdu())
    talk.say(f"AT+CMGS={length}")
    assert talk.type(pdu + CTRL_Z) == "\r\n+CMS ERROR: 304\r\n"
    assert talk.sent_to == []
    assert talk.say("AT") == OK


@pytest.mark.parametrize("value", ["0", "165", "-1", "abc", '"+447700900001"', ""])
def test_a_length_that_cannot_be_is_refused_before_the_prompt(value: str) -> None:
    assert Talk().say(f"AT+CMGS={value}") == "\r\n+CMS ERROR: 304\r\n"


def test_the_service_centre_comes_from_the_pdu_or_from_csca() -> None:
    talk = Talk(radio_s=0.0)
    talk.send()
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.type("07914477009080F0" + pdu[2:] + CTRL_Z)
    assert [line["via"] for line in talk.seen("submit")] == ["+447700900800", "+44770009080"]


def test_without_a_service_centre_nothing_is_sent() -> None:
    talk = Talk(radio_s=0.0)
    assert talk.say('AT+CSCA=""') == OK
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    assert talk.type(pdu + CTRL_Z) == "\r\n+CMS ERROR: 330\r\n"
    assert talk.say('AT+CSCA="+447700900800",145') == OK
    assert talk.say("AT+CSCA?") == '\r\n+CSCA: "+447700900800",145\r\n' + OK
    assert "+CMGS: 0" in talk.send()


def test_without_a_network_nothing_is_sent_and_the_reference_stays() -> None:
    talk = Talk(radio_s=0.0)
    talk.modem.set_registration(2)
    assert talk.send() == "\r\n+CMS ERROR: 331\r\n"
    talk.modem.set_registration(1)
    assert talk.send() == "\r\n+CMGS: 0\r\n" + OK


def test_the_modem_is_busy_while_its_radio_is() -> None:
    talk = Talk(radio_s=2.0)
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.type(pdu + CTRL_Z)
    assert talk.type("AT\r") == ""
    assert talk.wait(2.0) == "\r\n+CMGS: 0\r\n" + OK + OK


def test_a_text_goes_on_when_its_client_dies_and_the_next_client_hears_the_answer() -> None:
    talk = Talk(radio_s=2.0)
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.type(pdu + CTRL_Z)
    talk.modem.detach()
    talk.wait(1.0)
    talk.modem.attach()
    assert talk.wait(1.0) == "\r\n+CMGS: 0\r\n" + OK
    assert talk.sent_to == ["+447700900001"]


def test_a_text_survives_a_modem_that_loses_power_but_its_answer_does_not() -> None:
    talk = Talk(radio_s=2.0)
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.type(pdu + CTRL_Z)
    talk.modem.boot("test")
    assert "+CMGS" not in talk.wait(5.0)
    assert len(talk.seen("accepted")) == 1
    assert talk.seen("result") == []


def test_a_prompt_nobody_answers_ends_by_itself() -> None:
    talk = Talk()
    talk.say(f"AT+CMGS={talk.pdu()[0]}")
    assert talk.wait(61) == "\r\nERROR\r\n"
    assert talk.say("AT") == OK


def test_a_repeat_with_tp_rd_and_the_same_reference_is_refused_as_duplicate() -> None:
    talk = Talk(radio_s=0.0, reports=False)
    talk.send()
    again = talk.send(reference=0, reject_duplicates=True)
    assert again == "\r\n+CMS ERROR: 197\r\n"
    assert talk.send() == "\r\n+CMGS: 1\r\n" + OK
    assert talk.send("+447700900002", reference=1, reject_duplicates=True) == "\r\n+CMGS: 1\r\n" + OK


def test_status_reports_only_for_those_who_ask() -> None:
    talk = Talk(radio_s=0.0)
    talk.say("AT+CNMI=2,0,0,1,0")
    talk.send(report=False)
    assert talk.wait(60) == ""
    talk.send(report=True)
    assert "+CDS: 25" in talk.wait(2.0)


def test_a_name_is_no_destination() -> None:
    assert Talk(radio_s=0.0).send(to="Charity") == "\r\n+CMS ERROR: 195\r\n"


def test_cmgs_has_a_test_form_and_cmgc_is_refused_by_this_network() -> None:
    talk = Talk()
    assert talk.say("AT+CMGS=?") == OK
    talk.say("AT+CMGC=10")
    assert talk.type("00" + "02" * 10 + CTRL_Z) == "\r\n+CMS ERROR: 161\r\n"
