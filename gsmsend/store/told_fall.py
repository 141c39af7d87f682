"""What goes over a fallback, as the audit log tells it, to hold the table `fallbacks` against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.audit.states import ids_in
from gsmsend.store.schema import fallbacks, trials

KINDS = frozenset({Kind.FALLBACK, Kind.NOTE})
TRIAL = "fallback trial"
"""What a note of a trial text is called: by such a text a fallback may carry others."""
_SHOWN = 5


@dataclass(slots=True)
class ToldTrials:
    """Fed with notes in order: which message was a trial of which wording (a keyed hash), and who queued it."""

    _told: list[tuple[int, str, str]] = field(default_factory=list)

    def take(self, made: Mapping[str, Any]) -> None:
        """The next note. Raises KeyError, TypeError or ValueError if it has not the facts of a trial."""
        told = made["data"]
        if told.get("what") == TRIAL:
            self._told.append((int(told["message"]), str(told["wording"]), str(told["person"])))

    def differences(self, connection: sa.Connection) -> Iterator[str]:
        """What the table has otherwise."""
        query = sa.select(trials.c.message_id, trials.c.wording, trials.c.person).order_by(trials.c.id)
        if [tuple(row) for row in connection.execute(query)] != self._told:
            yield "the table trials: not the trial texts of fallbacks that the log tells of"


@dataclass(slots=True)
class ToldFallbacks:
    """Fed with entries in order: campaign, line and text by message, None for what is at home again."""

    _told: dict[int, tuple[int, int, int] | None] = field(default_factory=dict)
    _trials: ToldTrials = field(default_factory=ToldTrials)

    def take(self, made: Mapping[str, Any]) -> None:
        """The next entry. Raises KeyError, TypeError or ValueError if it has not the facts of its kind."""
        told = made["data"]
        if made["kind"] == Kind.NOTE:
            self._trials.take(made)
            return
        there = None
        if told["text"] is not None:
            there = int(told["campaign"]), int(told["line"]), int(told["text"])
        for message_id in (one for span in ids_in(told["messages"]) for one in span):
            self._told[message_id] = there

    def differences(self, connection: sa.Connection) -> Iterator[str]:
        """What the table has otherwise."""
        left, other = dict(self._told), list[int]()
        for row in connection.execute(sa.select(fallbacks).order_by(fallbacks.c.message_id)):
            told = left.pop(row.message_id, 0)
            there = None if row.home_at_s is not None else (row.campaign_id, row.line_id, row.text_id)
            if told != there:
                other.append(row.message_id)
        other += list(left)
        if other:
            listed = ", ".join(map(str, other[:_SHOWN])) + ("..." if len(other) > _SHOWN else "")
            yield f"the table fallbacks, {len(other)} row(s) ({listed}): not what the log says of these messages"
        yield from self._trials.differences(connection)
