"""Transactions that take messages off the queue and give them back. Each takes an open connection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gsmsend.contract import Claimed, PartToSend, QueuedFor
from gsmsend.model import OutcomeKind, State
from gsmsend.store import carried, texts
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import attempts, lines, messages, parts
from gsmsend.store.vault import vault_of

_DUE = (
    sa.select(messages.c.id, messages.c.number, messages.c.text_id, messages.c.parts, messages.c.campaign_id)
    .where(
        messages.c.state == State.QUEUED.value,
        messages.c.bound_line == sa.bindparam("line"),
        messages.c.due_at_s <= sa.bindparam("now"),
    )
    .order_by(messages.c.due_at_s, messages.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_NOT_OF = messages.c.campaign_id.not_in(sa.bindparam("without", expanding=True))
_DUE_BUT = _DUE.where(_NOT_OF)
_MOVE = (
    sa.update(messages)
    .where(messages.c.id.in_(sa.bindparam("ids", expanding=True)), messages.c.state == sa.bindparam("old"))
    .values(state=sa.bindparam("new"), changed_at_s=sa.bindparam("now"))
)
_TAKE = _MOVE.values(claim_line=sa.bindparam("line"))
_TO_SEND = (
    sa.select(parts.c.message_id, parts.c.seq, parts.c.tries)
    .where(
        parts.c.message_id.in_(sa.bindparam("ids", expanding=True)),
        sa.or_(parts.c.outcome.is_(None), parts.c.outcome == OutcomeKind.REFUSED.value),
    )
    .order_by(parts.c.message_id, parts.c.seq)
)
_DUE_NOW = Prepared(_DUE)
_MOVE_ONE = Prepared(
    sa.update(messages)
    .where(messages.c.id == sa.bindparam("message"), messages.c.state == State.QUEUED.value)
    .values(state=State.SENDING.value, changed_at_s=sa.bindparam("now"), claim_line=sa.bindparam("line"))
)
_TO_SEND_OF_ONE = Prepared(
    sa.select(parts.c.message_id, parts.c.seq, parts.c.tries)
    .where(
        parts.c.message_id == sa.bindparam("message"),
        sa.or_(parts.c.outcome.is_(None), parts.c.outcome == OutcomeKind.REFUSED.value),
    )
    .order_by(parts.c.seq)
)
_FEW = 8
"""So many messages are quicker taken one by one, with statements that are compiled already."""
_NEXT_DUE = sa.select(sa.func.min(messages.c.due_at_s)).where(
    messages.c.state == State.QUEUED.value, messages.c.bound_line == sa.bindparam("line")
)
_NEXT_DUE_BUT = _NEXT_DUE.where(_NOT_OF)
_BOUND = sa.select(messages.c.bound_line).where(messages.c.state == State.QUEUED.value).distinct()
_SET_BACK_S = 1.0
"""A time in the store that lies so far ahead shows that the clock was set back since; less is no matter."""
_WAIT_FROM_NOW = (
    sa.update(messages)
    .where(
        messages.c.state == State.QUEUED.value,
        messages.c.bound_line == sa.bindparam("line"),
        messages.c.due_at_s > sa.bindparam("now"),
        messages.c.changed_at_s > sa.bindparam("now") + _SET_BACK_S,
    )
    .values(
        due_at_s=sa.bindparam("now") + messages.c.due_at_s - messages.c.changed_at_s,
        changed_at_s=sa.bindparam("now"),
    )
)
_OPEN = (
    sa.select(
        attempts.c.id,
        attempts.c.message_id,
        attempts.c.seq,
        attempts.c.line_id,
        attempts.c.opened_at_s,
        lines.c.device,
        attempts.c.key,
    )
    .join(lines, lines.c.id == attempts.c.line_id)
    .where(attempts.c.closed_at_s.is_(None))
)


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that was opened and never closed; `key` where its route can be asked for it."""

    attempt_id: int
    message_id: int
    seq: int
    line_id: int
    opened_at_s: float
    device: str
    key: str | None


def claim(
    connection: sa.Connection,
    line_id: int,
    limit: int,
    now_s: float,
    without: Sequence[int] = (),
    *,
    bound_only: bool = False,
) -> list[Claimed]:
    """Due messages for a line, those bound to it first, oldest due first; they become `sending`."""
    rows: list[Any] = []
    for line in (line_id,) if bound_only else (line_id, 0):
        if len(rows) < limit:
            values = {"line": line, "now": now_s, "limit": limit - len(rows)}
            if without:
                rows += connection.execute(_DUE_BUT, {**values, "without": list(without)}).all()
            else:
                rows += _DUE_NOW.run(connection, values).fetchall()
    if not rows:
        return []
    left: dict[int, list[PartToSend]] = {}
    for message_id, seq, tries in _taken(connection, [row[0] for row in rows], line_id, now_s):
        left.setdefault(message_id, []).append(PartToSend(seq, tries))
    found, vault = [], vault_of(connection)
    other = carried.wordings(connection, list(left)) if bound_only else {}
    for message_id, sealed, text_id, total, campaign_id in rows:
        text, to_send = texts.body(connection, other.get(message_id, text_id)), tuple(left.get(message_id, ()))
        number = vault.number(campaign_id, message_id, sealed)
        found.append(Claimed(message_id, number, text, total, to_send, campaign_id))
    return found


def _taken(connection: sa.Connection, ids: Sequence[int], line_id: int, now_s: float) -> list[Any]:
    """Move queued messages to `sending`, by this line; their parts to send."""
    if len(ids) > _FEW:
        states = {"old": State.QUEUED.value, "new": State.SENDING.value}
        connection.execute(_TAKE, {"ids": list(ids), **states, "now": now_s, "line": line_id})
        return list(connection.execute(_TO_SEND, {"ids": ids}))
    rows: list[Any] = []
    for message_id in ids:
        _MOVE_ONE.run(connection, {"message": message_id, "now": now_s, "line": line_id})
        rows += _TO_SEND_OF_ONE.run(connection, {"message": message_id}).fetchall()
    return rows


def to_send(connection: sa.Connection, message_id: int) -> tuple[PartToSend, ...]:
    """The parts of a message that are not sent."""
    rows = _TO_SEND_OF_ONE.run(connection, {"message": message_id}).fetchall()
    return tuple(PartToSend(seq, tries) for _, seq, tries in rows)


def move(connection: sa.Connection, ids: Sequence[int], old: State, new: State, now_s: float) -> int:
    """Move messages that are in `old`; how many were."""
    values = {"ids": list(ids), "old": old.value, "new": new.value, "now": now_s}
    return connection.execute(_MOVE, values).rowcount


def queued_for(connection: sa.Connection, without: Sequence[int] = ()) -> list[QueuedFor]:
    """For which lines texts are queued, and when the first is due: one index look-up for each line.

    Where campaigns are left out, their texts are read past, those due first.
    """
    found = []
    for (line,) in connection.execute(_BOUND).all():
        if without:
            values = {"line": line, "without": list(without)}
            due_s = connection.execute(_NEXT_DUE_BUT, values).scalar()
        else:
            due_s = connection.execute(_NEXT_DUE, {"line": line}).scalar()
        if due_s is not None:
            found.append(QueuedFor(line, due_s))
    return found


def next_due_s(connection: sa.Connection) -> float | None:
    """When the next queued message may be tried, over whichever line."""
    return min((found.due_at_s for found in queued_for(connection) if found.bound_line >= 0), default=None)


def clock_set_back(connection: sa.Connection, now_s: float) -> int:
    """Waits that were reckoned from a clock that has been set back since begin now. How many."""
    lines_waiting = [0, *(line for (line,) in connection.execute(_BOUND) if line)]
    return sum(connection.execute(_WAIT_FROM_NOW, {"line": line, "now": now_s}).rowcount for line in lines_waiting)


def open_attempts(connection: sa.Connection) -> list[OpenAttempt]:
    """Attempts that a stop left open."""
    return [OpenAttempt(*row) for row in connection.execute(_OPEN)]


def claimed(connection: sa.Connection, but: Collection[int] = ()) -> list[int]:
    """Every message that is `sending`, but for what these lines have taken up."""
    query = sa.select(messages.c.id).where(messages.c.state == State.SENDING.value)
    if but:
        query = query.where(sa.func.coalesce(messages.c.claim_line, 0).not_in(list(but)))
    return list(connection.execute(query).scalars())
