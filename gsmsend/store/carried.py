"""Which wording a message goes out in: its own, or that of a fallback while it goes over one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gsmsend.store.schema import fallbacks, messages

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
