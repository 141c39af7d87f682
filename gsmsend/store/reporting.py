"""Transactions about status reports: those that come in, and those that never came."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract import Arrival, Candidate, PartView, Rules
from gsmsend.masking import mask_name
from gsmsend.model import OutcomeKind, Report, ReportOutcome, State
from gsmsend.sms import tp_status
from gsmsend.store import sending, swept
from gsmsend.store.journal import enter, said
from gsmsend.store.prepared import Prepared
from gsmsend.store.received import digest_of
from gsmsend.store.schema import attempts, messages, parts, reports
from gsmsend.store.seals import OWN
from gsmsend.store.vault import Vault, vault_of

_SEEN = Prepared(sa.select(reports.c.id).where(
    reports.c.line_id == sa.bindparam("line"), reports.c.raw_digest == sa.bindparam("pdu")
).limit(1))  # fmt: skip
_KEEP = Prepared(sa.insert(reports).values(
    line_id=sa.bindparam("line"), reference=sa.bindparam("tp_mr"), campaign_id=sa.bindparam("whose"),
    recipient=sa.bindparam("who"), raw_digest=sa.bindparam("pdu"),
    status=sa.bindparam("tp_st"), submitted_at_s=sa.bindparam("submitted"),
    discharged_at_s=sa.bindparam("discharged"), arrived_at_s=sa.bindparam("now"), raw=sa.bindparam("octets"),
    how=sa.bindparam("way"), part_id=sa.bindparam("part"), handle=sa.bindparam("its_handle"),
    said=sa.bindparam("its_word"),
).returning(reports.c.id))  # fmt: skip
_WAITING = Prepared(
    sa.select(
        parts.c.id, parts.c.message_id, parts.c.seq, parts.c.attempt_id, messages.c.number,
        messages.c.state, messages.c.parts, messages.c.campaign_id,
    )
    .join(messages, messages.c.id == parts.c.message_id)
    .where(
        parts.c.line_id == sa.bindparam("line"),
        parts.c.reference == sa.bindparam("tp_mr"),
        parts.c.answered == sa.literal_column("0"),
        parts.c.outcome == OutcomeKind.ACCEPTED.value,
        messages.c.number.is_not(None),
    )
)  # fmt: skip
_OF_HANDLE = Prepared(
    sa.select(
        parts.c.id, parts.c.message_id, parts.c.seq, parts.c.attempt_id, messages.c.number,
        messages.c.state, messages.c.parts, messages.c.campaign_id, parts.c.answered, parts.c.tp_status,
        parts.c.said,
    )
    .join(messages, messages.c.id == parts.c.message_id)
    .where(
        parts.c.line_id == sa.bindparam("line"),
        parts.c.handle == sa.bindparam("its_handle"),
        parts.c.outcome == OutcomeKind.ACCEPTED.value,
        messages.c.number.is_not(None),
    )
    .order_by(parts.c.attempt_id.desc())
)  # fmt: skip
_HANDLES = (
    sa.select(parts.c.line_id, parts.c.handle, attempts.c.opened_at_s)
    .join(attempts, attempts.c.id == parts.c.attempt_id)
    .where(
        parts.c.message_id == sa.bindparam("message"),
        parts.c.handle.is_not(None),
        parts.c.outcome == OutcomeKind.ACCEPTED.value,
    )
    .order_by(parts.c.seq)
)
_ANSWER = Prepared(
    sa.update(parts)
    .where(parts.c.id == sa.bindparam("part"))
    .values(
        report=sa.bindparam("says"), tp_status=sa.bindparam("tp_st"), answered=sa.bindparam("final"),
        said=sa.bindparam("its_word"),
    )
)  # fmt: skip
_VIEWS = sa.select(parts.c.seq, parts.c.outcome, parts.c.report).where(
    parts.c.message_id == sa.bindparam("message")
)
_SAID = (
    sa.select(parts.c.tp_status, parts.c.said)
    .where(parts.c.message_id == sa.bindparam("message"))
    .order_by((parts.c.report == ReportOutcome.UNDELIVERED.value).desc(), parts.c.tp_status.desc())
    .limit(1)
)
_EARLY = sa.select(reports).where(
    reports.c.line_id == sa.bindparam("line"),
    reports.c.reference == sa.bindparam("tp_mr"),
    reports.c.part_id.is_(None),
    reports.c.arrived_at_s >= sa.bindparam("since"),
)
_EARLY_OF_HANDLE = (
    sa.select(reports)
    .where(
        reports.c.line_id == sa.bindparam("line"),
        reports.c.handle == sa.bindparam("its_handle"),
        reports.c.part_id.is_(None),
        reports.c.arrived_at_s >= sa.bindparam("since"),
    )
    .order_by(reports.c.id)
)
_ADOPT = (
    sa.update(reports)
    .where(reports.c.id == sa.bindparam("report"))
    .values(
        part_id=sa.bindparam("part"), campaign_id=sa.bindparam("whose"), recipient=sa.bindparam("who"),
        raw=sa.bindparam("octets"),
    )
)  # fmt: skip
_UNMATCHED = (
    sa.select(reports.c.line_id, reports.c.reference)
    .where(reports.c.part_id.is_(None), reports.c.reference.is_not(None))
    .distinct()
)


_MOST_SAID = 120
"""Characters of a route's own word that are kept in clear; a phone number in them is crossed out."""
_OVERDUE = "no delivery report came in time"


class _Waiting(NamedTuple):
    """A part that waits for its report."""

    id: int
    message_id: int
    seq: int
    attempt_id: int | None
    number: bytes
    state: str
    parts: int
    campaign_id: int
    answered: int = 0
    tp_status: int | None = None
    said: str | None = None


SETTLED_BY_REPORT = frozenset({State.SENT, State.UNCONFIRMED, State.UNDELIVERED})
"""States that a report may still change."""


def record(connection: sa.Connection, rules: Rules, line_id: int, report: Report, now_s: float) -> Arrival:
    """Keep a report, match it, and move its message if that settles it.

    One with a handle that says of its part what was said of it last is no news, whatever its octets. What lay in
    the device's memory before must name when its text was submitted: its TP-MR alone could be that of another one.
    """
    outcome = rules.outcome_of(report.status)
    if report.said:
        report = replace(report, said=mask_name(report.said[:_MOST_SAID]))
    among = None
    if swept.lay_there(connection, line_id, report.how, report.raw):
        among = swept.handed_over(connection, line_id, report)
        if not among:
            return Arrival(None, None, outcome, repeated=True)
    vault = vault_of(connection)
    values: dict[str, object] = {
        "line": line_id, "tp_mr": report.reference, "tp_st": report.status,
        "submitted": report.submitted_at_s, "discharged": report.discharged_at_s, "now": now_s,
        "pdu": digest_of(vault, _octets(report)), "way": report.how, "part": None,
        "its_handle": report.handle or None, "its_word": report.said or None,
    }  # fmt: skip
    if (report.raw or report.handle) and _SEEN.run(connection, values).fetchone():
        return Arrival(None, None, outcome, repeated=True)
    found = _match(connection, rules, line_id, report, outcome, now_s, among)
    if among is not None and found is None:
        return Arrival(None, None, outcome, repeated=True)
    part, arrival = found or (None, Arrival(None, None, outcome))
    if arrival.repeated:
        return arrival
    values["part"] = part.id if part else None
    values |= _sealed(vault, vault.root(part.campaign_id) if part else OWN, str(values["pdu"]), report)
    report_id = _KEEP.run(connection, values).fetchone()[0]
    enter(
        connection,
        Kind.REPORT,
        now_s,
        {
            "report": report_id, "line": line_id, "reference": report.reference, "status": report.status,
            "how": report.how, **_named(report), **_about(arrival),
        },
        sealed={"pdu": report.raw, "recipient": report.recipient},
        campaign_id=vault.root(part.campaign_id) if part else OWN,
    )  # fmt: skip
    return arrival


def _octets(report: Report) -> str:
    """What tells a report from another one: parts of one text may share what their route gave."""
    if not report.handle:
        return report.raw
    return "\n".join((report.handle, str(report.status), report.said, report.raw))


def _named(report: Report) -> dict[str, object]:
    """What a route without TP-MR calls the part, and its own word, as entries have them."""
    return {name: value for name, value in (("handle", report.handle), ("said", report.said)) if value}


def _sealed(vault: Vault, whose: int, digest: str, report: Report) -> dict[str, object]:
    """What of a report nobody may read without the key of this campaign (root)."""
    who = vault.seal(whose, f"reports.recipient {digest}", report.recipient)
    return {"whose": whose, "who": who, "octets": vault.seal(whose, f"reports.raw {digest}", report.raw)}


def opened(vault: Vault, row: Any) -> Report:
    """A row of the table as the report that it was."""
    who = vault.open(row.campaign_id, f"reports.recipient {row.raw_digest}", row.recipient)
    raw = vault.open(row.campaign_id, f"reports.raw {row.raw_digest}", row.raw)
    return Report(row.reference, who, row.status, raw=raw, handle=row.handle or "", said=row.said or "")


def _about(arrival: Arrival) -> dict[str, object]:
    """What a report is about, as entries have it; with the state of its message after it."""
    state = arrival.new or arrival.old
    found: dict[str, object] = {"message": arrival.message_id, "part": arrival.seq}
    return {**found, "state": said(state)} if state is not None else found


def _match(
    connection: sa.Connection,
    rules: Rules,
    line_id: int,
    report: Report,
    outcome: ReportOutcome,
    now_s: float,
    among: Collection[int] | None = None,
) -> tuple[_Waiting, Arrival] | None:
    """The part that a report is about; of these attempts only, if they are given."""
    if report.handle:
        row = _of_handle(connection, rules, line_id, report)
        return _answered(connection, rules, row, report, outcome, now_s) if row is not None else None
    found = _WAITING.run(connection, {"line": line_id, "tp_mr": report.reference}).fetchall()
    rows = [row for row in (_Waiting(*one) for one in found) if among is None or row.attempt_id in among]
    if not rows:
        return None
    vault = vault_of(connection)
    candidates = [
        Candidate(
            row.message_id, row.seq, row.attempt_id or 0, vault.number(row.campaign_id, row.message_id, row.number)
        )
        for row in rows
    ]  # fmt: skip
    chosen = rules.choose(report, candidates)
    if chosen is None:
        return None
    row = next(row for row in rows if (row.message_id, row.seq) == (chosen.message_id, chosen.seq))
    return _answered(connection, rules, row, report, outcome, now_s)


def _of_handle(connection: sa.Connection, rules: Rules, line_id: int, report: Report) -> _Waiting | None:
    """The line's accepted part that its route calls so, and that this recipient had; the newest of several."""
    found = _OF_HANDLE.run(connection, {"line": line_id, "its_handle": report.handle}).fetchall()
    rows, vault = (_Waiting(*row) for row in found), vault_of(connection)
    fitting = (row for row in rows if theirs(rules, vault, row.campaign_id, row.message_id, row.number, report))
    return next(fitting, None)


def message_of(connection: sa.Connection, rules: Rules, line_id: int, report: Report) -> int | None:
    """The message that a report with a handle is about, if one is known."""
    row = _of_handle(connection, rules, line_id, report)
    return row.message_id if row is not None else None


def theirs(
    rules: Rules, vault: Vault, campaign_id: int, message_id: int, number: bytes | None, report: Report
) -> bool:
    """Whether a report that names its recipient names the one of this message; routes use handles again."""
    if not report.recipient:
        return True
    return rules.same_recipient(vault.number(campaign_id, message_id, number), report.recipient)


def _answered(
    connection: sa.Connection, rules: Rules, row: _Waiting, report: Report, outcome: ReportOutcome, now_s: float
) -> tuple[_Waiting, Arrival]:
    """A part has its report; one that had its last word keeps that."""
    if row.tp_status == report.status and report.handle and (row.said or "") == report.said:
        return row, Arrival(row.message_id, row.seq, outcome, State(row.state), repeated=True)
    if row.answered:
        return row, Arrival(row.message_id, row.seq, outcome, State(row.state))
    final = outcome is not ReportOutcome.PENDING
    answer = {
        "part": row.id, "says": outcome.value, "tp_st": report.status, "final": int(final),
        "its_word": report.said or None,
    }  # fmt: skip
    _ANSWER.run(connection, answer)
    old = State(row.state)
    new = None
    if final and old in SETTLED_BY_REPORT:
        if row.parts == 1:  # no need to ask for the other parts
            new = rules.settle((PartView(1, OutcomeKind.ACCEPTED, outcome),))
        else:
            new = rules.settle(views(connection, row.message_id))
        if new is old:
            new = None
        if new is not None:
            sending.move(connection, rules, row.message_id, old, new, _why(connection, row.message_id, new), now_s)
    number = ""
    if new is not None and not report.recipient:
        number = vault_of(connection).number(row.campaign_id, row.message_id, row.number)
    return row, Arrival(row.message_id, row.seq, outcome, old, new, number=number)


def _why(connection: sa.Connection, message_id: int, new: State) -> str:
    """What the network said of the worst part, in the words of tp-status.csv; a delivered message needs none."""
    if new is State.DELIVERED:
        return ""
    row = connection.execute(_SAID, {"message": message_id}).first()
    if row is None or row.tp_status is None:
        return ""
    own = f" (in the route's own word: {row.said})" if row.said else ""
    return f"the report says: {tp_status(row.tp_status).name}{own}"


def views(connection: sa.Connection, message_id: int) -> list[PartView]:
    """What is known of each part of a message."""
    return [
        PartView(
            row.seq,
            OutcomeKind(row.outcome) if row.outcome else None,
            ReportOutcome(row.report) if row.report else None,
        )
        for row in connection.execute(_VIEWS, {"message": message_id})
    ]


def adopt(
    connection: sa.Connection, rules: Rules, line_id: int, reference: int, since_s: float, now_s: float
) -> list[Arrival]:
    """Match kept reports that have come since `since_s` and found no part: they came before it was known."""
    rows = connection.execute(_EARLY, {"line": line_id, "tp_mr": reference, "since": since_s}).all()
    return _adopted(connection, rules, line_id, rows, now_s)


def adopt_handles(connection: sa.Connection, rules: Rules, message_id: int, now_s: float) -> list[Arrival]:
    """Match kept reports about handles of this message's parts: they came before these were known.

    What had come before a part was handed over is about something else that the route called the same.
    """
    adopted = []
    for line_id, handle, since_s in connection.execute(_HANDLES, {"message": message_id}).all():
        values = {"line": line_id, "its_handle": handle, "since": since_s}
        rows = connection.execute(_EARLY_OF_HANDLE, values).all()
        adopted += _adopted(connection, rules, line_id, rows, now_s)
    return adopted


def _adopted(
    connection: sa.Connection, rules: Rules, line_id: int, rows: Sequence[Any], now_s: float
) -> list[Arrival]:
    vault, adopted = vault_of(connection), []
    for row in rows:
        report = opened(vault, row)
        found = _match(connection, rules, line_id, report, rules.outcome_of(row.status), now_s)
        if found:
            sealed = _sealed(vault, vault.root(found[0].campaign_id), row.raw_digest, report)
            connection.execute(_ADOPT, {"report": row.id, "part": found[0].id, **sealed})
            enter(connection, Kind.ADOPT, now_s, {"report": row.id, **_about(found[1])})
            adopted.append(found[1])
    return adopted


def settle_sent(connection: sa.Connection, rules: Rules, message_id: int, now_s: float) -> State:
    """A message that has just become `sent` may have all its reports already."""
    new = rules.settle(views(connection, message_id))
    if new is None:
        return State.SENT
    why = _why(connection, message_id, new)
    sending.move(connection, rules, message_id, State.SENT, new, why, now_s)
    enter(connection, Kind.MOVE, now_s, {"message": message_id, "state": new.value, "why": why})
    return new


def unmatched(connection: sa.Connection, line: int | None = None) -> set[tuple[int, int]]:
    """(line, TP-MR) of reports that no part matched, of one line or all; handles are looked up by themselves."""
    query = _UNMATCHED if line is None else _UNMATCHED.where(reports.c.line_id == line)
    return {(line_id, reference) for line_id, reference in connection.execute(query)}


def expire(connection: sa.Connection, before_s: float, now_s: float) -> int:
    """Messages sent before `before_s` that still wait for a final report become unconfirmed."""
    statement = (
        sa.update(messages)
        .where(messages.c.state == State.SENT.value, messages.c.changed_at_s < before_s)
        .values(state=State.UNCONFIRMED.value, why=_OVERDUE, changed_at_s=now_s)
    )
    ids = connection.execute(statement.returning(messages.c.id)).scalars().all()
    if ids:
        data = {"messages": spans(ids), "state": State.UNCONFIRMED.value, "why": _OVERDUE}
        enter(connection, Kind.MOVE, now_s, data)
    return len(ids)
