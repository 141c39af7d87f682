"""Reading: what is so. Nothing here changes a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from gsmsend.contract import InboundRow, LineRow, MessageRow, PartRow, ReportCounts
from gsmsend.masking import SEALED
from gsmsend.model import OutcomeKind, State
from gsmsend.partly import sent_in_part
from gsmsend.store import carried, received
from gsmsend.store import texts as wording
from gsmsend.store.identity import ACCOUNT
from gsmsend.store.joining import joined
from gsmsend.store.schema import attempts, fallbacks, lines, messages, parts, reports, texts
from gsmsend.store.vault import vault_of

_PAGE = 1000
_TOTALS = sa.select(messages.c.state, sa.func.count()).group_by(messages.c.state)


def totals(connection: sa.Connection) -> dict[State, int]:
    """Messages by state, every state named."""
    counts = dict.fromkeys(State, 0)
    counts.update({State(state): count for state, count in connection.execute(_TOTALS)})
    return counts


def uncertain_since(connection: sa.Connection, since_s: float) -> int:
    """Uncertain messages that became so since then."""
    query = sa.select(sa.func.count()).where(
        messages.c.state == State.UNCERTAIN.value, messages.c.changed_at_s >= since_s
    )
    return int(connection.execute(query).scalar_one())


def line_rows(connection: sa.Connection, line_id: int | None = None, *, counted: bool = True) -> list[LineRow]:
    """The lines; with how many parts each has had accepted if `counted`, which takes time with millions."""
    # As ix_attempts_accepted has it, not as a parameter.
    accepted: sa.ColumnElement[str] = sa.literal_column("'accepted'")
    sent = (
        sa.select(sa.func.count())
        .where(attempts.c.line_id == lines.c.id, attempts.c.outcome == accepted)
        .scalar_subquery()
    )
    query = sa.select(lines, (sent if counted else sa.literal(0)).label("sent")).order_by(lines.c.name)
    if line_id is not None:
        query = query.where(lines.c.id == line_id)
    return [
        LineRow(
            row.id, row.name, row.iccid, row.imsi, row.imei, row.device, row.number, row.state,
            row.signal_dbm, row.operator, row.sent, row.why, row.driver,
            row.identity.removeprefix(ACCOUNT) if row.identity.startswith(ACCOUNT) else "", bool(row.cloud),
            bool(row.virtual),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def message_rows(
    connection: sa.Connection,
    states: Sequence[State],
    message_id: int | None,
    *,
    closed: bool = False,
    after: int = 0,
    page: int = _PAGE,
) -> Iterator[MessageRow]:
    """Messages with their parts, so many at a time, by id; `closed` without opening what is sealed."""
    known = line_rows(connection, counted=False)
    names: dict[int, str] = {row.line_id: row.name for row in known}
    clouds = frozenset(row.line_id for row in known if row.cloud)
    query = (
        sa.select(
            messages,
            texts.c.body,
            texts.c.campaign_id.label("whose"),
            carried.TEXT.label("words"),
            fallbacks.c.message_id.is_not(None).label("fallback"),
        )
        .select_from(messages.outerjoin(fallbacks, carried.OF_MESSAGE).join(texts, texts.c.id == carried.TEXT))
        .order_by(messages.c.id)
        .limit(page)
    )
    if states:
        query = query.where(messages.c.state.in_([state.value for state in states]))
    if message_id is not None:
        query = query.where(messages.c.id == message_id)
    vault = vault_of(connection)
    bodies: dict[int, str] = {}  # the one that was opened last: one text is for thousands of messages
    while True:
        found_rows = connection.execute(query.where(messages.c.id > after)).all()
        if not found_rows:
            return
        found: dict[int, list[PartRow]] = {}
        wanted = sa.select(parts).where(parts.c.message_id.in_([row.id for row in found_rows]))
        for part in connection.execute(wanted.order_by(parts.c.message_id, parts.c.seq)):
            line = names.get(part.line_id) if part.line_id is not None else None
            found.setdefault(part.message_id, []).append(
                PartRow(
                    part.seq, line, part.reference, part.outcome, part.code, part.report, part.tp_status,
                    part.tries, part.handle, part.said,
                )
            )  # fmt: skip
        for row in found_rows:
            number = SEALED if closed else vault.number(row.campaign_id, row.id, row.number)
            if closed:
                bodies[row.words] = SEALED
            elif row.body is None or row.words not in bodies:
                bodies = {row.words: wording.opened(vault, row.words, row.whose, row.body)}
            own, state = tuple(found.get(row.id, ())), State(row.state)
            yield MessageRow(
                row.id, number, state, _why(state, row.why, own), bodies[row.words], row.due_at_s, own,
                fallback=bool(row.fallback) or row.bound_line in clouds,
            )  # fmt: skip
        after = found_rows[-1].id


def _why(state: State, why: str, own: Sequence[PartRow]) -> str:
    """A text that failed after some of its parts had gone out was not "not sent"."""
    if state is not State.FAILED:
        return why
    return sent_in_part([part.seq for part in own if part.outcome == OutcomeKind.ACCEPTED], len(own), why)


def report_counts(connection: sa.Connection) -> ReportCounts:
    """Reports matched, unmatched, and parts that wait for one."""
    matched, every = connection.execute(sa.select(sa.func.count(reports.c.part_id), sa.func.count())).one()
    waiting = connection.execute(
        sa.select(sa.func.count()).where(
            parts.c.answered == sa.literal_column("0"),
            sa.or_(parts.c.reference.is_not(None), parts.c.handle.is_not(None)),
            parts.c.outcome == OutcomeKind.ACCEPTED.value,
        )
    ).scalar_one()  # fmt: skip
    return ReportCounts(matched, every - matched, waiting)


def inbox(connection: sa.Connection) -> list[InboundRow]:
    """Received texts in order of arrival; the parts of one text joined, gaps shown as [...]."""
    names = {row.id: row.name for row in connection.execute(sa.select(lines.c.id, lines.c.name))}
    return [
        InboundRow(
            names[text.line_id],
            text.sender,
            text.text,
            text.arrived_at_s,
            len(text.pieces),
            complete=text.complete,
        )
        for text in joined(received.every(connection))
    ]


def sent_times(connection: sa.Connection, line_id: int, since_s: float) -> list[float]:
    """When a line sent (or may have sent) a part since then, oldest first."""
    query = (
        sa.select(attempts.c.opened_at_s)
        .where(
            attempts.c.line_id == line_id,
            attempts.c.opened_at_s >= since_s,
            sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != OutcomeKind.REFUSED.value),
        )
        .order_by(attempts.c.opened_at_s)
    )
    return list(connection.execute(query).scalars())
