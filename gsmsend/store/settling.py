"""Transactions that settle what is unknown: after a stop, by a late answer, by a named person."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.contract import AttemptClose, Decision, Rules
from gsmsend.errors import UsageError
from gsmsend.model import Outcome, OutcomeKind, State
from gsmsend.store import queueing, reporting, sending
from gsmsend.store.schema import attempts, decisions, lines, messages, parts


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """A closed attempt, as far as settling it needs."""

    attempt_id: int
    message_id: int
    seq: int
    outcome: str | None


_LAST = (
    sa.select(attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome)
    .where(attempts.c.line_id == sa.bindparam("line"), attempts.c.closed_at_s.is_not(None))
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_UNKNOWN = (
    sa.select(attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome)
    .join(parts, parts.c.attempt_id == attempts.c.id)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.outcome == OutcomeKind.UNKNOWN.value)
    .order_by(attempts.c.id)
)
_LEFT = sa.select(sa.func.count()).where(
    parts.c.message_id == sa.bindparam("message"),
    sa.or_(parts.c.outcome.is_(None), parts.c.outcome == OutcomeKind.REFUSED.value),
)
_STILL_UNKNOWN = sa.select(sa.func.count()).where(
    parts.c.message_id == sa.bindparam("message"), parts.c.outcome == OutcomeKind.UNKNOWN.value
)
_SETTLE = (
    sa.update(attempts)
    .where(attempts.c.id == sa.bindparam("attempt"))
    .values(
        outcome=sa.bindparam("kind"), refusal=sa.bindparam("refused"), reference=sa.bindparam("tp_mr"),
        code=sa.bindparam("cms"), why=sa.bindparam("because"),
    )
)  # fmt: skip
_SETTLE_PART = (
    sa.update(parts)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.seq == sa.bindparam("part"))
    .values(outcome=sa.bindparam("kind"), reference=sa.bindparam("tp_mr"), code=sa.bindparam("cms"))
)


def last_attempt(connection: sa.Connection, line_id: int) -> PastAttempt | None:
    """The newest closed attempt of a line."""
    row = connection.execute(_LAST, {"line": line_id}).first()
    return PastAttempt(*row) if row is not None else None


def unknown_attempts(
    connection: sa.Connection, message_id: int
) -> list[PastAttempt]:
    """The attempts that make a message uncertain."""
    return [PastAttempt(*row) for row in connection.execute(_UNKNOWN, {"message": message_id})]


def settle(
    connection: sa.Connection,
    rules: Rules,
    attempt: PastAttempt,
    outcome: Outcome,
    now_s: float,
) -> State:
    """An unknown attempt is now known; the message follows once none of its parts is unknown. Its state."""
    connection.execute(
        _SETTLE,
        {
            "attempt": attempt.attempt_id, "kind": outcome.kind.value,
            "refused": outcome.refusal.value if outcome.refusal else None,
            "tp_mr": outcome.reference, "cms": outcome.code, "because": outcome.why,
        },
    )  # fmt: skip
    connection.execute(
        _SETTLE_PART,
        {
            "message": attempt.message_id, "part": attempt.seq, "kind": outcome.kind.value,
            "tp_mr": outcome.reference, "cms": outcome.code,
        },
    )  # fmt: skip
    message = {"message": attempt.message_id}
    if connection.execute(_STILL_UNKNOWN, message).scalar_one():
        return State.UNCERTAIN
    new = State.QUEUED if connection.execute(_LEFT, message).scalar_one() else State.SENT
    sending.move(connection, rules, attempt.message_id, State.UNCERTAIN, new, outcome.why, now_s)
    if new is State.QUEUED:
        connection.execute(sending.DUE, {**message, "due": now_s})
        return new
    return reporting.settle_sent(connection, rules, attempt.message_id, now_s)


_TOTAL = sa.select(messages.c.parts).where(messages.c.id == sa.bindparam("message"))
_INTERRUPTED = Outcome(
    OutcomeKind.UNKNOWN,
    why="gsmsend was stopped while this was being sent; it may have gone out",
)


def recover(connection: sa.Connection, rules: Rules, now_s: float) -> tuple[int, int]:
    """After a stop of any kind: (attempts that became unknown, messages given back to the queue)."""
    left_open = queueing.open_attempts(connection)
    for row in left_open:
        total = connection.execute(_TOTAL, {"message": row.message_id}).scalar_one()
        sending.close_attempt(
            connection,
            rules,
            AttemptClose(
                row.attempt_id, row.message_id, row.seq, total, row.line_id, _INTERRUPTED, now_s, State.UNCERTAIN,
                _INTERRUPTED.why,
            ),
        )  # fmt: skip
    freed = queueing.free_claimed(connection, now_s)
    connection.execute(sa.update(lines).values(state="down", why=""))
    return len(left_open), freed


def resolve(connection: sa.Connection, rules: Rules, decision: Decision) -> State:
    """A named person says what became of an uncertain message; its state now. Raises UsageError."""
    state = sending.state_of(connection, decision.message_id)
    if state is None:
        raise UsageError(
            f"there is no message {decision.message_id}", remedy="List them with: gsmsend messages"
        )
    if state is not State.UNCERTAIN:
        raise UsageError(
            f"message {decision.message_id} is {state}; only an uncertain message needs to be settled",
            remedy="List those with: gsmsend messages --state uncertain",
        )
    words = "sent" if decision.as_sent else "not sent"
    kind = OutcomeKind.ACCEPTED if decision.as_sent else OutcomeKind.REFUSED
    outcome = Outcome(kind, why=f"settled as {words} by {decision.person}: {decision.reason}")
    for attempt in unknown_attempts(connection, decision.message_id):
        state = settle(connection, rules, attempt, outcome, decision.at_s)
    note(
        connection, decision.person, f"resolve as {words}", decision.reason, decision.at_s, decision.message_id
    )
    return state


def note(
    connection: sa.Connection,
    person: str,
    what: str,
    reason: str,
    now_s: float,
    message_id: int | None = None,
) -> None:
    """Keep what a person decided."""
    connection.execute(
        sa.insert(decisions),
        {"at_s": now_s, "person": person, "what": what, "message_id": message_id, "reason": reason},
    )
