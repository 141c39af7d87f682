"""Replays a transcript against the real session: the same dialogue must come to the same outcomes.

What the record masks is made up again: PDUs of the same kind, length, reference and status. Time-outs are
not recorded: a command that the transcript gives up on is given up on here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gsmsend.at import Answered, Event, Late, Phase, Restarted, Session, Stage, Unsolicited
from gsmsend_atmodem.profile import Profiles
from gsmsend_atmodem.transcript import outcome_line

_LINE = re.compile(r"(\d+\.\d{3}|\d{4}-\S+Z (?:-|\d+)) (>p|>e|>|<b|<>|<|=l|=|#)(?: (.*))?")
_MASKED = re.compile(r"\{(STATUS-REPORT|DELIVER|SUBMIT|unreadable|hex) (\d+)(?: mr=(\d+) st=(\d+))?\}")
_CHARACTERS = re.compile(r"\{(\d+) characters\}")
_RECIPIENT = "0C91447700091032"  # +447700900123, of the range reserved for drama
_STAMPS = "52605121000000" * 2


@dataclass
class Replayed:
    """What came of it: `expected` and `found` outcomes, in order, and what was heard on the way."""

    expected: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    unsolicited: list[Unsolicited] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)


class Replay:
    """One transcript. `profiles` gives the lines of the family that it names."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._session = Session(profiles.generic.rule_table(), profiles.generic.cause_table())
        self.result = Replayed()

    def run(self, lines: Iterable[str]) -> Replayed:
        """Take all lines. Raises ValueError for a line that is none of a transcript."""
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                parsed = _LINE.fullmatch(line.rstrip("\n"))
                if parsed is None:
                    raise ValueError(f"line {number} is not of a transcript: {line!r}")
                self._take(_seconds(parsed[1]), parsed[2], parsed[3] or "")
        return self.result

    def _take(self, now: float, sign: str, text: str) -> None:
        session = self._session
        if sign == ">":
            self._command(text, now)
        elif sign == ">p" and session.stage is Stage.PROMPT:
            session.release("00" * _number(text), 60, now)
        elif sign == ">e":
            self._escape(now)
        elif sign in {"<", "<b"}:
            self._hear(session.receive(f"\r\n{unmasked(text)}\r\n".encode("latin-1"), now))
        elif sign == "<>":
            self._hear(session.receive(b"\r\n> ", now))
        elif sign == "=l":
            self.result.expected.append(f"late {text}")
        elif sign == "=":
            self._outcome(text)
        session.data_to_send()

    def _command(self, text: str, now: float) -> None:
        self._give_up()
        if text.startswith("AT+CMGS="):
            self._session.submit(int(text[8:]), 10, now)
        else:
            self._session.send(text, 5, now, awaited="+CMGF:" if text == "AT+CMGF?" else "")

    def _escape(self, now: float) -> None:
        if self._session.stage is Stage.PROMPT:
            self._session.escape(now)
        elif self._session.stage is Stage.ASKED:
            self._give_up(once=True)
        elif self._session.phase is not Phase.SUBMISSION:
            self._give_up()
            self._session.cancel_prompt()

    def _outcome(self, text: str) -> None:
        if text.startswith("up"):
            self._session.settled()
            name = text.partition(" ")[2].partition(" ")[0]
            for profile in self._profiles.all:
                if profile.name == name:
                    self._session.rules, self._session.causes = profile.rule_table(), profile.cause_table()
            return
        self._give_up()
        self.result.expected.append(text)

    def _give_up(self, *, once: bool = False) -> None:
        while self._session.deadline is not None:
            self._hear(self._session.expire(self._session.deadline))
            if once:
                return

    def _hear(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Answered):
                self.result.found.append(outcome_line(event.outcome))
            elif isinstance(event, Late):
                self.result.found.append(f"late {outcome_line(event.outcome)}")
            elif isinstance(event, Unsolicited):
                self.result.unsolicited.append(event)
            elif isinstance(event, Restarted):
                self.result.restarts.append(event.sign)


def _seconds(stamp: str) -> float:
    """When a line was written: seconds since the link was opened (version 1), or the time and the IMEI."""
    at = stamp.partition(" ")[0]
    return datetime.fromisoformat(at).timestamp() if at.endswith("Z") else float(at)


def unmasked(text: str) -> str:
    """A line with what was masked in it made up again, of the same kind and length."""
    text = _CHARACTERS.sub(lambda found: "." * int(found[1]), text)
    return _MASKED.sub(_pdu, text)


def _pdu(found: re.Match[str]) -> str:
    kind, length = found[1], int(found[2])
    if kind == "STATUS-REPORT":
        return f"0006{int(found[3]):02X}{_RECIPIENT}{_STAMPS}{int(found[4]):02X}".ljust(2 * length, "F")
    if kind == "DELIVER":
        return f"0004{_RECIPIENT}0004{_STAMPS[:14]}".ljust(2 * length, "0")
    return "0" * (length if kind in {"hex", "unreadable"} else 2 * length)


def _number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0
