"""The dialogue: plain commands, unsolicited lines, echo, restarts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gsmsend.at import (
    Final,
    Late,
    Phase,
    Reply,
    Restarted,
    Rule,
    RuleTable,
    Session,
    SimChanged,
    Stale,
    Unsolicited,
)

PDU = "07914477790700500006" + "0C91447700091032" * 3


def ask(session: Session, command: str, *octets: bytes, awaited: str = "") -> list[object]:
    session.send(command, 5, 0, awaited=awaited)
    assert session.data_to_send() == command.encode() + b"\r"
    events: list[object] = []
    for each in octets:
        events += session.receive(each, 0)
    return events


def only(events: Sequence[object]) -> object:
    assert len(events) == 1, events
    return events[0]


def test_a_reply_has_its_lines_and_result() -> None:
    reply = only(ask(Session(), "AT+CSQ", b"\r\n+CSQ: 20,99\r\n", b"\r\nOK\r\n"))
    assert isinstance(reply, Reply)
    assert reply.lines == ("+CSQ: 20,99",)
    assert reply.ok


@pytest.mark.parametrize(
    ("octets", "final", "code"),
    [
        (b"\r\nERROR\r\n", Final.ERROR, None),
        (b"\r\nCOMMAND NOT SUPPORT\r\n", Final.ERROR, None),
        (b"\r\n+CME ERROR: 10\r\n", Final.CME, 10),
        (b"\r\n+CME ERROR: SIM not inserted\r\n", Final.CME, None),
        (b"\r\n+CMS ERROR: 302\r\n", Final.CMS, 302),
        (b"\r\n+CMS ERROR:302\r\n", Final.CMS, 302),
        (b"\r\n+CMS ERROR 302\r\n", Final.CMS, 302),
        (b"\r\n+CMS ERROR: Operation not allowed\r\n", Final.CMS, 302),
        (b"4\r", Final.ERROR, None),
        (b"0\r", Final.OK, None),
    ],
)
def test_final_results_in_words_and_digits(octets: bytes, final: Final, code: int | None) -> None:
    reply = only(ask(Session(), "ATE0", octets))
    assert isinstance(reply, Reply)
    assert (reply.result.final, reply.result.code) == (final, code)


def test_digits_are_answers_once_results_are_words() -> None:
    session = Session()
    ask(session, "ATV1", b"\r\nOK\r\n")
    reply = only(ask(session, "AT+CGMR", b"\r\n0\r\n4\r\n\r\nOK\r\n"))
    assert isinstance(reply, Reply)
    assert reply.lines == ("0", "4")


def test_silence_ends_a_command_at_its_deadline() -> None:
    session = Session()
    session.send("AT", 5, 100)
    assert session.deadline == 105
    assert session.expire(104.9) == []
    reply = session.expire(105)[0]
    assert isinstance(reply, Reply)
    assert reply.result.final is Final.SILENCE
    assert session.phase is Phase.IDLE


def test_one_command_at_a_time() -> None:
    session = Session()
    session.send("AT", 5, 0)
    with pytest.raises(ValueError, match="still under way"):
        session.send("AT", 5, 0)
    with pytest.raises(ValueError, match="still under way"):
        session.submit(20, 5, 0)


def test_echo_is_no_answer() -> None:
    reply = only(ask(Session(), "AT+CGMI", b"AT+CGMI\r\r\nExample\r\n\r\nOK\r\n"))
    assert isinstance(reply, Reply)
    assert reply.lines == ("Example",)


def test_echo_after_it_was_switched_off_means_a_restart() -> None:
    session = Session()
    ask(session, "ATE0", b"ATE0\r\r\nOK\r\n")
    events = ask(session, "AT+CSQ", b"AT+CSQ\r\r\n+CSQ: 1,99\r\n\r\nOK\r\n")
    assert [type(event) for event in events] == [Restarted, Reply]


@pytest.mark.parametrize(
    "line",
    [
        '+CMTI: "ME",3', '+CDSI: "SR",1', "+CREG: 1", '+CREG: 1,"00C3","1A2B"', "^RSSI:18", "RING", "NO CARRIER",
        "+CUSD: 0", "^MODE:5,4", "+CIEV: 2,3",
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["before", "inside", "after"])
def test_unsolicited_lines_are_told_apart_from_the_answer(line: str, where: str) -> None:
    said = f"\r\n{line}\r\n".encode()
    pieces = {"before": (said, b"", b""), "inside": (b"", said, b""), "after": (b"", b"", said)}[where]
    events = ask(Session(), "AT+CGMM", pieces[0] + b"\r\nE1\r\n" + pieces[1] + b"\r\nOK\r\n" + pieces[2])
    replies = [event for event in events if isinstance(event, Reply)]
    assert [(reply.lines, reply.ok) for reply in replies] == [(("E1",), True)]
    assert [event.line for event in events if isinstance(event, Unsolicited)] == [line]


def test_two_line_indications_keep_their_body() -> None:
    events = ask(Session(), "AT+CSQ", f"\r\n+CDS: 25\r\n{PDU}\r\n\r\n+CSQ: 9,9\r\n\r\nOK\r\n".encode())
    assert events[0] == Unsolicited("+CDS:", "+CDS: 25", PDU)
    assert isinstance(events[1], Reply)
    assert events[1].lines == ("+CSQ: 9,9",)


def test_a_missing_body_swallows_no_result() -> None:
    events = ask(Session(), "AT+CSQ", b"\r\n+CDS: 25\r\n\r\nOK\r\n")
    assert events[0] == Unsolicited("+CDS:", "+CDS: 25", None)
    assert isinstance(events[1], Reply)
    assert events[1].ok


def test_a_text_that_reads_ok_ends_no_command() -> None:
    session = Session()
    header = '+CMT: "+447700900123",,"25/06/15,12:00:00+04"'
    events = ask(session, "AT+CSQ", f"\r\n{header}\r\nOK\r\n".encode())
    assert [type(event) for event in events] == [Restarted, Unsolicited]
    assert session.phase is Phase.COMMAND


def test_a_report_in_text_mode_is_one_line() -> None:
    line = '+CDS: 6,12,"+447700900123",145,"25/06/15,12:00:00+04","25/06/15,12:00:05+04",0'
    assert Session().receive(f"\r\n{line}\r\n".encode(), 0) == [Unsolicited("+CDS:", line)]


def test_registration_read_and_registration_told_differ() -> None:
    reply = ask(
        Session(), "AT+CREG?", b'\r\n+CREG: 2\r\n\r\n+CREG: 1,"00C3","1A2B"\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n'
    )
    assert [event.line for event in reply if isinstance(event, Unsolicited)] == [
        "+CREG: 2",
        '+CREG: 1,"00C3","1A2B"',
    ]
    assert [event.lines for event in reply if isinstance(event, Reply)] == [("+CREG: 2,1",)]


def test_a_set_command_leaves_registration_to_the_unsolicited() -> None:
    events = ask(Session(), "AT+CREG=1", b"\r\n+CREG: 5\r\n\r\nOK\r\n")
    assert Unsolicited("+CREG:", "+CREG: 5") in events


def test_the_sim_asked_for_by_us_is_no_change_of_sim() -> None:
    session = Session()
    assert [type(event) for event in ask(session, "AT+CPIN?", b"\r\n+CPIN: READY\r\n\r\nOK\r\n")] == [Reply]
    assert SimChanged("+CPIN: READY") in session.receive(b"\r\n+CPIN: READY\r\n", 0)


def test_a_profile_adds_lines_and_signs_of_restart() -> None:
    session = Session(RuleTable([Rule("^BOOTED:", reset=True), Rule("RDY", reset=True), Rule("^X:", body=True)]))
    assert Restarted("RDY") in session.receive(b"\r\nRDY\r\n", 0)
    assert Restarted("^BOOTED: 1") in session.receive(b"\r\n^BOOTED: 1\r\n", 0)
    assert session.receive(f"\r\n^X: 1\r\n{PDU}\r\n".encode(), 0) == [Unsolicited("^X:", "^X: 1", PDU)]


def test_only_the_awaited_answer_brings_the_dialogue_into_step() -> None:
    session = Session()
    events = ask(session, "AT+CMGF?", b"\r\nOK\r\n\r\nERROR\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n", awaited="+CMGF:")
    assert [type(event) for event in events] == [Stale, Stale, Reply]
    assert events[2].lines == ("+CMGF: 0",)  # type: ignore[attr-defined]


def test_a_result_nobody_waits_for_is_stale() -> None:
    assert Session().receive(b"\r\nOK\r\n", 0) == [Stale("OK")]


def test_an_answer_from_before_we_came_is_late() -> None:
    session = Session()
    event = only(session.receive(b"\r\n+CMGS: 17\r\n", 0))
    assert isinstance(event, Late)
    assert event.outcome.reference == 17
    assert session.receive(b"\r\nOK\r\n", 0) == []


def test_after_settling_nothing_is_late() -> None:
    session = Session()
    session.settled()
    assert session.receive(b"\r\n+CMGS: 17\r\n\r\n+CMS ERROR: 38\r\n", 0) == [
        Stale("+CMGS: 17"),
        Stale("+CMS ERROR: 38"),
    ]


def test_a_lost_port_ends_the_command() -> None:
    session = Session()
    session.send("AT", 5, 0)
    reply = only(list(session.disconnected()))
    assert isinstance(reply, Reply)
    assert not reply.ok
    assert session.disconnected() == []


def test_the_trace_has_every_line_once() -> None:
    lines: list[tuple[str, str, str]] = []
    session = Session(trace=lambda *line: lines.append(line))
    ask(session, "AT+CSQ", f"AT+CSQ\r\r\n+CSQ: 1,99\r\n\r\n+CDS: 25\r\n{PDU}\r\n\r\nOK\r\n".encode())
    assert lines == [
        (">", "command", "AT+CSQ"),
        ("<", "echo", "AT+CSQ"),
        ("<", "line", "+CSQ: 1,99"),
        ("<", "line", "+CDS: 25"),
        ("<", "body", PDU),
        ("<", "line", "OK"),
    ]
