"""The table of moves: what it allows, what it never allows, and what reports make of a message."""

from __future__ import annotations

import pytest

from gsmsend.contract import PartView
from gsmsend.engine import lifecycle
from gsmsend.errors import IllegalMove
from gsmsend.model import OutcomeKind, ReportOutcome, State

ACCEPTED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN
DELIVERED, UNDELIVERED = ReportOutcome.DELIVERED, ReportOutcome.UNDELIVERED
FORWARDED, PENDING = ReportOutcome.FORWARDED, ReportOutcome.PENDING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (State.UNCERTAIN, State.SENDING),
        (State.SENT, State.QUEUED),
        (State.DELIVERED, State.QUEUED),
        (State.UNDELIVERED, State.QUEUED),
        (State.FAILED, State.SENDING),
        (State.FAILED, State.SENT),
        (State.CANCELLED, State.QUEUED),
        (State.SUPPRESSED, State.QUEUED),
        (State.QUEUED, State.SENT),
    ],
)
def test_what_may_have_gone_out_or_is_over_never_comes_back(old: State, new: State) -> None:
    with pytest.raises(IllegalMove):
        lifecycle.check(old, new)


def test_every_state_can_be_reached_and_every_move_has_its_reason() -> None:
    reached = {new for _, new in lifecycle.MOVES} | {State.DRAFT}
    assert reached == set(State)
    assert all(reason for reason in lifecycle.MOVES.values())


def test_only_what_is_settled_or_proven_not_sent_is_queued_again_after_sending() -> None:
    to_queue = {old for old, new in lifecycle.MOVES if new is State.QUEUED}
    assert to_queue == {State.DRAFT, State.HELD, State.SENDING, State.UNCERTAIN, State.FAILED}
    assert "fallback" in lifecycle.MOVES[State.FAILED, State.QUEUED]


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ([(ACCEPTED, DELIVERED)], State.DELIVERED),
        ([(ACCEPTED, None)], None),
        ([(ACCEPTED, PENDING)], None),
        ([(ACCEPTED, FORWARDED)], State.UNCONFIRMED),
        ([(ACCEPTED, DELIVERED), (ACCEPTED, None)], None),
        ([(ACCEPTED, DELIVERED), (ACCEPTED, FORWARDED)], State.UNCONFIRMED),
        ([(ACCEPTED, DELIVERED), (ACCEPTED, UNDELIVERED)], State.UNDELIVERED),
        ([(ACCEPTED, UNDELIVERED), (ACCEPTED, None)], State.UNDELIVERED),
        ([(ACCEPTED, DELIVERED), (UNKNOWN, None)], None),
        ([(ACCEPTED, DELIVERED), (None, None)], None),
    ],
)
def test_delivered_means_every_part(
    parts: list[tuple[OutcomeKind | None, ReportOutcome | None]], state: State | None
) -> None:
    views = [PartView(seq, outcome, report) for seq, (outcome, report) in enumerate(parts, 1)]
    assert lifecycle.settle(views) is state
