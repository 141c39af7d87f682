"""Reading for the report: what left over which line and when, how long it took, and what did not arrive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gsmsend.contract.results import Ending, LineUse, SentAt, Settled, Unreached
from gsmsend.model import Evidence, OutcomeKind, ReportOutcome, State
from gsmsend.store.schema import attempts, lines, messages, parts, reports, wanted_lines
from gsmsend.store.vault import vault_of

_GONE = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCONFIRMED)
_ENDED_BADLY = (State.UNDELIVERED, State.UNCONFIRMED, State.FAILED, State.UNCERTAIN, State.HELD)
_STOPPED = (State.SUPPRESSED, State.CANCELLED)
_QUARTER_S = 900
_MOST_NAMED = 500
"""Texts that are listed one by one; the groups count all."""


def totals(connection: sa.Connection, campaign_ids: Sequence[int]) -> dict[State, int]:
    """Messages of these campaigns by state, every state named."""
    counts = dict.fromkeys(State, 0)
    query = (
        sa.select(messages.c.state, sa.func.count())
        .where(messages.c.campaign_id.in_(campaign_ids))
        .group_by(messages.c.state)
    )
    counts.update({State(state): count for state, count in connection.execute(query)})
    return counts


class Departures:
    """Texts that have left whole: over which line, when, and whether they were delivered."""

    def __init__(self, connection: sa.Connection, campaign_ids: Sequence[int]) -> None:
        query = (
            sa.select(messages.c.state, parts.c.line_id, attempts.c.opened_at_s)
            .join(parts, sa.and_(parts.c.message_id == messages.c.id, parts.c.seq == messages.c.parts))
            .join(attempts, attempts.c.id == parts.c.attempt_id)
            .where(messages.c.campaign_id.in_(campaign_ids), messages.c.state.in_([one.value for one in _GONE]))
        )
        self.first_s: float | None = None
        self.last_s: float | None = None
        self.texts: Counter[int] = Counter()
        self.delivered: Counter[int] = Counter()
        quarters: Counter[tuple[int, int]] = Counter()
        for state, line_id, at_s in connection.execute(query):
            self.texts[line_id] += 1
            self.delivered[line_id] += state == State.DELIVERED.value
            quarters[int(at_s // _QUARTER_S) * _QUARTER_S, line_id] += 1
            self.first_s = at_s if self.first_s is None else min(self.first_s, at_s)
            self.last_s = at_s if self.last_s is None else max(self.last_s, at_s)
        self.quarters = tuple(
            SentAt(line_id, quarter_s, count) for (quarter_s, line_id), count in sorted(quarters.items())
        )


def line_uses(
    connection: sa.Connection, campaign_ids: Sequence[int], departures: Departures
) -> tuple[LineUse, ...]:
    """The lines that carried anything of these campaigns, by name, with their segments."""
    query = (
        sa.select(attempts.c.line_id, attempts.c.outcome, sa.func.count())
        .join(messages, messages.c.id == attempts.c.message_id)
        .where(messages.c.campaign_id.in_(campaign_ids))
        .group_by(attempts.c.line_id, attempts.c.outcome)
    )
    segments: Counter[int] = Counter()
    doubtful: Counter[int] = Counter()
    for line_id, outcome, count in connection.execute(query):
        if outcome == OutcomeKind.ACCEPTED.value:
            segments[line_id] += count
        elif outcome != OutcomeKind.REFUSED.value:
            doubtful[line_id] += count
    names = _known_as(connection)
    rows = connection.execute(
        sa.select(lines).where(lines.c.id.in_([*segments, *doubtful])).order_by(lines.c.name)
    )
    return tuple(
        LineUse(
            row.id, row.name, names.get(row.id, ""), row.iccid, departures.texts[row.id],
            departures.delivered[row.id], segments[row.id], doubtful[row.id], bool(row.cloud),
        )
        for row in rows
    )  # fmt: skip


def _known_as(connection: sa.Connection) -> Mapping[int, str]:
    query = sa.select(wanted_lines.c.line_id, wanted_lines.c.name).where(wanted_lines.c.line_id.is_not(None))
    return {row.line_id: row.name for row in connection.execute(query.order_by(wanted_lines.c.id))}


def delays(connection: sa.Connection, campaign_id: int) -> tuple[tuple[int, int], ...]:
    """Whole seconds from handing a text over to its delivery, with how many texts took so long.

    By the service centre's clock (TP-SCTS to TP-DT, TS 23.040 9.2.3.11 and 9.2.3.13) where its reports give both
    in order, since reports may lie waiting while no program runs; else by this computer's.
    """
    query = (
        sa.select(
            sa.func.min(reports.c.submitted_at_s), sa.func.max(reports.c.discharged_at_s),
            sa.func.count(), sa.func.count(reports.c.submitted_at_s), sa.func.count(reports.c.discharged_at_s),
            sa.func.min(attempts.c.opened_at_s), sa.func.max(reports.c.arrived_at_s),
        )
        .join(parts, parts.c.message_id == messages.c.id)
        .join(attempts, attempts.c.id == parts.c.attempt_id)
        .join(reports, reports.c.part_id == parts.c.id)
        .where(
            messages.c.campaign_id == campaign_id, messages.c.state == State.DELIVERED.value,
            parts.c.report == ReportOutcome.DELIVERED.value,
        )
        .group_by(messages.c.id)
    )  # fmt: skip
    found: Counter[int] = Counter()
    for submitted, discharged, every, with_submitted, with_discharged, opened, arrived in connection.execute(
        query
    ):
        network_s = discharged - submitted if with_submitted == with_discharged == every else -1.0
        found[int(network_s if network_s >= 0 else max(0.0, arrived - opened))] += 1
    return tuple(sorted(found.items()))


def endings(connection: sa.Connection, campaign_id: int) -> tuple[Ending, ...]:
    """Texts that did not arrive or were stopped, grouped by what is known of the part at fault."""
    at_fault = sa.or_(
        parts.c.outcome.in_((OutcomeKind.REFUSED.value, OutcomeKind.UNKNOWN.value)),
        parts.c.report == ReportOutcome.UNDELIVERED.value,
    )
    worst = (
        sa.select(
            messages.c.id, messages.c.state, messages.c.why,
            sa.func.max(parts.c.code).label("code"), sa.func.max(parts.c.tp_status).label("tp_status"),
        )
        .outerjoin(parts, sa.and_(parts.c.message_id == messages.c.id, at_fault))
        .where(
            messages.c.campaign_id == campaign_id,
            messages.c.state.in_([one.value for one in (*_ENDED_BADLY, *_STOPPED)]),
        )
        .group_by(messages.c.id, messages.c.state, messages.c.why)
        .subquery()
    )  # fmt: skip
    key = (worst.c.state, worst.c.why, worst.c.code, worst.c.tp_status)
    query = sa.select(*key, sa.func.count().label("texts")).group_by(*key)
    found = [
        Ending(State(row.state), row.why, row.code, row.tp_status, row.texts) for row in connection.execute(query)
    ]
    return tuple(
        sorted(found, key=lambda one: (-one.texts, one.state, one.why, str(one.code), str(one.tp_status)))
    )


def unreached(connection: sa.Connection, campaign_id: int) -> tuple[Unreached, ...]:
    """The first texts that did not arrive or wait for a person, one by one."""
    query = (
        sa.select(messages.c.id, messages.c.campaign_id, messages.c.number, messages.c.state, messages.c.why)
        .where(messages.c.campaign_id == campaign_id, messages.c.state.in_([one.value for one in _ENDED_BADLY]))
        .order_by(messages.c.id)
        .limit(_MOST_NAMED)
    )
    vault = vault_of(connection)
    return tuple(
        Unreached(row.id, vault.number(row.campaign_id, row.id, row.number), State(row.state), row.why)
        for row in connection.execute(query)
    )


def settled(connection: sa.Connection, campaign_id: int) -> tuple[Settled, ...]:
    """Attempts that were unknown at first, by the evidence that settled them."""
    key = (attempts.c.settled_by, attempts.c.outcome)
    query = (
        sa.select(*key, sa.func.count())
        .join(messages, messages.c.id == attempts.c.message_id)
        .where(messages.c.campaign_id == campaign_id, attempts.c.settled_by.is_not(None))
        .group_by(*key)
        .order_by(*key)
    )
    return tuple(Settled(Evidence(by), OutcomeKind(outcome), n) for by, outcome, n in connection.execute(query))
