"""Transactions about officers: who works here, with which key, and what they may do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind, stamp
from gsmsend.contract.approvals import OfficerRow, Role
from gsmsend.errors import UsageError
from gsmsend.store import settling
from gsmsend.store.journal import enter
from gsmsend.store.schema import audit, officers


def rows(connection: sa.Connection) -> list[OfficerRow]:
    """Every officer, removed ones too."""
    query = sa.select(*columns()).order_by(officers.c.id)
    return [of_row(row) for row in connection.execute(query)]


def columns() -> tuple[sa.Column[Any], ...]:
    """The columns of an OfficerRow, in order."""
    c = officers.c
    return (c.id, c.name, c.public_key, c.login, c.added_by, c.added_at_s, c.removed_at_s, c.role, c.unmask)


def of_row(row: Sequence[Any]) -> OfficerRow:
    """An officer from a row of those columns. Who has a role that this program does not know may only look."""
    officer_id, name, key, login, added_by, added_at_s, removed_at_s, role, unmask = row
    known = Role(role) if role in list(Role) else Role.VIEWER
    return OfficerRow(officer_id, name, key, login, added_by, added_at_s, removed_at_s, known, bool(unmask))


def add(
    connection: sa.Connection,
    name: str,
    key: str,
    login: str,
    added_by: str,
    now_s: float,
    role: Role,
    *,
    unmask: bool,
) -> OfficerRow:
    """Register a key. A removed officer's name may be used again, with a new key."""
    for known in rows(connection):
        if known.public_key == key:
            raise UsageError(
                f"this key is already that of the officer {known.name}"
                + (", who was removed" if known.removed_at_s is not None else ""),
                remedy="One key is one officer. Make another key for another person: gsmsend officer key NAME",
            )
        if known.name.casefold() == name.casefold():
            raise UsageError(
                f"there is an officer {known.name} already"
                + (", who was removed" if known.removed_at_s is not None else ""),
                remedy="See 'gsmsend officer list', and choose a name that tells the two apart.",
            )
    connection.execute(
        sa.insert(officers).values(
            name=name, public_key=key, login=login, added_by=added_by, added_at_s=now_s, removed_at_s=None,
            role=role.value, unmask=int(unmask),
        )
    )  # fmt: skip
    settling.note(connection, added_by, f"added the officer {name}", f"public key {key}, login {login}", now_s)
    return _entered(connection, Kind.OFFICER, name, added_by, now_s)


def remove(connection: sa.Connection, name: str, removed_by: str, now_s: float) -> OfficerRow:
    """From now on nothing that this officer signs or signed counts."""
    found = _standing(connection, name)
    connection.execute(sa.update(officers).where(officers.c.id == found.officer_id).values(removed_at_s=now_s))
    settling.note(connection, removed_by, f"removed the officer {found.name}", "", now_s)
    return _entered(connection, Kind.OFFICER_REMOVED, found.name, removed_by, now_s)


def change(
    connection: sa.Connection, name: str, role: Role | None, changed_by: str, now_s: float, *, unmask: bool | None
) -> OfficerRow:
    """Give an officer another role, or the right to see numbers in full, or take it; None leaves it as it is."""
    found = _standing(connection, name)
    new_role, new_right = found.role if role is None else role, found.unmask if unmask is None else unmask
    connection.execute(
        sa.update(officers)
        .where(officers.c.id == found.officer_id)
        .values(role=new_role.value, unmask=int(new_right))
    )
    words = f"role {new_role}, {'may' if new_right else 'may not'} see numbers in full"
    settling.note(connection, changed_by, f"changed what the officer {found.name} may do", words, now_s)
    return _entered(connection, Kind.OFFICER, found.name, changed_by, now_s)


def found(connection: sa.Connection) -> list[tuple[Kind, dict[str, object]]]:
    """Entries about the officers of a store that is older than its log, for the log's begin."""
    made: list[tuple[Kind, dict[str, object]]] = []
    for row in rows(connection):
        made.append((Kind.OFFICER, _facts(row, row.added_by)))
        if row.removed_at_s is not None:
            made.append((Kind.OFFICER_REMOVED, _facts(row, row.added_by)))
    return made


def sign_in(connection: sa.Connection, officer: str, login: str, until_s: float, now_s: float) -> None:
    """Put a sign-in on record."""
    enter(connection, Kind.SIGN_IN, now_s, {"officer": officer, "login": login, "until": stamp(until_s)})


def operation_id(connection: sa.Connection) -> str:
    """What tells this operation from any other, by the first entry of its audit log; "" while there is none."""
    first = connection.execute(sa.select(audit.c.line).where(audit.c.n == 1)).scalar()
    return str(json.loads(first)["data"]["id"]) if first is not None else ""


def _standing(connection: sa.Connection, name: str) -> OfficerRow:
    found = next((row for row in rows(connection) if row.name.casefold() == name.casefold()), None)
    if found is None or found.removed_at_s is not None:
        raise UsageError(
            f"there is no officer {name}" if found is None else f"the officer {found.name} was removed before",
            remedy="See 'gsmsend officer list'.",
        )
    return found


def _entered(connection: sa.Connection, kind: Kind, name: str, by: str, now_s: float) -> OfficerRow:
    """The officer as they are now, put on record."""
    row = next(row for row in rows(connection) if row.name == name)
    enter(connection, kind, now_s, _facts(row, by))
    return row


def _facts(row: OfficerRow, by: str) -> dict[str, object]:
    """An officer as entries have them."""
    return {
        "name": row.name, "public_key": row.public_key, "login": row.login, "role": row.role.value,
        "unmask": row.unmask, "by": by,
    }  # fmt: skip
