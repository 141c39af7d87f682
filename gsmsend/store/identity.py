"""Transactions about lines: a line is its SIM or account, whatever device and port it is in today."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.model import Device, Sim
from gsmsend.store import swept
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, lines, pins

ACCOUNT = "account:"
"""What the identity of a line without a SIM to read begins with."""


def identity_of(sim: Sim, device: Device) -> str:
    """What the line is known by: ICCID, else IMSI, else the account; else the device that it is in."""
    if sim.iccid:
        return f"iccid:{sim.iccid}"
    if sim.imsi:
        return f"imsi:{sim.imsi}"
    if device.account:
        return f"{ACCOUNT}{device.account}"
    return f"device:{device.imei or device.address}"


def line_id(connection: sa.Connection, sim: Sim, device: Device, now_s: float, *, cloud: bool = False) -> int:
    """The line of this SIM or account, made if it is new; where it is now is kept."""
    identity = identity_of(sim, device)
    place = {
        "imei": device.imei, "driver": device.driver, "device": device.address, "seen_at_s": now_s,
        "state": "ready", "why": "", "cloud": int(cloud), "virtual": int(device.virtual),
    }  # fmt: skip
    found = connection.execute(sa.select(lines.c.id).where(lines.c.identity == identity)).scalar()
    line = _known_or_new(connection, found, identity, place, sim)
    swept.first_look(connection, line, device, now_s)
    return line


def _known_or_new(
    connection: sa.Connection, found: int | None, identity: str, place: Mapping[str, object], sim: Sim
) -> int:
    if found is not None:
        known = {"imsi": sim.imsi, "number": sim.number}
        connection.execute(
            sa.update(lines)
            .where(lines.c.id == found)
            .values(**place, **{key: value for key, value in known.items() if value})
        )
        return int(found)
    result = connection.execute(
        sa.insert(lines).values(
            name=_new_name(connection, identity, str(place["driver"])), identity=identity, iccid=sim.iccid,
            imsi=sim.imsi, number=sim.number, operator="", **place,
        )
    )  # fmt: skip
    return int(result.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has one


def _new_name(connection: sa.Connection, identity: str, driver: str) -> str:
    """`sim-` and the identity's last six characters; all of them where that is taken.

    An account has the driver's name and six digits of a hash: its own last ones may be those of a phone number.
    """
    kind, tail = "sim", identity.rpartition(":")[2]
    if identity.startswith(ACCOUNT):
        kind, tail = driver, sha256(identity.encode()).hexdigest()
    short = f"{kind}-{tail[-6:]}"
    taken = connection.execute(sa.select(lines.c.id).where(lines.c.name == short)).first()
    return f"{kind}-{tail}" if taken else short


def set_state(
    connection: sa.Connection, line: int, state: str, why: str, signal_dbm: int | None, operator: str
) -> None:
    """What a line is doing now."""
    connection.execute(
        sa.update(lines)
        .where(lines.c.id == line)
        .values(state=state, why=why, signal_dbm=signal_dbm, operator=operator)
    )


def set_counter_seen(connection: sa.Connection, line: int, imei: str) -> None:
    """The SIM's own count of texts (EF-SMSS) advances in this device."""
    connection.execute(sa.update(lines).where(lines.c.id == line).values(counter_seen=imei))


def pin_try(connection: sa.Connection, identity: str, approval: int, now_s: float) -> bool:
    """Write down that a PIN is about to be typed; False if it was before under this approval and not accepted."""
    enter(connection, Kind.PIN, now_s, {"sim": identity, "approval": approval, "accepted": False})
    known = connection.execute(
        sa.select(pins.c.accepted).where(pins.c.identity == identity, pins.c.approval == approval)
    ).scalar()
    if known is not None:
        connection.execute(
            sa.update(pins)
            .where(pins.c.identity == identity, pins.c.approval == approval)
            .values(accepted=0, at_s=now_s)
        )
        return bool(known)
    connection.execute(sa.insert(pins).values(identity=identity, approval=approval, accepted=0, at_s=now_s))
    return True


def pin_accepted(connection: sa.Connection, identity: str, approval: int, now_s: float) -> None:
    """The SIM took the PIN."""
    enter(connection, Kind.PIN, now_s, {"sim": identity, "approval": approval, "accepted": True})
    connection.execute(
        sa.update(pins).where(pins.c.identity == identity, pins.c.approval == approval).values(accepted=1)
    )


def keeps_counter(connection: sa.Connection, line: int, imei: str | None) -> bool:
    """Whether this device was seen to keep the SIM's own count."""
    seen = connection.execute(sa.select(lines.c.counter_seen).where(lines.c.id == line)).scalar()
    return seen is not None and seen == imei


def set_counter(connection: sa.Connection, line: int, value: int) -> None:
    """The SIM's count as it was just read, with the line's newest attempt."""
    newest = sa.select(sa.func.coalesce(sa.func.max(attempts.c.id), 0)).where(attempts.c.line_id == line)
    connection.execute(
        sa.update(lines)
        .where(lines.c.id == line)
        .values(counter_value=value, counter_after=newest.scalar_subquery())
    )


def mark_of(connection: sa.Connection, line: int) -> str | None:
    """The mark that the line's device was given."""
    found: str | None = connection.execute(sa.select(lines.c.mark).where(lines.c.id == line)).scalar()
    return found


def set_mark(connection: sa.Connection, line: int, mark: str | None) -> None:
    """The line's device was marked just now, with the line's newest attempt."""
    newest = sa.select(sa.func.coalesce(sa.func.max(attempts.c.id), 0)).where(attempts.c.line_id == line)
    connection.execute(
        sa.update(lines).where(lines.c.id == line).values(mark=mark, mark_after=newest.scalar_subquery())
    )


def forget_marks(connection: sa.Connection) -> None:
    """No line has a mark any more."""
    connection.execute(sa.update(lines).values(mark=None))
