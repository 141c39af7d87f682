"""Transactions about officers: who may approve, and with which key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gsmsend.contract.approvals import OfficerRow
from gsmsend.errors import UsageError
from gsmsend.store import settling
from gsmsend.store.schema import officers


def rows(connection: sa.Connection) -> list[OfficerRow]:
    """Every officer, removed ones too."""
    query = sa.select(*columns()).order_by(officers.c.id)
    return [OfficerRow(*row) for row in connection.execute(query)]


def columns() -> tuple[sa.Column[Any], ...]:
    """The columns of an OfficerRow, in order."""
    c = officers.c
    return (c.id, c.name, c.public_key, c.login, c.added_by, c.added_at_s, c.removed_at_s)


def add(connection: sa.Connection, name: str, key: str, login: str, added_by: str, now_s: float) -> OfficerRow:
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
    made = connection.execute(
        sa.insert(officers).values(
            name=name, public_key=key, login=login, added_by=added_by, added_at_s=now_s, removed_at_s=None
        )
    )
    settling.note(connection, added_by, f"added the officer {name}", f"public key {key}, login {login}", now_s)
    return OfficerRow(int(made.inserted_primary_key[0]), name, key, login, added_by, now_s)  # type: ignore[index]  # an insert of one row has one


def remove(connection: sa.Connection, name: str, removed_by: str, now_s: float) -> OfficerRow:
    """From now on nothing that this officer signs or signed counts."""
    found = next((row for row in rows(connection) if row.name.casefold() == name.casefold()), None)
    if found is None or found.removed_at_s is not None:
        raise UsageError(
            f"there is no officer {name}" if found is None else f"the officer {found.name} was removed before",
            remedy="See 'gsmsend officer list'.",
        )
    connection.execute(sa.update(officers).where(officers.c.id == found.officer_id).values(removed_at_s=now_s))
    settling.note(connection, removed_by, f"removed the officer {found.name}", "", now_s)
    return OfficerRow(
        found.officer_id, found.name, found.public_key, found.login, found.added_by, found.added_at_s, now_s
    )
