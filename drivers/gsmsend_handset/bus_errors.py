"""What an error reply on the bus proves about a text, by the tables of this folder.

The columns of a table: `name` of the D-Bus error; `code`, the +CMS ERROR code that it stands for, or our number
for it; `sent`: `no` is proof that a text of one part did not go out, `maybe` is none, `cms-errors.csv`: the row of
that code in gsmsend's own table says it; `class` as `gsmsend.model.Refusal`; `words` for an officer; `source`,
where that is written.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from gsmsend.at import standard_causes
from gsmsend.model import Outcome, OutcomeKind, Refusal

_CODE_IN_WORDS = re.compile(r"\berror: (\d{1,3})$")
_LISTED = "cms-errors.csv"
_DOUBT = "it may have gone out"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row. `code` is None where there is none; `listed`: cms-errors.csv says what it proves."""

    name: str
    code: int | None
    proof: bool
    refusal: Refusal | None
    words: str
    source: str
    listed: bool = False


@cache
def error_table(file: str) -> dict[str, ErrorRow]:
    """The rows of a table in this folder, by the error's name."""
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["name"]: _row(row) for row in rows}


def _row(row: dict[str, str]) -> ErrorRow:
    return ErrorRow(
        row["name"], int(row["code"]) if row["code"] else None, row["sent"] == "no",
        Refusal(row["class"]) if row["class"] else None, row["words"], row["source"],
        listed=row["sent"] == _LISTED,
    )  # fmt: skip


def outcome_of(file: str, name: str, text: str = "", *, parts: int = 1) -> Outcome:
    """The outcome when this error came after the text was handed over. A name that no row has proves nothing.

    Of a text of several `parts` some may have gone out before the one that was refused: nothing is proven then.
    Only a number is taken from `text`, the error's own words: they may tell of the recipient.
    """
    row = error_table(file).get(name)
    if row is None:
        return Outcome(OutcomeKind.UNKNOWN, raw=name, why=f"an answer that is not known: {_DOUBT}")
    if row.listed:
        told = _CODE_IN_WORDS.search(text)
        code = int(told[1]) if told and row.code == 500 else row.code
        outcome = standard_causes().cause(code if code is not None else 500).after_pdu(name)
    elif row.proof:
        refusal = row.refusal or Refusal.RETRY
        outcome = Outcome(OutcomeKind.REFUSED, refusal=refusal, code=row.code, raw=name, why=row.words)
    else:
        outcome = Outcome(OutcomeKind.UNKNOWN, code=row.code, raw=name, why=row.words)
    if outcome.kind is OutcomeKind.REFUSED and parts > 1:
        why = f"{outcome.why} The text has {parts} parts: those before may have gone out."
        return replace(outcome, kind=OutcomeKind.UNKNOWN, refusal=None, why=why)
    return outcome
