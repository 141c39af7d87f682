"""What a command_status and a message_state mean, from the tables beside this module."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gsmsend.model import Outcome, OutcomeKind, Refusal


@dataclass(frozen=True, slots=True)
class CommandStatus:
    """A row of command-status.csv; `refusal` None: it proves nothing. `wait_s`: leave the SMSC alone so long.

    `own`: the standard leaves it to the provider what the code means.
    """

    name: str
    refusal: Refusal | None
    words: str
    wait_s: float | None = None
    own: bool = False

    def outcome(self, code: int) -> Outcome:
        """What came of a submit_sm that was answered with it."""
        raw = f"{self.name} 0x{code:08X}"
        if self.refusal is None:
            return Outcome(OutcomeKind.UNKNOWN, code=code, raw=raw, why=self.words)
        return Outcome(
            OutcomeKind.REFUSED, refusal=self.refusal, code=code, raw=raw, why=self.words, wait_s=self.wait_s
        )


@dataclass(frozen=True, slots=True)
class MessageState:
    """A row of message-state.csv; `status` is the TP-Status that says the same."""

    stat: str
    status: int


_RESERVED = CommandStatus(
    "reserved",
    None,
    "The provider gave a code that the standard does not have: whether it took the text is unknown.",
    own=True,
)
_OWN = "provider's own"
_PENDING = 0x30


def command_status(code: int) -> CommandStatus:
    """What a code other than 0 means; one that no table has proves nothing."""
    for first, last, row in _command_statuses():
        if first <= code <= last:
            return row
    return _RESERVED


def state_by_number(value: int) -> MessageState | None:
    """Of the optional parameter message_state (5.3.2.35)."""
    return _states()[0].get(value)


def state_by_word(stat: str) -> MessageState:
    """Of a receipt's `stat:` (appendix B). A word that is not known says nothing of the end: still on its way."""
    return _states()[1].get(stat.upper()[:7]) or MessageState(stat[:20], _PENDING)


@cache
def _command_statuses() -> tuple[tuple[int, int, CommandStatus], ...]:
    found = []
    for row in _rows("command-status.csv"):
        first, _dash, last = row["code"].partition("-")
        refusal = None if row["class"] == "unknown" else Refusal(row["class"])
        wait_s = float(row["wait_s"]) if row["wait_s"] else None
        made = CommandStatus(row["name"], refusal, row["words"], wait_s, row["name"] == _OWN)
        found.append((int(first, 16), int(last or first, 16), made))
    return tuple(found)


@cache
def _states() -> tuple[dict[int, MessageState], dict[str, MessageState]]:
    made = {
        int(row["value"]): MessageState(row["stat"], int(row["status"], 16)) for row in _rows("message-state.csv")
    }
    return made, {state.stat: state for state in made.values()}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("gsmsend_cloud.smpp").joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
