"""What the modem really said, read by other code than the product's: the judge of every outcome.

It knows a line by its place in the stream, so that what began before Ctrl-Z proves nothing about what followed.
Where two readings are possible it takes the one that leaves more evidence: it accuses only what none proves.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gsmsend.model import Outcome, OutcomeKind

CAUSES = Path(__file__).parents[2] / "gsmsend" / "data" / "cms-errors.csv"
LONGEST_LINE = 4096

_BLANKS = " \t\x1a\x1b"
_REFERENCE = re.compile(r"\+CMGS:\s*0*(\d{1,3})\s*(?:,.*)?")
_CMS = re.compile(r"\+CMS ERROR\b:?\s*(.*)", re.IGNORECASE)
_TEXT_HEADER = re.compile(r'\+C(?:MT|BM):\s*"[^"]*",[^,]*,"[^"]*"')
_FINAL = re.compile(
    r"OK|ERROR|ABORTED|COMMAND NOT SUPPORT(ED)?|TOO MANY PARAMETERS|0|4|\+CM[ES] ERROR.*", re.IGNORECASE
)


@dataclass(frozen=True)
class Said:
    """One line: where it begins in the stream (blanks do not count), where it ends, and what it says."""

    at: int
    end: int
    text: str


class Stream:
    """All octets that came from the modem, in order. Lines longer than `longest` characters do not count."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self.octets = bytearray()
        self._longest = longest
        self._read_to = 0
        self._lines: list[Said] = []
        self._body = {False}  # whether the next line may be, or must be, the text under a +CMT in text mode

    def __len__(self) -> int:
        return len(self.octets)

    def lines(self, since: int = 0) -> list[Said]:
        """Whole lines that began at `since` or later and are no inbound text; one behind a prompt counts."""
        self._read()
        found = []
        for line in self._lines:
            if line.at >= since:
                found.append(line)
            elif self.octets[line.at : since].strip(b" \t\0\x1a\x1b") == b">":
                found.append(Said(since, line.end, line.text[1:].lstrip(_BLANKS)))
        return found

    def _read(self) -> None:
        for match in re.finditer(rb"[^\r\n]*[\r\n]", self.octets[self._read_to :]):
            piece = match[0][:-1].decode("latin-1")
            text = piece.replace("\0", "").strip(_BLANKS)
            start = self._read_to + match.start() + len(piece) - len(piece.lstrip(" \t\0\x1a\x1b"))
            if text and len(piece.replace("\0", "")) <= self._longest and self._may_speak(text):
                self._lines.append(Said(start, self._read_to + match.end(), text))
        self._read_to = max(self.octets.rfind(b"\n"), self.octets.rfind(b"\r")) + 1

    def _may_speak(self, text: str) -> bool:
        speaks = self._body != {True}
        prompted = text.startswith(">")  # or so it looks
        following = set()
        if True in self._body:
            following |= {True, False} if prompted else {False}
        if False in self._body:
            bare = behind_prompt(text)
            if _TEXT_HEADER.fullmatch(bare):
                following |= {True, False} if prompted else {True}
            else:
                following |= {True, False} if bare.startswith(("+CMT:", "+CBM:")) else {False}
        self._body = following
        return speaks


def behind_prompt(text: str) -> str:
    """What follows a prompt, or what looks like one, on its line."""
    return text.lstrip(">" + _BLANKS)


def proves(outcome: Outcome, said: list[Said]) -> bool:
    """Whether these lines, all after Ctrl-Z, prove an outcome. UNKNOWN needs no proof."""
    if outcome.kind is OutcomeKind.UNKNOWN:
        return True
    if outcome.kind is OutcomeKind.ACCEPTED and outcome.reference is not None:
        return accepted_with(outcome.reference, said)
    wanted = "yes" if outcome.kind is OutcomeKind.ACCEPTED else "no"
    for line in said:
        if line.text.startswith("+CMGS"):
            return False  # an error behind a reference contradicts it
        if _sent(line.text) == wanted:
            return True
    return False


def accepted_with(reference: int, said: list[Said]) -> bool:
    """Whether a +CMGS line gives this TP-MR; one behind what was a prompt too."""
    found = [_REFERENCE.fullmatch(behind_prompt(line.text)) for line in said]
    return any(match is not None and int(match[1]) == reference for match in found)


def is_final(text: str) -> bool:
    """Whether a line can end a plain command."""
    return _FINAL.fullmatch(behind_prompt(text)) is not None


def _sent(text: str) -> str | None:
    """The column `sent` of cms-errors.csv for a +CMS ERROR line; None for any other line."""
    found = _CMS.fullmatch(text)
    if found is None:
        return None
    codes, names = _causes()
    cause = found[1].strip()
    if cause.isascii() and cause.isdigit():
        return codes.get(cause.lstrip("0") or "0", "maybe")
    proofs = names.get(_plain(cause), frozenset())
    return next(iter(proofs)) if len(proofs) == 1 else "maybe"


@cache
def _causes() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """What each code proves, and each wording: of one that several codes share, all that these prove."""
    codes: dict[str, str] = {}
    names: dict[str, frozenset[str]] = {}
    for row in csv.DictReader(line for line in CAUSES.read_text("utf-8").splitlines() if line[:1] != "#"):
        if "-" not in row["code"]:
            codes[row["code"]] = row["sent"]
            for name in (row["name"], *filter(None, row["texts"].split("|"))):
                names[_plain(name)] = names.get(_plain(name), frozenset()) | {row["sent"]}
    return codes, names


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower().replace("(u)", ""))
