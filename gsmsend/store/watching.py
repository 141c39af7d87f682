"""contract.WatchView: questions that may be asked several times a second, beside a run that goes on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from zlib import crc32

import sqlalchemy as sa

from gsmsend.contract.rows import MessageRow
from gsmsend.contract.watching import Entry, Flow, Glance, LastTry, Pulse
from gsmsend.model import Outcome, OutcomeKind, Refusal, State
from gsmsend.store import views
from gsmsend.store.base import Reader
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import attempts, lines, messages
from gsmsend.store.schema_log import audit

_SAID = sa.select(
    lines.c.id, lines.c.state, lines.c.why, lines.c.signal_dbm, lines.c.operator, lines.c.device
).order_by(lines.c.id)
_LAST_TRIES = Prepared(
    sa.select(
        attempts.c.opened_at_s, attempts.c.closed_at_s, attempts.c.outcome, attempts.c.refusal, attempts.c.code,
        attempts.c.raw, attempts.c.why,
    )
    .where(
        attempts.c.line_id == sa.bindparam("line"),
        attempts.c.opened_at_s >= sa.bindparam("since"),
        attempts.c.closed_at_s.is_not(None),
    )
    .order_by(attempts.c.opened_at_s.desc())
    .limit(sa.bindparam("most"))
)  # fmt: skip
_SENT_AT = Prepared(
    sa.select(attempts.c.closed_at_s).where(
        attempts.c.line_id == sa.bindparam("line"),
        attempts.c.opened_at_s >= sa.bindparam("since"),
        attempts.c.outcome == OutcomeKind.ACCEPTED.value,
    )
)
_LAST = sa.select(sa.func.max(audit.c.n))


class WatchViews(Reader):
    """contract.WatchView."""

    def pulse(self) -> Pulse:
        """The audit log's last entry, and a sum of what the lines say."""
        with self._reading() as connection:
            last = connection.execute(_LAST).scalar() or 0
            said = [tuple(row) for row in connection.execute(_SAID)]
        return Pulse(last, crc32(repr(said).encode("utf-8", "replace")))

    def glances(self, since_s: float) -> list[Glance]:
        """Every line; what it sent is counted by the index over line and time, however long the table is."""
        lately = (
            sa.select(sa.func.count())
            .where(
                attempts.c.line_id == lines.c.id,
                attempts.c.opened_at_s >= since_s,
                attempts.c.outcome == OutcomeKind.ACCEPTED.value,
            )
            .scalar_subquery()
        )
        query = sa.select(lines, lately.label("lately")).order_by(lines.c.name)
        with self._reading() as connection:
            return [
                Glance(
                    row.id, row.name, row.state, row.why, row.signal_dbm, row.operator, row.iccid, row.imsi,
                    row.number, row.device, bool(row.cloud), row.lately,
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def last_tries(self, line_ids: Sequence[int], since_s: float, most: int) -> list[LastTry]:
        """The last closed attempts of each line, by the index over line and time."""
        found: list[LastTry] = []
        with self._reading() as connection:
            for line_id in line_ids:
                values = {"line": line_id, "since": since_s, "most": most}
                rows = _LAST_TRIES.run(connection, values).fetchall()
                found += [_last_try(line_id, *row) for row in reversed(rows)]
        return found

    def rates(
        self, line_ids: Sequence[int], since_s: float, step_s: float, steps: int
    ) -> dict[int, tuple[int, ...]]:
        """The same index; a line sends some thousands of parts an hour at most."""
        made = {}
        with self._reading() as connection:
            for line_id in line_ids:
                counts = [0] * steps
                for (at_s,) in _SENT_AT.run(connection, {"line": line_id, "since": since_s}).fetchall():
                    step = int((at_s - since_s) / step_s)
                    if 0 <= step < steps:
                        counts[step] += 1
                made[line_id] = tuple(counts)
        return made

    def flow(self, since_s: float, step_s: float, steps: int) -> Flow:
        """A text counts as sent when its last part was accepted, as delivered when that became its state."""
        handed = attempts.join(messages, messages.c.id == attempts.c.message_id)
        sent = (
            sa.select(_step(attempts.c.closed_at_s, since_s, step_s), sa.func.count())
            .select_from(handed)
            .where(
                attempts.c.opened_at_s >= since_s - step_s,
                attempts.c.closed_at_s >= since_s,
                attempts.c.outcome == OutcomeKind.ACCEPTED.value,
                attempts.c.seq == messages.c.parts,
            )
            .group_by(sa.text("1"))
        )
        delivered = (
            sa.select(_step(messages.c.changed_at_s, since_s, step_s), sa.func.count())
            .where(messages.c.state == State.DELIVERED.value, messages.c.changed_at_s >= since_s)
            .group_by(sa.text("1"))
        )
        with self._reading() as connection:
            return Flow(_counts(connection, sent, steps), _counts(connection, delivered, steps))

    def entries(self, kinds: Collection[str], before: int | None, limit: int) -> list[Entry]:
        """Entries as they stand, newest first."""
        query = sa.select(audit.c.n, audit.c.kind, audit.c.line).order_by(audit.c.n.desc()).limit(limit)
        if kinds:
            query = query.where(audit.c.kind.in_(sorted(kinds)))
        if before is not None:
            query = query.where(audit.c.n < before)
        with self._reading() as connection:
            return [Entry(row.n, row.kind, row.line) for row in connection.execute(query)]

    def message_page(self, states: Sequence[State], after: int, limit: int) -> list[MessageRow]:
        """One page of messages; those before it are not read."""
        with self._reading() as connection:
            rows = views.message_rows(connection, states, None, after=after, page=limit)
            return list(islice(rows, limit))


def _last_try(
    line_id: int,
    opened_at_s: float,
    closed_at_s: float,
    outcome: str,
    refusal: str | None,
    code: int | None,
    raw: str,
    why: str,
) -> LastTry:
    known = Outcome(
        OutcomeKind(outcome), refusal=Refusal(refusal) if refusal else None, code=code, raw=raw, why=why
    )
    return LastTry(line_id, closed_at_s, closed_at_s - opened_at_s, known)


def _step(column: sa.ColumnElement[float], since_s: float, step_s: float) -> sa.ColumnElement[int]:
    """Which stretch a time is in, by whole milliseconds: what a division leaves is dropped, a cast may round."""
    return sa.cast((column - since_s) * 1000, sa.BigInteger) // max(1, round(step_s * 1000))


def _counts(connection: sa.Connection, query: sa.Executable, steps: int) -> tuple[int, ...]:
    found = [0] * steps
    for step, count in connection.execute(query):
        if 0 <= step < steps:
            found[step] += count
    return tuple(found)
