"""The attempts of a line since its device was marked, and what their TP-MRs prove."""

from __future__ import annotations

from concurrent.futures import Future

import sqlalchemy as sa

from gsmsend.contract import Rules, Tried
from gsmsend.model import Evidence, Outcome, OutcomeKind
from gsmsend.store import evidence, identity
from gsmsend.store.base import Changer
from gsmsend.store.schema import attempts, lines, messages

_MOST = 400
"""Attempts looked at. What is unknown for longer was looked at often enough."""
_TRAIL = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.opened_at_s, messages.c.person, attempts.c.outcome,
        attempts.c.reference, attempts.c.code, attempts.c.settled_by,
    )
    .join(messages, messages.c.id == attempts.c.message_id)
    .where(
        attempts.c.line_id == sa.bindparam("line"),
        attempts.c.id > sa.bindparam("after"),
        attempts.c.outcome.is_not(None),
    )
    .order_by(attempts.c.id.desc())
    .limit(_MOST)
)  # fmt: skip
_ASKED = sa.select(sa.func.max(attempts.c.id)).where(
    attempts.c.line_id == sa.bindparam("line"),
    attempts.c.id > sa.bindparam("after"),
    sa.or_(attempts.c.key.is_not(None), attempts.c.whole == 1),
)
"""The last attempt over a route that may not count as the modem does: numbers across it prove nothing."""
_LINE = sa.select(
    lines.c.imei, lines.c.mark, lines.c.mark_after, lines.c.counter_seen, lines.c.counter_value,
    lines.c.counter_after,
).where(lines.c.id == sa.bindparam("line"))  # fmt: skip


class Trails(Changer):
    """What a store knows of the marks of its lines' devices (contract.Numbers)."""

    def mark(self, line_id: int) -> str | None:
        """The mark that the line's device was given."""
        with self._reading() as connection:
            return identity.mark_of(connection, line_id)

    def set_mark(self, line_id: int, mark: str | None) -> None:
        """The line's device was marked just now. Not waited for: the next intent queues up behind it."""
        self._writer.submit(lambda c: identity.set_mark(c, line_id, mark))

    def forget_marks(self) -> None:
        """No line has a mark any more."""
        self._writer.submit(identity.forget_marks).result()

    def unsettled(self, line_id: int, quiet_s: float) -> int | None:
        """How many unknown attempts the texts after them prove not sent, None if none is unknown."""
        with self._reading() as connection:
            tries = since_mark(connection, line_id)
        if not any(one.kind is OutcomeKind.UNKNOWN for one in tries):
            return None
        return len(self._rules.never_left(tries, quiet_s))

    def settle_by_next(
        self, line_id: int, mark: str, quiet_s: float, outcome: Outcome, now_s: float
    ) -> Future[list[int]]:
        """Settle those as not sent, if the line's mark is still this one."""
        return self._writer.submit(lambda c: settle(c, self._rules, line_id, mark, quiet_s, outcome, now_s))


def since_mark(connection: sa.Connection, line_id: int) -> list[Tried]:
    """The line's closed attempts since then, oldest first; none without a mark.

    They begin anew after one that went over another kind of route: its number is not of the same sequence.
    The SIM's own count as it was read when the device was marked stands before the first, if it can be trusted.
    """
    line = connection.execute(_LINE, {"line": line_id}).one()
    if line.mark is None:
        return []
    asked = connection.execute(_ASKED, {"line": line_id, "after": line.mark_after}).scalar()
    rows = connection.execute(_TRAIL, {"line": line_id, "after": asked or line.mark_after}).all()
    tries = [
        Tried(
            row.id, row.message_id, row.opened_at_s, row.person, OutcomeKind(row.outcome), row.reference, row.code,
            Evidence(row.settled_by) if row.settled_by is not None else None,
        )
        for row in reversed(rows)
    ]  # fmt: skip
    trusted = line.counter_seen is not None and line.counter_seen == line.imei
    if trusted and asked is None and line.counter_after == line.mark_after and len(rows) < _MOST:
        read = Tried(line.mark_after, 0, 0.0, "", OutcomeKind.ACCEPTED, line.counter_value, by=Evidence.COUNTER)
        tries.insert(0, read)
    return tries


def settle(
    connection: sa.Connection,
    rules: Rules,
    line_id: int,
    mark: str,
    quiet_s: float,
    outcome: Outcome,
    now_s: float,
) -> list[int]:
    """Settle as `outcome` what is proven not sent, if the mark is still this one; the message ids."""
    if identity.mark_of(connection, line_id) != mark:
        return []
    settled = []
    for attempt_id in rules.never_left(since_mark(connection, line_id), quiet_s):
        row = connection.execute(
            sa.select(attempts.c.message_id, attempts.c.seq).where(attempts.c.id == attempt_id)
        ).one()
        attempt = evidence.PastAttempt(attempt_id, row.message_id, row.seq, OutcomeKind.UNKNOWN.value)
        evidence.settle(connection, rules, attempt, outcome, Evidence.NEXT, now_s)
        settled.append(row.message_id)
    return settled
