"""+CMS ERROR codes: what they prove about the text, and in plain words (TS 27.005 3.2.5).

The table is gsmsend/data/cms-errors.csv; a modem's profile may add rows to it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from gsmsend.model import Outcome, OutcomeKind, Refusal

_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


class Sent(StrEnum):
    """Whether the recipient can have the text after this answer to Ctrl-Z."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: `sent` decides the outcome, `refusal` what to do next, `words` is for an officer."""

    code: int
    name: str
    sent: Sent
    refusal: Refusal | None
    words: str
    texts: tuple[str, ...] = ()

    def after_pdu(self, raw: str) -> Outcome:
        """The outcome when this is the final answer to Ctrl-Z."""
        if self.sent is Sent.NO:
            return self.before_pdu(raw)
        if self.sent is Sent.YES:
            return Outcome(OutcomeKind.ACCEPTED, code=self.code, raw=raw, why=self.words)
        return Outcome(OutcomeKind.UNKNOWN, code=self.code, raw=raw, why=self.words)

    def before_pdu(self, raw: str) -> Outcome:
        """The outcome when it came before the PDU was handed over: proven not sent, whatever the code."""
        refusal = self.refusal or Refusal.RETRY
        return Outcome(OutcomeKind.REFUSED, refusal=refusal, code=self.code, raw=raw, why=self.words)


class CauseTable:
    """All causes by code and by the text that AT+CMEE=2 gives in the code's place."""

    def __init__(self, causes: Iterable[Cause], beyond: Cause) -> None:
        self._by_code = {cause.code: cause for cause in causes}
        self._beyond = beyond
        self._by_text = {
            _bare(text): cause.code for cause in self._by_code.values() for text in (cause.name, *cause.texts)
        }

    def cause(self, code: int) -> Cause:
        """The row for `code`; a code that no row lists proves nothing."""
        listed = self._by_code.get(code)
        if listed is not None:
            return listed
        return Cause(code, self._beyond.name, Sent.MAYBE, self._beyond.refusal, self._beyond.words)

    def code_of(self, text: str) -> int | None:
        """The code in a +CMS ERROR's text, given as a number or in words; None if it is neither."""
        text = text.strip()
        if text.isascii() and text.isdigit() and len(text) <= 5:
            return int(text)
        return self._by_text.get(_bare(text))

    def with_causes(self, more: Iterable[Cause]) -> CauseTable:
        """The same table with rows added or replaced, as a profile has them."""
        return CauseTable([*self._by_code.values(), *more], self._beyond)

    def codes(self) -> Mapping[int, Cause]:
        """All listed rows by code."""
        return dict(self._by_code)


def _bare(text: str) -> str:
    """Lower case without (U), blanks and signs: makers differ in all of them."""
    return _NOT_ALNUM.sub("", text.lower().replace("(u)", ""))


def read_causes(lines: Iterable[str]) -> CauseTable:
    """The table from rows of code, name, source, sent, class, texts, words; `#` starts a comment."""
    causes = []
    beyond = Cause(-1, "unlisted code", Sent.MAYBE, Refusal.LATER, "The answer proves nothing.")
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        code, dash, _ = row["code"].partition("-")
        cause = Cause(
            code=int(code),
            name=row["name"],
            sent=Sent(row["sent"]),
            refusal=Refusal(row["class"]) if row["class"] else None,
            words=row["words"],
            texts=tuple(text for text in row["texts"].split("|") if text),
        )
        if dash:
            beyond = cause
        else:
            causes.append(cause)
    return CauseTable(causes, beyond)


@cache
def standard_causes() -> CauseTable:
    """The table of gsmsend/data/cms-errors.csv."""
    path = Path(__file__).parent.parent / "data" / "cms-errors.csv"
    return read_causes(path.read_text(encoding="utf-8").splitlines())
