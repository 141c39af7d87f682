"""What the app's words prove: its states (states.csv) and its reasons for a text that failed (failures.csv)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from gsmsend.model import Outcome, OutcomeKind, Refusal

UNKNOWN = "unknown"
REJECTED = 0x63
"""TP-Status `service rejected`, the reading of whatever says no more (TS 23.040 9.2.3.15)."""

_RESULT = re.compile(r"Send result: (?:(RESULT_[A-Z_]+)\b|(?:Unknown error code: )?(-?\d+)\.?$)")
_REPORTED = re.compile(r"Delivery result(?: from SC [^:]*)?: (-?\d+)$")
_FROM_CENTRE = "Delivery result from SC "
_SLOT = re.compile(r"\bSIM \d+ not found\b")
_PREFIXES = ("sendSMS", "Can't send message")


class Meaning(StrEnum):
    """What a state says of a text (states.csv, `class`)."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state of the app; `words` are for an officer."""

    state: str
    meaning: Meaning
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A reason. `refusal` is None where it proves nothing; `whole`: it holds for all parts of a text."""

    reason: str
    code: int | None
    refusal: Refusal | None
    whole: bool
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the app gave a text up. `status`: the TP-Status where the network had taken it before, else None.

    `raw` is the app's word with nothing of the recipient in it.
    """

    row: FailureRow | None
    raw: str
    status: int | None = None
    code: int | None = None

    def outcome(self, *, parts: int) -> Outcome:
        """What it proves of a text of so many parts, 0 if that is not known, that was not reported before."""
        row = self.row
        code = row.code if row is not None else self.code
        if row is None or row.refusal is None:
            words = row.words if row is not None else "The app gave the text up with a reason that proves nothing."
            return Outcome(OutcomeKind.UNKNOWN, code=code, raw=self.raw, why=words)
        if parts != 1 and not row.whole:
            words = f"{row.words} That was one part of the text; the others may have gone out."
            return Outcome(OutcomeKind.UNKNOWN, code=code, raw=self.raw, why=words)
        return Outcome(OutcomeKind.REFUSED, refusal=row.refusal, code=code, raw=self.raw, why=row.words)


@cache
def states() -> dict[str, StateRow]:
    """The app's states by their name."""
    found = {}
    for row in _rows("states"):
        found[row["state"]] = StateRow(row["state"], Meaning(row["class"]), row["words"], row["source"])
    return found


@cache
def failures() -> dict[str, FailureRow]:
    """What refuses a text or lets it fail, by the reason's name."""
    found = {}
    for row in _rows("failures"):
        refusal = None if row["class"] == UNKNOWN else Refusal(row["class"])
        code = int(row["code"]) if row["code"] else None
        whole = row["whole"] == "yes"
        found[row["reason"]] = FailureRow(row["reason"], code, refusal, whole, row["words"], row["source"])
    return found


def http_failure(status: int) -> Failure:
    """What an HTTP status in answer to a text proves; one that the API does not have proves nothing."""
    return Failure(failures().get(f"HTTP {status}"), f"HTTP {status}", code=status)


def failure(error: str) -> Failure:
    """What the app's reason for `Failed` proves. No part of it is repeated that may be about the recipient."""
    reported = _REPORTED.match(error)
    if reported is not None:
        value = int(reported[1])
        status = value if error.startswith(_FROM_CENTRE) and 0x40 <= value <= 0xFF else REJECTED
        return Failure(None, f"Failed: Delivery result: {value}", status)
    result = _RESULT.match(error)
    if result is not None:
        name, number = result[1], int(result[2]) if result[2] else None
        row = failures().get(name) if name else _by_code(number)
        return Failure(row, f"Failed: {row.reason if row else name or number}", code=number)
    row = failures().get(_SLOT.sub("SIM not found", error))
    if row is not None:
        return Failure(row, f"Failed: {row.reason}")
    prefix = next((prefix for prefix in _PREFIXES if error.startswith(f"{prefix}:")), "")
    return Failure(None, f"Failed: {prefix or 'another reason'}")


def _by_code(code: int | None) -> FailureRow | None:
    rows = (row for row in failures().values() if row.reason.startswith("RESULT_") and row.code == code)
    return next(rows, None)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("gsmsend_handset.android").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
