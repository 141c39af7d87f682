"""Commands in transcripts, and what each of them may change (gsmsend/data/commands.csv)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

_SIGN = re.compile(r"\S+ (?:\S+ )?(>p|>e|>|<b|<>|<|=l|=)(?: (.*))?")
"""A line of a transcript: time, the modem's IMEI (not in older ones), direction, text."""
_CHAIN = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
"""What separates commands in one line (V.250 5.2.1): a semicolon outside quotes."""


class Changes(StrEnum):
    """What a command may change."""

    NOTHING = "nothing"
    STEP = "step"
    SESSION = "session"
    KEPT = "kept"
    SIM = "sim"
    MEMORY = "memory"
    SENDS = "sends"
    UNKNOWN = "unknown"


IN_WORDS = {
    Changes.SENDS: "sends a text",
    Changes.SIM: "may write to the SIM",
    Changes.MEMORY: "may touch stored texts",
    Changes.KEPT: "a lasting setting",
    Changes.SESSION: "a passing setting",
    Changes.STEP: "no setting: a step in sending or receiving",
    Changes.NOTHING: "nothing",
    Changes.UNKNOWN: "not known",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A row of commands.csv; `pattern` ends in * where anything may follow."""

    pattern: str
    what: str
    changes: Changes
    clause: str

    def fits(self, command: str) -> bool:
        """Whether the row is about this command."""
        if self.pattern.endswith("*"):
            return command.startswith(self.pattern[:-1])
        return command == self.pattern


@dataclass(frozen=True, slots=True)
class Sent:
    """A command with how often it was sent; `command` as commands.csv has it, or as it was sent."""

    command: str
    count: int
    what: str
    changes: Changes
    clause: str


@cache
def known() -> tuple[Known, ...]:
    """commands.csv, the longest patterns first."""
    text = resources.files("gsmsend").joinpath("data", "commands.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    found = (Known(row["command"], row["what"], Changes(row["changes"]), row["clause"]) for row in rows)
    return tuple(sorted(found, key=lambda one: -len(one.pattern)))


def commands(transcript: str) -> Iterator[str]:
    """The commands of a transcript, in order; `(PDU)` for a text that was handed over, `(ESC)` for the key."""
    for line in transcript.splitlines():
        parsed = None if line.startswith("#") else _SIGN.fullmatch(line)
        if parsed is None or not parsed[1].startswith(">"):
            continue
        if parsed[1] == ">":
            first, *more = _CHAIN.split((parsed[2] or "").strip())
            yield first
            yield from (f"AT{one}" for one in more if one)
        else:
            yield "(PDU)" if parsed[1] == ">p" else "(ESC)"


def counted(sent: Iterable[str]) -> tuple[Sent, ...]:
    """Each command once, what changes most first; none is left out."""
    found: Counter[Known] = Counter()
    for command in sent:
        row = next((one for one in known() if one.fits(command.upper())), None)
        found[row or Known(command, "", Changes.UNKNOWN, "")] += 1
    order = [Changes.UNKNOWN, *IN_WORDS]
    rows = (Sent(row.pattern, count, row.what, row.changes, row.clause) for row, count in found.items())
    return tuple(sorted(rows, key=lambda one: (order.index(one.changes), one.command)))
