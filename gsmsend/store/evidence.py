"""Transactions that settle an unknown attempt by evidence: a late answer, a report, the SIM's own count.

What the TP-MRs of the texts after it prove is in store.trail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import Arrival, Candidate, OpenEnd, Rules
from gsmsend.model import Evidence, Outcome, OutcomeKind, Refusal, Report, State
from gsmsend.store import gates, reporting, sending, whole
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, lines, messages, parts, reports
from gsmsend.store.vault import vault_of


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """A closed attempt, as far as settling it needs."""

    attempt_id: int
    message_id: int
    seq: int
    outcome: str | None
    opened_at_s: float = 0.0
    handle: str | None = None


_LAST = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome, attempts.c.opened_at_s,
        attempts.c.handle,
    )
    .where(
        attempts.c.line_id == sa.bindparam("line"),
        attempts.c.closed_at_s.is_not(None),
        # What only went with part 1 may have been noted after the next text was begun.
        sa.or_(attempts.c.whole == sa.literal_column("0"), attempts.c.seq == sa.literal_column("1")),
    )
    .order_by(attempts.c.id.desc())
    .limit(1)
)  # fmt: skip
_UNKNOWN = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome, attempts.c.opened_at_s,
        attempts.c.handle,
    )
    .join(parts, parts.c.attempt_id == attempts.c.id)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.outcome == OutcomeKind.UNKNOWN.value)
    .order_by(attempts.c.id)
)  # fmt: skip
_LEFT = sa.select(sa.func.count()).where(
    parts.c.message_id == sa.bindparam("message"),
    sa.or_(parts.c.outcome.is_(None), parts.c.outcome == OutcomeKind.REFUSED.value),
)
_STILL_UNKNOWN = sa.select(sa.func.count()).where(
    parts.c.message_id == sa.bindparam("message"), parts.c.outcome == OutcomeKind.UNKNOWN.value
)
_SETTLE = (
    sa.update(attempts)
    .where(attempts.c.id == sa.bindparam("attempt"))
    .values(
        outcome=sa.bindparam("kind"), refusal=sa.bindparam("refused"), reference=sa.bindparam("tp_mr"),
        code=sa.bindparam("cms"), why=sa.bindparam("because"), settled_by=sa.bindparam("evidence"),
        handle=sa.bindparam("its_handle"),
    )
)  # fmt: skip
_SETTLE_PART = (
    sa.update(parts)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.seq == sa.bindparam("part"))
    .values(
        outcome=sa.bindparam("kind"), reference=sa.bindparam("tp_mr"), code=sa.bindparam("cms"),
        handle=sa.bindparam("its_handle"),
    )
)  # fmt: skip


_TRIES = sa.select(parts.c.tries).where(
    parts.c.message_id == sa.bindparam("message"), parts.c.seq == sa.bindparam("part")
)
_PROVEN_NOT_SENT = frozenset({Evidence.COUNTER.value, Evidence.NEXT.value})
_FOR_GOOD = frozenset({Refusal.RECIPIENT, Refusal.MESSAGE})
_MOST_TRIES = 10
"""Attempts at one part, each cut off and proven not sent: then something else is wrong."""
_DOUBTED = (
    sa.select(
        parts.c.message_id,
        parts.c.seq,
        parts.c.attempt_id,
        messages.c.number,
        messages.c.person,
        messages.c.campaign_id,
    )
    .join(messages, messages.c.id == parts.c.message_id)
    .where(parts.c.line_id == sa.bindparam("line"), parts.c.outcome == sa.literal_column("'unknown'"))
)
_DOUBTED_HANDLE = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome, attempts.c.opened_at_s,
        attempts.c.handle, messages.c.number, messages.c.campaign_id,
    )
    .join(parts, parts.c.attempt_id == attempts.c.id)
    .join(messages, messages.c.id == parts.c.message_id)
    .where(
        parts.c.line_id == sa.bindparam("line"),
        parts.c.outcome == sa.literal_column("'unknown'"),
        attempts.c.opened_at_s <= sa.bindparam("arrived"),
        sa.or_(
            attempts.c.handle == sa.bindparam("its_handle"),
            sa.and_(attempts.c.key == sa.bindparam("its_handle"), messages.c.parts == 1),
        ),
    )
    .order_by(attempts.c.id.desc())
)  # fmt: skip
_KEY = sa.select(attempts.c.key).where(attempts.c.id == sa.bindparam("attempt"))
_ON_LINE = attempts.c.line_id == sa.bindparam("line")
_ACCEPTED = sa.and_(attempts.c.outcome == OutcomeKind.ACCEPTED.value, attempts.c.reference.is_not(None))
_BEFORE = (
    sa.select(attempts.c.id, attempts.c.reference)
    .where(_ON_LINE, _ACCEPTED, attempts.c.id < sa.bindparam("attempt"))
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_AFTER = (
    sa.select(attempts.c.reference)
    .where(_ON_LINE, _ACCEPTED, attempts.c.id > sa.bindparam("attempt"))
    .order_by(attempts.c.id)
    .limit(1)
)
_PREVIOUS = (
    sa.select(attempts.c.id, attempts.c.outcome, attempts.c.reference, attempts.c.settled_by)
    .where(_ON_LINE, attempts.c.id < sa.bindparam("attempt"))
    .order_by(attempts.c.id.desc())
    .limit(50)
)
_BETWEEN = sa.select(sa.func.count()).where(
    _ON_LINE, attempts.c.id > sa.bindparam("previous"), attempts.c.id <= sa.bindparam("attempt")
)
_OTHERS = (
    sa.select(sa.func.count())
    .select_from(attempts.join(messages, messages.c.id == attempts.c.message_id))
    .where(_ON_LINE, attempts.c.id != sa.bindparam("attempt"), messages.c.person == sa.bindparam("who"))
)


def last_attempt(connection: sa.Connection, line_id: int) -> PastAttempt | None:
    """The newest closed attempt of a line."""
    row = connection.execute(_LAST, {"line": line_id}).first()
    return PastAttempt(*row) if row is not None else None


def unknown_attempts(connection: sa.Connection, message_id: int) -> list[PastAttempt]:
    """The attempts that make a message uncertain."""
    return [PastAttempt(*row) for row in connection.execute(_UNKNOWN, {"message": message_id})]


def settle(
    connection: sa.Connection,
    rules: Rules,
    attempt: PastAttempt,
    outcome: Outcome,
    by: Evidence,
    now_s: float,
) -> State:
    """An unknown attempt is now known; the message follows once none of its parts is unknown. Its state."""
    if attempt.handle and not outcome.handle:
        outcome = replace(outcome, handle=attempt.handle)
    connection.execute(
        _SETTLE,
        {
            "attempt": attempt.attempt_id, "kind": outcome.kind.value,
            "refused": outcome.refusal.value if outcome.refusal else None,
            "tp_mr": outcome.reference, "cms": outcome.code, "because": outcome.why, "evidence": by.value,
            "its_handle": outcome.handle or None,
        },
    )  # fmt: skip
    connection.execute(
        _SETTLE_PART,
        {
            "message": attempt.message_id, "part": attempt.seq, "kind": outcome.kind.value,
            "tp_mr": outcome.reference, "cms": outcome.code, "its_handle": outcome.handle or None,
        },
    )  # fmt: skip
    if outcome.kind is OutcomeKind.ACCEPTED:
        whole.others_went(connection, attempt.attempt_id, outcome.handle, now_s)
    message = {"message": attempt.message_id}
    if connection.execute(_STILL_UNKNOWN, message).scalar_one():
        _say(connection, attempt, outcome, by, State.UNCERTAIN, outcome.why, now_s)
        return State.UNCERTAIN
    new = State.QUEUED if connection.execute(_LEFT, message).scalar_one() else State.SENT
    why = outcome.why
    if outcome.kind is OutcomeKind.REFUSED and by is not Evidence.PERSON:
        tries = connection.execute(_TRIES, {**message, "part": attempt.seq}).scalar_one()
        if outcome.refusal in _FOR_GOOD or tries >= _MOST_TRIES:
            new = State.FAILED
            why = outcome.why if outcome.refusal in _FOR_GOOD else f"{outcome.why} (tried {tries} times)"
    stop = gates.stop_of(connection, attempt.message_id) if new is State.QUEUED else ""
    if stop:
        _say(connection, attempt, outcome, by, State.UNCERTAIN, why, now_s)
        return gates.end(connection, rules, attempt.message_id, stop, State.UNCERTAIN, now_s).state
    sending.move(connection, rules, attempt.message_id, State.UNCERTAIN, new, why, now_s)
    _say(connection, attempt, outcome, by, new, why, now_s)
    if new is State.FAILED:
        return new
    if new is State.QUEUED:
        sending.DUE.run(connection, {**message, "due": now_s})
        return new
    return reporting.settle_sent(connection, rules, attempt.message_id, now_s)


def _say(
    connection: sa.Connection, attempt: PastAttempt, outcome: Outcome, by: Evidence, new: State, why: str,
    now_s: float,
) -> None:  # fmt: skip
    """Put into the audit log what an unknown attempt came to."""
    data = {
        "attempt": attempt.attempt_id, "message": attempt.message_id, "part": attempt.seq,
        **sending.came_of(outcome), "by": by.value, "state": new.value, "why": why,
    }  # fmt: skip
    enter(connection, Kind.SETTLE, now_s, data)


def by_report(
    connection: sa.Connection, rules: Rules, line_id: int, report: Report, arrived_at_s: float, now_s: float
) -> bool:
    """A report that no accepted part matches may prove that an unknown one went out. Whether it did.

    It must be of the same line and recipient, and its TP-MR must lie between those of the accepted attempts
    before and after: a modem counts up by one for each part it hands to the network. Where the route has handles,
    it must be that of the attempt, or our own key, and have arrived after that was opened.
    """
    if report.handle:
        return _by_handle(connection, rules, line_id, report, arrived_at_s, now_s)
    rows = connection.execute(_DOUBTED, {"line": line_id}).all()
    vault = vault_of(connection)
    fitting = [
        Candidate(
            row.message_id, row.seq, row.attempt_id, vault.number(row.campaign_id, row.message_id, row.number)
        )
        for row in rows
        if report.reference is not None
        and _in_sequence(connection, rules, line_id, row.attempt_id, row.person, report.reference)
    ]  # fmt: skip
    chosen = rules.choose(report, fitting)
    if chosen is None:
        return False
    attempt = PastAttempt(chosen.attempt_id, chosen.message_id, chosen.seq, OutcomeKind.UNKNOWN.value)
    why = "its delivery report came: it had gone out"
    outcome = Outcome(OutcomeKind.ACCEPTED, reference=report.reference, why=why)
    settle(connection, rules, attempt, outcome, Evidence.REPORT, now_s)
    return True


def _by_handle(
    connection: sa.Connection, rules: Rules, line_id: int, report: Report, arrived_at_s: float, now_s: float
) -> bool:
    values = {"line": line_id, "its_handle": report.handle, "arrived": arrived_at_s}
    vault = vault_of(connection)
    for *past, number, campaign_id in connection.execute(_DOUBTED_HANDLE, values).all():
        attempt = PastAttempt(*past)
        if reporting.theirs(rules, vault, campaign_id, attempt.message_id, number, report):
            break
    else:
        return False
    why = "its delivery report came: it had gone out"
    outcome = Outcome(OutcomeKind.ACCEPTED, handle=report.handle, why=why)
    settle(connection, rules, attempt, outcome, Evidence.REPORT, now_s)
    return True


def adopt(
    connection: sa.Connection, rules: Rules, line_id: int, report: Report, since_s: float, now_s: float
) -> list[Arrival]:
    """Match what was kept under the TP-MR or handle of this report since then."""
    if report.handle:
        message_id = reporting.message_of(connection, rules, line_id, report)
        return reporting.adopt_handles(connection, rules, message_id, now_s) if message_id else []
    if report.reference is None:
        return []
    return reporting.adopt(connection, rules, line_id, report.reference, since_s, now_s)


def reconsider(
    connection: sa.Connection, rules: Rules, line_id: int, since_s: float, now_s: float
) -> list[Arrival]:
    """Reports kept since then that matched nothing: they may be about an attempt that only now is unknown."""
    kept = connection.execute(
        sa.select(reports).where(
            reports.c.line_id == line_id, reports.c.part_id.is_(None), reports.c.arrived_at_s >= since_s
        )
    ).all()
    found, vault = [], vault_of(connection)
    for row in kept:
        report = reporting.opened(vault, row)
        if by_report(connection, rules, line_id, report, row.arrived_at_s, now_s):
            found += adopt(connection, rules, line_id, report, since_s, now_s)
    return found


def _in_sequence(
    connection: sa.Connection, rules: Rules, line_id: int, attempt_id: int, person: str, reference: int
) -> bool:
    values = {"line": line_id, "attempt": attempt_id, "who": person}
    before = connection.execute(_BEFORE, values).first()
    after = connection.execute(_AFTER, values).scalar()
    if before is None:
        # Nothing to count from: only a person whom this line never texted otherwise can be meant.
        return connection.execute(_OTHERS, values).scalar_one() == 0
    gap = connection.execute(_BETWEEN, {**values, "previous": before.id}).scalar_one()
    return rules.follows(reference, before.reference, after, gap)


def last_known(connection: sa.Connection, line_id: int) -> OpenEnd | None:
    """The line's last attempt if it is unknown, with what the SIM's own count would be had it not gone out.

    Over a route that is asked for its texts nobody has seen what becomes of that count: then it is not known.
    """
    last = last_attempt(connection, line_id)
    if last is None or last.outcome != OutcomeKind.UNKNOWN.value:
        return None
    line = connection.execute(
        sa.select(lines.c.counter_seen, lines.c.counter_value, lines.c.counter_after).where(lines.c.id == line_id)
    ).one()
    reference = None
    if connection.execute(_KEY, {"attempt": last.attempt_id}).scalar() is None:
        reference = _count_before(connection, line_id, last.attempt_id, line.counter_value, line.counter_after)
    return OpenEnd(last.message_id, last.opened_at_s, reference, line.counter_seen)


def _count_before(
    connection: sa.Connection, line_id: int, attempt_id: int, value: int | None, after: int | None
) -> int | None:
    """What the SIM's count was before an attempt: as read, or as the accepted attempt before it left it."""
    for row in connection.execute(_PREVIOUS, {"line": line_id, "attempt": attempt_id}):
        if row.id == after:
            return value
        if row.outcome == OutcomeKind.ACCEPTED.value:
            found: int | None = row.reference
            return found
        if row.settled_by not in _PROVEN_NOT_SENT:
            return None  # refused or unknown: the modem may or may not have counted it
    return value if after == 0 else None


def explain(connection: sa.Connection, message_id: int, why: str) -> None:
    """Say what is known of an uncertain message."""
    connection.execute(
        sa.update(messages)
        .where(messages.c.id == message_id, messages.c.state == State.UNCERTAIN.value)
        .values(why=why)
    )
