"""The transaction that gives drafts another text."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract.approvals import Reworded, TextBody
from gsmsend.errors import UsageError
from gsmsend.model import State
from gsmsend.store import falling, texts
from gsmsend.store.campaign_facts import REWORDED
from gsmsend.store.journal import enter, root
from gsmsend.store.schema import approvals, attempts, decisions, messages, parts

_TRIED = sa.exists().where(attempts.c.message_id == messages.c.id)


def reword(
    connection: sa.Connection, campaign_id: int, changes: Mapping[int, TextBody], person: str, now_s: float
) -> Reworded:
    """Change every draft of the campaign whose text is named, if nothing of it was ever tried."""
    whose = root(connection, campaign_id)
    done: list[int] = []
    texts_now: dict[str, int] = {}
    bodies: dict[str, str] = {}
    falling.drafts_home(connection, [campaign_id], now_s)
    for old, text in changes.items():
        new = texts.id_of(connection, whose, text.body, text.segments)
        if new != old:
            done += _change(connection, campaign_id, old, new, text.segments, now_s)
            texts_now[str(old)], bodies[str(new)] = new, text.body
    changed = len(done)
    of_campaign = messages.c.campaign_id == campaign_id
    every = connection.execute(sa.select(sa.func.count()).select_from(messages).where(of_campaign)).scalar_one()
    tried = connection.execute(
        sa.select(sa.func.count())
        .select_from(messages)
        .where(of_campaign, messages.c.state == State.DRAFT.value, _TRIED, messages.c.text_id.in_(list(changes)))
    ).scalar_one()
    if changed:
        connection.execute(
            sa.insert(decisions).values(
                at_s=now_s, person=person, what=REWORDED, reason=f"{changed} texts", campaign_id=campaign_id
            )
        )
        data = {"campaign": campaign_id, "person": person, "messages": spans(done), "texts": texts_now}
        enter(connection, Kind.REWORD, now_s, data, sealed={"texts": bodies}, campaign_id=whose)
        void(connection, campaign_id, "the text changed", now_s)
    return Reworded(changed, every - changed, tried)


def void(connection: sa.Connection, campaign_id: int, why: str, now_s: float) -> int:
    """Approvals of a campaign that changed count no more. How many did."""
    count = connection.execute(
        sa.update(approvals)
        .where(approvals.c.campaign_id == campaign_id, approvals.c.voided_at_s.is_(None))
        .values(voided_at_s=now_s, voided_why=why)
    ).rowcount
    if count:
        enter(connection, Kind.APPROVAL_VOID, now_s, {"campaign": campaign_id, "why": why})
    return count


def _change(
    connection: sa.Connection, campaign_id: int, old: int, new: int, segments: int, now_s: float
) -> list[int]:
    drafts = sa.select(messages.c.id).where(
        messages.c.campaign_id == campaign_id, messages.c.text_id == old, messages.c.state == State.DRAFT.value,
        ~_TRIED,
    )  # fmt: skip
    other = messages.alias()
    twice = connection.execute(
        sa.select(sa.func.count()).where(
            other.c.campaign_id == campaign_id, other.c.text_id == new,
            other.c.person.in_(drafts.with_only_columns(messages.c.person)),
        )
    ).scalar_one()  # fmt: skip
    if twice:
        raise UsageError(
            f"{twice} of these people would have the same text twice; nothing was changed",
            remedy="They are in the campaign with two texts: import them into another one with one text each.",
        )
    connection.execute(sa.delete(parts).where(parts.c.message_id.in_(drafts)))
    for seq in range(1, segments + 1):
        rows = drafts.with_only_columns(messages.c.id, sa.literal(seq))
        connection.execute(sa.insert(parts).from_select(["message_id", "seq"], rows))
    statement = (
        sa.update(messages)
        .where(messages.c.id.in_(drafts.scalar_subquery()))
        .values(text_id=new, parts=segments, changed_at_s=now_s)
    )
    return list(connection.execute(statement.returning(messages.c.id)).scalars())
