"""What a driver found in a device's own memory, with no word of when it came: may it be about this operation?

It may, if the line was seen in that device before, and it did not lie there then: no clock takes part in that.
Else it may be from before the operation, or of another SIM. It may still be about what the line had sent before
that first look, as when a SIM was put into another modem; then the service centre's time stamp tells.
"""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.model import Device, Inbound, OutcomeKind, Report, fingerprint
from gsmsend.store.received import digest_of
from gsmsend.store.schema import attempts, inbound, lines, looks, reports
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
    first = (
        sa.select(looks.c.fingerprints)
        .join(lines, sa.and_(lines.c.id == looks.c.line_id, lines.c.imei == looks.c.imei))
        .where(lines.c.id == line)
    )
    held = connection.execute(first).scalar()
    return held is None or _look_of(connection, fingerprint(pdu)) in held.split()


def _first_look_s(line: int) -> sa.ScalarSelect[float]:
    """When the line was first seen in the device that it is in; NULL if what lay there was not read then."""
    here = sa.and_(lines.c.id == looks.c.line_id, lines.c.imei == looks.c.imei)
    return sa.select(looks.c.at_s).join(lines, here).where(lines.c.id == line).scalar_subquery()


def came_since(connection: sa.Connection, line: int, text: Inbound) -> bool:
    """Whether a text was sent after this line's first one was accepted, by the centre's time stamp (TP-SCTS)."""
    if text.sent_at_s is None or _of_another(connection, inbound, text.raw):
        return False
    query = sa.select(sa.func.min(attempts.c.closed_at_s)).where(
        attempts.c.line_id == line,
        attempts.c.outcome == OutcomeKind.ACCEPTED.value,
        attempts.c.closed_at_s <= _first_look_s(line),
    )
    first_s = connection.execute(query).scalar()
    return first_s is not None and text.sent_at_s >= first_s


def handed_over(connection: sa.Connection, line: int, report: Report) -> frozenset[int]:
    """Attempts before the first look that had this TP-MR just when a report says that its text was submitted."""
    submitted_s = report.submitted_at_s
    if report.reference is None or submitted_s is None or _of_another(connection, reports, report.raw):
        return frozenset()
    query = sa.select(attempts.c.id).where(
        attempts.c.line_id == line,
        attempts.c.reference == report.reference,
        attempts.c.outcome == OutcomeKind.ACCEPTED.value,
        attempts.c.opened_at_s <= submitted_s + _CLOCKS_S,
        attempts.c.closed_at_s >= submitted_s - _CLOCKS_S,
        attempts.c.opened_at_s <= _first_look_s(line),
    )
    return frozenset(connection.execute(query).scalars())


def _of_another(connection: sa.Connection, table: sa.Table, pdu: str) -> bool:
    """Whether a line has had the very same PDU: it was for that one's SIM, which was in this device then."""
    same = sa.and_(
        table.c.line_id.in_(sa.select(lines.c.id)), table.c.raw_digest == digest_of(vault_of(connection), pdu)
    )
    return connection.execute(sa.select(table.c.id).where(same).limit(1)).first() is not None


def _look_of(connection: sa.Connection, found: str) -> str:
    """A fingerprint as it is kept: who knows when a text came could find by a plain one whose it is."""
    return vault_of(connection).digest("look", found)
