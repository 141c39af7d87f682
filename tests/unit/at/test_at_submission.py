"""One submission, from AT+CMGS to its final result: what it proves, and what it does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gsmsend.at import Answered, Late, PromptSeen, Restarted, Rule, RuleTable, Session, Stage, Stale, Unsolicited
from gsmsend.model import Outcome, OutcomeKind, Refusal

PDU = "0011000C914477000910320000A705E8329BFD06"
REPORT = "00060C0C91447700091032526051210000005260512100000000"


def asked(*, unanswered: int = 0, echo: bool | None = False, rules: RuleTable | None = None) -> Session:
    session = Session(rules)
    session.unanswered = unanswered
    session.echo = echo
    session.submit(19, 10, 0)
    assert session.data_to_send() == b"AT+CMGS=19\r"
    return session


def released(**how: object) -> Session:
    session = asked(**how)  # type: ignore[arg-type]
    assert session.receive(b"\r\n> ", 0) == [PromptSeen()]
    assert session.data_to_send() == b""
    session.release(PDU, 60, 0)
    assert session.data_to_send() == PDU.encode() + b"\x1a"
    return session


def outcome(events: Sequence[object]) -> Outcome:
    answered = [event for event in events if isinstance(event, Answered)]
    assert len(answered) == 1, events
    return answered[0].outcome


@pytest.mark.parametrize(
    "answer",
    [
        b"+CMGS: 12",
        b"+CMGS:12",
        b"+CMGS: 12 ",
        b'+CMGS: 12,"25/06/15,12:00:00+04"',
        b"+CMGS: 12,07914400",
        b"+CMGS: 012",
    ],
)
def test_accepted_in_all_forms(answer: bytes) -> None:
    session = released()
    assert session.receive(b"\r\n" + answer + b"\r\n", 1) == []
    accepted = outcome(list(session.receive(b"\r\nOK\r\n", 1)))
    assert (accepted.kind, accepted.reference) == (OutcomeKind.ACCEPTED, 12)


@pytest.mark.parametrize(
    ("answer", "kind", "refusal"),
    [
        (b"+CMS ERROR: 38", OutcomeKind.REFUSED, Refusal.LATER),
        (b"+CMS ERROR:1", OutcomeKind.REFUSED, Refusal.RECIPIENT),
        (b"+CMS ERROR: 10", OutcomeKind.REFUSED, Refusal.LINE),
        (b"+CMS ERROR: 96", OutcomeKind.REFUSED, Refusal.MESSAGE),
        (b"+CMS ERROR: SIM busy", OutcomeKind.REFUSED, Refusal.RETRY),
        (b"+CMS ERROR: (U)SIM failure", OutcomeKind.REFUSED, Refusal.MODEM),
        (b"+CMS ERROR: 332", OutcomeKind.UNKNOWN, None),
        (b"+CMS ERROR: 500", OutcomeKind.UNKNOWN, None),
        (b"+CMS ERROR: 517", OutcomeKind.UNKNOWN, None),
        (b"+CMS ERROR: 200", OutcomeKind.UNKNOWN, None),
        (b"+CMS ERROR: 3x8", OutcomeKind.UNKNOWN, None),
        (b"+CMS ERROR: no idea", OutcomeKind.UNKNOWN, None),
        (b"+CMS ERROR: 197", OutcomeKind.ACCEPTED, None),
        (b"+CME ERROR: 30", OutcomeKind.UNKNOWN, None),
        (b"ERROR", OutcomeKind.UNKNOWN, None),
        (b"OK", OutcomeKind.UNKNOWN, None),
        (b"+CMGS: \r\n\r\nOK", OutcomeKind.UNKNOWN, None),
        (b"+CMGS: 256\r\n\r\nOK", OutcomeKind.UNKNOWN, None),
        (b"+CMGS: 1x\r\n\r\nOK", OutcomeKind.UNKNOWN, None),
        (b"+CMGS: 12\r\n\r\n+CMS ERROR: 38", OutcomeKind.UNKNOWN, None),
        (b"+CMGS: 12\r\n\r\n+CMGS: 13\r\n\r\nOK", OutcomeKind.UNKNOWN, None),
        (b"+CMGS: 12\r\n\r\n+CMGS: 12\r\n\r\nOK", OutcomeKind.ACCEPTED, None),
    ],
)
def test_what_an_answer_after_ctrl_z_proves(answer: bytes, kind: OutcomeKind, refusal: Refusal | None) -> None:
    found = outcome(list(released().receive(b"\r\n" + answer + b"\r\n", 1)))
    assert (found.kind, found.refusal) == (kind, refusal)
    assert found.kind is OutcomeKind.ACCEPTED or found.why


def test_silence_after_ctrl_z_is_unknown() -> None:
    session = released()
    assert session.deadline == 60
    assert session.expire(59.9) == []
    found = outcome(list(session.expire(60)))
    assert found.kind is OutcomeKind.UNKNOWN
    assert session.unanswered == 1


def test_a_reference_without_ok_is_accepted() -> None:
    session = released()
    session.receive(b"\r\n+CMGS: 12\r\n", 1)
    found = outcome(list(session.expire(60)))
    assert (found.kind, found.reference) == (OutcomeKind.ACCEPTED, 12)


@pytest.mark.parametrize("seen", [b"", b"\r\n+CMGS: 12\r\n"])
def test_a_port_lost_after_ctrl_z(seen: bytes) -> None:
    session = released()
    session.receive(seen, 1)
    found = outcome(list(session.disconnected()))
    assert found.kind is (OutcomeKind.ACCEPTED if seen else OutcomeKind.UNKNOWN)


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (b"ERROR", Refusal.RETRY),
        (b"+CMS ERROR: 332", Refusal.LATER),
        (b"+CMS ERROR: 500", Refusal.LATER),
        (b"+CMS ERROR: 310", Refusal.MODEM),
        (b"+CME ERROR: 30", Refusal.LATER),
        (b"+CME ERROR: SIM failure", Refusal.RETRY),
    ],
)
def test_any_error_before_the_prompt_proves_nothing_was_sent(answer: bytes, refusal: Refusal) -> None:
    session = asked()
    found = outcome(list(session.receive(b"\r\n" + answer + b"\r\n", 1)))
    assert (found.kind, found.refusal) == (OutcomeKind.REFUSED, refusal)
    assert session.data_to_send() == b""


def test_a_prompt_that_never_comes_is_escaped_and_refused() -> None:
    session = asked()
    assert session.expire(10) == []
    assert session.data_to_send() == b"\x1b"
    found = outcome(list(session.receive(b"\r\nOK\r\n", 10.1)))
    assert (found.kind, found.refusal) == (OutcomeKind.REFUSED, Refusal.MODEM)


def test_a_prompt_that_comes_after_it_was_given_up_is_escaped_too() -> None:
    session = asked()
    session.expire(10)
    session.data_to_send()
    assert session.receive(b"\r\n> ", 10.5) == []
    assert session.data_to_send() == b"\x1b"
    assert outcome(list(session.expire(12.6))).kind is OutcomeKind.REFUSED


def test_giving_up_at_the_prompt_sends_nothing() -> None:
    session = asked()
    session.receive(b"\r\n> ", 1)
    session.escape(1)
    assert session.data_to_send() == b"\x1b"
    assert outcome(list(session.receive(b"\r\nOK\r\n", 1))).kind is OutcomeKind.REFUSED


def test_the_pdu_is_released_only_at_the_prompt() -> None:
    session = asked()
    with pytest.raises(ValueError, match="not waiting"):
        session.release(PDU, 60, 0)
    session.receive(b"\r\n> ", 1)
    session.receive(b"\r\nERROR\r\n", 2)
    with pytest.raises(ValueError, match="not waiting"):
        session.release(PDU, 60, 2)
    assert session.data_to_send() == b""


def test_a_line_that_begins_like_a_prompt_is_none() -> None:
    session = asked()
    assert PromptSeen() not in session.receive(b"\r\n> not a prompt\r\n", 1)
    assert session.stage is Stage.ASKED
    assert session.receive(b"\r\n> ", 2) == [PromptSeen()]


@pytest.mark.parametrize(
    "before", [b"\r\nOK\r\n", b"\r\n+CREG: 1\r\n", f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode(), b"\x00\xff\r\n"]
)
def test_lines_before_the_prompt_do_not_hide_it(before: bytes) -> None:
    session = asked()
    assert PromptSeen() in session.receive(before + b"\r\n> ", 1)


def test_an_unsolicited_line_right_behind_the_prompt_is_not_its_end() -> None:
    session = asked()
    events = session.receive(b'\r\n> +CMTI: "ME",1\r\n', 1)
    assert PromptSeen() in events
    assert Unsolicited("+CMTI:", '+CMTI: "ME",1') in events
    assert session.stage is Stage.PROMPT


@pytest.mark.parametrize("place", [0, 1, 2])
def test_unsolicited_lines_slip_into_the_answer_unharmed(place: int) -> None:
    pieces = [b"\r\n+CMGS: 12\r\n", b"\r\nOK\r\n"]
    pieces.insert(place, f"\r\n+CDS: 25\r\n{REPORT}\r\n\r\n^RSSI:3\r\n".encode())
    events = list(released().receive(b"".join(pieces), 1))
    assert outcome(events).reference == 12
    assert [event.body for event in events if isinstance(event, Unsolicited)] == [REPORT, None]


@pytest.mark.parametrize("echo", [b"AT+CMGS=19\r", b""])
@pytest.mark.parametrize("end", [b"\x1a", b""])
def test_with_echo_on_the_pdu_comes_back_and_is_no_answer(echo: bytes, end: bytes) -> None:
    session = asked(echo=True)
    session.receive(echo + b"\r\n> ", 1)
    session.release(PDU, 60, 1)
    events = list(session.receive(PDU.encode() + end + b"\r\n+CMGS: 12\r\n\r\nOK\r\n", 1))
    assert outcome(events).reference == 12
    assert len(events) == 1


def test_an_echo_of_the_command_means_text_mode_may_be_back_so_nothing_is_released() -> None:
    """In text mode the PDU would go out as a text to the number that its length makes."""
    session = asked(echo=False)
    events = session.receive(b"AT+CMGS=19\r\r\n> ", 1)
    assert [type(event) for event in events] == [Restarted]
    assert session.data_to_send() == b"\x1b"
    assert outcome(list(session.receive(b"\r\nOK\r\n", 1))).kind is OutcomeKind.REFUSED


def test_a_restart_after_ctrl_z_shortens_the_wait_and_leaves_it_unknown() -> None:
    session = released(rules=RuleTable([Rule("RDY", reset=True)]))
    assert Restarted("RDY") in session.receive(b"\r\nRDY\r\n", 1)
    assert session.deadline == 6
    assert outcome(list(session.expire(6))).kind is OutcomeKind.UNKNOWN


def test_what_looked_like_a_restart_does_not_hide_the_answer() -> None:
    session = released(rules=RuleTable([Rule("RDY", reset=True)]))
    assert outcome(list(session.receive(b"\r\nRDY\r\n\r\n+CMGS: 12\r\n\r\nOK\r\n", 1))).reference == 12


def test_a_restart_before_ctrl_z_proves_nothing_was_sent() -> None:
    for prompt in (b"", b"\r\n> "):
        session = asked(rules=RuleTable([Rule("RDY", reset=True)]))
        session.receive(prompt, 0)
        found = outcome(list(session.receive(b"\r\nRDY\r\n", 1)))
        assert (found.kind, found.refusal) == (OutcomeKind.REFUSED, Refusal.RETRY)
        with pytest.raises(ValueError, match="not waiting"):
            session.release(PDU, 60, 2)


def test_the_late_answer_is_told_and_its_ok_ends_nothing_else() -> None:
    session = released()
    session.expire(60)
    session.send("AT+CMGF?", 5, 61, awaited="+CMGF:")
    events = session.receive(b"\r\n+CMGS: 12\r\n\r\nOK\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n", 62)
    assert isinstance(events[0], Late)
    assert events[0].outcome.reference == 12
    assert events[1].lines == ("+CMGF: 0",)  # type: ignore[union-attr]


def test_a_late_refusal_is_told_only_if_nothing_was_asked_since() -> None:
    session = released()
    session.expire(60)
    late = session.receive(b"\r\n+CMS ERROR: 38\r\n", 61)[0]
    assert isinstance(late, Late)
    assert late.outcome.kind is OutcomeKind.REFUSED
    session = released()
    session.expire(60)
    session.send("AT+CSQ", 5, 61)
    session.expire(66)
    assert session.receive(b"\r\n+CMS ERROR: 38\r\n", 67) == [Stale("+CMS ERROR: 38")]


def test_a_late_answer_is_never_credited_to_the_next_text() -> None:
    session = released()
    session.last_reference = 11
    session.expire(60)
    session.submit(19, 10, 90)
    session.receive(b"\r\n> ", 90)
    session.release(PDU, 60, 90)
    assert session.receive(b"\r\n+CMGS: 12\r\n\r\nOK\r\n", 91) == []
    events = list(session.receive(b"\r\n+CMGS: 13\r\n\r\nOK\r\n", 93))
    assert isinstance(events[0], Late)
    assert events[0].outcome.reference == 12
    assert outcome(events).reference == 13


def test_the_reference_two_on_belongs_to_the_next_text_at_once() -> None:
    session = released(unanswered=0)
    session.last_reference = 255
    session.expire(60)
    session.submit(19, 10, 90)
    session.receive(b"\r\n> ", 90)
    session.release(PDU, 60, 90)
    assert outcome(list(session.receive(b"\r\n+CMGS: 1\r\n\r\nOK\r\n", 91))).reference == 1


def test_with_no_second_answer_the_first_is_taken_after_a_while() -> None:
    session = released(unanswered=1)
    assert session.receive(b"\r\n+CMGS: 12\r\n\r\nOK\r\n", 1) == []
    assert outcome(list(session.expire(16.1))).reference == 12


def test_an_error_that_may_be_the_text_befores_proves_nothing() -> None:
    found = outcome(list(released(unanswered=1).receive(b"\r\n+CMS ERROR: 38\r\n", 1)))
    assert found.kind is OutcomeKind.UNKNOWN


def test_of_two_silent_texts_no_late_answer_is_credited() -> None:
    session = released(unanswered=1)
    session.expire(60)
    assert session.unanswered == 2
    assert session.receive(b"\r\n+CMGS: 12\r\n", 61) == [Stale("+CMGS: 12")]


def after_a_silent_one() -> Session:
    """TP-MR 11 was the last, 12 was taken by a silent text, 13 by the next; the one after it is on air."""
    session = released(unanswered=0)
    session.last_reference = 11
    session.expire(60)
    for start, answer in ((90, b"\r\n+CMGS: 13\r\n\r\nOK\r\n"), (95, b"")):
        session.submit(19, 10, start)
        session.receive(b"\r\n> ", start)
        session.release(PDU, 60, start)
        session.receive(answer, start + 1)
    return session


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_an_answer_two_texts_late_is_never_credited_to_the_text_on_air(chunk: int) -> None:
    session = after_a_silent_one()
    octets = b"\r\n+CMGS: 12\r\n\r\nOK\r\n"
    late = [e for at in range(0, len(octets), chunk) for e in session.receive(octets[at : at + chunk], 97)]
    assert late == [Stale("+CMGS: 12"), Stale("OK")]
    assert outcome(list(session.receive(b"\r\n+CMGS: 14\r\n\r\nOK\r\n", 98))).reference == 14


def test_nor_does_an_error_behind_it_prove_that_the_text_on_air_stayed() -> None:
    session = after_a_silent_one()
    found = outcome(list(session.receive(b"\r\n+CMGS: 12\r\n\r\n+CMS ERROR: 38\r\n", 97)))
    assert found.kind is OutcomeKind.UNKNOWN


def test_the_text_on_air_has_its_answer_though_the_late_ok_was_lost() -> None:
    session = after_a_silent_one()
    session.receive(b"\r\n+CMGS: 12\r\n\r\n+CMGS: 14\r\n\r\nOK\r\n", 97)
    found = outcome(list(session.expire(155)))
    assert (found.kind, found.reference) == (OutcomeKind.ACCEPTED, 14)


def test_a_number_that_was_skipped_long_ago_is_taken_when_the_count_has_come_round() -> None:
    session = after_a_silent_one()
    for reference in (*range(14, 256), *range(13)):
        found = outcome(list(session.receive(f"\r\n+CMGS: {reference}\r\n\r\nOK\r\n".encode(), 97)))
        assert found.reference == reference
        session.submit(19, 10, 97)
        session.receive(b"\r\n> ", 97)
        session.release(PDU, 60, 97)
