"""The record of what libgammu sent: taken from its own trace, with nothing of a recipient in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gsmsend.evidence.commands import Changes, commands, counted
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend_handset.gammu.apart import speaker
from gsmsend_handset.gammu.record import Record, begin_record


def dumped(octets: bytes, kind: int = 0) -> str:
    """As libgammu's trace has what it sends: sixteen octets a row, two digits and the sign each, and a bar."""
    rows = [f"SENDING frame type 0x{kind:02X}/length 0x{len(octets):02X}/{len(octets)}"]
    for at in range(0, len(octets), 16):
        piece = octets[at : at + 16]
        cells = [f"{octet:02X}{chr(octet) if 32 < octet < 127 else ' '}" for octet in piece]
        rows.append(f"{'|'.join(cells):<64}{''.join(chr(octet) if 32 < octet < 127 else '.' for octet in piece)}")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"AT+CMGS=23\r", ["AT+CMGS=23"]),
        (b'AT+CPMS="SM","SM"\r', ['AT+CPMS="SM","SM"']),
        (b"0011000C914477000910320000FF05C8329BFD06", ["PDU 20"]),
        (b"\x1a", []),
        (b"\x1b\r", ["ESC"]),
        (b"Help is there", ["FRAME 00"]),
        (b'AT+CMGS="|1C|"\r', ['AT+CMGS="|1C|"']),
    ],
)
def test_what_was_sent_is_read_from_the_trace(octets: bytes, said: list[str]) -> None:
    trace = (
        "Waiting for modem prompt\n"
        + dumped(octets)
        + '1 "AT+X"\nRECEIVED frame type 0x00/length 0x02/2\n4FO|4BK\n'
    )
    assert speaker.commands(trace) == said


def test_frames_of_other_protocols_are_told_by_their_type() -> None:
    assert speaker.commands(dumped(bytes(range(40)), 0x02)) == ["FRAME 02"]


@pytest.mark.parametrize(
    "trace", ["", "SENDING frame type 0x00/length 0x0B/11", "SENDING frame type 0x00/length 0x0B/11\nXX"]
)
def test_a_trace_that_is_cut_tells_nothing_wrong(trace: str) -> None:
    assert speaker.commands(trace) in ([], ["FRAME 00"])


def test_what_libgammu_writes_to_its_trace_is_taken_up_to_now() -> None:
    trace = speaker.Trace()
    with Path(trace.path).open("w", encoding="latin-1") as libgammu:
        libgammu.write("Sending SMS\n")
        libgammu.flush()
        assert "Sending SMS\n" in trace.take()
        libgammu.write("x" * 300_000 + '\nCMS Error 41: "x"\n')
        libgammu.flush()
        assert "CMS Error 41" in trace.take()
    assert trace.take().strip() == ""


def test_the_record_has_no_number_and_no_text(tmp_path: Path) -> None:
    record = Record(tmp_path / "gammu.transcript", "gammu:/dev/ttyACM0 \x1b[2J")
    record.sent(["AT+CGSN", 'AT+CMGS="+447700900123"', "PDU 31", "ESC", "FRAME 02"])
    record.imei = "490154203237518"
    record.outcome(Outcome(OutcomeKind.ACCEPTED, reference=12))
    record.outcome(Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=42))
    record.outcome(Outcome(OutcomeKind.UNKNOWN), late=True)
    record.close()
    record.sent(["AT"])
    text = (tmp_path / "gammu.transcript").read_text()
    assert "900123" not in text
    assert "\x1b" not in text
    lines = [re.sub(r"^\S+Z ", "", line) for line in text.splitlines()[2:]]
    assert lines == [
        "- > AT+CGSN", '- > AT+CMGS="+447*****0123"', "- >p {SUBMIT 31}", "- >e ESC", "- > FRAME 02",
        "490154203237518 = accepted mr=12", "490154203237518 = refused later code=42",
        "490154203237518 =l unknown",
    ]  # fmt: skip
    assert list(commands(text)) == ["AT+CGSN", 'AT+CMGS="+447*****0123"', "(PDU)", "(ESC)", "FRAME 02"]
    assert (tmp_path / "gammu.transcript").stat().st_mode & 0o077 == 0


def test_a_record_that_cannot_be_kept_stops_no_work(tmp_path: Path) -> None:
    assert begin_record(None, "x") is None
    (tmp_path / "file").touch()
    assert begin_record(tmp_path / "file" / "transcript", "x") is None


def test_a_command_that_no_table_has_is_told_as_such() -> None:
    (sent,) = counted(["FRAME 02"])
    assert sent.changes is Changes.UNKNOWN
