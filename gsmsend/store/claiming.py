"""A claim by a line of this process. On a server in one statement: 96 lines wait for each round trip more.

What decides whether a text is sent again is never of that statement's snapshot: messages and their parts are read
under a lock, which gives each in its newest version (PostgreSQL, "Read Committed Isolation Level"). It does not
find parts put in the place of others since; who does that waits until no claim runs (`pg_writer.sweeps`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gsmsend.contract import Claimed, PartToSend
from gsmsend.model import OutcomeKind, State
from gsmsend.store import leasing, queueing, texts
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import messages, parts
from gsmsend.store.vault import vault_of


def _due(name: str, line: Any, *where: sa.ColumnElement[bool]) -> sa.CTE:
    """The message that is due next for a line (0: for any), locked."""
    query = (
        sa.select(messages.c.id, messages.c.number, messages.c.text_id, messages.c.parts, messages.c.campaign_id)
        .where(
            messages.c.state == State.QUEUED.value,
            messages.c.bound_line == line,
            messages.c.due_at_s <= sa.bindparam("now", type_=sa.Float),
            *where,
        )
        .order_by(messages.c.due_at_s, messages.c.id)
        .limit(sa.literal_column("1"))  # a parameter could be any number: the planner would have it sort the queue
    )
    return query.with_for_update(skip_locked=True, of=messages).cte(name)


def _statement() -> sa.Select[Any]:
    line = sa.bindparam("line", type_=sa.Integer)
    held = leasing.HOLDS.cte("held")
    holds = sa.exists(sa.select(held.c.fence))
    bound = _due("bound", line, holds)
    free = _due("free", sa.literal_column("0"), holds, ~sa.exists(sa.select(bound.c.id)))
    due = sa.union_all(sa.select(bound), sa.select(free)).cte("due")
    taken = (
        sa.update(messages)
        .where(messages.c.id == due.c.id)
        .values(state=State.SENDING.value, changed_at_s=sa.bindparam("now", type_=sa.Float), claim_line=line)
        .returning(messages.c.id)
        .cte("taken")
    )
    unsent = (
        sa.select(parts.c.message_id, parts.c.seq, parts.c.tries)
        .join(due, due.c.id == parts.c.message_id)
        .where(sa.or_(parts.c.outcome.is_(None), parts.c.outcome == OutcomeKind.REFUSED.value))
        .with_for_update(read=True, of=parts)
        .cte("unsent")
    )
    return (
        sa.select(
            due.c.id, due.c.number, due.c.text_id, due.c.parts, due.c.campaign_id, unsent.c.seq, unsent.c.tries
        )
        .join(taken, taken.c.id == due.c.id)
        .outerjoin(unsent, unsent.c.message_id == due.c.id)
        .order_by(unsent.c.seq)
    )


_IN_ONE = Prepared(_statement())


def claim(
    connection: sa.Connection,
    held: leasing.Held,
    line_id: int,
    limit: int,
    now_s: float,
    without: Sequence[int] = (),
    *,
    bound_only: bool = False,
) -> list[Claimed]:
    """As `queueing.claim`, for a line that this process has the lease of. Raises FenceLost.

    One text at a time is what lines ask for that send slower than four a second.
    """
    values = leasing.of_line(held, line_id)
    one = limit == 1 and not without and not bound_only
    if one and values["its_fence"] and connection.dialect.name == "postgresql":
        rows = _IN_ONE.run(connection, {"now": now_s, **values}).fetchall()
        if rows:
            return _claimed(connection, rows)
        leasing.require(connection, held, line_id)
        return []
    leasing.require(connection, held, line_id)
    return queueing.claim(connection, line_id, limit, now_s, without, bound_only=bound_only)


def _claimed(connection: sa.Connection, rows: Sequence[Any]) -> list[Claimed]:
    """One message, from a row for each of its parts that is to be sent; from one with NULL if none is."""
    message_id, sealed, text_id, total, campaign_id = rows[0][:5]
    left = tuple(PartToSend(seq, tries) for *_, seq, tries in rows if seq is not None)
    left = left or queueing.to_send(connection, message_id)
    number, text = vault_of(connection).number(campaign_id, message_id, sealed), texts.body(connection, text_id)
    return [Claimed(message_id, number, text, total, left, campaign_id)]
