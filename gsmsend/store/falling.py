"""Transactions that give texts a fallback's wording and line, and take them back. Each takes an open connection.

What a line has carried, may have carried, or is carrying is never among them: every attempt at any of its parts
was refused or proven not sent, and no report tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract import Rules
from gsmsend.contract.falling import FallCounts, FallOrder, Left, Outage
from gsmsend.model import OutcomeKind, Refusal, State
from gsmsend.store import suppression, texts
from gsmsend.store.carried import ACTIVE
from gsmsend.store.journal import enter, root
from gsmsend.store.schema import (
    attempts,
    campaigns,
    fallbacks,
    imports,
    lines,
    messages,
    outages,
    parts,
    reports,
    suppressions,
    wanted_lines,
)
from gsmsend.store.schema import texts as wording_rows
from gsmsend.store.seals import KEY_ROW
from gsmsend.store.vault import vault_of

_MODEMS = ("atmodem", "virtual")
"""Drivers whose codes are those of +CMS ERROR; of others only the class of a refusal is known.

A line has the driver by which its SIM was seen last; an attempt through a route that is asked has a key.
"""
_MORE = 200
"""So many more than wanted are looked at, as some may be left alone."""
_TO_COME = (State.DRAFT.value, State.QUEUED.value, State.HELD.value)
_GONE = (OutcomeKind.ACCEPTED.value, OutcomeKind.UNKNOWN.value)
_MAY_BE_OUT = sa.or_(
    sa.exists().where(parts.c.message_id == messages.c.id, parts.c.outcome.in_(_GONE)),
    sa.exists().where(
        attempts.c.message_id == messages.c.id,
        sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != OutcomeKind.REFUSED.value),
    ),
    sa.exists().where(parts.c.message_id == messages.c.id, reports.c.part_id == parts.c.id).correlate(messages),
)
_NOT_TO_BE_TEXTED = sa.exists().where(
    suppressions.c.digest == messages.c.person, suppressions.c.kind != KEY_ROW, suppressions.c.ended_at_s.is_(None)
)
_other = messages.alias("other")
_HAS_IT = sa.exists().where(
    fallbacks.c.message_id == _other.c.id, ACTIVE, _other.c.person == messages.c.person,
    _other.c.campaign_id == messages.c.campaign_id,
)  # fmt: skip
"""The same person had, or gets, the fallback's wording: by this message, or by another one of the campaign."""
_HAS_ANOTHER = sa.exists().where(
    _other.c.campaign_id == messages.c.campaign_id, _other.c.person == messages.c.person,
    _other.c.id != messages.c.id,
    sa.or_(
        _other.c.state == State.SENDING.value,
        sa.and_(messages.c.state == State.FAILED.value, _other.c.state.in_(_TO_COME)),
        sa.exists().where(
            attempts.c.message_id == _other.c.id,
            sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != OutcomeKind.REFUSED.value),
        ),
    ),
)  # fmt: skip
"""Another text of the campaign has reached the same person, or may have; or it will, and this one has failed."""
OVER_ANOTHER = sa.exists().where(
    parts.c.message_id == messages.c.id, parts.c.outcome.in_(_GONE), attempts.c.id == parts.c.attempt_id,
    imports.c.id == messages.c.import_id, wanted_lines.c.name == imports.c.wanted_line,
    wanted_lines.c.line_id != attempts.c.line_id,
)  # fmt: skip
"""A text was sent over another line than the one that is now what it was imported for."""
_OWN_SEGMENTS = (
    sa.select(wording_rows.c.segments)
    .where(wording_rows.c.id == messages.c.text_id)
    .correlate(messages)
    .scalar_subquery()
)


def fall_back(connection: sa.Connection, rules: Rules, order: FallOrder, now_s: float) -> list[int]:
    """Give texts the fallback's wording and line; which."""
    chosen: list[Any] = []
    people: set[str] = set()
    limit = order.limit
    if order.segments is not None:
        limit = min(limit, order.segments // max(1, order.text.segments))
    for row in _candidates(connection, order) if limit > 0 else ():
        if len(chosen) < limit and row.person not in people and not _too_soon(connection, row, order, now_s):
            chosen.append(row)
            people.add(row.person)
    if not chosen:
        return []
    for state in {State(row.state) for row in chosen} - {State.QUEUED}:
        rules.check(state, State.QUEUED)
    ids, whose = [row.id for row in chosen], root(connection, order.campaign_id)
    text_id = texts.id_of(connection, whose, order.text.body, order.text.segments)
    _new_parts(connection, ids, order.text.segments)
    connection.execute(
        sa.update(messages)
        .where(messages.c.id.in_(ids))
        .values(
            state=State.QUEUED.value, why=order.why, bound_line=order.line_id, parts=order.text.segments,
            due_at_s=now_s, changed_at_s=now_s,
        )
    )  # fmt: skip
    connection.execute(sa.delete(fallbacks).where(fallbacks.c.message_id.in_(ids)))
    connection.execute(
        sa.insert(fallbacks),
        [
            {
                "message_id": row.id, "campaign_id": order.campaign_id, "text_id": text_id,
                "segments": order.text.segments, "line_id": order.line_id, "home_line": row.bound_line,
                "home_state": row.state, "home_why": row.why, "moved_at_s": now_s,
            }
            for row in chosen
        ],
    )  # fmt: skip
    data = {
        "campaign": order.campaign_id, "messages": spans(ids), "state": State.QUEUED.value, "why": order.why,
        "line": order.line_id, "text": text_id,
    }  # fmt: skip
    sealed = {"texts": {str(text_id): order.text.body}}
    enter(connection, Kind.FALLBACK, now_s, data, sealed=sealed, campaign_id=whose)
    return ids


def _candidates(connection: sa.Connection, order: FallOrder) -> list[Any]:
    c = messages.c
    which = []
    if order.bound:
        which.append(sa.and_(c.state == State.QUEUED.value, c.bound_line.in_(order.bound)))
    if order.held:
        which.append(sa.and_(c.state == State.HELD.value, c.bound_line.in_(order.held)))
    if order.codes is not None:
        which.append(sa.and_(c.state == State.FAILED.value, _refused(order.codes)))
    if not which:
        return []
    query = (
        sa.select(c.id, c.person, c.number, c.state, c.why, c.bound_line, c.campaign_id)
        .join(campaigns, campaigns.c.id == c.campaign_id)
        .where(
            c.campaign_id == order.campaign_id, c.stop == "", campaigns.c.paused == "",
            campaigns.c.cancelled == "", sa.or_(*which), ~_MAY_BE_OUT, ~_NOT_TO_BE_TEXTED, ~_HAS_IT,
            ~_HAS_ANOTHER,
        )
        .order_by(c.due_at_s, c.id)
        .limit(order.limit + _MORE)
    )  # fmt: skip
    if order.approved_only:
        query = query.where(campaigns.c.released_at_s.is_not(None))
    return list(connection.execute(query).all())


def _refused(codes: Iterable[int]) -> sa.ColumnElement[bool]:
    """A part was refused, at last, for one of these reasons, or as the line may not send; not over a cloud."""
    by_code = sa.and_(
        attempts.c.code.in_(list(codes)), lines.c.driver.in_(_MODEMS), sa.func.coalesce(attempts.c.key, "") == ""
    )
    return (
        sa.exists()
        .where(
            parts.c.message_id == messages.c.id, attempts.c.id == parts.c.attempt_id,
            lines.c.id == attempts.c.line_id, lines.c.cloud == 0, attempts.c.outcome == OutcomeKind.REFUSED.value,
            sa.or_(attempts.c.refusal == Refusal.LINE.value, by_code),
        )
        .correlate(messages)
    )  # fmt: skip


def _too_soon(connection: sa.Connection, row: Any, order: FallOrder, now_s: float) -> bool:
    """Whether another campaign texted the person since this text failed; what waits keeps others back itself."""
    if not order.gap_s or row.state != State.FAILED.value:
        return False
    number = vault_of(connection).number(row.campaign_id, row.id, row.number)
    texted = suppression.last_texted(connection, [number], row.campaign_id).get(number)
    return texted is not None and now_s - texted < order.gap_s


def _new_parts(connection: sa.Connection, ids: Sequence[int], segments: int) -> None:
    connection.execute(sa.delete(parts).where(parts.c.message_id.in_(ids)))
    connection.execute(
        sa.insert(parts),
        [{"message_id": message_id, "seq": seq} for message_id in ids for seq in range(1, segments + 1)],
    )


def drafts_home(connection: sa.Connection, campaign_ids: Sequence[int], now_s: float) -> None:
    """Own text and line again for drafts that a fallback had in hand when its wording was no longer approved."""
    why = "it goes over its fallback no more: it became a draft"
    return_home(connection, None, campaign_ids, why, now_s, waits=(State.DRAFT,))


def return_home(
    connection: sa.Connection,
    rules: Rules | None,
    campaign_ids: Sequence[int],
    why: str,
    now_s: float,
    bound: Sequence[int] | None = None,
    waits: Iterable[State] = (State.QUEUED, State.DRAFT),
) -> list[int]:
    """Own text and line again for what waits for the fallback and was not begun; which."""
    c = messages.c
    query = (
        sa.select(fallbacks, c.state, c.text_id.label("own"), _OWN_SEGMENTS.label("own_segments"))
        .join(messages, c.id == fallbacks.c.message_id)
        .where(
            fallbacks.c.campaign_id.in_(campaign_ids),
            ACTIVE,
            c.state.in_([one.value for one in waits]),
            ~_MAY_BE_OUT,
        )
        .order_by(fallbacks.c.message_id)
    )
    if bound is not None:
        query = query.where(fallbacks.c.home_line.in_(list(bound)), fallbacks.c.home_state == State.QUEUED.value)
    rows = connection.execute(query).all()
    alike: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        new = State(row.home_state) if row.state == State.QUEUED.value else State.DRAFT
        if rules is not None and new.value != row.state:
            rules.check(State(row.state), new)
        said = row.home_why if new in (State.FAILED, State.HELD) else ""
        _new_parts(connection, [row.message_id], row.own_segments)
        connection.execute(
            sa.update(messages)
            .where(c.id == row.message_id)
            .values(
                state=new.value, why=said, bound_line=row.home_line, parts=row.own_segments, changed_at_s=now_s,
            )
        )  # fmt: skip
        alike.setdefault((row.campaign_id, new.value), []).append(row.message_id)
    ids = [row.message_id for row in rows]
    connection.execute(sa.update(fallbacks).where(fallbacks.c.message_id.in_(ids)).values(home_at_s=now_s))
    for (campaign_id, state), some in alike.items():
        data = {
            "campaign": campaign_id, "messages": spans(some), "state": state, "why": why, "line": None,
            "text": None,
        }  # fmt: skip
        whose = root(connection, campaign_id)
        enter(connection, Kind.FALLBACK, now_s, data, sealed={"texts": {}}, campaign_id=whose)
    return ids


def counts(connection: sa.Connection, campaign_id: int) -> FallCounts:
    """What a campaign's fallback has."""
    c = messages.c
    gone = sa.exists().where(parts.c.message_id == c.id, parts.c.outcome.in_(_GONE))
    over = c.state.in_([State.FAILED.value, State.SUPPRESSED.value, State.CANCELLED.value])
    query = (
        sa.select(
            c.state, gone.label("gone"), over.label("over"), sa.func.count(), sa.func.sum(fallbacks.c.segments)
        )
        .select_from(fallbacks.join(messages, c.id == fallbacks.c.message_id))
        .where(fallbacks.c.campaign_id == campaign_id, ACTIVE)
        .group_by(c.state, sa.text("gone"), sa.text("over"))
    )
    waiting = carried = segments = 0
    for state, is_gone, is_over, number, its in connection.execute(query):
        waiting += number if state in (State.QUEUED.value, State.SENDING.value) else 0
        carried += number if is_gone and state not in (State.QUEUED.value, State.SENDING.value) else 0
        segments += int(its) if is_gone or not is_over else 0
    left = (
        sa.select(c.state, c.bound_line, sa.func.count())
        .where(
            c.campaign_id == campaign_id, c.state.in_([State.QUEUED.value, State.HELD.value, State.FAILED.value]),
            c.stop == "", ~gone, ~sa.exists().where(fallbacks.c.message_id == c.id, ACTIVE),
        )
        .group_by(c.state, c.bound_line)
    )  # fmt: skip
    rows = connection.execute(left).all()
    return FallCounts(
        waiting, carried, segments, tuple(Left(State(state), bound, number) for state, bound, number in rows)
    )


def out_of_use(connection: sa.Connection) -> list[Outage]:
    """Lines that were out of use when this was last looked at."""
    query = sa.select(outages.c.line_id, outages.c.rule, outages.c.since_s).order_by(outages.c.line_id)
    return [Outage(*row) for row in connection.execute(query)]


def put_outage(connection: sa.Connection, line_id: int, rule: str, since_s: float) -> None:
    """A line is out of use since then; an empty rule: it is not."""
    connection.execute(sa.delete(outages).where(outages.c.line_id == line_id))
    if rule:
        connection.execute(sa.insert(outages).values(line_id=line_id, rule=rule, since_s=since_s))
