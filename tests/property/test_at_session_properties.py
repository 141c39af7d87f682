"""Any octets at any chunking: the same events, no exception, no hang, no result that was not there."""

from __future__ import annotations

import itertools
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.at import Answered, Event, Late, Reply, Session, Stage
from gsmsend.at.events import Final
from gsmsend.model import OutcomeKind

PDU = "0011000C914477000910320000A705E8329BFD06"
REPORT = "00060C0C91447700091032526051210000005260512100000000"

PIECES = st.sampled_from(
    [
        b"\r\n", b"\r", b"\n", b"OK", b"ERROR", b"> ", b">", b"0", b"4", b"RING",
        b"RDY", b"\x1a", b"\x1b", b"\x00", b"\xff",
        b"+CMGS: 12", b"+CMGS:255", b"+CMGS: 256", b"+CMS ERROR: 38", b"+CMS ERROR: 500", b"+CME ERROR: 10",
        b"+CDS: 25", REPORT.encode(), b"+CMT: ,25", b'+CMT: "x",,"y"', b'+CMTI: "ME",3', b"^RSSI:3",
        b"+CPIN: READY", b"+CMGF: 0", b"+CREG: 1", b"+CREG: 0,1", b"AT+CMGF?", b"AT+CMGS=19", PDU.encode(),
    ]
)  # fmt: skip
STREAMS = st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=25).map(b"".join)
LINES = (
    st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=25)
    .map(b"\r\n".join)
    .map(lambda each: each + b"\r\n")
)
CUTS = st.lists(st.integers(0, 300), max_size=12)
STATES = st.sampled_from(["idle", "command", "awaited", "asked", "prompt", "answer", "escaped"])
ECHO = st.sampled_from([None, True, False])
UNANSWERED = st.integers(0, 2)


def session_in(state: str, echo: bool | None, unanswered: int) -> Session:
    session = Session()
    session.echo, session.unanswered = echo, unanswered
    if state in {"command", "awaited"}:
        session.send("AT+CMGF?", 5, 0, awaited="+CMGF:" if state == "awaited" else "")
    elif state != "idle":
        session.submit(19, 10, 0)
    if state in {"prompt", "answer"}:
        session.receive(b"\r\n> ", 0)
    if state == "answer":
        session.release(PDU, 60, 0)
    if state == "escaped":
        session.expire(10)
    session.data_to_send()
    return session


def feed(session: Session, stream: bytes, cuts: list[int]) -> tuple[list[Event], bytes]:
    events: list[Event] = []
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, end in itertools.pairwise(edges):
        events += session.receive(stream[start:end], 1)
    return events, session.data_to_send()


def told(events: list[Event]) -> list[Event]:
    """Without prompts, which may be told and withdrawn, or withdrawn at once, by how the octets come."""
    return [event for event in events if type(event).__name__ != "PromptSeen"]


@settings(max_examples=400, deadline=None)
@given(STATES, ECHO, UNANSWERED, st.one_of(STREAMS, LINES), CUTS)
def test_chunks_do_not_matter(
    state: str, echo: bool | None, unanswered: int, stream: bytes, cuts: list[int]
) -> None:
    whole, cut = session_in(state, echo, unanswered), session_in(state, echo, unanswered)
    one, sent_one = feed(whole, stream, [])
    other, sent_other = feed(cut, stream, cuts)
    assert told(one) == told(other)
    assert sent_one == sent_other
    assert (whole.phase, whole.stage, whole.deadline, whole.unanswered) == (
        cut.phase,
        cut.stage,
        cut.deadline,
        cut.unanswered,
    )


@settings(max_examples=400, deadline=None)
@given(STATES, ECHO, UNANSWERED, st.one_of(STREAMS, LINES), CUTS)
def test_it_always_ends_and_never_sends_what_could_go_on_air(
    state: str, echo: bool | None, unanswered: int, stream: bytes, cuts: list[int]
) -> None:
    session = session_in(state, echo, unanswered)
    events, sent = feed(session, stream, cuts)
    now = 1.0
    for _ in range(10):
        if session.deadline is None:
            break
        now = session.deadline
        events += session.expire(now)
        sent += session.data_to_send()
    if session.stage is Stage.PROMPT:
        session.escape(now)
        sent += session.data_to_send()
        events += session.expire(now + 10)
    assert session.stage is None
    assert session.deadline is None
    assert set(sent) <= {0x1B}
    ended = [event for event in events if isinstance(event, Reply | Answered)]
    assert len(ended) == (0 if state == "idle" else 1)


FINAL = re.compile(rb"OK|ERROR|NOT SUPPORT|TOO MANY|ABORTED|^[04]$|RDY", re.IGNORECASE)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["command", "awaited", "asked", "prompt", "answer"]), ECHO, UNANSWERED, LINES)
def test_no_final_result_is_invented(state: str, echo: bool | None, unanswered: int, stream: bytes) -> None:
    stream = b"\n".join(
        line
        for line in re.split(rb"[\r\n]", stream)
        if not FINAL.search(line.replace(b"\0", b"").strip(b" \t\x1a\x1b"))
    )
    session = session_in(state, echo, unanswered)
    events, _ = feed(session, stream + b"\n", [])
    assert not [event for event in events if isinstance(event, Reply | Answered)]


@settings(max_examples=300, deadline=None)
@given(ECHO, UNANSWERED, LINES)
def test_accepted_needs_a_readable_reference_and_refused_needs_a_code_that_proves_it(
    echo: bool | None, unanswered: int, stream: bytes
) -> None:
    session = session_in("answer", echo, unanswered)
    events, _ = feed(session, stream, [])
    if session.deadline is not None:
        events += session.expire(session.deadline)
    for event in events:
        if isinstance(event, Answered):
            outcome = event.outcome
            if outcome.kind is OutcomeKind.ACCEPTED:
                assert f"+CMGS:{outcome.reference}".encode() in stream.replace(b" ", b"").replace(b"\0", b"")
            if outcome.kind is OutcomeKind.REFUSED:
                assert b"+CMS ERROR: 38" in stream.replace(b"\0", b"")


@settings(max_examples=200, deadline=None)
@given(UNANSWERED, LINES)
def test_late_outcomes_are_told_at_most_once(unanswered: int, stream: bytes) -> None:
    events, _ = feed(session_in("idle", None, unanswered), stream, [])
    late = [event for event in events if isinstance(event, Late)]
    assert len(late) <= (1 if unanswered == 1 else 0)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), CUTS)
def test_pure_noise_never_answers_a_command(noise: bytes, cuts: list[int]) -> None:
    session = Session()
    session.send("AT+CSQ", 5, 0)
    events, _ = feed(session, noise, cuts)
    for event in events:
        if isinstance(event, Reply):
            assert event.result.final is not Final.SILENCE
            assert re.search(rb"OK|ERROR|ABORTED|[04]", noise)
