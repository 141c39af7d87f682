"""Which wording a message goes out in: its own, or that of a fallback while it goes over one; why it does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract.results import Fell
from gsmsend.store.schema import audit, fallbacks, messages

ACTIVE = fallbacks.c.home_at_s.is_(None)
"""Of a row that counts now: the message was not given back to its line."""
OF_MESSAGE = sa.and_(fallbacks.c.message_id == messages.c.id, ACTIVE)
"""What joins a message to that row, if it has one."""
TEXT = sa.func.coalesce(fallbacks.c.text_id, messages.c.text_id)
"""With that join: the text that goes out, or went."""
_CARRIED = sa.select(fallbacks.c.message_id, fallbacks.c.text_id).where(
    fallbacks.c.message_id.in_(sa.bindparam("ids", expanding=True)), ACTIVE
)


def wordings(connection: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    """The wording (its text's id) of those messages that go over a fallback."""
    return {row.message_id: row.text_id for row in connection.execute(_CARRIED, {"ids": list(ids)})}


def moves(connection: sa.Connection, campaign_id: int) -> tuple[Fell, ...]:
    """For which reasons texts of a campaign were given to its fallback, as the audit log has them."""
    any_row = sa.select(fallbacks.c.message_id).where(fallbacks.c.campaign_id == campaign_id).limit(1)
    if connection.execute(any_row).first() is None:
        return ()
    query = sa.select(audit.c.line).where(audit.c.kind == Kind.FALLBACK.value).order_by(audit.c.n)
    found: dict[str, Fell] = {}
    for line in connection.execute(query).scalars():
        made = json.loads(line)
        told = made["data"]
        if told["campaign"] == campaign_id and told["text"] is not None and told["why"] not in found:
            found[told["why"]] = Fell(datetime.fromisoformat(made["at"]).timestamp(), told["why"])
    return tuple(found.values())
