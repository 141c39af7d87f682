"""What the next text's TP-MR proves: accepted with r, cut off, accepted with r + 1: nothing between took a number.

A modem gives each text that it hands to the network the TP-MR that follows the last one's (TS 23.040 9.2.3.6).
That is so only while it counts in one piece: all attempts given here must be of one stretch in which the modem
provably has not restarted and its SIM has not been changed. A modem that starts anew may begin at any number
again, above all at that of a text that was on air when its power went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gsmsend.contract import Tried
from gsmsend.model import Evidence, OutcomeKind

_ENOUGH = 2
"""Pairs of accepted texts with nothing between whose TP-MR went up by one."""
_MOST_BETWEEN = 100
"""TP-MR wraps at 255: after so many attempts it no longer tells how many of them took one."""
_NETWORK_CODES = range(256)
"""+CMS ERROR codes below 256 are the network's own causes (TS 24.011 8.2.5.4, TS 23.040 9.2.3.22)."""
_PROVEN_NOT_SENT = {Evidence.COUNTER, Evidence.NEXT}


def never_left(tries: Sequence[Tried], quiet_s: float) -> list[int]:
    """The unknown attempts that the texts around them prove not sent, by their ids.

    `tries` are all closed attempts of one line, oldest first, of one stretch as said above. A text cut off less
    than `quiet_s` before the next accepted one proves nothing: it might have been given its number after that one.
    """
    gaps = _gaps(tries)
    if not _counts(gaps):
        return []
    return [
        one.attempt_id
        for gap in gaps
        if gap.step == 1 and all(one.kind is OutcomeKind.UNKNOWN for one in gap.between) and not gap.doubtful
        for one in gap.between
        if gap.last.opened_at_s - one.opened_at_s >= quiet_s
    ]


@dataclass(frozen=True, slots=True)
class _Gap:
    """An accepted attempt, those after it that may or may not have taken a TP-MR, and the next accepted one."""

    first: Tried
    between: tuple[Tried, ...]
    last: Tried

    @property
    def step(self) -> int:
        """How far TP-MR went; it wraps at 255 (TS 23.040 9.2.3.6)."""
        return ((self.last.reference or 0) - (self.first.reference or 0)) % 256

    @property
    def doubtful(self) -> bool:
        """Whether the report that settled an end of it may be about another text between, to the same recipient.

        Not one of the same text's parts: the next is tried only once all before it are settled.
        """
        ends = [one for one in (self.first, self.last) if one.by is Evidence.REPORT]
        return len(self.between) > _MOST_BETWEEN or any(
            one.number == end.number and one.message_id != end.message_id for one in self.between for end in ends
        )


def _gaps(tries: Sequence[Tried]) -> list[_Gap]:
    found: list[_Gap] = []
    first: Tried | None = None
    between: list[Tried] = []
    for one in tries:
        if one.kind is OutcomeKind.ACCEPTED and one.reference is not None and one.by is not Evidence.PERSON:
            if first is not None:
                found.append(_Gap(first, tuple(between), one))
            first, between = one, []
        elif not (one.kind is OutcomeKind.REFUSED and one.by in _PROVEN_NOT_SENT):
            between.append(one)
    return found


def _counts(gaps: Sequence[_Gap]) -> bool:
    """Whether this modem was seen to count up by one for each text it hands over, and never seen not to."""
    seen = 0
    for gap in gaps:
        if not 1 <= gap.step <= len(gap.between) + 1:
            return False
        if gap.step == 1 and any(_by_network(one) for one in gap.between):
            return False  # it gives the number of a refused text again: perhaps that of any without an answer
        seen += not gap.between and gap.first.by is None and gap.last.by is None
    return seen >= _ENOUGH


def _by_network(one: Tried) -> bool:
    """Whether the network itself refused it: it was handed over."""
    return one.kind is OutcomeKind.REFUSED and one.by is not Evidence.PERSON and one.code in _NETWORK_CODES
