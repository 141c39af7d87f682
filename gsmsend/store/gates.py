"""What the store looks at before a text may go on: why it must stop, and whether its campaign is halted.

`messages.stop` says why no part of a message may leave any more; it is set on what waits together with the move
out of the queue, and on what is under way so that it is found here: when an attempt is opened or closed, when an
unknown one is settled, when a claimed message is given back, and after a stop of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import Rules
from gsmsend.model import OutcomeKind, State
from gsmsend.store.journal import enter
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import campaigns, messages, parts

CANCELLED, WITHDRAWN = "cancelled", "its approval is void"
"""Values of `messages.stop` beside those that stand for a person."""

_parent = campaigns.alias("parent")
_LOOK = Prepared(
    sa.select(
        messages.c.state, messages.c.claim_line, messages.c.stop,
        sa.func.coalesce(campaigns.c.parent_id, campaigns.c.id),
        campaigns.c.cancelled, campaigns.c.paused,
        _parent.c.cancelled.label("parent_cancelled"), _parent.c.paused.label("parent_paused"),
    )
    .select_from(
        messages.join(campaigns, campaigns.c.id == messages.c.campaign_id).outerjoin(
            _parent, _parent.c.id == campaigns.c.parent_id
        )
    )
    .where(messages.c.id == sa.bindparam("message"))
)  # fmt: skip
_STOP = Prepared(sa.select(messages.c.stop).where(messages.c.id == sa.bindparam("message")))
_GONE = sa.select(sa.func.count()).where(
    parts.c.message_id == sa.bindparam("message"),
    parts.c.outcome.in_((OutcomeKind.ACCEPTED.value, OutcomeKind.UNKNOWN.value)),
)
_TOTAL = sa.select(messages.c.parts).where(messages.c.id == sa.bindparam("message"))
_MOVE = (
    sa.update(messages)
    .where(messages.c.id == sa.bindparam("message"), messages.c.state == sa.bindparam("old"))
    .values(
        state=sa.bindparam("moved"), why=sa.bindparam("because"), changed_at_s=sa.bindparam("now"),
        stop=sa.bindparam("left"),
    )
)  # fmt: skip
_STOPPED = sa.select(messages.c.id, messages.c.stop).where(messages.c.stop != "")


@dataclass(frozen=True, slots=True)
class Withheld:
    """An attempt that was not opened: what its message is now, and why."""

    state: State
    why: str


def ending(stop: str) -> State:
    """What a message becomes that must stop for this reason."""
    return {CANCELLED: State.CANCELLED, WITHDRAWN: State.DRAFT}.get(stop, State.SUPPRESSED)


def words(connection: sa.Connection, message_id: int, stop: str) -> str:
    """The reason as people read it, with what had left by then."""
    gone = connection.execute(_GONE, {"message": message_id}).scalar_one()
    if not gone:
        return stop
    total = connection.execute(_TOTAL, {"message": message_id}).scalar_one()
    which = "part 1" if gone == 1 else f"parts 1 to {gone}"
    return f"{stop} after {which} of {total} had gone out"


def stop_of(connection: sa.Connection, message_id: int) -> str:
    """Why no part of it may leave any more; empty if it may."""
    found = _STOP.run(connection, {"message": message_id}).fetchone()
    return str(found[0]) if found is not None else ""


def end(connection: sa.Connection, rules: Rules, message_id: int, stop: str, old: State, now_s: float) -> Withheld:
    """Move a message that must stop out of `old`, to what it becomes."""
    new = ending(stop)
    rules.check(old, new)
    why = words(connection, message_id, stop)
    # What was only withdrawn may be released again.
    left = "" if new is State.DRAFT else stop
    values = {
        "message": message_id,
        "old": old.value,
        "moved": new.value,
        "because": why,
        "now": now_s,
        "left": left,
    }
    if connection.execute(_MOVE, values).rowcount:
        enter(connection, Kind.MOVE, now_s, {"message": message_id, "state": new.value, "why": why})
    return Withheld(new, why)


def withheld(
    connection: sa.Connection, rules: Rules, message_id: int, line_id: int, now_s: float
) -> Withheld | int:
    """Whether no attempt may be opened for a message that this line claimed; then it is moved to where it belongs.

    If it may: the campaign that it belongs to, or whose reply it acknowledges.
    """
    state, claim, stop, campaign_id, *halts = _LOOK.run(connection, {"message": message_id}).fetchone()
    if claim not in (line_id, None) and state == State.SENDING.value:
        return Withheld(State.QUEUED, "another line has taken it up")
    if not stop and not any(halts) and state == State.SENDING.value:
        return int(campaign_id)
    if state != State.SENDING.value:
        return Withheld(State(state), stop)
    if stop:
        return end(connection, rules, message_id, stop, State.SENDING, now_s)
    rules.check(State.SENDING, State.QUEUED)
    values = {
        "message": message_id,
        "old": state,
        "moved": State.QUEUED.value,
        "because": "",
        "now": now_s,
        "left": "",
    }
    connection.execute(_MOVE, values)
    return Withheld(State.QUEUED, halt_words(*halts))


def halt_words(cancelled: str, paused: str, parent_cancelled: str | None, parent_paused: str | None) -> str:
    """`paused by NAME: reason`, the weightier first; empty if nothing of it is so."""
    if cancelled or parent_cancelled:
        return f"cancelled {cancelled or parent_cancelled}"
    return f"paused {paused or parent_paused}" if paused or parent_paused else ""


def end_claimed(connection: sa.Connection, rules: Rules, ids: Sequence[int] | None, now_s: float) -> int:
    """Of claimed messages (all, if `ids` is None) end those that must stop. How many."""
    query = _STOPPED.where(messages.c.state == State.SENDING.value)
    if ids is not None:
        query = query.where(messages.c.id.in_(ids))
    rows = connection.execute(query).all()
    for row in rows:
        end(connection, rules, row.id, row.stop, State.SENDING, now_s)
    return len(rows)
