"""Rows of campaigns, and what every transaction about one begins with."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gsmsend.contract import CampaignRow
from gsmsend.errors import UsageError
from gsmsend.model import State
from gsmsend.store.schema import campaigns, decisions, messages

TOOK_UP = "took up an import that was cut off"
"""What the decision of a person is called who finished what another began."""
WAITING = (State.DRAFT, State.QUEUED, State.HELD)
UNDER_WAY = (State.SENDING, State.UNCERTAIN)


def names_of(*states: State) -> list[str]:
    """The words that stand for these states in the store."""
    return [state.value for state in states]


def row_of(found: sa.Row[tuple[object, ...]]) -> CampaignRow:
    """A row as the contract has it."""
    return CampaignRow(
        found.id, found.name, found.parent_id, found.created_at_s, found.released_at_s, found.canary,
        found.canary_passed, found.paused, found.cancelled,
    )  # fmt: skip


def named(connection: sa.Connection, name: str) -> CampaignRow:
    """The campaign. Raises UsageError that lists those there are."""
    found = connection.execute(sa.select(campaigns).where(campaigns.c.name == name)).first()
    if found is not None:
        return row_of(found)
    names = list(
        connection.execute(sa.select(campaigns.c.name).order_by(campaigns.c.id.desc()).limit(5)).scalars()
    )
    known = f"there is {', '.join(sorted(names))}" if names else "there is none yet"
    raise UsageError(
        f"there is no campaign {name}; {known}",
        remedy="Name one of them with --campaign, or import its recipients first: gsmsend import",
    )


def family(connection: sa.Connection, campaign_id: int) -> list[int]:
    """A campaign and those that answer its replies."""
    query = sa.select(campaigns.c.id).where(
        sa.or_(campaigns.c.id == campaign_id, campaigns.c.parent_id == campaign_id)
    )
    return list(connection.execute(query.order_by(campaigns.c.id)).scalars())


def count_in(connection: sa.Connection, ids: Sequence[int], states: Sequence[State]) -> int:
    """Messages of these campaigns in these states."""
    query = sa.select(sa.func.count()).where(
        messages.c.campaign_id.in_(ids), messages.c.state.in_(names_of(*states))
    )
    return int(connection.execute(query).scalar_one())


def decide(connection: sa.Connection, campaign_id: int, person: str, what: str, reason: str, now_s: float) -> None:
    """Keep what a person decided about a campaign."""
    connection.execute(
        sa.insert(decisions).values(at_s=now_s, person=person, what=what, reason=reason, campaign_id=campaign_id)
    )


def by(person: str, reason: str) -> str:
    """`by NAME: reason`."""
    return f"by {person}: {reason}" if reason else f"by {person}"
