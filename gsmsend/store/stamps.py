"""Reading what is on record about the time stamp of the newest head."""

from __future__ import annotations

import json

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract.stamps import StampRow
from gsmsend.store import heads
from gsmsend.store.base import Reader
from gsmsend.store.schema import audit


class StampViews(Reader):
    """contract.stamps.StampView."""

    def last_stamp(self) -> StampRow | None:
        """About the newest head."""
        with self._reading() as connection:
            head = heads.last(connection)
            if head is None:
                return None
            since = sa.select(audit.c.line).where(audit.c.n > head.entry, audit.c.kind == Kind.TIMESTAMP.value)
            for line in connection.execute(since.order_by(audit.c.n)).scalars():
                data = json.loads(line)["data"]
                if data["head"] == head.n:
                    why = data.get("why", "")
                    return StampRow(head.n, head.short, data["service"], data.get("time", ""), why)
            return StampRow(head.n, head.short)
