"""A run's log: plain, JSON, and the journal's own protocol; nothing of a recipient in any of it."""

from __future__ import annotations

import io
import json
import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from gsmsend.config import LogLevel, LogTerms, LogTo
from gsmsend.engine import events
from gsmsend.engine.events import Event
from gsmsend.errors import UsageError
from gsmsend.logs import RunLog, where
from gsmsend.logs.entries import Entries
from gsmsend.logs.journal import JournalHandler, datagram
from gsmsend.model import (
    Device,
    Facts,
    Outcome,
    OutcomeKind,
    Refusal,
    Registration,
    ReportOutcome,
    Sim,
    State,
)

NUMBER = "+447700900123"
HOSTILE = f'{NUMBER} 07700 900123 (0)7700-900-123\n{{"level": "FORGED"}}\x1b[2J\u202e GSMSEND_EVENT=forged'
FACTS = Facts(Device("virtual", "/dev/a"), Sim(number=NUMBER), Registration.HOME, "Example", -71)
OUTCOME = Outcome(
    OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=21, raw=HOSTILE, why=HOSTILE, handle=HOSTILE
)
EVENTS: list[Event] = [
    events.Started(1.5, {State.QUEUED: 2}),
    events.LineChanged(1.5, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, FACTS, HOSTILE),
    events.HealthChanged(1.5, HOSTILE, 10, HOSTILE, (HOSTILE, HOSTILE)),
    events.PartAnswered(1.5, HOSTILE, 4, NUMBER, 1, 2, OUTCOME, 1.0),
    events.MessageMoved(1.5, 4, NUMBER, State.SENDING, State.FAILED, HOSTILE),
    events.ReportArrived(1.5, HOSTILE, 4, 1, ReportOutcome.DELIVERED, 0),
    events.InboundArrived(1.5, HOSTILE, NUMBER),
    events.ReplyFlagged(1.5, HOSTILE, NUMBER, 3, 4),
    events.OptedOut(1.5, HOSTILE, NUMBER, 3, 1, doubtful=True),
    events.Acknowledging(1.5, 5, NUMBER, 3),
    events.Notice(1.5, HOSTILE, HOSTILE),
    events.HeldBack(1.5, HOSTILE),
    events.Counted(1.5, {State.DELIVERED: 2}),
    events.HeadSigned(1.5, 42, "42 7KQX-93MB-TT2P-0A4C", to_note=True),
    events.Finished(1.5, {State.DELIVERED: 2}, 1, HOSTILE),
]


def logged(to: LogTo, batch: list[Event], level: LogLevel = LogLevel.DEBUG) -> list[str]:
    stream = io.StringIO()
    log = RunLog(to, level, stream)
    log.take(batch)
    log.close()
    return stream.getvalue().splitlines()


def test_every_kind_of_event_is_among_those_that_are_tried() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("to", [LogTo.PLAIN, LogTo.JSON])
def test_no_number_and_nothing_that_acts_gets_into_a_log(event: Event, to: LogTo) -> None:
    (line,) = logged(to, [event])
    digits = "".join(sign for sign in line if sign.isalnum())
    assert "900123" not in digits
    assert "7700900" not in digits
    assert "0123" not in digits
    assert line.isprintable()
    assert "\x1b" not in line
    if to is LogTo.JSON:
        assert json.loads(line)["level"] in ("debug", "info", "warning", "error")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_no_field_of_a_person_has_a_place_in_an_entry(event: Event) -> None:
    """Whatever stands in them: not even masked, as a log is kept for long and read by many."""
    secrets = {"number": "Saffronhill", "sender": "Saffronhill"}
    marked: dict[str, Any] = {
        one.name: secrets[one.name]
        for one in fields(event)
        if one.name in secrets and isinstance(getattr(event, one.name), str)
    }
    if isinstance(event, events.PartAnswered):
        marked["outcome"] = replace(OUTCOME, raw="Saffronhill", handle="Saffronhill")
    _, _, told = Entries().of(replace(event, **marked))
    assert "Saffronhill" not in str(told)


def test_a_forged_line_is_no_line() -> None:
    (line,) = logged(
        LogTo.PLAIN, [events.Notice(1.5, "info", "ok\nat=2026-11-22T00:00:00Z level=error event=danger")]
    )
    assert line.startswith("at=1970-01-01T00:00:01.500Z level=info event=notice why=")


def level_of(event: Event) -> int:
    return Entries().of(event)[0]


def line(state: str, why: str = "") -> Event:
    return events.LineChanged(1.5, "/dev/a", "sim-1", state, "", why, 1, FACTS)


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (line("ready"), logging.INFO),
        (line("opening"), logging.DEBUG),
        (line("recovering", "unplugged"), logging.WARNING),
        (line("quarantined", "it does not answer"), logging.WARNING),
        (line("closed", "closed since 2026-11-01"), logging.INFO),
        (line("stopped"), logging.INFO),
        (events.PartAnswered(1.5, "a", 1, NUMBER, 1, 1, Outcome(OutcomeKind.ACCEPTED, 1)), logging.DEBUG),
        (events.PartAnswered(1.5, "a", 1, NUMBER, 1, 1, Outcome(OutcomeKind.UNKNOWN)), logging.WARNING),
        (events.PartAnswered(1.5, "a", 1, NUMBER, 1, 1, replace(OUTCOME, refusal=Refusal.LINE)), logging.WARNING),
        (events.PartAnswered(1.5, "a", 1, NUMBER, 1, 1, replace(OUTCOME, refusal=Refusal.RETRY)), logging.INFO),
        (events.MessageMoved(1.5, 1, NUMBER, State.SENT, State.DELIVERED, ""), logging.DEBUG),
        (events.MessageMoved(1.5, 1, NUMBER, State.SENDING, State.UNCERTAIN, ""), logging.WARNING),
        (events.ReplyFlagged(1.5, "a", NUMBER, 1, None), logging.ERROR),
        (events.Notice(1.5, "warning", "a"), logging.WARNING),
        (events.HeldBack(1.5, "paused"), logging.WARNING),
        (events.HeldBack(1.5, ""), logging.INFO),
        (events.Finished(1.5, {}, 0, ""), logging.INFO),
        (events.Finished(1.5, {}, 6, "no modem"), logging.ERROR),
    ],
)
def test_levels_are_for_a_bench_that_nobody_sits_at(event: Event, level: int) -> None:
    assert level_of(event) == level


def test_a_line_that_goes_on_working_is_no_news() -> None:
    entries = Entries()
    levels = [entries.of(line(state))[0] for state in ("ready", "sending", "ready", "waiting")]
    assert levels == [logging.INFO, logging.DEBUG, logging.DEBUG, logging.DEBUG]
    assert entries.of(line("recovering", "unplugged"))[0] == logging.WARNING
    assert entries.of(line("ready"))[0] == logging.INFO


def test_what_is_below_the_level_is_not_written() -> None:
    busy = [line("ready"), line("sending"), line("recovering", "unplugged")]
    assert len(logged(LogTo.JSON, busy, LogLevel.INFO)) == 2
    assert len(logged(LogTo.JSON, busy, LogLevel.ERROR)) == 0


def test_a_line_is_called_as_the_settings_call_it() -> None:
    known = events.LineChanged(1.5, "/dev/a", "sim-1", "ready", "", "", 1, FACTS, "red-phone")
    told = logged(LogTo.JSON, [known, events.InboundArrived(1.5, "sim-1", NUMBER)])
    assert json.loads(told[1]) == {
        "at": "1970-01-01T00:00:01.500Z", "level": "info", "event": "inbound", "line": "red-phone"
    }  # fmt: skip


def test_a_stream_that_is_gone_is_no_reason_to_stop() -> None:
    stream = io.StringIO()
    log = RunLog(LogTo.PLAIN, LogLevel.DEBUG, stream)
    stream.close()
    log.take(EVENTS)


# -- the journal ------------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[tuple[socket.socket, Path]]:
    place = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as far:
        far.bind(str(place))
        far.settimeout(10)
        yield far, place


def read(octets: bytes) -> dict[str, str]:
    """A datagram as the journal reads it (systemd.io/JOURNAL_NATIVE_PROTOCOL), written down from that page."""
    found = {}
    while octets:
        name, mark, rest = octets.partition(b"\n")
        if b"=" in name:
            key, _, value = name.partition(b"=")
        else:
            length = int.from_bytes(rest[:8], "little")
            key, value, end, rest = name, rest[8 : 8 + length], rest[8 + length : 9 + length], rest[9 + length :]
            assert end == b"\n"
        assert mark == b"\n"
        found[key.decode()] = value.decode()
        octets = rest
    return found


def test_the_journal_gets_fields(journal: tuple[socket.socket, Path]) -> None:
    far, place = journal
    log = RunLog(LogTo.JOURNAL, LogLevel.DEBUG, handler=JournalHandler(place))
    log.take([line("recovering", "unplugged")])
    told = read(far.recv(65536))
    assert told["MESSAGE"] == (
        "line line=sim-1 device=/dev/a state=recovering why=unplugged registration=home signal_dbm=-71"
    )
    assert (told["PRIORITY"], told["SYSLOG_IDENTIFIER"]) == ("4", "gsmsend")
    assert (told["GSMSEND_EVENT"], told["GSMSEND_LINE"], told["GSMSEND_STATE"]) == ("line", "sim-1", "recovering")
    log.close()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_no_event_forges_a_field_of_the_journal(journal: tuple[socket.socket, Path], event: Event) -> None:
    far, place = journal
    log = RunLog(LogTo.JOURNAL, LogLevel.DEBUG, handler=JournalHandler(place))
    log.take([event])
    octets = far.recv(65536)
    told = read(octets)
    assert told["GSMSEND_EVENT"] != "forged"
    assert octets.count(b"\nGSMSEND_EVENT=") == 1
    assert "900123" not in "".join(sign for sign in octets.decode() if sign.isalnum())
    log.close()


def test_a_value_of_several_lines_has_its_length() -> None:
    assert read(datagram({"A": "one\ntwo=three\n", "B": "x"})) == {"A": "one\ntwo=three\n", "B": "x"}


def test_a_journal_that_is_away_stops_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = RunLog(LogTo.JOURNAL, LogLevel.DEBUG, handler=JournalHandler(tmp_path / "nowhere"))
    log.take(EVENTS)
    log.close()
    assert capfd.readouterr().err == ""


# -- where it goes ----------------------------------------------------------------------------------------


def test_by_itself_it_goes_to_the_journal_only_where_the_journal_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "socket"
    there.touch()
    with (tmp_path / "err").open("w", encoding="utf-8") as stream:
        monkeypatch.delenv("JOURNAL_STREAM", raising=False)
        assert where(LogTerms(), stream, there) is LogTo.NONE
        found = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        assert where(LogTerms(), stream, there) is LogTo.JOURNAL
        assert where(LogTerms(), stream, tmp_path / "nowhere") is LogTo.NONE
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino + 1}")
        assert where(LogTerms(), stream, there) is LogTo.NONE
        for wrong in ("", "x:y", "1", ":"):
            monkeypatch.setenv("JOURNAL_STREAM", wrong)
            assert where(LogTerms(), stream, there) is LogTo.NONE


def test_a_journal_that_was_asked_for_and_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="journal") as told:
        where(LogTerms(LogTo.JOURNAL), io.StringIO(), tmp_path / "nowhere")
    assert "--log json" in told.value.remedy
    assert where(LogTerms(LogTo.JSON), io.StringIO(), tmp_path / "nowhere") is LogTo.JSON
