"""What an answer does not prove: half lines from before, answers to earlier texts, prompts of another mode."""

from __future__ import annotations

import pytest

from gsmsend.at import Answered, Event, Late, PromptSeen, Reply, Restarted, Session, Stage, Stale
from gsmsend.at.lexer import LONGEST_LINE, Lexer
from gsmsend.model import Outcome, OutcomeKind, Refusal

PDU = "0011000C914477000910320000A705E8329BFD06"


def at_prompt(*, unanswered: int = 0) -> Session:
    session = Session()
    session.echo, session.unanswered = False, unanswered
    session.submit(19, 10, 0)
    assert session.receive(b"\r\n> ", 0) == [PromptSeen()]
    session.data_to_send()
    return session


def released(*, unanswered: int = 0) -> Session:
    session = at_prompt(unanswered=unanswered)
    session.release(PDU, 60, 0)
    session.data_to_send()
    return session


def outcome(events: list[Event]) -> Outcome:
    (answered,) = [event for event in events if isinstance(event, Answered)]
    return answered.outcome


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"+CMS ERR", b"OR: 38\r\n"), (b"\r\n+CMGS: 1", b"2\r\n"), (b"\r\n+CMS ERROR: 38", b"\r\n"),
        (b"ERRO", b"R\r"),
    ],
)  # fmt: skip
def test_a_line_that_began_before_ctrl_z_is_no_answer(before: bytes, after: bytes) -> None:
    session = at_prompt()
    session.receive(before, 1)
    session.release(PDU, 60, 1)
    events = list(session.receive(after, 2))
    assert [type(event) for event in events] == [Stale]
    assert session.stage is Stage.ANSWER
    assert outcome(list(session.receive(b"\r\n+CMGS: 13\r\n\r\nOK\r\n", 3))).reference == 13


def test_nor_is_it_the_late_answer_to_the_text_that_it_began_before() -> None:
    session = at_prompt()
    session.receive(b"\r\n+CMS ERROR: 38", 1)
    session.release(PDU, 60, 1)
    session.expire(61)
    assert session.receive(b"\r\n", 62) == [Stale("+CMS ERROR: 38")]


def test_a_blank_behind_the_prompt_begins_no_line() -> None:
    session = at_prompt()
    session.receive(b" ", 1)
    session.release(PDU, 60, 1)
    assert outcome(list(session.receive(b"+CMGS: 12\r\nOK\r\n", 2))).reference == 12


@pytest.mark.parametrize("unanswered", [1, 2, 3])
@pytest.mark.parametrize("answer", [b"+CMS ERROR: 38", b"+CMS ERROR: 197"])
def test_an_error_that_may_be_an_earlier_texts_proves_nothing(unanswered: int, answer: bytes) -> None:
    session = released(unanswered=unanswered)
    found = outcome(list(session.receive(b"\r\n" + answer + b"\r\n", 1)))
    assert found.kind is OutcomeKind.UNKNOWN
    assert session.unanswered == unanswered


def test_of_several_silent_texts_the_last_answer_is_this_ones_and_the_others_nobodys() -> None:
    session = released(unanswered=2)
    assert session.receive(b"\r\n+CMGS: 12\r\n\r\nOK\r\n", 1) == []
    assert session.receive(b"\r\n+CMGS: 13\r\n\r\nOK\r\n", 2) == [Stale("+CMGS: 12")]
    events = list(session.receive(b"\r\n+CMGS: 14\r\n\r\nOK\r\n", 3))
    assert not [event for event in events if isinstance(event, Late)]
    assert outcome(events).reference == 14


def test_the_reference_behind_all_silent_ones_is_this_ones_at_once() -> None:
    session = at_prompt(unanswered=0)
    session.release(PDU, 60, 0)
    session.receive(b"\r\n+CMGS: 254\r\n\r\nOK\r\n", 1)
    for _ in range(2):
        session.submit(19, 10, 2)
        session.receive(b"\r\n> ", 2)
        session.release(PDU, 60, 2)
        session.expire(62)
    assert session.unanswered == 2
    session.submit(19, 10, 70)
    session.receive(b"\r\n> ", 70)
    session.release(PDU, 60, 70)
    assert outcome(list(session.receive(b"\r\n+CMGS: 1\r\n\r\nOK\r\n", 71))).reference == 1


def test_an_error_after_an_attempt_that_got_no_prompt_is_not_the_earlier_texts() -> None:
    """It may be the answer to the second AT+CMGS, and the first text, which went out, would be sent again."""
    session = released()
    session.expire(60)
    session.submit(19, 10, 70)
    session.expire(80)
    session.expire(82)
    assert session.receive(b"\r\n+CMS ERROR: 38\r\n", 83) == [Stale("+CMS ERROR: 38")]


@pytest.mark.parametrize("noise", [b"~", b"\xff\x80", b"+CDS: 6,12,"])
def test_an_echo_behind_noise_means_text_mode_too(noise: bytes) -> None:
    session = Session()
    session.echo = False
    session.submit(19, 10, 0)
    session.data_to_send()
    events = session.receive(noise + b"AT+CMGS=19\r\r\n> ", 1)
    assert [type(event) for event in events] == [Restarted]
    assert session.data_to_send() == b"\x1b"


@pytest.mark.parametrize("sign", [b"\r\nAT+CMGS=19\r\n", b'\r\n+CMT: "+447700900123",,"25/06/15,12:00:00+04"\r\n'])
def test_a_sign_of_text_mode_at_the_prompt_takes_it_away(sign: bytes) -> None:
    session = at_prompt()
    session.receive(sign, 1)
    assert session.data_to_send() == b"\x1b"
    with pytest.raises(ValueError, match="not waiting"):
        session.release(PDU, 60, 1)
    found = outcome(list(session.expire(10)))
    assert (found.kind, found.refusal) == (OutcomeKind.REFUSED, Refusal.RETRY)


def test_after_a_restart_nothing_is_released_until_pdu_mode_is_set() -> None:
    session = Session()
    session.echo = False
    session.send("AT+CNMA", 5, 0)
    assert Restarted("echo is on again") in session.receive(b"AT+CNMA\r\r\nOK\r\n", 0)
    session.submit(19, 10, 1)
    session.data_to_send()
    assert PromptSeen() not in session.receive(b"AT+CMGS=19\r\r\n> ", 1)
    assert session.data_to_send() == b"\x1b"
    session.expire(4)
    session.send("AT+CMGF=0", 5, 5)
    session.receive(b"AT+CMGF=0\r\r\nOK\r\n", 5)
    session.submit(19, 10, 6)
    assert PromptSeen() in session.receive(b"AT+CMGS=19\r\r\n> ", 6)


def test_text_mode_found_by_asking_is_as_good_as_a_restart() -> None:
    """Seen where the modem restarted in the middle of being set up: the rest of it was answered in text mode."""
    session = Session()
    session.send("AT+CMGF?", 2, 0, awaited="+CMGF:")
    events = session.receive(b"\r\n+CMGF: 1\r\n\r\nOK\r\n", 0)
    assert [type(event) for event in events] == [Restarted, Reply]
    session.submit(19, 10, 1)
    session.data_to_send()
    assert PromptSeen() not in session.receive(b"\r\n> ", 1)
    assert session.data_to_send() == b"\x1b"
    session.expire(4)
    session.send("AT+CMGF?", 2, 5, awaited="+CMGF:")
    session.receive(b"\r\n+CMGF: 0\r\n\r\nOK\r\n", 5)
    session.submit(19, 10, 6)
    assert PromptSeen() in session.receive(b"\r\n> ", 6)


@pytest.mark.parametrize("step", [1, 7, 4096, 10_000])
def test_what_is_left_of_an_endless_line_is_the_same_at_any_chunking(step: int) -> None:
    octets = b"x" * (LONGEST_LINE + 500) + b">"
    lexer = Lexer()
    for at in range(0, len(octets), step):
        assert list(lexer.feed(octets[at : at + step])) == []
    assert lexer.rest == ""
