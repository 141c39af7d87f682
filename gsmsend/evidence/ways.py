"""Which way each line's texts went: a modem, a handset that is not spoken to with AT commands, or an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence.commands import commands
from gsmsend.evidence.entries import of_kind
from gsmsend.evidence.story import Story

ACCEPTED = "accepted what sending over "
"""How a note begins that has what an officer accepted (docs/audit-log.md, `note`)."""
_PROGRAMS = frozenset({"android", "bluetooth", "modemmanager"})
"""Drivers that ask another program, on the handset or beside it, and send no AT command themselves."""
_CALLS = ("D-BUS ", "ADB ", "APP ")


class Way(StrEnum):
    """What a line's texts go over."""

    MODEM = "modem"
    HANDSET = "handset"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the log has it last; `words` name its provider and account, or its app or service."""

    number: Any
    way: Way
    words: str
    attempts: int
    refused: int


def way_of(facts: Mapping[str, Any]) -> Way:
    """By a `line` entry. A line that has no SIM, no device and yet an account is one with a provider."""
    if facts.get("driver") in _PROGRAMS:
        return Way.HANDSET
    there = any(facts.get(name) for name in ("iccid", "imsi", "imei"))
    is_gammu = facts.get("driver") == "gammu"
    return Way.ACCOUNT if facts.get("account") and not there and not is_gammu else Way.MODEM


def lines_of(story: Story) -> dict[Any, Line]:
    """All lines that came up or took a text, by number, with their attempts and how many were refused."""
    facts = {one.data.get("line"): one.data for one in of_kind(story.entries, Kind.LINE)}
    of_attempt = {one.data.get("attempt"): one.data.get("line") for one in of_kind(story.entries, Kind.ATTEMPT)}
    attempts = Counter(one.data.get("line") for one in of_kind(story.entries, Kind.ATTEMPT))
    refused = Counter(
        of_attempt.get(one.data.get("attempt"))
        for one in of_kind(story.entries, Kind.OUTCOME)
        if one.data.get("outcome") == "refused"
    )
    return {
        line: Line(
            line, way_of(facts.get(line, {})), _words(facts.get(line, {})), attempts[line], refused[line]
        )
        for line in sorted({*facts, *attempts}, key=str)
    }  # fmt: skip


def _words(facts: Mapping[str, Any]) -> str:
    maker, driver = str(facts.get("manufacturer") or ""), str(facts.get("driver") or "")
    if way_of(facts) is Way.ACCOUNT:
        return f"{maker or driver or 'a provider'}, account {facts.get('account')}"
    return f"{driver}: {' '.join(filter(None, (maker, str(facts.get('model') or '')))) or 'no name read'}"


def calls_only(transcript: str) -> bool:
    """Whether it is the record of calls to another program: no command in it is an AT command."""
    sent = [one for one in commands(transcript) if not one.startswith("(")]
    return bool(sent) and all(one.upper().startswith(_CALLS) for one in sent)


def told(lines: Iterable[Line], parts: int) -> Iterator[str]:
    """What went over handsets and accounts. `parts` have the transcripts of those handsets."""
    for one in lines:
        if one.way is Way.ACCOUNT and one.attempts:
            refused = (
                f"; {one.refused:,} of them {'was' if one.refused == 1 else 'were'} refused" if one.refused else ""
            )
            yield (
                f"Line {one.number} is no SIM, but an account with a provider ({one.words}). {one.attempts:,} "
                f"{'request' if one.attempts == 1 else 'requests'} to send a text went to that provider, by the "
                "audit log, each of them put on record before it was made, with what was handed over "
                f"(pdus.csv){refused}. The provider was so given each recipient's number and text, and keeps its "
                "own record of them. No modem, handset or SIM of the operation had a part in it, and so no "
                "transcript has them."
            )
        elif one.way is Way.HANDSET and one.attempts:
            yield (
                f"Line {one.number} is a handset or modem that another program speaks to ({one.words}). The audit "
                f"log has {one.attempts:,} {'attempt' if one.attempts == 1 else 'attempts'} to hand it a text, "
                "each of them put on record before it was made; a long text may be handed over whole, so the "
                "parts in transcripts may be more. What its SIM counts cannot be read that way."
            )
    if parts:
        yield f"Parts of texts that were handed to such programs, by the transcripts: {parts:,}."


def accepted(story: Story) -> Iterator[str]:
    """What sending changes on a handset, in the very words that an officer accepted."""
    for one in of_kind(story.entries, Kind.NOTE):
        what = str(one.data.get("what") or "")
        if what.startswith(ACCEPTED):
            yield (
                f"What sending changes, as {one.data.get('person')} was shown it and accepted it on {one.at} "
                f"(entry {one.number}): {what.removeprefix(ACCEPTED)}"
            )
