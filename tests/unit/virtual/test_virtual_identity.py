"""Who the modem and the SIM say they are, and the network they see (TS 27.007)."""

from __future__ import annotations

import pytest

from gsmsend_virtual.sim import imei_of, luhn, make_sim, number_of
from tests.unit.virtual.talk import OK, Talk


def first_line(answer: str) -> str:
    return answer.split("\r\n")[1]


def test_numbers_are_of_the_range_for_drama_and_never_twice() -> None:
    numbers = [number_of(index) for index in range(1, 801)]
    assert len(set(numbers)) == 800
    assert all(number.startswith("+447700900") and len(number) == 13 for number in numbers)


def test_identities_are_well_formed_and_reserved() -> None:
    sim = make_sim(7)
    assert sim.iccid.startswith("8944")
    assert len(sim.iccid) == 20
    assert luhn(sim.iccid[:-1]) == sim.iccid[-1]
    assert sim.imsi.startswith("00101")
    assert len(sim.imsi) == 15
    assert luhn(imei_of(7)[:-1]) == imei_of(7)[-1]
    assert luhn("7992739871") == "3"


def test_identity_commands() -> None:
    talk = Talk()
    for command, expected in (
        ("AT+CGMI", "gsmsend"),
        ("AT+GMI", "gsmsend"),
        ("AT+CGMM", "Virtual Modem"),
        ("AT+CGMR", "1.0"),
        ("AT+CGSN", talk.modem.imei),
        ("AT+GSN", talk.modem.imei),
        ("AT+CGSN=1", f'+CGSN: "{talk.modem.imei}"'),
        ("AT+CIMI", "001010000000001"),
        ("AT+CCID", "+CCID: 89440000000000000010"),
        ("AT+CNUM", '+CNUM: "","+447700900901",145'),
        ("AT+CPIN?", "+CPIN: READY"),
        ("AT+CPAS", "+CPAS: 0"),
        ("AT+CBC", "+CBC: 0,100"),
    ):
        assert first_line(talk.say(command)) == expected


def test_registration_in_each_form() -> None:
    talk = Talk()
    assert first_line(talk.say("AT+CREG?")) == "+CREG: 0,1"
    talk.say("AT+CREG=2")
    assert first_line(talk.say("AT+CREG?")) == '+CREG: 2,1,"00A1","0000B2C3",2'
    talk.say("AT+CREG=1")
    talk.modem.set_registration(2)
    assert talk.heard() == "\r\n+CREG: 2\r\n"
    assert first_line(talk.say("AT+COPS?")) == "+COPS: 0"
    talk.modem.set_registration(5)
    assert talk.heard() == "\r\n+CREG: 5\r\n"


def test_operator_in_each_format() -> None:
    talk = Talk()
    assert first_line(talk.say("AT+COPS?")) == '+COPS: 0,0,"Virtual Network",7'
    talk.say("AT+COPS=3,2")
    assert first_line(talk.say("AT+COPS?")) == '+COPS: 0,2,"00101",7'
    assert talk.say("AT+COPS=?") == ""
    found = talk.wait(2.0)
    assert '(2,"Virtual Network","Virtual ","00101",0)' in found
    assert found.endswith(OK)


def test_deregistering_by_cops_2_and_coming_back() -> None:
    talk = Talk()
    talk.say("AT+CREG=1")
    assert "+CREG: 0\r\n" in talk.say("AT+COPS=2")
    assert "+CREG: 1\r\n" in talk.say("AT+COPS=0")


def test_the_radio_going_off_is_told_as_registration() -> None:
    talk = Talk()
    talk.say("AT+CREG=1")
    assert "\r\n+CREG: 0\r\n" in talk.say("AT+CFUN=4")
    assert "\r\n+CREG: 1\r\n" in talk.say("AT+CFUN=1")


def test_radio_off_and_restart_by_cfun() -> None:
    talk = Talk(echo=True)
    talk.say("AT+CFUN=4;E0")
    assert first_line(talk.say("AT+CFUN?")) == "+CFUN: 4"
    assert first_line(talk.say("AT+CREG?")) == "+CREG: 0,0"
    assert talk.say("AT+CFUN=1,1") == OK
    talk.wait(0.1)
    assert talk.say("AT+CFUN?").startswith("AT+CFUN?\r"), "echo is back on after a restart"


def test_pin_is_counted_and_the_puk_too() -> None:
    talk = Talk()
    talk.say("AT+CMEE=1")
    sim = talk.modem.sim
    assert sim is not None
    assert talk.say('AT+CLCK="SC",1,"1234"') == OK
    talk.say("AT+CFUN=1,1")
    talk.wait(0.1)
    talk.say("ATE0+CMEE=1")
    assert first_line(talk.say("AT+CPIN?")) == "+CPIN: SIM PIN"
    assert talk.say("AT+CIMI") == "\r\n+CME ERROR: 11\r\n"
    assert talk.say("AT+CMGL=4") == "\r\n+CMS ERROR: 311\r\n"
    assert talk.say("AT+CPIN=0000") == "\r\n+CME ERROR: 16\r\n"
    assert "+CPINR: SIM PIN,2,3" in talk.say("AT+CPINR")
    assert talk.say('AT+CPIN="1234"') == OK
    assert sim.pin_tries == 3
    assert first_line(talk.say("AT+CIMI")) == sim.imsi


def test_three_wrong_pins_block_the_sim_until_the_puk() -> None:
    talk = Talk()
    talk.say("AT+CMEE=1")
    sim = talk.modem.sim
    assert sim is not None
    sim.pin_enabled = True
    sim.power_up()
    assert [talk.say("AT+CPIN=9999") for _ in range(3)][-1] == "\r\n+CME ERROR: 12\r\n"
    assert first_line(talk.say("AT+CPIN?")) == "+CPIN: SIM PUK"
    assert talk.say("AT+CMGS=20") == "\r\n+CMS ERROR: 316\r\n"
    assert talk.say('AT+CPIN="11111111","4321"') == "\r\n+CME ERROR: 12\r\n"
    assert sim.puk_tries == 9
    assert talk.say('AT+CPIN="12345678","4321"') == OK
    assert first_line(talk.say("AT+CPIN?")) == "+CPIN: READY"
    assert [line["right"] for line in talk.seen("pin")] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CRSM=176,12258,0,0,10", '+CRSM: 144,0,"98440000000000000001"'),
        ("AT+CRSM=176,28423,0,0,9", '+CRSM: 144,0,"080910100000000010"'),
        ("AT+CRSM=176,28483,0,0,2", '+CRSM: 144,0,"FFFF"'),
        ("AT+CRSM=192,28483", '+CRSM: 144,0,"000000026F43040011FF4401020000"'),
        ("AT+CRSM=176,28999,0,0,2", "+CRSM: 148,4"),
        ("AT+CRSM=178,28476,31,4,176", "+CRSM: 148,2"),
        ("AT+CRSM=214,28483,0,0,2", "+CRSM: 152,4"),
        ('AT+CSIM=14,"A0A40000022FE2"', '+CSIM: 4,"9F0F"'),
        ('AT+CSIM=14,"A0A40000021234"', '+CSIM: 4,"9404"'),
        ('AT+CSIM=10,"0020000100"', '+CSIM: 4,"63C3"'),
    ],
)
def test_files_on_the_sim(command: str, answer: str) -> None:
    assert first_line(Talk().say(command)).startswith(answer)


def test_the_last_reference_on_the_sim_advances_with_every_text() -> None:
    talk = Talk()
    talk.send()
    talk.send()
    assert '"01FF"' in talk.say("AT+CRSM=176,28483,0,0,2")
    talk.say('AT+CSIM=14,"A0A40000026F43"')
    assert '"01FF9000"' in talk.say('AT+CSIM=10,"A0B0000002"')


def test_a_text_on_the_sim_can_be_read_as_a_record_without_marking_it() -> None:
    talk = Talk()
    talk.say('AT+CPMS="SM","SM","SM"')
    talk.bench.network.inject("+447700900901", "+447700900123", "Hello")
    before = talk.modem.stores["SM"].snapshot()
    record = talk.say("AT+CRSM=178,28476,1,4,176")
    assert record.startswith('\r\n+CRSM: 144,0,"0307')
    assert talk.modem.stores["SM"].snapshot() == before


def test_phonebook_as_clients_use_it() -> None:
    talk = Talk()
    talk.say("AT+CMEE=1")
    assert talk.say('AT+CPBS="SM"') == OK
    assert talk.say('AT+CPBW=,"+447700900123",145,"Charity"') == OK
    assert first_line(talk.say("AT+CPBR=1,50")) == '+CPBR: 1,"+447700900123",145,"Charity"'
    assert first_line(talk.say('AT+CPBF="char"')) == '+CPBF: 1,"+447700900123",145,"Charity"'
    assert first_line(talk.say("AT+CPBS?")) == '+CPBS: "SM",1,50'
    assert talk.say("AT+CPBW=1") == OK
    assert talk.say('AT+CPBF="char"') == "\r\n+CME ERROR: 22\r\n"
    assert [line["memory"] for line in talk.seen("write")] == ["phonebook SM", "phonebook SM"]
    talk.say('AT+CPBS="ON"')
    assert "+447700900901" in talk.say("AT+CPBR=1")


def test_ussd_answers_with_a_balance() -> None:
    talk = Talk()
    assert talk.say('AT+CUSD=1,"*100#",15') == OK
    assert talk.wait(0.3) == '\r\n+CUSD: 0,"Balance: 10.00 GBP",15\r\n'
