"""Transactions of the write-ahead attempt: the intent before, the outcome after."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import AttemptClose, AttemptOpen, Rules
from gsmsend.errors import StoreError
from gsmsend.model import Outcome, OutcomeKind, State
from gsmsend.store import gates, whole
from gsmsend.store.journal import enter, said
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import attempts, messages, parts
from gsmsend.store.schema_log import WHOLE

_WENT_OUT = sa.exists().where(
    attempts.c.message_id == sa.bindparam("message"),
    attempts.c.seq == sa.bindparam("part"),
    sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != sa.literal_column("'refused'")),
)
_INTENT = (
    sa.bindparam("message", type_=WHOLE), sa.bindparam("part", type_=WHOLE),
    sa.bindparam("line", type_=WHOLE), sa.bindparam("at", type_=sa.Float),
    sa.bindparam("own_key", type_=sa.String), sa.bindparam("whole", type_=WHOLE),
)  # fmt: skip
_OPEN = Prepared(
    sa.insert(attempts)
    .from_select(
        ["message_id", "seq", "line_id", "opened_at_s", "key", "whole"], sa.select(*_INTENT).where(~_WENT_OUT)
    )
    .returning(attempts.c.id)
)
_CLOSE = Prepared(
    sa.update(attempts)
    .where(attempts.c.id == sa.bindparam("attempt"), attempts.c.closed_at_s.is_(None))
    .values(
        closed_at_s=sa.bindparam("at"), outcome=sa.bindparam("kind"), refusal=sa.bindparam("refused"),
        reference=sa.bindparam("tp_mr"), code=sa.bindparam("cms"), raw=sa.bindparam("words"),
        why=sa.bindparam("because"),
    )
)  # fmt: skip
_PART = Prepared(
    sa.update(parts)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.seq == sa.bindparam("part"))
    .values(
        outcome=sa.bindparam("kind"), reference=sa.bindparam("tp_mr"), code=sa.bindparam("cms"),
        line_id=sa.bindparam("line"), attempt_id=sa.bindparam("attempt"),
        tries=parts.c.tries + sa.bindparam("count"),
    )
)  # fmt: skip
_NAME = Prepared(
    sa.update(attempts).where(attempts.c.id == sa.bindparam("attempt")).values(handle=sa.bindparam("its_handle"))
)
_NAME_PART = Prepared(
    sa.update(parts)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.seq == sa.bindparam("part"))
    .values(handle=sa.bindparam("its_handle"))
)
_MESSAGE = Prepared(
    sa.update(messages)
    .where(messages.c.id == sa.bindparam("message"), messages.c.state == sa.bindparam("old"))
    .values(state=sa.bindparam("new"), why=sa.bindparam("because"), changed_at_s=sa.bindparam("at"))
)
_BIND = Prepared(
    sa.update(messages).where(messages.c.id == sa.bindparam("message")).values(bound_line=sa.bindparam("line"))
)
DUE = Prepared(
    sa.update(messages).where(messages.c.id == sa.bindparam("message")).values(due_at_s=sa.bindparam("due"))
)
_STATE = Prepared(sa.select(messages.c.state).where(messages.c.id == sa.bindparam("message")))


class NotOpen(StoreError):
    """An attempt was ended before, such as by a host that took this one for dead."""


def open_attempt(connection: sa.Connection, intent: AttemptOpen, campaign_id: int) -> int:
    """Write the intent; its id. The index on open attempts refuses a second one on the same line.

    `campaign_id` is the campaign whose key seals what is handed over. Raises StoreError if the part has an attempt
    that is open, was accepted, or may have gone out: whatever its message's row says, it is not sent again.
    """
    values = {
        "message": intent.message_id, "part": intent.seq, "line": intent.line_id, "at": intent.at_s,
        "own_key": intent.key or None, "whole": int(intent.whole),
    }  # fmt: skip
    made = _OPEN.run(connection, values).fetchone()
    if made is None:
        raise StoreError(
            f"part {intent.seq} of message {intent.message_id} was to be sent although it went out before, or may "
            "have; it was not sent again",
            remedy="Its row was changed by something else than gsmsend. Send nothing from this operation: "
            "see what else was changed with 'gsmsend verify'",
        )
    attempt_id = int(made[0])
    said_so: dict[str, object] = {
        "attempt": attempt_id, "message": intent.message_id, "part": intent.seq, "line": intent.line_id,
    }  # fmt: skip
    if intent.key:
        said_so["key"] = intent.key
    if intent.whole:
        said_so["whole"] = True
    pdu = {"pdu": intent.raw}
    enter(connection, Kind.ATTEMPT, intent.at_s, said_so, sealed=pdu, campaign_id=campaign_id)
    return attempt_id


def close_attempt(connection: sa.Connection, rules: Rules, close: AttemptClose) -> State:
    """Write what came of an attempt, and the message's move; its state now.

    A message that would go on, but must stop, ends here. Raises NotOpen: it was ended before.
    """
    outcome = close.outcome
    values = {
        "attempt": close.attempt_id, "at": close.at_s, "kind": outcome.kind.value,
        "refused": outcome.refusal.value if outcome.refusal else None, "tp_mr": outcome.reference,
        "cms": outcome.code, "words": outcome.raw, "because": outcome.why,
    }  # fmt: skip
    if _CLOSE.run(connection, values).rowcount != 1:
        raise NotOpen(f"attempt {close.attempt_id} is not open")
    _PART.run(
        connection,
        {
            "message": close.message_id, "part": close.seq, "kind": outcome.kind.value,
            "tp_mr": outcome.reference, "cms": outcome.code, "line": close.line_id, "attempt": close.attempt_id,
            "count": int(close.counts),
        },
    )  # fmt: skip
    if outcome.handle:
        named = {"attempt": close.attempt_id, "message": close.message_id, "part": close.seq}
        for statement in (_NAME, _NAME_PART):
            statement.run(connection, {**named, "its_handle": outcome.handle})
    if outcome.kind is not OutcomeKind.REFUSED and close.total > 1:
        _BIND.run(connection, {"message": close.message_id, "line": close.line_id})
    if close.due_at_s is not None:
        DUE.run(connection, {"message": close.message_id, "due": close.due_at_s})
    enter(
        connection,
        Kind.OUTCOME,
        close.at_s,
        {
            "attempt": close.attempt_id, "message": close.message_id, "part": close.seq, **came_of(outcome),
            "state": said(close.state), "why": close.why or outcome.why,
        },
    )  # fmt: skip
    if outcome.kind is OutcomeKind.ACCEPTED and close.total > 1:
        whole.others_went(connection, close.attempt_id, outcome.handle, close.at_s)
    if close.state in (State.SENDING, State.QUEUED):
        stop = gates.stop_of(connection, close.message_id)
        if stop:
            return gates.end(connection, rules, close.message_id, stop, State.SENDING, close.at_s).state
    if close.state is not State.SENDING:
        move(connection, rules, close.message_id, State.SENDING, close.state, close.why, close.at_s)
    return close.state


def came_of(outcome: Outcome) -> dict[str, object]:
    """An outcome as entries have it."""
    found: dict[str, object] = {
        "outcome": outcome.kind.value, "refusal": outcome.refusal.value if outcome.refusal else None,
        "reference": outcome.reference, "code": outcome.code, "raw": outcome.raw,
    }  # fmt: skip
    if outcome.handle:
        found["handle"] = outcome.handle
    return found


def drop(connection: sa.Connection, rules: Rules, message_id: int, why: str, now_s: float) -> None:
    """A claimed message that cannot be sent at all."""
    move(connection, rules, message_id, State.SENDING, State.FAILED, why, now_s)
    enter(connection, Kind.MOVE, now_s, {"message": message_id, "state": State.FAILED.value, "why": why})


def move(
    connection: sa.Connection, rules: Rules, message_id: int, old: State, new: State, why: str, now_s: float
) -> None:
    """One message from `old` to `new`. Raises IllegalMove, or StoreError if it is not in `old`."""
    rules.check(old, new)
    values = {"message": message_id, "old": old.value, "new": new.value, "because": why, "at": now_s}
    if _MESSAGE.run(connection, values).rowcount != 1:
        raise StoreError(f"message {message_id} is not {old}")


def state_of(connection: sa.Connection, message_id: int) -> State | None:
    """The message's state, or None if there is no such message."""
    found = _STATE.run(connection, {"message": message_id}).fetchone()
    return State(found[0]) if found is not None else None
