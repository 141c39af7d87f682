"""What a host says of its own attempt after others took it for dead: a fact is never refused, however late.

The attempt was made unknown when its host was taken for dead, and its text was sent by nobody since. So what came
of it settles it, by the modem's own answer or by gsmsend itself, which knows what it did not hand over.
"""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import AttemptClose, Rules
from gsmsend.model import Evidence, OutcomeKind, State
from gsmsend.store import gates, reporting, sending
from gsmsend.store.evidence import PastAttempt, settle
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, messages, parts

_STILL = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome, attempts.c.opened_at_s,
        attempts.c.handle,
    )
    .join(parts, parts.c.attempt_id == attempts.c.id)
    .where(attempts.c.id == sa.bindparam("attempt"), parts.c.outcome == sa.literal_column("'unknown'"))
)  # fmt: skip
WENT_OUT = "it had gone out after all, as its modem's late answer says; it is not sent again"
_STOP = (
    sa.update(messages)
    .where(
        messages.c.id == sa.bindparam("message"), messages.c.stop == "",
        messages.c.state.in_((State.QUEUED.value, State.SENDING.value)),
    )
    .values(stop=sa.bindparam("because"))
)  # fmt: skip
_SETTLED = sa.select(attempts.c.settled_by, attempts.c.outcome).where(attempts.c.id == sa.bindparam("attempt"))


def settled_late(connection: sa.Connection, rules: Rules, close: AttemptClose) -> State | None:
    """Settle an attempt that was ended as unknown by what came of it; its message's state now.

    What was settled otherwise meanwhile stays so, with a note where that was not true; but what went out after all
    is not sent again. None if the attempt was not
    ended as unknown: that is a bug.
    """
    row = connection.execute(_STILL, {"attempt": close.attempt_id}).first()
    if row is None:
        known = connection.execute(_SETTLED, {"attempt": close.attempt_id}).first()
        if known is None or known.settled_by is None:
            return None
        if close.outcome.kind not in (OutcomeKind.UNKNOWN, OutcomeKind(known.outcome)):
            _contradicts(connection, close, known.settled_by, known.outcome)
            if close.outcome.kind is OutcomeKind.ACCEPTED:
                _not_again(connection, rules, close)
        return sending.state_of(connection, close.message_id)
    if close.outcome.kind is OutcomeKind.UNKNOWN:
        return State.UNCERTAIN
    attempt = PastAttempt(*row)
    by = Evidence.HELD_BACK if close.outcome.raw == Evidence.HELD_BACK.value else Evidence.LATE_ANSWER
    state = settle(connection, rules, attempt, close.outcome, by, close.at_s)
    if close.outcome.handle:
        reporting.adopt_handles(connection, rules, close.message_id, close.at_s)
    elif close.outcome.reference is not None:
        reporting.adopt(connection, rules, close.line_id, close.outcome.reference, attempt.opened_at_s, close.at_s)
    return sending.state_of(connection, close.message_id) or state


def _not_again(connection: sa.Connection, rules: Rules, close: AttemptClose) -> None:
    """What was taken for not sent has gone out after all: if it waits to be sent again, it is not."""
    message = {"message": close.message_id, "because": WENT_OUT}
    if connection.execute(_STOP, message).rowcount and (
        sending.state_of(connection, close.message_id) is State.QUEUED
    ):
        gates.end(connection, rules, close.message_id, WENT_OUT, State.QUEUED, close.at_s)


def _contradicts(connection: sa.Connection, close: AttemptClose, by: str, settled: str) -> None:
    words = (
        f"attempt {close.attempt_id} was settled as {settled} ({by}); the answer that came late says "
        f"{close.outcome.kind.value}"
    )
    data = {"person": None, "what": "late answer", "message": close.message_id, "reason": words}
    enter(connection, Kind.NOTE, close.at_s, data)
