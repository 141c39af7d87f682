"""Stored messages in PDU mode and in text mode (TS 27.005 3.2, 3.4, 4.1 to 4.5)."""

from __future__ import annotations

import pytest

from tests.unit.virtual.talk import CTRL_Z, OK, Talk

ME = "+447700900901"
THEM = "+447700900123"
STAMP = '"26/01/01,00:00:00+00"'


@pytest.fixture
def talk() -> Talk:
    talk = Talk(radio_s=0.0, report_delay_s=0.0)
    talk.bench.network.inject(ME, THEM, "first")
    talk.bench.network.inject(ME, THEM, "second \u0416")
    return talk


def test_memories_are_listed_chosen_and_counted(talk: Talk) -> None:
    assert talk.say("AT+CPMS=?") == '\r\n+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME","SR")\r\n' + OK
    assert talk.say("AT+CPMS?") == '\r\n+CPMS: "ME",2,100,"ME",2,100,"ME",2,100\r\n' + OK
    assert talk.say('AT+CPMS="SM"') == "\r\n+CPMS: 0,30,2,100,2,100\r\n" + OK
    assert talk.say('AT+CPMS="XX"') == "\r\n+CMS ERROR: 302\r\n"
    assert talk.say('AT+CPMS="SM","SR"') == "\r\n+CMS ERROR: 302\r\n"


def test_listing_and_reading_in_pdu_mode_marks_as_read(talk: Talk) -> None:
    listed = talk.say("AT+CMGL=0")
    assert listed.startswith("\r\n+CMGL: 1,0,,24\r\n0791447700098000040C91447700091032")
    assert "\r\n+CMGL: 2,0,,35\r\n" in listed
    assert listed.endswith("\r\n" + OK)
    assert talk.say("AT+CMGL=0") == OK
    assert talk.say("AT+CMGL=1").count("+CMGL:") == 2
    assert talk.say("AT+CMGR=2").startswith("\r\n+CMGR: 1,,35\r\n")
    assert len(talk.seen("write")) == 4, "two arrivals, two marks"


def test_text_mode_reading(talk: Talk) -> None:
    talk.say("AT+CMGF=1")
    assert talk.say("AT+CMGR=1") == f'\r\n+CMGR: "REC UNREAD","{THEM}",,{STAMP}\r\nfirst\r\n' + OK
    assert talk.say("AT+CMGR=2") == (
        f'\r\n+CMGR: "REC UNREAD","{THEM}",,{STAMP}\r\n007300650063006F006E006400200416\r\n' + OK
    )
    talk.say("AT+CSDH=1")
    assert talk.say("AT+CMGR=1") == (
        f'\r\n+CMGR: "REC READ","{THEM}",,{STAMP},145,4,0,0,"+447700900800",145,5\r\nfirst\r\n' + OK
    )
    assert talk.say('AT+CMGL="ALL"').startswith(f'\r\n+CMGL: 1,"REC READ","{THEM}",,{STAMP},145,5\r\nfirst\r\n')
    assert talk.say('AT+CMGL="WRONG"') == "\r\n+CMS ERROR: 305\r\n"
    assert talk.say("AT+CMGL=?").startswith('\r\n+CMGL: ("REC UNREAD"')


def test_text_mode_in_ucs2(talk: Talk) -> None:
    talk.say('AT+CMGF=1;+CSCS="UCS2"')
    number = THEM.encode("utf-16-be").hex().upper()
    assert talk.say("AT+CMGR=1") == (
        f'\r\n+CMGR: "REC UNREAD","{number}",,{STAMP}\r\n00660069007200730074\r\n' + OK
    )
    talk.say(f'AT+CMGS="{number}"')
    talk.type("00480069" + CTRL_Z)
    assert talk.sent_to == [THEM]
    assert talk.say('AT+CSCS="HEX"') == OK
    assert "\r\n6669727374\r\n" in talk.say("AT+CMGR=1")


def test_status_reports_in_text_mode_listings(talk: Talk) -> None:
    talk.say("AT+CNMI=2,1,0,2,0")
    talk.send(to=THEM)
    talk.wait(0.1)
    talk.say("AT+CMGF=1")
    fields = f'6,0,"{THEM}",145,{STAMP},{STAMP},0'
    assert f'+CMGL: 3,"REC UNREAD",{fields}\r\n' in talk.say('AT+CMGL="REC UNREAD"')
    assert talk.say("AT+CMGR=3") == f'\r\n+CMGR: "REC READ",{fields}\r\n' + OK


def test_text_mode_sending_follows_csmp(talk: Talk) -> None:
    talk.say("AT+CMGF=1;+CSMP=49,167,0,0")
    assert talk.say(f'AT+CMGS="{THEM}"') == "\r\n> "
    assert talk.type("line one\r") == "\r\n> "
    assert talk.type("line 2 [x]" + CTRL_Z).startswith("\r\n+CMGS: 0\r\n")
    submit = talk.seen("submit")[0]
    assert str(submit["tpdu"]).startswith("31000C91447700091032")
    assert str(submit["tpdu"])[20:26] == "0000A7"
    talk.say("AT+CSMP=17,167,0,8")
    talk.say(f'AT+CMGS="{THEM}"')
    talk.type("04160042" + CTRL_Z)
    assert str(talk.seen("submit")[1]["tpdu"]).endswith("0008A70404160042")


def test_a_number_without_plus_is_taken_as_dialled(talk: Talk) -> None:
    talk.say("AT+CMGF=1")
    talk.say('AT+CMGS="07700900123"')
    talk.type("x" + CTRL_Z)
    assert talk.seen("submit")[0]["to"] == THEM
    assert talk.say("AT+CMGS=07700900123,129") == "\r\n> "
    talk.type("\x1b")
    assert talk.say('AT+CMGS="+44770090012345678901234567"') == "\r\n+CMS ERROR: 305\r\n"


def test_writing_and_sending_from_storage(talk: Talk) -> None:
    length, pdu = talk.pdu(to=THEM)
    assert talk.say(f"AT+CMGW={length}") == "\r\n> "
    assert talk.type(pdu + CTRL_Z) == "\r\n+CMGW: 3\r\n" + OK
    assert talk.say("AT+CMGL=2").startswith(f"\r\n+CMGL: 3,2,,{length}\r\n")
    assert talk.say("AT+CMSS=3") == "\r\n+CMSS: 0\r\n" + OK
    assert talk.say("AT+CMGL=3").startswith(f"\r\n+CMGL: 3,3,,{length}\r\n")
    assert talk.say('AT+CMSS=3,"+447700900124"') == "\r\n+CMSS: 1\r\n" + OK
    assert talk.sent_to == [THEM, "+447700900124"]
    assert talk.say("AT+CMSS=1") == "\r\n+CMS ERROR: 321\r\n", "a received text cannot be sent"


def test_writing_in_text_mode(talk: Talk) -> None:
    talk.say("AT+CMGF=1")
    talk.say(f'AT+CMGW="{THEM}",145,"STO SENT"')
    assert talk.type("kept" + CTRL_Z) == "\r\n+CMGW: 3\r\n" + OK
    talk.say("AT+CSDH=1")
    assert talk.say("AT+CMGR=3") == (
        f'\r\n+CMGR: "STO SENT","{THEM}",,145,17,0,0,167,"+447700900800",145,4\r\nkept\r\n' + OK
    )


def test_deleting_by_index_and_by_kind(talk: Talk) -> None:
    assert talk.say("AT+CMGD=?") == "\r\n+CMGD: (1,2),(0-4)\r\n" + OK
    talk.say("AT+CMGR=1")
    assert talk.say("AT+CMGD=1,1") == OK
    assert talk.modem.stores["ME"].used == 1
    assert talk.say("AT+CMGD=2") == OK
    assert talk.say("AT+CMGR=2") == "\r\n+CMS ERROR: 321\r\n"
    assert talk.say("AT+CMGD=999") == "\r\n+CMS ERROR: 321\r\n"
    talk.bench.network.inject(ME, THEM, "new")
    assert talk.say("AT+CMGD=1,4") == OK
    assert talk.modem.stores["ME"].used == 0


def test_a_full_memory_refuses_to_write() -> None:
    talk = Talk()
    talk.say('AT+CPMS="SM","SM","SM"')
    length, pdu = talk.pdu()
    for _ in range(30):
        talk.say(f"AT+CMGW={length}")
        assert "+CMGW" in talk.type(pdu + CTRL_Z)
    talk.say(f"AT+CMGW={length}")
    assert talk.type(pdu + CTRL_Z) == "\r\n+CMS ERROR: 322\r\n"


def test_every_write_is_recorded_and_a_snapshot_tells_any_change(talk: Talk) -> None:
    store = talk.modem.stores["ME"]
    before, writes = store.snapshot(), store.writes
    talk.say("AT+CPMS?;+CMGD=?")
    talk.say("AT+CMGL=1")
    assert (store.snapshot(), store.writes) == (before, writes)
    talk.say("AT+CMGR=1")
    assert store.snapshot() != before
    line = talk.seen("write")[-1]
    assert (line["memory"], line["index"], line["what"]) == ("ME", 1, "mark REC READ")
    assert str(line["before"]).startswith("03")
    assert str(line["after"]).startswith("01")


def test_saved_text_parameters_come_back(talk: Talk) -> None:
    talk.say("AT+CSMP=49,10,0,0;+CSAS")
    talk.say("AT+CSMP=17,167,0,0")
    assert talk.say("AT+CRES") == OK
    assert "+CSMP: 49,10,0,0" in talk.say("AT+CSMP?")


def test_mt_shows_both_memories_in_one() -> None:
    talk = Talk(personalities=["huawei"])
    talk.say('AT+CPMS="ME","ME","ME"')
    talk.bench.network.inject(ME, THEM, "in ME")
    talk.say('AT+CPMS="SM","SM","SM"')
    talk.bench.network.inject(ME, THEM, "on the SIM")
    assert talk.say('AT+CPMS="MT"').startswith("\r\n+CPMS: 2,53,")
    listed = talk.say("AT+CMGL=4")
    assert "+CMGL: 0,0" in listed
    assert "+CMGL: 23,0" in listed
    talk.say("AT+CMGD=23")
    assert talk.modem.stores["SM"].used == 0
