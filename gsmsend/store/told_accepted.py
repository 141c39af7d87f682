"""What officers accepted of changes on devices, as the audit log tells it: held against `decisions` before a run.

Texts leave over such a route because of these rows; the log's entries need the operation's key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import stamp
from gsmsend.store.schema import decisions
from gsmsend.store.told_campaigns import ACCEPTED


@dataclass(slots=True)
class ToldAccepted:
    """Fed with notes in order."""

    _told: list[tuple[str, str, str, str]] = field(default_factory=list)

    def take(self, made: Mapping[str, Any]) -> None:
        """The next note. Raises KeyError if it has not the facts of an acceptance."""
        told = made["data"]
        if str(told["what"]).startswith(ACCEPTED):
            self._told.append((made["at"], told["person"], told["what"], told.get("signature", "")))

    def differences(self, connection: sa.Connection) -> Iterator[str]:
        """What the table has otherwise."""
        c = decisions.c
        query = (
            sa.select(c.at_s, c.person, c.what, c.signature)
            .where(c.what.startswith(ACCEPTED, autoescape=True))
            .order_by(c.id)
        )
        found = [(stamp(row.at_s), row.person, row.what, row.signature or "") for row in connection.execute(query)]
        if found != self._told:
            yield "the table decisions: what officers accepted of changes on devices is not what the log tells of"
