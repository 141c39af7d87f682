"""What a provider's answers and words mean: one CSV file each, shipped beside the driver.

kind    `answer`: of a request to send; `status`: what it says of a text; `report`: why one was not delivered
code    the provider's number, or an HTTP status; empty in the row for all that no other row has
said    status: the provider's word; answer: words that must all stand in its error, parted by +, any case
class   answer: retry later recipient message line modem, which all are proof that nothing was taken; or unknown
tp      status, report: the TP-Status that says the same (TS 23.040 9.2.3.15), hexadecimal
words   what it means, for an officer
source  where the provider says so
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from gsmsend.model import Outcome, OutcomeKind, Refusal

TAKEN = 0x30
"""TP-Status (TS 23.040 9.2.3.15: service centre specific, still trying) of a word that says no more than that the
provider has the text, which its answer said before: it is not worth a report."""
PENDING = 0x3F
"""TP-Status of a word that no row has: it is no end, so the text counts as still on its way."""
_UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a row is about."""

    ANSWER = "answer"
    STATUS = "status"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `refusal` is None for an answer that proves nothing; `tp` is None for answers."""

    kind: Kind
    code: int | None
    said: str
    refusal: Refusal | None
    tp: int | None
    words: str
    source: str

    def fits(self, said: str) -> bool:
        """Whether the provider's words are those of this row."""
        lowered = said.lower()
        return all(word.strip().lower() in lowered for word in self.said.split("+"))


class ProviderTable:
    """The rows of one provider."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)

    def answer(self, code: int | None, said: str = "", *, http: int = 200) -> Row:
        """What an error means: by its code and words, else by the HTTP status; what no row has proves nothing."""
        codes = [each for each in (code, http) if each is not None]
        for wanted in (*codes, None):
            for row in self.rows:
                if row.kind is Kind.ANSWER and row.code == wanted and row.fits(said):
                    return row
        raise LookupError("the table has no row for all else")

    def outcome(
        self, code: int | None, said: str = "", *, http: int = 200, raw: str = "", wait_s: float | None = None
    ) -> Outcome:
        """The same as an outcome; its words are the table's own, as the provider's may name the recipient."""
        row = self.answer(code, said, http=http)
        code = code if code is not None else http
        if row.refusal is None:
            return Outcome(OutcomeKind.UNKNOWN, code=code, raw=raw, why=row.words)
        return Outcome(OutcomeKind.REFUSED, refusal=row.refusal, code=code, raw=raw, why=row.words, wait_s=wait_s)

    def tp(self, word: str, code: int | None = None) -> int:
        """The TP-Status of a provider's word, and of the error code that came with it, if that says more.

        A word that no row has is no end: the text counts as still on its way.
        """
        found = next((row for row in self.rows if row.kind is Kind.STATUS and row.said == word), None)
        if found is None or found.tp is None:
            return PENDING
        if code and found.tp >= 0x40:
            for row in self.rows:
                if row.kind is Kind.REPORT and row.code == code and row.tp is not None:
                    return row.tp
        return found.tp

    def why(self, code: int | None) -> str:
        """What an error code that came with a status means; empty if no row has it."""
        rows = (row for row in self.rows if row.kind is Kind.REPORT and row.code == code)
        return next((row.words for row in rows), "")


@cache
def provider_table(name: str) -> ProviderTable:
    """The table of `name`.csv."""
    text = resources.files("gsmsend_cloud").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return ProviderTable(
        Row(
            Kind(row["kind"]),
            int(row["code"]) if row["code"] else None,
            row["said"],
            Refusal(row["class"]) if row["class"] not in ("", _UNKNOWN) else None,
            int(row["tp"], 16) if row["tp"] else None,
            row["words"],
            row["source"],
        )
        for row in rows
    )
