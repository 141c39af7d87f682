"""Transactions that halt a campaign or a line: pause, resume, cancel, texts held because their line is closed."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract import CancelCounts, Halt, Rules, Wanted
from gsmsend.errors import UsageError
from gsmsend.model import OutcomeKind, State
from gsmsend.store import gates
from gsmsend.store.campaign_rows import UNDER_WAY, WAITING, by, count_in, decide, family, named, names_of
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, campaigns, imports, messages, wanted_lines

_parent = campaigns.alias("parent")
_HALTS = (
    sa.select(
        campaigns.c.id, campaigns.c.name, campaigns.c.cancelled, campaigns.c.paused,
        _parent.c.cancelled.label("parent_cancelled"), _parent.c.paused.label("parent_paused"),
    )
    .select_from(campaigns.outerjoin(_parent, _parent.c.id == campaigns.c.parent_id))
    .where(
        sa.or_(
            campaigns.c.cancelled != "", campaigns.c.paused != "",
            _parent.c.cancelled != "", _parent.c.paused != "",
        )
    )
    .order_by(campaigns.c.id)
)  # fmt: skip


def halts(connection: sa.Connection) -> list[Halt]:
    """Campaigns that are paused or cancelled, for their own sake or their parent's."""
    return [Halt(row.id, row.name, gates.halt_words(*row[2:])) for row in connection.execute(_HALTS)]


def cancel_counts(connection: sa.Connection, ids: Sequence[int]) -> CancelCounts:
    """What cancelling these campaigns would do now."""
    over = [state for state in State if state not in (*WAITING, *UNDER_WAY)]
    return CancelCounts(
        count_in(connection, ids, WAITING), count_in(connection, ids, UNDER_WAY), count_in(connection, ids, over)
    )


def pause(connection: sa.Connection, name: str, person: str, reason: str, now_s: float) -> bool:
    """No attempt is opened for it any more. False if it was paused before. Raises UsageError."""
    row = named(connection, name)
    if row.cancelled:
        raise UsageError(f"campaign {name} was cancelled {row.cancelled}: there is nothing to pause")
    if row.paused:
        return False
    decide(connection, row.campaign_id, person, "pause", reason, now_s)
    words = by(person, reason)
    connection.execute(sa.update(campaigns).where(campaigns.c.id == row.campaign_id).values(paused=words))
    data = {"campaign": row.campaign_id, "person": person, "reason": reason}
    enter(connection, Kind.PAUSE, now_s, data)
    return True


def resume(connection: sa.Connection, name: str, person: str, reason: str, now_s: float) -> bool:
    """It goes on. False if it was not paused. Raises UsageError."""
    row = named(connection, name)
    if not row.paused:
        return False
    decide(connection, row.campaign_id, person, "resume", reason, now_s)
    connection.execute(sa.update(campaigns).where(campaigns.c.id == row.campaign_id).values(paused=""))
    data = {"campaign": row.campaign_id, "person": person, "reason": reason}
    enter(connection, Kind.RESUME, now_s, data)
    return True


def cancel(
    connection: sa.Connection, rules: Rules, name: str, person: str, reason: str, now_s: float
) -> CancelCounts:
    """No further text of it leaves. Raises UsageError if it was cancelled before."""
    row = named(connection, name)
    if row.cancelled:
        raise UsageError(f"campaign {name} was cancelled before, {row.cancelled}")
    ids = family(connection, row.campaign_id)
    counts = cancel_counts(connection, ids)
    decide(connection, row.campaign_id, person, "cancel", reason, now_s)
    connection.execute(
        sa.update(campaigns).where(campaigns.c.id.in_(ids)).values(cancelled=by(person, reason), paused="")
    )
    mine, done = messages.c.campaign_id.in_(ids), list[int]()
    for state in WAITING:
        rules.check(state, State.CANCELLED)
        begun = sa.exists(sa.select(sa.literal(1)).where(attempts.c.message_id == messages.c.id))
        partly = sa.select(messages.c.id).where(mine, messages.c.state == state.value, messages.c.parts > 1, begun)
        for message_id in connection.execute(partly).scalars().all():
            gates.end(connection, rules, message_id, gates.CANCELLED, state, now_s)
        moved = connection.execute(
            sa.update(messages)
            .where(mine, messages.c.state == state.value)
            .values(
                state=State.CANCELLED.value, why=f"cancelled {by(person, reason)}", changed_at_s=now_s,
                stop=gates.CANCELLED,
            )
            .returning(messages.c.id)
        )  # fmt: skip
        done += moved.scalars()
    connection.execute(
        sa.update(messages)
        .where(mine, messages.c.state.in_(names_of(*UNDER_WAY)), messages.c.stop.in_(("", gates.WITHDRAWN)))
        .values(stop=gates.CANCELLED)
    )
    data = {
        "campaign": row.campaign_id, "person": person, "reason": reason, "messages": spans(done),
        "state": State.CANCELLED.value,
    }  # fmt: skip
    enter(connection, Kind.CANCEL, now_s, data)
    return counts


def wanted(connection: sa.Connection) -> list[Wanted]:
    """Lines that imports asked for, and how many queued texts wait for each."""
    waiting = (
        sa.select(sa.func.count())
        .where(
            messages.c.state == State.QUEUED.value,
            messages.c.bound_line == sa.literal_column("-wanted_lines.id"),
        )
        .correlate(wanted_lines)
        .scalar_subquery()
    )
    query = sa.select(wanted_lines, waiting.label("waiting")).order_by(wanted_lines.c.name)
    return [Wanted(row.id, row.name, row.line_id, row.waiting) for row in connection.execute(query)]


def line_found(connection: sa.Connection, name: str, line_id: int) -> int:
    """Bind what waits for a wanted line to the line that it is. How many of them are queued.

    What was bound to this line while the config had its SIM under another name waits for that one again, and what
    was bound to another line under this name follows; but for those of which a part may have gone out.
    """
    before = sa.select(wanted_lines).where(wanted_lines.c.line_id == line_id, wanted_lines.c.name != name)
    for other in connection.execute(before).all():
        connection.execute(sa.update(wanted_lines).where(wanted_lines.c.id == other.id).values(line_id=None))
        _bind(connection, line_id, -other.id, other.name)
    row = connection.execute(sa.select(wanted_lines).where(wanted_lines.c.name == name)).first()
    if row is None:
        return 0
    bound = 0
    if row.line_id != line_id:
        connection.execute(sa.update(wanted_lines).where(wanted_lines.c.id == row.id).values(line_id=line_id))
        bound += _bind(connection, row.line_id, line_id, name) if row.line_id is not None else 0
    return bound + _bind(connection, -row.id, line_id)


def _bind(connection: sa.Connection, old: int, new: int, wish: str = "") -> int:
    """From one line to another: all, or what was imported for the line `wish` and none of which is out."""
    chosen = [messages.c.bound_line == old]
    if wish:
        out = sa.select(sa.literal(1)).where(
            attempts.c.message_id == messages.c.id,
            sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != OutcomeKind.REFUSED.value),
        )
        asked = sa.select(imports.c.id).where(imports.c.wanted_line == wish)
        chosen += [messages.c.import_id.in_(asked), ~sa.exists(out)]
    bound = 0
    for state in State:
        done = connection.execute(
            sa.update(messages).where(messages.c.state == state.value, *chosen).values(bound_line=new)
        ).rowcount
        bound += done if state is State.QUEUED else 0
    return bound


def hold_line(connection: sa.Connection, rules: Rules, line_id: int, why: str, now_s: float) -> int:
    """Queued texts of a line that is closed are held. How many."""
    rules.check(State.QUEUED, State.HELD)
    statement = (
        sa.update(messages)
        .where(messages.c.state == State.QUEUED.value, messages.c.bound_line == line_id)
        .values(state=State.HELD.value, why=why, changed_at_s=now_s)
    )
    ids = connection.execute(statement.returning(messages.c.id)).scalars().all()
    if ids:
        data = {"messages": spans(ids), "state": State.HELD.value, "why": why, "line": line_id}
        enter(connection, Kind.MOVE, now_s, data)
    return len(ids)
