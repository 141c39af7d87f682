"""Transactions that let a campaign's texts go, or take them back: release, withdrawal, first texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract import FirstTexts, Role, Rules
from gsmsend.errors import UsageError
from gsmsend.model import State
from gsmsend.store import falling, gates, queueing
from gsmsend.store.campaign_rows import UNDER_WAY, count_in, decide, family, named, names_of
from gsmsend.store.carried import OF_MESSAGE
from gsmsend.store.journal import enter
from gsmsend.store.schema import approvals, attempts, campaigns, messages, officers

_DRAFTS = (
    sa.select(messages.c.id)
    .where(messages.c.campaign_id == sa.bindparam("campaign"), messages.c.state == State.DRAFT.value)
    .order_by(messages.c.id)
)
_SINCE_RELEASE = sa.exists(
    sa.select(sa.literal(1)).where(
        attempts.c.message_id == messages.c.id, attempts.c.opened_at_s >= sa.bindparam("since")
    )
)
_ELSEWHERE = sa.exists().where(OF_MESSAGE)
_OUT = (State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN)
_LOST = (State.FAILED, State.UNDELIVERED, State.UNCONFIRMED, State.HELD)


def first_texts(connection: sa.Connection) -> list[FirstTexts]:
    """Campaigns whose first texts hold back the rest."""
    held_back = sa.select(campaigns).where(
        campaigns.c.canary > 0,
        campaigns.c.canary_passed == "",
        campaigns.c.cancelled == "",
        campaigns.c.released_at_s.is_not(None),
    )
    found = []
    for row in connection.execute(held_back).all():
        rest = count_in(connection, [row.id], [State.DRAFT])
        if rest:
            sent = sa.select(messages.c.state, sa.func.count()).where(
                messages.c.campaign_id == row.id, messages.c.state != State.DRAFT.value, _SINCE_RELEASE,
                ~_ELSEWHERE,
            )  # fmt: skip
            rows = connection.execute(sent.group_by(messages.c.state), {"since": row.released_at_s})
            counts = {str(state): int(number) for state, number in rows}
            lost = sum(counts.get(state.value, 0) for state in _LOST)
            waits = sa.select(sa.func.count()).where(
                messages.c.campaign_id == row.id, messages.c.state.in_(names_of(*_OUT)), ~_ELSEWHERE
            )
            out = int(connection.execute(waits).scalar_one())
            delivered = counts.get(State.DELIVERED.value, 0)
            over = sa.select(sa.func.count()).where(messages.c.campaign_id == row.id, _ELSEWHERE)
            elsewhere = int(connection.execute(over).scalar_one())
            found.append(FirstTexts(row.id, row.name, row.canary, delivered, out, lost, rest, elsewhere))
    return found


def release(
    connection: sa.Connection,
    rules: Rules,
    name: str,
    first: int,
    now_s: float,
    *,
    judged: Collection[int] = (),
    people: int | None = None,
) -> int:
    """Drafts become queued: all, or so many while first texts must be delivered. How many. Raises UsageError.

    Nothing is released if one of the `judged` approvals stands no longer, if there are not so many `people`, or if
    it was cancelled after it was judged.
    """
    row = named(connection, name)
    if row.cancelled and judged:
        return 0
    if row.cancelled:
        raise UsageError(
            f"campaign {name} was cancelled {row.cancelled}; it cannot be sent any more",
            remedy="Import its recipients into another campaign: gsmsend import FILE --campaign NAME",
        )
    if not _as_judged(connection, row.campaign_id, judged, people):
        return 0
    rules.check(State.DRAFT, State.QUEUED)
    ids = family(connection, row.campaign_id)
    falling.drafts_home(connection, ids, now_s)
    fresh, most = row.released_at_s is None, None
    if fresh:
        mine = sa.update(campaigns).where(campaigns.c.id.in_(ids))
        connection.execute(mine.values(released_at_s=now_s, canary_passed=""))
        connection.execute(sa.update(campaigns).where(campaigns.c.id == row.campaign_id).values(canary=first))
        most = first or None
    elif row.canary and not row.canary_passed:
        out = count_in(connection, [row.campaign_id], [*_OUT, *_LOST, State.DELIVERED])
        most = max(0, row.canary - out)
    drafts = _drafts(connection, row.campaign_id, most)
    for child in ids[1:]:
        drafts += _drafts(connection, child, None)
    connection.execute(
        sa.update(messages)
        .where(messages.c.campaign_id.in_(ids), messages.c.stop == gates.WITHDRAWN)
        .values(stop="")
    )
    if fresh or drafts:
        _say(connection, row.campaign_id, drafts, "released for sending" if fresh else "more of it may go", now_s)
    return _queue(connection, drafts, now_s)


def _say(connection: sa.Connection, campaign_id: int, ids: Sequence[int], why: str, now_s: float) -> None:
    """Put a release into the audit log."""
    data = {"campaign": campaign_id, "messages": spans(ids), "state": State.QUEUED.value, "why": why}
    enter(connection, Kind.RELEASE, now_s, data)


def _as_judged(connection: sa.Connection, campaign_id: int, judged: Collection[int], people: int | None) -> bool:
    if judged:
        standing = (
            sa.select(sa.func.count())
            .select_from(approvals.join(officers, officers.c.id == approvals.c.officer_id))
            .where(
                approvals.c.id.in_(list(judged)),
                approvals.c.voided_at_s.is_(None),
                officers.c.removed_at_s.is_(None),
                officers.c.role == Role.APPROVER.value,
            )
        )
        if connection.execute(standing).scalar_one() != len(set(judged)):
            return False
    everybody = sa.select(sa.func.count()).where(messages.c.campaign_id == campaign_id)
    return people is None or int(connection.execute(everybody).scalar_one()) == people


def _drafts(connection: sa.Connection, campaign_id: int, most: int | None) -> list[int]:
    return list(connection.execute(_DRAFTS.limit(most), {"campaign": campaign_id}).scalars())


def _queue(connection: sa.Connection, ids: Sequence[int], now_s: float) -> int:
    done = 0
    for start in range(0, len(ids), 10_000):
        chunk = ids[start : start + 10_000]
        connection.execute(
            sa.update(messages)
            .where(messages.c.id.in_(chunk), messages.c.state == State.DRAFT.value)
            .values(why="")
        )
        done += queueing.move(connection, chunk, State.DRAFT, State.QUEUED, now_s)
    return done


def withdraw(connection: sa.Connection, rules: Rules, name: str, why: str, now_s: float) -> int:
    """What was not begun becomes draft again, what is claimed follows when its line looks at it. How many."""
    row = named(connection, name)
    rules.check(State.QUEUED, State.DRAFT)
    return _take_back(connection, row.campaign_id, why, now_s)


def changed(connection: sa.Connection, campaign_id: int, why: str, now_s: float) -> None:
    """A campaign is no longer what officers approved: if it was released by that, nothing more of it may leave.

    A run asks for approvals only now and then; what says how it changed is written then.
    """
    approved = sa.exists().where(approvals.c.campaign_id == campaigns.c.id, approvals.c.voided_at_s.is_(None))
    released = sa.select(campaigns.c.id).where(
        campaigns.c.id == campaign_id, campaigns.c.released_at_s.is_not(None), approved
    )
    if connection.execute(released).first() is not None:
        _take_back(connection, campaign_id, why, now_s)


def _take_back(connection: sa.Connection, campaign_id: int, why: str, now_s: float) -> int:
    ids = family(connection, campaign_id)
    falling.return_home(connection, None, ids, f"it goes over its fallback no more: {why}", now_s)
    mine = messages.c.campaign_id.in_(ids)
    back = (
        sa.update(messages)
        .where(mine, messages.c.state == State.QUEUED.value)
        .values(state=State.DRAFT.value, why=why, changed_at_s=now_s)
    )
    drafts = connection.execute(back.returning(messages.c.id)).scalars().all()
    done = len(drafts)
    data = {"campaign": campaign_id, "messages": spans(drafts), "state": State.DRAFT.value, "why": why}
    enter(connection, Kind.WITHDRAW, now_s, data)
    done += connection.execute(
        sa.update(messages)
        .where(mine, messages.c.state.in_(names_of(*UNDER_WAY)), messages.c.stop == "")
        .values(stop=gates.WITHDRAWN)
    ).rowcount
    connection.execute(
        sa.update(campaigns).where(campaigns.c.id.in_(ids)).values(released_at_s=None, canary_passed="")
    )
    return done


def pass_canary(connection: sa.Connection, rules: Rules, name: str, why: str, now_s: float, person: str) -> int:
    """The rest may follow. How many. Raises UsageError if it was not released or was cancelled."""
    row = named(connection, name)
    if row.released_at_s is None or row.cancelled:
        state = f"was cancelled {row.cancelled}" if row.cancelled else "is not released for sending yet"
        raise UsageError(f"campaign {name} {state}: there are no first texts to go on from")
    rules.check(State.DRAFT, State.QUEUED)
    connection.execute(
        sa.update(campaigns).where(campaigns.c.id == row.campaign_id).values(canary_passed=why or "passed")
    )
    if person:
        decide(connection, row.campaign_id, person, "go on after the first texts", why, now_s)
    falling.drafts_home(connection, [row.campaign_id], now_s)
    drafts = _drafts(connection, row.campaign_id, None)
    words = f"after the first texts: {why}" + (f" (by {person})" if person else "")
    _say(connection, row.campaign_id, drafts, words, now_s)
    return _queue(connection, drafts, now_s)
