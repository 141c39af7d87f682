"""Which part a report is about: same line and TP-MR (asked of the store), same recipient, newest unanswered.

Clocks do not take part (invariant 10): the report's own time stamp may be hours wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from gsmsend.contract import Candidate
from gsmsend.model import Report

_SHORTEST = 7
"""A national form is compared by its trailing digits, at least so many."""


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())


def same_recipient(sent_to: str, reported: str) -> bool:
    """Whether a report's TP-RA is the number that was texted.

    `sent_to` is E.164; `reported` may be E.164, with `00`, national with its trunk prefix, or bare digits:
    some centres report 07700900123 or 447700900123 for +447700900123. National forms match when, without
    leading zeros, one ends with the other over at least seven digits.
    """
    if sent_to == reported:
        return bool(sent_to)
    if reported.startswith("+"):
        return False
    ours, theirs = _digits(sent_to), _digits(reported)
    if ours == theirs:
        return bool(ours)
    short, long = sorted((ours.lstrip("0"), theirs.lstrip("0")), key=len)
    return len(short) >= _SHORTEST and long.endswith(short)


def choose(report: Report, candidates: Sequence[Candidate]) -> Candidate | None:
    """The newest unanswered part with the report's recipient, or None."""
    matching = [item for item in candidates if same_recipient(item.number, report.recipient)]
    return max(matching, key=lambda item: item.attempt_id, default=None)


def follows(reference: int, before: int, after: int | None, gap: int) -> bool:
    """Whether a TP-MR can be that of an unanswered attempt.

    `before` and `after` are the TP-MRs of the accepted attempts before and after it (`after` is None while there
    is none), `gap` the number of attempts since `before`, this one among them: refused ones may or may not have
    been counted by the modem. TP-MR wraps at 255 (TS 23.040 9.2.3.6).
    """
    step = (reference - before) % 256
    if not 1 <= step <= gap:
        return False
    return after is None or step < (after - before) % 256
