"""A harness that nothing can fail proves nothing: each is shown a fault of the kind that it is there to find."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from gsmsend.at import Session, exchange
from gsmsend.at.cms import Cause, Sent
from gsmsend.at.exchange import Exchange
from gsmsend.at.lexer import Lexer
from gsmsend.campaign import judging, numbers
from gsmsend.campaign.numbers import Kind, Number
from gsmsend.campaign.sources import delimited
from gsmsend.model import Outcome, OutcomeKind
from gsmsend.sms import Address
from gsmsend_atmodem import transcript
from gsmsend_atmodem.link import AtLink
from tests.fuzz.evidence import Stream, proves
from tests.fuzz.runner import Tally
from tests.fuzz.targets import TARGETS

Patch = pytest.MonkeyPatch
SENT = b"\x08\xe3\r\n> \xe4"  # a session that owes nothing, asked, at the prompt, and the PDU handed over
ACCEPTED = SENT + b"\r\n+CMGS: 12\r\n\r\nOK\r\n"


def invents_a_reference(patch: Patch) -> None:
    patch.setattr(exchange, "reference_in", lambda _: 99)


def believes_every_error(patch: Patch) -> None:
    patch.setattr(Cause, "after_pdu", lambda self, raw: dataclasses.replace(self, sent=Sent.NO).before_pdu(raw))


def takes_silence_for_refusal(patch: Patch) -> None:
    refused = Outcome(OutcomeKind.REFUSED, refusal=None, raw="no answer")
    patch.setattr(Exchange, "_unanswered", lambda _self, _why: refused)


def forgets_that_a_line_had_begun(patch: Patch) -> None:
    patch.setattr(Lexer, "divide", lambda _: None)


def forgets_what_is_owed(patch: Patch) -> None:
    patch.setattr(Exchange, "before", property(lambda _: 0, lambda _self, _value: None), raising=False)


def keeps_everything(patch: Patch) -> None:
    heard: list[bytes] = []
    receive = Session.receive

    def hoarding(self: Session, octets: bytes, now: float) -> object:
        heard.append(octets)
        self.heard = heard  # type: ignore[attr-defined]
        return receive(self, octets, now)

    patch.setattr(Session, "receive", hoarding)


def mistakes_a_chunk_for_a_line(patch: Patch) -> None:
    feed = Lexer.feed
    patch.setattr(Lexer, "feed", lambda self, octets: feed(self, octets + b"\n" if octets == b"K" else octets))


def loses_a_digit(patch: Patch) -> None:
    encode = Address.encode
    patch.setattr(Address, "encode", lambda self, field="x": encode(Address(self.number[:-1], self.ton), field))


def texts_somebody_else(patch: Patch) -> None:
    other = Number("+447700900999", Kind.DRAMA)
    patch.setattr(numbers, "normalise", lambda *_a, **_k: other)
    patch.setattr(judging, "normalise", lambda *_a, **_k: other)


def drops_a_row(patch: Patch) -> None:
    patch.setattr(delimited, "_blank", lambda _row, record: "Hello" in record)


def masks_nothing(patch: Patch) -> None:
    patch.setattr(transcript, "mask_number", lambda number: number)


def releases_before_the_commit(patch: Patch) -> None:
    hand_over = AtLink._hand_over
    patch.setattr(AtLink, "_hand_over", lambda self, pdu, _commit: hand_over(self, pdu, lambda _raw: None))


@pytest.mark.parametrize(
    ("target", "octets", "fault"),
    [
        ("session", ACCEPTED, invents_a_reference),
        ("session", SENT + b"\r\n+CMS ERROR: 500\r\n", believes_every_error),
        ("session", SENT + b"\xe6", takes_silence_for_refusal),
        ("session", SENT[:-1] + b"+CMS ERR\xe4OR: 38\r\n", forgets_that_a_line_had_begun),
        ("session", b"\x00\xe3\r\n> \xe4\r\n+CMS ERROR: 38\r\n", forgets_what_is_owed),
        ("session", b"\x08a\r\n\xeb", keeps_everything),
        ("lexer", b"OK", mistakes_a_chunk_for_a_line),
        ("codec", b"\x0a\x0c\x91\x44\x77\x00\x09\x10\x32", loses_a_digit),
        ("table", TARGETS["table"].seeds()[0], texts_somebody_else),
        ("table", TARGETS["table"].seeds()[0], drops_a_row),
        ("lines", b"\x05+CLIP: +447700900123", masks_nothing),
        ("link", b"\x00", releases_before_the_commit),
    ],
)
def test_a_fault_is_found(monkeypatch: Patch, target: str, octets: bytes, fault: Callable[[Patch], None]) -> None:
    fuzz = TARGETS[target].load()
    fuzz(octets)
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        fuzz(octets)


def lines_of(octets: bytes, since: int = 0) -> list[str]:
    stream = Stream()
    stream.octets += octets
    return [line.text for line in stream.lines(since)]


def test_evidence_is_what_began_after_ctrl_z() -> None:
    octets = b"\r\n> +CMGS: 12\r\n+CMGS: 13\r\nhalf"
    assert lines_of(octets) == ["> +CMGS: 12", "+CMGS: 13"]
    assert lines_of(octets, 4) == ["+CMGS: 12", "+CMGS: 13"]
    assert lines_of(octets, 7) == ["+CMGS: 13"]


def test_the_words_of_an_inbound_text_are_no_evidence() -> None:
    octets = b'+CMT: "x",,"y"\r\n+CMS ERROR: 38\r\n+CMS ERROR: 42\r\n'
    assert lines_of(octets) == ['+CMT: "x",,"y"', "+CMS ERROR: 42"]
    assert lines_of(b"+CMT: ,25\r\n+CMS ERROR: 38\r\n") == ["+CMT: ,25", "+CMS ERROR: 38"]


@pytest.mark.parametrize(
    ("said", "kind", "proven"),
    [
        (b"+CMS ERROR: 38", OutcomeKind.REFUSED, True),
        (b"+CMS ERROR: SIM busy", OutcomeKind.REFUSED, True),
        (b"+CMS ERROR: 500", OutcomeKind.REFUSED, False),
        (b"+CMS ERROR: 3 8", OutcomeKind.REFUSED, False),
        (b"+CMS ERROR: 600", OutcomeKind.REFUSED, False),
        (b"+CMGS: 1\r\n+CMS ERROR: 38", OutcomeKind.REFUSED, False),
        (b"ERROR", OutcomeKind.REFUSED, False),
        (b"+CMS ERROR: 197", OutcomeKind.ACCEPTED, True),
        (b"OK", OutcomeKind.ACCEPTED, False),
        (b"", OutcomeKind.UNKNOWN, True),
    ],
)
def test_what_a_line_proves(said: bytes, kind: OutcomeKind, proven: bool) -> None:
    stream = Stream()
    stream.octets += said + b"\r\n"
    assert proves(Outcome(kind), stream.lines()) is proven


def test_libfuzzers_words_are_counted_also_of_a_run_that_was_killed() -> None:
    tally = Tally("x")
    for line in (
        "#2\tREAD units: 3", "#4\tINITED cov: 20 ft: 30", "#900\tNEW    cov: 25 ft: 40 corp: 9/1b",
        " === Uncaught Python exception: ===", "AssertionError: it may be the answer to the text before",
        "Traceback (most recent call last):", "artifact_prefix='x'; Test unit written to build/fuzz/x-crash-1",
        "ALARM: working on the last Unit for 21 seconds", "artifact_prefix='x'; Test unit written to x-timeout-2f",
        "stat::number_of_executed_units: 1000", "stat::new_units_added:          7",
    ):  # fmt: skip
        tally.hear(line)
    tally.end()
    tally.hear("#500\tpulse  cov: 26 ft: 40")
    tally.end()
    assert (tally.executions, tally.coverage, tally.new_inputs) == (1500, (20, 26), 7)
    assert [*tally.faults] == ["AssertionError: it may be the answer to the text before", "timeout"]
