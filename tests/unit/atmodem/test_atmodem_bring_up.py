"""Bring-up: who it is, what it offers, tolerant of nearly everything, changing nothing on the SIM."""

from __future__ import annotations

import re

import pytest

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Registration
from gsmsend.testing.driver_suite import OnAir
from tests.unit.atmodem.fake_modem import ANSWERS, ICCID, Rig

FORBIDDEN = re.compile(r"AT(&F|&W|Z|\+CMGD|\+CMGW|\+CPIN=|\+CSCA=|\+CPBW|\+CLCK|\+CFUN=|\+CRSM=(?!176))")
NEEDED = {"AT", "AT+CMGF=0"}


def test_it_reads_who_it_is() -> None:
    facts = Rig().link().bring_up()
    assert (facts.device.manufacturer, facts.device.model, facts.device.revision) == ("Example", "E1", "11.2")
    assert facts.device.imei == "490154203237518"
    assert (facts.sim.iccid, facts.sim.imsi, facts.sim.number) == (ICCID, "001010000000001", "+447700900901")
    assert (facts.registration, facts.operator, facts.signal_dbm) == (Registration.HOME, "Test Network", -73)
    assert (facts.smsc, facts.sim_state, facts.reports, facts.notes) == ("+447700900800", "READY", True, ())


def test_it_does_nothing_that_outlasts_the_session_or_touches_the_sim() -> None:
    rig = Rig()
    rig.link().bring_up()
    assert not [line for line in rig.modem.said if FORBIDDEN.match(line)]
    assert b"\x1a" not in rig.port.written
    assert '"SM"' not in rig.port.written.decode()


@pytest.mark.parametrize("command", sorted(ANSWERS.keys() - NEEDED))
@pytest.mark.parametrize(
    "answer", [("ERROR",), ("+CME ERROR: 4",), ("OK",), None], ids=["error", "cme", "ok", "silent"]
)
def test_any_step_may_be_missing(command: str, answer: tuple[str, ...] | None) -> None:
    rig = Rig()
    rig.modem.answers[command] = answer
    link = rig.link()
    took = rig.elapsed(link.bring_up)
    assert took < 45
    from gsmsend.testing.driver_suite import Commit, part

    link.submit(part(), Commit(_NoBench()))  # type: ignore[arg-type]
    assert len(rig.modem.on_air) == 1


class _NoBench:
    def on_air(self) -> list[OnAir]:
        return []


def test_a_modem_that_only_says_ok_tells_nothing_and_sends_nothing() -> None:
    rig = Rig()
    for command in ANSWERS:
        rig.modem.answers[command] = ("OK",)
    rig.modem.answers["AT+CMGF?"] = ("OK",)
    with pytest.raises(LinkLost, match="tells nothing"):
        rig.link().bring_up()


def test_nobody_there() -> None:
    rig = Rig()
    rig.modem.deaf = True
    with pytest.raises(LinkLost, match="answers AT"):
        rig.link().bring_up()


@pytest.mark.parametrize("trouble", ["deaf", "no PDU mode", "gone"])
def test_of_a_sticks_ports_the_one_that_can_send_is_taken(trouble: str) -> None:
    rig, other = Rig(), Rig()
    rig.modem.deaf = trouble == "deaf"
    rig.port.gone = trouble == "gone"
    if trouble == "no PDU mode":
        rig.modem.answers["AT+CMGF=0"] = ("ERROR",)
    other.port.clock = rig.clock
    link = rig.link()
    ports = [other.port]
    link._open_next = lambda: ports.pop() if ports else None
    assert link.bring_up().sim.iccid == ICCID
    assert rig.port.closed
    link.wake()
    assert other.port.woken


def test_no_pdu_mode_no_use() -> None:
    rig = Rig()
    rig.modem.answers["AT+CMGF=0"] = ("ERROR",)
    with pytest.raises(LinkLost, match="PDU mode"):
        rig.link().bring_up()


def test_half_a_pdu_that_an_earlier_program_left_at_the_prompt_goes_nowhere() -> None:
    rig = Rig()
    rig.modem.receive(b"AT+CMGF=0\rAT+CMGS=19\r0011000C91447700")
    rig.link().bring_up()
    assert rig.modem.on_air == []


def test_what_an_earlier_program_left_in_the_line_is_no_answer() -> None:
    rig = Rig()
    rig.modem.say("OK", "+CSQ: 3,99", "OK", "ERROR")
    rig.modem.out += b"\x00\xff\xfegarbage"
    facts = rig.link().bring_up()
    assert (facts.device.manufacturer, facts.signal_dbm) == ("Example", -73)


@pytest.mark.parametrize("chunk", [1, 3])
def test_it_may_come_octet_by_octet(chunk: int) -> None:
    rig = Rig()
    rig.port.chunk = chunk
    assert rig.link().bring_up().sim.iccid == ICCID


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("+CPIN: SIM PIN", "OK"), "SIM PIN"),
        (("+CPIN: SIM PUK", "OK"), "PUK"),
        (("+CPIN: PH-SIM PIN", "OK"), "PH-SIM PIN"),
        (("+CME ERROR: 10",), "no SIM"),
        (("+CME ERROR: SIM not inserted",), "no SIM"),
        (("+CME ERROR: 13",), "FAILURE"),
        (("+CPIN: NOT READY", "OK"), "NOT READY"),
    ],
)
def test_a_sim_that_needs_a_person_stops_the_line(answer: tuple[str, ...], words: str) -> None:
    rig = Rig()
    rig.modem.answers["AT+CPIN?"] = answer
    with pytest.raises(GuardStop, match=words) as stop:
        rig.link().bring_up()
    assert stop.value.remedy
    assert not [line for line in rig.modem.said if line.startswith("AT+CPIN=")]


def test_a_busy_sim_is_waited_for() -> None:
    rig = Rig()
    rig.modem.answers["AT+CPIN?"] = ("+CME ERROR: 14",)
    rig.modem.later.append((rig.clock.monotonic() + 3, rig.modem.answers.clear))
    assert 3 <= rig.elapsed(rig.link().bring_up) < 5


@pytest.mark.parametrize(
    ("command", "line"),
    [("AT+ICCID", f"+ICCID: {ICCID}"), ("AT^ICCID?", f"^ICCID: {ICCID}"), ("AT#CCID", f"#CCID: {ICCID}"),
     ("AT+CRSM=176,12258,0,0,10", '+CRSM: 144,0,"984411000000000010F7"')],
)  # fmt: skip
def test_the_iccid_is_asked_for_in_every_way(command: str, line: str) -> None:
    rig = Rig()
    rig.modem.answers["AT+CCID"] = ("ERROR",)
    rig.modem.answers[command] = (line, "OK")
    assert rig.link().bring_up().sim.iccid == ICCID


def test_registration_on_lte_alone_counts() -> None:
    rig = Rig()
    rig.modem.answers |= {"AT+CREG?": ("+CREG: 1,0", "OK"), "AT+CEREG?": ("+CEREG: 1,5", "OK")}
    assert rig.link().bring_up().registration is Registration.ROAMING


def test_no_message_centre_is_noted() -> None:
    rig = Rig()
    rig.modem.answers["AT+CSCA?"] = ('+CSCA: "",129', "OK")
    assert "message centre" in rig.link().bring_up().notes[0]


def test_a_profile_is_chosen_by_what_the_modem_says() -> None:
    rig = Rig()
    rig.modem.answers |= {"AT+CGMI": ("huawei", "OK"), "AT+CGMM": ("E173", "OK")}
    assert rig.link().bring_up().device.profile == "huawei"


def test_a_restart_in_the_middle_of_it_is_noticed() -> None:
    rig = Rig()
    link = rig.link()
    rig.modem.answers["AT+CIMI"] = None

    def restart() -> None:
        rig.modem.answers.clear()
        rig.modem.restart("RDY")

    rig.modem.later.append((rig.clock.monotonic() + 2, restart))
    assert link.bring_up().registration.usable
    assert not rig.modem.text_mode
    assert not rig.modem.echo
    assert rig.modem.cnmi == "2,2,0,1,0"


def test_with_an_attempt_open_it_listens_before_it_speaks() -> None:
    rig = Rig()
    rig.modem.later.append((rig.clock.monotonic() + 4, lambda: rig.modem.say("+CMGS: 77", "OK")))
    link = rig.link(listen_first_s=10)
    assert rig.elapsed(link.bring_up) < 5
    assert [late.reference for late in rig.sink.late] == [77]


def test_a_modem_that_has_just_started_owes_no_answer() -> None:
    rig = Rig()
    rig.modem.later.append((rig.clock.monotonic() + 1, lambda: rig.modem.say("RDY")))
    assert rig.elapsed(rig.link(listen_first_s=20).bring_up) < 2
    assert rig.sink.late == []


def test_errors_at_bring_up_are_no_late_outcomes() -> None:
    rig = Rig()
    rig.modem.answers["AT+CMGF?"] = ("+CMS ERROR: 314",)
    rig.link().bring_up()
    assert rig.sink.late == []


@pytest.mark.parametrize(
    ("answer", "counter"),
    [(('+CRSM: 144,0,"29FF"', "OK"), 0x29), (("+CRSM: 144,0,29FF", "OK"), 0x29), (("+CRSM: 148,4", "OK"), None),
     (("ERROR",), None), (None, None)],
)  # fmt: skip
def test_the_sims_own_record_of_the_last_reference(answer: tuple[str, ...] | None, counter: int | None) -> None:
    rig = Rig()
    rig.modem.answers["AT+CRSM=176,28483,0,0,2"] = answer
    assert rig.up().counter() == counter
