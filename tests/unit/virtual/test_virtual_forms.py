"""Commands in the forms that no dialogue above happens to use, each with its answer."""

from __future__ import annotations

import pytest

from tests.unit.virtual.talk import CTRL_Z, OK, Talk

THEM = "+447700900123"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("AT+CMGF", OK),
        ("AT+CNMI", OK),
        ("AT+CMGF=?", "\r\n+CMGF: (0,1)\r\n" + OK),
        ("AT+CSMS?", "\r\n+CSMS: 0,1,1,1\r\n" + OK),
        ("AT+CSMS=9", "\r\n+CMS ERROR: 303\r\n"),
        ("AT+CSCS?", '\r\n+CSCS: "IRA"\r\n' + OK),
        ('AT+CSCS="gsm";+CSCS?', '\r\n+CSCS: "GSM"\r\n' + OK),
        ('AT+CSCS="KLINGON"', "\r\n+CME ERROR: 50\r\n"),
        ("AT+CSCA=?", OK),
        ('AT+CSCA="not a number"', "\r\n+CMS ERROR: 304\r\n"),
        ('AT+CSCA="07700900800"', OK),
        ("AT+CSMP=17,167,0,8,9", "\r\n+CMS ERROR: 305\r\n"),
        ("AT+CSMP=x", "\r\n+CMS ERROR: 305\r\n"),
        ("AT+CSMP=,,0,8;+CSMP?", "\r\n+CSMP: 17,167,0,8\r\n" + OK),
        ("AT+CNMA=?", "\r\n+CNMA: (0-2)\r\n" + OK),
        ("AT+CNMA=7", "\r\n+CMS ERROR: 304\r\n"),
        ("AT+CNMA=1,3", "\r\n+CMS ERROR: 340\r\n"),
        ("AT+CMGL=9", "\r\n+CMS ERROR: 304\r\n"),
        ("AT+CMGL=4,1", "\r\n+CMS ERROR: 304\r\n"),
        ("AT+CMGL=?", "\r\n+CMGL: (0-4)\r\n" + OK),
        ("AT+CMGL", OK),
        ("AT+CMGR=x", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGD=1,9", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGW=500", "\r\n+CMS ERROR: 304\r\n"),
        ("AT+CMGW=20,9", "\r\n+CMS ERROR: 304\r\n"),
        ("AT+CMSS=5", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CGSN=7", "\r\n+CME ERROR: 50\r\n"),
        ("AT+CGSN=0", "\r\n001017000000011\r\n" + OK),
        ("AT+COPS=7", "\r\n+CME ERROR: 50\r\n"),
        ("AT+COPS=3,9", "\r\n+CME ERROR: 50\r\n"),
        ('AT+COPS=1,2,"99999"', "\r\n+CME ERROR: 30\r\n"),
        ('AT+COPS=1,2,"00101"', OK),
        ("AT+CESQ", "\r\n+CESQ: 48,99,255,255,255,255\r\n" + OK),
        ("AT+CSQ=?", "\r\n+CSQ: (0-31,99),(0-7,99)\r\n" + OK),
        ("AT+CFUN=9", "\r\n+CME ERROR: 50\r\n"),
        ("AT+CFUN=?", "\r\n+CFUN: (0,1,4),(0,1)\r\n" + OK),
        ("AT+CBC=?", "\r\n+CBC: (0-3),(0-100)\r\n" + OK),
        ("AT+CPBS=?", '\r\n+CPBS: ("SM","ME","ON","FD","LD","MC","RC","DC")\r\n' + OK),
        ('AT+CPBS="XX"', "\r\n+CME ERROR: 3\r\n"),
        ("AT+CPBR=?", "\r\n+CPBR: (1-50),40,18\r\n" + OK),
        ("AT+CPBR=99", "\r\n+CME ERROR: 21\r\n"),
        ("AT+CPBR=1", OK),
        ("AT+CPBF=?", "\r\n+CPBF: 40,18\r\n" + OK),
        ("AT+CPBW=?", "\r\n+CPBW: (1-50),40,(129,145,161),18\r\n" + OK),
        ("AT+CPBW=1,", "\r\n+CME ERROR: 50\r\n"),
        ('AT+CPBS="ME";+CPBW=1,"07700900124"', OK),
        ('AT+CPBS="ON";+CPBW=1,"07700900124"', "\r\n+CME ERROR: 21\r\n"),
        ('AT+CLCK="XX",2', "\r\n+CME ERROR: 50\r\n"),
        ('AT+CLCK="FD",1,"1234"', "\r\n+CME ERROR: 3\r\n"),
        ('AT+CLCK="SC",1', "\r\n+CME ERROR: 50\r\n"),
        ('AT+CLCK="SC",1,"9999"', "\r\n+CME ERROR: 16\r\n"),
        ('AT+CPWD="SC","1234","4321"', "\r\n+CME ERROR: 3\r\n"),
        ("AT+CPWD=?", '\r\n+CPWD: ("SC",8),("P2",8)\r\n' + OK),
        ("AT+CPIN=1234", "\r\n+CME ERROR: 3\r\n"),
        ('AT+CPINR="SIM PUK"', "\r\n+CPINR: SIM PUK,10,10\r\n" + OK),
        ("AT+CRSM=192,28476", '\r\n+CRSM: 144,0,"000014A06F3C040011FF44010201B0"\r\n' + OK),
        ("AT+CRSM=192,32544", '\r\n+CRSM: 144,0,"000010007F200200000000000913041004'),
        ("AT+CRSM=242", "\r\n+CRSM: 144,0\r\n" + OK),
        ("AT+CRSM=178,28480,1,4,0", '\r\n+CRSM: 144,0,"FFFFFFFFFFFFFFFFFFFFFFFFFFFF0791447700099010FFFFFFFFFFFF"'),
        ("AT+CRSM=176,28483,0,0,9", "\r\n+CRSM: 103,0\r\n" + OK),
        ("AT+CRSM=178,28483,1,4,2", "\r\n+CRSM: 109,0\r\n" + OK),
        ("AT+CRSM=x", "\r\n+CME ERROR: 50\r\n"),
        ('AT+CSIM=4,"A0A4"', '\r\n+CSIM: 4,"6700"\r\n' + OK),
        ('AT+CSIM=6,"A0A4"', "\r\n+CME ERROR: 50\r\n"),
        ('AT+CSIM=14,"00A40004023F00"', '\r\n+CSIM: 4,"9000"\r\n' + OK),
        ('AT+CSIM=10,"002C000100"', '\r\n+CSIM: 4,"63CA"\r\n' + OK),
        ("AT+CCFC=0,2", "\r\n+CCFC: 0,7\r\n" + OK),
        ("AT+CCFC=9", "\r\n+CME ERROR: 50\r\n"),
        ("AT+CEER", "\r\n+CEER: 16\r\n" + OK),
        ("AT+CLCC", OK),
        ("AT+CUSD=9", "\r\n+CME ERROR: 50\r\n"),
        ("AT+COPN", '\r\n+COPN: "00101","Virtual Network"\r\n+COPN: "99999","Other Network"\r\n' + OK),
        ("AT+CIND?", "\r\n+CIND: 5,4,1,0,0,0,0\r\n" + OK),
        ("AT&V", "\r\nACTIVE PROFILE:\r\nE0 V1 Q0 X4\r\nS00:000 S03:013"),
        ("ATS3=200", "\r\nERROR\r\n"),
        ("ATE7", "\r\nERROR\r\n"),
        ("AT?", "\r\nERROR\r\n"),
        ("AT+", "\r\nERROR\r\n"),
        ("AT+CSQ:", "\r\nERROR\r\n"),
        ("ATD07700900123;", "\r\nNO CARRIER\r\n"),
        ("ATH", OK),
    ],
)
def test_each_form_has_its_answer(line: str, answer: str) -> None:
    talk = Talk()
    talk.say("AT+CMEE=1")
    said = talk.say(line)
    assert said.startswith(answer), said


@pytest.mark.parametrize(
    ("family", "line", "answer"),
    [
        ("huawei", "AT^SYSINFO", "\r\n^SYSINFO:2,3,0,5,1,,4\r\n"),
        ("huawei", "AT^CPIN?", "\r\n^CPIN: READY,3,10,3,10,3\r\n"),
        ("huawei", "AT^CURC=0", OK),
        ("simcom", "AT+SPIC", "\r\n+SPIC: 3,10,3,10\r\n"),
        ("simcom", "AT+CSMINS?", "\r\n+CSMINS: 0,1\r\n"),
        ("quectel", "AT+QPINC?", '\r\n+QPINC: "SC",3,10\r\n+QPINC: "P2",3,10\r\n'),
        ("quectel", "AT+QNWINFO", '\r\n+QNWINFO: "FDD LTE","00101"'),
        ("quectel", "AT+QSPN", '\r\n+QSPN: "Virtual Network"'),
        ("quectel", "AT+QINISTAT", "\r\n+QINISTAT: 7\r\n"),
        ("quectel", "AT+QSIMSTAT?", "\r\n+QSIMSTAT: 0,1\r\n"),
    ],
)
def test_commands_of_families(family: str, line: str, answer: str) -> None:
    assert Talk(personalities=[family]).say(line).startswith(answer)


def test_a_locked_sim_shows_its_number_and_hides_the_rest() -> None:
    talk = Talk()
    assert talk.modem.sim is not None
    talk.modem.sim.pin_enabled = True
    assert '144,0,"98440000000000000001"' in talk.say("AT+CRSM=176,12258,0,0,10")
    assert "+CRSM: 152,4" in talk.say("AT+CRSM=176,28423,0,0,9")
    assert "+CREG: 0,0" in talk.say("AT+CREG?")


@pytest.mark.parametrize(
    ("csmp", "octets"),
    [
        ('AT+CSMP=25,"26/01/02,03:04:05+00",0,0', "62102030405000"),
        ('AT+CSMP=9,"01170000000000",0,0', "01170000000000"),
        ("AT+CSMP=17,11,0,0", "0B"),
        ("AT+CSMP=1,,0,0", ""),
    ],
)
def test_every_validity_in_text_mode(csmp: str, octets: str) -> None:
    talk = Talk(radio_s=0.0)
    talk.say("AT+CMGF=1")
    assert talk.say(csmp) == OK
    talk.say(f'AT+CMGS="{THEM}"')
    talk.type("x" + CTRL_Z)
    assert str(talk.seen("submit")[0]["tpdu"])[20:].startswith("0000" + octets + "01")


def test_a_header_typed_in_text_mode() -> None:
    talk = Talk(radio_s=0.0)
    talk.say("AT+CMGF=1;+CSMP=81,167,0,4")
    talk.say(f'AT+CMGS="{THEM}"')
    talk.type("0500034D0201" + "48656C6C6F" + CTRL_Z)
    assert str(talk.seen("submit")[0]["tpdu"]).endswith("A70B0500034D020148656C6C6F")


def test_a_received_text_written_by_the_client() -> None:
    talk = Talk()
    talk.say("AT+CMGF=1")
    talk.say(f'AT+CMGW="{THEM}",145,"REC READ"')
    assert talk.type("kept" + CTRL_Z) == "\r\n+CMGW: 1\r\n" + OK
    assert '+CMGR: "REC READ","' + THEM in talk.say("AT+CMGR=1")


def test_text_typed_in_pieces_over_lines() -> None:
    talk = Talk(radio_s=0.0, echo=True)
    talk.say("AT+CMGF=1")
    talk.say(f'AT+CMGS="{THEM}"')
    assert talk.type("one") == "one"
    assert talk.type(" two\rthr") == " two\r\n> thr"
    assert "+CMGS: 0" in talk.type("ee\b\bxx" + CTRL_Z)
    talk.bench.network.inject("+447700900901", THEM, "x")
    submit = talk.seen("submit")[0]
    assert str(submit["tpdu"]).startswith("11000C914477000910320000A70D")
