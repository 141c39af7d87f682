"""The legal moves of a message. One table; nothing else changes a state."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from gsmsend.contract import PartView
from gsmsend.errors import IllegalMove
from gsmsend.model import OutcomeKind, ReportOutcome, State

S = State

MOVES: MappingProxyType[tuple[State, State], str] = MappingProxyType(
    {
        (S.DRAFT, S.QUEUED): "released for sending",
        (S.DRAFT, S.SUPPRESSED): "on the never-contact list",
        (S.DRAFT, S.CANCELLED): "cancelled by a person",
        (S.QUEUED, S.SENDING): "taken by a line",
        (S.QUEUED, S.HELD): "needs a decision",
        (S.QUEUED, S.SUPPRESSED): "on the never-contact list",
        (S.QUEUED, S.CANCELLED): "cancelled by a person",
        (S.QUEUED, S.FAILED): "cannot be sent at all",
        (S.QUEUED, S.DRAFT): "its approval is void",
        (S.HELD, S.QUEUED): "a person decided to send it",
        (S.HELD, S.SUPPRESSED): "on the never-contact list",
        (S.HELD, S.CANCELLED): "cancelled by a person",
        (S.FAILED, S.QUEUED): "proven not sent, it goes over the campaign's fallback",
        (S.SENDING, S.QUEUED): "given back, or refused and due again",
        (S.SENDING, S.SENT): "every part accepted by the network",
        (S.SENDING, S.FAILED): "proven not sent, no tries left",
        (S.SENDING, S.DRAFT): "its approval is void, the rest of it was not sent",
        (S.SENDING, S.SUPPRESSED): "on the never-contact list or opted out, the rest of it was not sent",
        (S.SENDING, S.CANCELLED): "cancelled by a person, the rest of it was not sent",
        (S.SENDING, S.UNCERTAIN): "a part may have gone out",
        (S.SENT, S.DELIVERED): "every part reported delivered",
        (S.SENT, S.UNDELIVERED): "a part reported undelivered",
        (S.SENT, S.UNCONFIRMED): "no final report in time",
        (S.UNCONFIRMED, S.DELIVERED): "the reports came after all",
        (S.UNCONFIRMED, S.UNDELIVERED): "the report came after all",
        (S.UNDELIVERED, S.DELIVERED): "a later report says delivered",
        (S.UNCERTAIN, S.SENT): "settled: it went out",
        (S.UNCERTAIN, S.QUEUED): "settled: it did not go out, or parts are left to send",
        (S.UNCERTAIN, S.FAILED): "settled: it did not go out, no tries left",
        (S.UNCERTAIN, S.DELIVERED): "settled by its delivery reports",
        (S.UNCERTAIN, S.UNDELIVERED): "settled by its delivery reports",
        (S.UNCERTAIN, S.DRAFT): "settled: it did not go out, or not all of it; its approval is void",
        (S.UNCERTAIN, S.SUPPRESSED): "settled: it did not go out, or not all of it; nothing more may",
        (S.UNCERTAIN, S.CANCELLED): "settled: it did not go out, or not all of it; cancelled by a person",
    }
)

FINAL = frozenset({S.DELIVERED, S.UNDELIVERED, S.UNCONFIRMED, S.FAILED, S.SUPPRESSED, S.CANCELLED})
"""States in which the program has nothing more to do (a late report may still improve some of them)."""


def check(old: State, new: State) -> None:
    """Raise IllegalMove unless the table lists the move."""
    if (old, new) not in MOVES:
        raise IllegalMove(f"a message cannot go from {old} to {new}")


_ANSWERED = frozenset({ReportOutcome.DELIVERED, ReportOutcome.FORWARDED, ReportOutcome.REPLACED})


def settle(parts: Sequence[PartView]) -> State | None:
    """The state that the reports give a message whose parts were all accepted; None while it stays `sent`.

    Delivered means every part reported delivered (invariant 10); one part undelivered makes it undelivered;
    all answered, but some only forwarded or replaced, is no proof of delivery: unconfirmed.
    """
    if any(part.outcome is not OutcomeKind.ACCEPTED for part in parts):
        return None
    reports = [part.report for part in parts]
    if any(report is ReportOutcome.UNDELIVERED for report in reports):
        return S.UNDELIVERED
    if all(report is ReportOutcome.DELIVERED for report in reports):
        return S.DELIVERED
    if all(report in _ANSWERED for report in reports):
        return S.UNCONFIRMED
    return None
