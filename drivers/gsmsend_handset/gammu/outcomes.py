"""What libgammu's errors prove about a text: rows of errors.csv, and of cms-errors.csv where the code is known."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gsmsend.at.cms import standard_causes
from gsmsend.model import Outcome, OutcomeKind, Refusal

_ALWAYS = "; always"
_WRITES_ONLY = ("at", "fbus", "mbus", "phonet", "dlr3", "dku")
"""What stands in the names of connections whose SendSMS returns before the handset's answer (AT, DCT3, DCT4)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `refusal` is None where the error proves nothing; `always`: it proves it of every handset."""

    name: str
    refusal: Refusal | None
    words: str
    source: str

    @property
    def always(self) -> bool:
        """Whether it is proof whatever the connection."""
        return self.source.endswith(_ALWAYS)


@cache
def rows() -> dict[str, Row]:
    """All rows by the error's name; "" is for all that has none."""
    text = resources.files("gsmsend_handset.gammu").joinpath("errors.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Row(row["name"], Refusal(row["class"]) if row["sent"] == "no" else None, row["words"],
                         row["source"])
        for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    }  # fmt: skip


def of_error(name: str, cms: int | None, connection: str, *, handed: bool = True) -> Outcome:
    """The outcome of a SendSMS that gave an error; `cms` is the +CMS ERROR's code, where the trace has it.

    `handed`: False where the trace proves that the handset refused AT+CMGS, before it was given the text.
    """
    row = rows().get(name, rows()[""])
    raw = name if cms is None else f"{name}, +CMS ERROR: {cms}"
    writes_only = any(word in connection.lower() for word in _WRITES_ONLY)
    proven = not handed or (row.refusal is not None and (row.always or writes_only))
    if cms is not None:
        cause = standard_causes().cause(cms)
        return cause.before_pdu(raw) if proven else cause.after_pdu(raw)
    if proven:
        why = row.words if row.refusal is not None else "The handset refused the text before it was handed over."
        return Outcome(OutcomeKind.REFUSED, refusal=row.refusal or Refusal.RETRY, raw=raw, why=why)
    words = row.words if row.refusal is None else rows()[""].words
    return Outcome(OutcomeKind.UNKNOWN, raw=raw, why=words)


def of_answer(reference: object) -> Outcome:
    """Accepted, with its TP-MR where the handset gave one."""
    known = isinstance(reference, int) and 0 <= reference <= 255
    return Outcome(OutcomeKind.ACCEPTED, reference=reference if known and isinstance(reference, int) else None)
