"""Timers, journal, wire, personalities, control: what the rest stands on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.errors import UsageError
from gsmsend_virtual import personality
from gsmsend_virtual.control import Control
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.timers import Timers
from gsmsend_virtual.wire import Wire
from tests.unit.virtual.talk import CTRL_Z, OK, Talk


def test_timers_run_in_order_and_see_their_own_time() -> None:
    timers, seen = Timers(), list[tuple[str, float]]()
    for name, at in (("c", 3.0), ("a", 1.0), ("b", 1.0)):
        timers.at(at, lambda name=name: seen.append((name, timers.now)))  # type: ignore[misc]
    timers.after(2.0, lambda: seen.append(("never", 0))).cancel()
    assert timers.deadline == 1.0
    timers.advance(10.0)
    assert seen == [("a", 1.0), ("b", 1.0), ("c", 3.0)]
    assert timers.now == 10.0
    assert timers.deadline is None


def test_a_timer_set_by_a_timer_runs_in_the_same_turn_if_due() -> None:
    timers, seen = Timers(), list[float]()

    def first() -> None:
        timers.after(1.0, lambda: seen.append(timers.now))

    timers.after(1.0, first)
    timers.advance(5.0)
    assert seen == [2.0]


def test_the_journal_is_whole_lines_appended(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for number in range(2):
        with Journal(path) as journal:
            journal.epoch_offset_s = 1000.0
            journal.write(1.5, "submit", {"modem": 1}, to=f"+44770090000{number}")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {"event": "submit", "mono": 1.5, "at": 1001.5, "modem": 1, "to": "+447700900000"}
    assert len(lines) == 2
    assert path.stat().st_mode & 0o077 == 0, "numbers are nobody else's business"


def test_a_buffered_journal_writes_on_flush_and_on_close(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log")
    journal.buffered = True
    journal.write(0.0, "boot")
    assert (tmp_path / "log").read_text() == ""
    journal.flush()
    assert '"boot"' in (tmp_path / "log").read_text()
    journal.write(0.0, "off")
    journal.close()
    assert '"off"' in (tmp_path / "log").read_text()


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.sampled_from([300, 9600, 115200]))
def test_a_slow_wire_loses_nothing_and_keeps_the_order(pieces: list[bytes], baud: int) -> None:
    timers = Timers()
    wire = Wire(timers, lambda: None)
    wire.baud = baud
    for piece in pieces:
        wire.feed(bytearray(piece))
    timers.advance(sum(map(len, pieces)) * 10 / baud + 0.001)
    assert bytes(wire.ready) == b"".join(pieces)


# -- personalities ----------------------------------------------------------------------------------------


PHONES = {"phonenosend", "phonenoreport"}
"""Feature phones, which do only some of what a modem does."""


@pytest.mark.parametrize("name", personality.names())
def test_each_personality_says_where_it_is_from(name: str) -> None:
    source = Path(personality.__file__).parent / "personalities" / f"{name}.toml"
    assert "sources = [" in source.read_text()
    assert OK in Talk(personalities=[name]).say("ATI")


def test_a_phone_that_sends_nothing_answers_all_else() -> None:
    talk = Talk(personalities=["phonenosend"])
    assert "+CPBS:" in talk.say("AT+CPBS?")
    assert "+CSMS: 0,1,0,0" in talk.say("AT+CSMS?")
    assert "+CMGF: (0,1)" in talk.say("AT+CMGF=?")
    for refused in ("AT+CMGS=?", "AT+CMGS=23", "AT+CMGW=23", "AT+CNMI=?", "AT+CSMS=1"):
        assert "ERROR" in talk.say(refused), refused


def test_a_phone_that_reports_nothing_sends() -> None:
    talk = Talk(personalities=["phonenoreport"], radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CMGF=0")
    assert "ERROR" in talk.say("AT+CNMI=2,1,0,1,0")
    assert OK in talk.say("AT+CNMI=2,1,0,0,0")
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.wait(1.0)
    said = talk.type(pdu + CTRL_Z) + talk.wait(0.1)
    assert "+CMGS: 0" in said
    assert "+CDS" not in said + talk.wait(5.0)


@pytest.mark.parametrize("name", sorted(set(personality.names()) - PHONES))
def test_each_family_of_modems_sends_reports_and_receives(name: str) -> None:
    talk = Talk(personalities=[name], radio_s=0.0, report_delay_s=0.0)
    talk.wait(10)
    talk.say("AT+CMGF=0;+CNMI=2,1,0,1,0")
    assert OK in talk.say("ATI")
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.wait(1.0)
    said = talk.type(pdu + CTRL_Z) + talk.wait(0.1)
    assert "+CMGS: 0" in said
    assert "+CDS: 25" in said
    talk.bench.network.inject("+447700900901", "+447700900123", "Hello")
    assert "+CMTI: " in talk.heard()


def test_the_default_personality_comes_first_and_an_unknown_one_is_named() -> None:
    assert personality.names()[0] == "generic"
    assert {"huawei", "simcom", "quectel"} <= set(personality.names())
    with pytest.raises(UsageError, match="nokia"):
        personality.load("nokia")


@pytest.mark.parametrize(
    ("name", "command", "answer"),
    [
        ("huawei", "AT^ICCID?", "\r\n^ICCID: 89440000000000000010\r\n"),
        ("huawei", "AT+NONSENSE", "\r\nCOMMAND NOT SUPPORT\r\n"),
        ("huawei", "AT+CCID", "\r\nCOMMAND NOT SUPPORT\r\n"),
        ("huawei", "AT+CMGR=5", OK),
        ("simcom", "AT+CCID", "\r\n89440000000000000010\r\n"),
        ("simcom", "AT+CNMI=2,1,0,2,0", "\r\n+CMS ERROR: 303\r\n"),
        ("simcom", "AT+COPS?", '\r\n+COPS: 0,0,"Virtual Network"\r\n'),
        ("quectel", "AT+QCCID", "\r\n+QCCID: 89440000000000000010\r\n"),
        ("quectel", "AT+CPMS?", '\r\n+CPMS: "ME",0,255,"ME",0,255,"ME",0,255\r\n'),
        ("generic", "AT+QCCID", "\r\nERROR\r\n"),
    ],
)
def test_what_sets_families_apart(name: str, command: str, answer: str) -> None:
    assert Talk(personalities=[name]).say(command).startswith(answer)


def test_a_quectel_keeps_reports_in_sr_and_announces_them_elsewhere() -> None:
    talk = Talk(personalities=["quectel"], radio_s=0.0, report_delay_s=0.0)
    talk.say("AT+CNMI=2,1,0,2,0")
    assert '\r\n+CDSI: "SM",0\r\n' in talk.send() + talk.wait(0.1)
    assert talk.say('AT+CPMS="SR"').startswith("\r\n+CPMS: 1,50,")
    assert talk.say("AT+CMGR=0").startswith("\r\n+CMGR: 0,,25\r\n")


def test_a_simcom_can_be_read_without_marking() -> None:
    talk = Talk(personalities=["simcom"])
    talk.bench.network.inject("+447700900901", "+447700900123", "Hello")
    before = talk.modem.stores["SM"].snapshot()
    assert "+CMGR: 0,," in talk.say("AT+CMGR=1,1")
    assert "+CMGL: 1,0,," in talk.say("AT+CMGL=4,1")
    assert talk.modem.stores["SM"].snapshot() == before


def test_lines_of_a_family_come_at_power_on_and_by_themselves() -> None:
    simcom = Talk(personalities=["simcom"])
    assert "\r\nCall Ready\r\n\r\nSMS Ready\r\n" in simcom.wait(6)
    huawei = Talk(personalities=["huawei"])
    huawei.wait(10)
    assert "\r\n^RSSI:24\r\n" in huawei.wait(20)


# -- control ----------------------------------------------------------------------------------------------


def control() -> tuple[Talk, Control, list[str]]:
    talk, stopped = Talk(radio_s=0.0), list[str]()
    return talk, Control(talk.bench, lambda: stopped.append("stop")), stopped


def ask(it: Control, **request: Any) -> Any:
    return json.loads(it.line(json.dumps(request)))


def test_control_switches_faults_on_and_off() -> None:
    talk, it, _ = control()
    made = ask(it, do="fault", fault="refuse:code=42,count=0")
    assert talk.send() == "\r\n+CMS ERROR: 42\r\n"
    assert ask(it, do="faults")["faults"] == [{"id": made["id"], "fault": "refuse:code=42,count=0"}]
    assert ask(it, do="clear", id=made["id"])["ok"]
    assert "+CMGS" in talk.send()
    assert ask(it, do="clear") == {"ok": True, "cleared": []}


def test_control_brings_texts_and_tells_the_state() -> None:
    talk, it, stopped = control()
    assert ask(it, do="text", to="+447700900901", text="Hello") == {"ok": True, "parts": 1}
    state = ask(it, do="state")["modems"][0]
    assert state["memories"]["ME"] == [1, 100]
    assert (state["number"], state["registration"], state["pin_tries"]) == ("+447700900901", 1, 3)
    snapshot = ask(it, do="snapshot", modem=1)
    assert snapshot["writes"]["ME"] == 1
    assert len(snapshot["memories"]["SM"]) == 30 * 176 * 2
    assert ask(it, do="say", modem=1, line="RING")["ok"]
    assert talk.heard() == "\r\nRING\r\n"
    assert ask(it, do="conditions", radio_s=3)["ok"]
    assert talk.bench.network.conditions.radio_s == 3.0
    assert ask(it, do="reboot", modem=1)["ok"]
    assert ask(it, do="stop")["ok"]
    assert stopped == ["stop"]


@pytest.mark.parametrize("line", [
    "nonsense", "[]", '{"do": "dance"}', '{"do": "say", "modem": 9, "line": "x"}', '{"do": "clear", "id": 7}',
    '{"do": "fault", "fault": "x"}', '{"do": "conditions", "weather": 1}', '{"do": "text", "to": "+44"}', "{}",
])  # fmt: skip
def test_control_answers_a_wrong_request_with_words(line: str) -> None:
    answer = json.loads(control()[1].line(line))
    assert answer["ok"] is False
    assert answer["error"]


# -- anything at all --------------------------------------------------------------------------------------

TOKENS = (
    b"AT", b"+CMGS=", b"+CMGR=", b"+CMGL", b"+CPMS=", b"+CNMI=", b"+CSIM=", b"+CRSM=", b"+CMGW", b"+CNMA",
    b"+COPS",
    b"=?", b"?", b"\r", b"\n", b"\x1a", b"\x1b", b"A/", b'"', b",", b";", b"1", b"0", b"255", b"E1", b"V0", b"S3=",
    b"00", b"0791", b"+CMGF=1", b"+CSMP=", b"+CPBW=", b"+CLCK=", b"+CSCS=\"UCS2\"", b"\x00\xff", b"+447700900001",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=6)), max_size=30), st.integers(1, 7))
def test_whatever_is_typed_the_modem_lives_and_sends_only_what_was_handed_over(
    pieces: list[bytes], chunk: int
) -> None:
    talk = Talk(radio_s=0.1)
    typed = b"".join(pieces)
    for start in range(0, len(typed), chunk):
        talk.type(typed[start : start + chunk].decode("latin-1"))
    talk.wait(200)
    assert len(talk.sent_to) <= typed.count(b"\x1a") + typed.count(b"+CMSS") + typed.upper().count(b"A/")
    talk.type("\x1b\x1b\r")
    talk.wait(200)
    talk.modem.boot("test")
    assert talk.say("AT").endswith(OK)
