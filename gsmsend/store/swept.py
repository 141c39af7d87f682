"""What a driver found in a device's own memory, with no word of when it came: may it be about this operation?

It may, if the line was seen in that device before, and it did not lie there then: no clock takes part in that.
Else it may be from before the operation, or of another SIM. It may still be about what the line had sent before
that first look, as when a SIM was put into another modem; then the service centre's time stamp tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gsmsend.model import Device, Inbound, OutcomeKind, Report, fingerprint
from gsmsend.store.received import digest_of
from gsmsend.store.schema import attempts, inbound, lines, looks, messages, reports
from gsmsend.store.vault import vault_of

SWEPT = "sweep"
"""`how` of what was found so."""
_CLOCKS_S = 60.0
"""The service centre's clock and ours may differ by so much where both are right."""


def first_look(connection: sa.Connection, line: int, device: Device, now_s: float) -> None:
    """The first time that a line is seen in a device: keep by keyed fingerprint what lies in its memory."""
    if device.imei is None or device.holds is None:
        return
    known = sa.select(looks.c.id).where(looks.c.line_id == line, looks.c.imei == device.imei)
    if connection.execute(known).first() is None:
        held = {"fingerprints": " ".join(_look_of(connection, one) for one in device.holds), "at_s": now_s}
        connection.execute(sa.insert(looks).values(line_id=line, imei=device.imei, **held))


def lay_there(connection: sa.Connection, line: int, how: str, pdu: str) -> bool:
    """Whether what was found may be from before this operation, or of another SIM."""
    if how != SWEPT:
        return False
    first = _first_look(connection, line)
    return first is None or _look_of(connection, fingerprint(pdu)) in first.fingerprints.split()


def _first_look(connection: sa.Connection, line: int) -> Any:
    """The row of when the line was first seen in the device that it is in; None if what lay there was not read."""
    here = sa.and_(lines.c.id == looks.c.line_id, lines.c.imei == looks.c.imei)
    return connection.execute(sa.select(looks).join(lines, here).where(lines.c.id == line)).first()


def answers(connection: sa.Connection, line: int, text: Inbound, people: Sequence[str]) -> bool:
    """Whether a text that lay there answers one of this line to one of these people (E.164): its possible senders.

    It does if this line had texted them, and no other line ever, and the text was sent after that and before the
    first look, by the centre's time stamp (TP-SCTS). It names no SIM that it was sent to.
    """
    sent_s, first = text.sent_at_s, _first_look(connection, line)
    if sent_s is None or first is None or _of_another(connection, line, inbound, text.raw):
        return False
    digests = [vault_of(connection).person(number) for number in people]
    query = (
        sa.select(attempts.c.line_id, sa.func.min(attempts.c.closed_at_s))
        .join(messages, messages.c.id == attempts.c.message_id)
        .where(messages.c.person.in_(digests), attempts.c.outcome == OutcomeKind.ACCEPTED.value)
        .group_by(attempts.c.line_id)
    )
    texted: dict[int, float] = {row[0]: row[1] for row in connection.execute(query)}
    if set(texted) != {line}:
        return False
    look_s: float = first.at_s
    return texted[line] <= min(sent_s, look_s) and sent_s <= look_s + _CLOCKS_S


def handed_over(connection: sa.Connection, line: int, report: Report) -> frozenset[int]:
    """The attempts that a report which lay there may be about.

    Accepted ones of this line, before the first look, that had its TP-MR just when it says that its text was
    submitted; unless another line texted the same person then.
    """
    submitted_s, first = report.submitted_at_s, _first_look(connection, line)
    if report.reference is None or submitted_s is None or first is None:
        return frozenset()
    if _of_another(connection, line, reports, report.raw):
        return frozenset()
    then = sa.and_(
        attempts.c.opened_at_s <= submitted_s + _CLOCKS_S, attempts.c.closed_at_s >= submitted_s - _CLOCKS_S
    )
    own = (
        sa.select(attempts.c.id, messages.c.person)
        .join(messages, messages.c.id == attempts.c.message_id)
        .where(
            attempts.c.line_id == line,
            attempts.c.reference == report.reference,
            attempts.c.outcome == OutcomeKind.ACCEPTED.value,
            attempts.c.opened_at_s <= first.at_s,
            then,
        )
    )
    found: dict[int, str] = {row[0]: row[1] for row in connection.execute(own)}
    others = (
        sa.select(messages.c.person)
        .join(attempts, attempts.c.message_id == messages.c.id)
        .where(attempts.c.line_id != line, messages.c.person.in_(found.values()), then)
    )
    theirs = set(connection.execute(others).scalars()) if found else set()
    return frozenset(attempt for attempt, person in found.items() if person not in theirs)


def _of_another(connection: sa.Connection, line: int, table: sa.Table, pdu: str) -> bool:
    """Whether the very same PDU came to another line, or lay in this device when that one was first seen in it."""
    digest, anybody = digest_of(vault_of(connection), pdu), sa.select(lines.c.id)
    same = sa.and_(table.c.line_id.in_(anybody), table.c.line_id != line, table.c.raw_digest == digest)
    if connection.execute(sa.select(table.c.id).where(same).limit(1)).first() is not None:
        return True
    here = sa.select(lines.c.imei).where(lines.c.id == line).scalar_subquery()
    seen = sa.select(looks.c.fingerprints).where(looks.c.imei == here, looks.c.line_id != line)
    own = _look_of(connection, fingerprint(pdu))
    return any(own in held.split() for held in connection.execute(seen).scalars())


def _look_of(connection: sa.Connection, found: str) -> str:
    """A fingerprint as it is kept: who knows when a text came could find by a plain one whose it is."""
    return vault_of(connection).digest("look", found)
