"""Whether entries of the audit log are what gsmsend wrote with the operation's key, one after the other.

It is asked before anything is added to the log or a head of it is signed, of what was written since the last
signed head: otherwise an honest run would write on after forged entries, and sign for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import FIRST, Kind, digest
from gsmsend.errors import LogStop
from gsmsend.store import moving_marks
from gsmsend.store.macs import Macs, may_lack
from gsmsend.store.schema_log import audit

Position = tuple[int, str]
"""An entry's number and hash."""
BEGIN: Position = (0, FIRST)
_OWN = 0
_PAGE = 1000
_AFTER = sa.select(audit).where(audit.c.n > sa.bindparam("after")).order_by(audit.c.n).limit(_PAGE)
_LAST_HEAD = (
    # A literal kind, as the index has it.
    sa.select(audit).where(audit.c.kind == sa.literal_column("'head'")).order_by(audit.c.n.desc()).limit(1)
)


def forged(what: str) -> LogStop:
    """What is raised; nothing is sent, nothing is written and nothing is signed then."""
    return LogStop(
        f"the audit log of this operation is not as gsmsend wrote it: {what}",
        remedy="Nothing is sent. Copy the operation's whole folder to another disk as it is now, then see what "
        "else was changed: gsmsend verify",
    )


def sound(connection: sa.Connection, macs: Macs, since: Position = BEGIN) -> Iterator[Any]:
    """The rows of the log after that entry, each found to follow the one before it and to be authentic.

    Raises LogStop at the first that is not.
    """
    number, prev = since
    while page := connection.execute(_AFTER, {"after": number}).all():
        for row in page:
            number += 1
            _check(row, number, prev, macs)
            prev = row.hash
            yield row


def check(connection: sa.Connection, macs: Macs, since: Position | None, last: Position) -> None:
    """All that was written after `since`, or after the last signed head. Raises LogStop.

    Raises MovedStop if the store was moved since this process opened it: what it would write would be lost.
    """
    at, moved = since if since is not None else _last_head(connection, macs), False
    for row in sound(connection, macs, at):
        at = (row.n, row.hash)
        moved = moved or row.kind == Kind.STORE
    if at != last:
        raise forged(f"entry {last[0]} is not the one that was there, or entries after it were taken out")
    if moved and (mark := moving_marks.read(connection)) is not None:
        raise moving_marks.Marked(mark, "that was opened")


def _last_head(connection: sa.Connection, macs: Macs) -> Position:
    row = connection.execute(_LAST_HEAD).first()
    if row is None:
        return BEGIN
    line = row.line if isinstance(row.line, str) else ""
    _look(row, row.n, line, f'"kind":"{Kind.HEAD}","n":{row.n},"prev":"', macs)
    return row.n, row.hash


def _check(row: Any, number: int, prev: str, macs: Macs) -> None:
    if row.n != number:
        raise forged(f"entry {number} is missing")
    line = row.line if isinstance(row.line, str) else ""
    _look(row, number, line, f'"kind":"{row.kind}","n":{number},"prev":"{prev}"', macs)


def _look(row: Any, number: int, line: str, holds: str, macs: Macs) -> None:
    if not line.isascii() or digest(line) != row.hash or holds not in line:
        raise forged(f"entry {number} was changed, or does not follow the one before it")
    if row.mac is None:
        if not _stops(row, line):
            raise forged(f"entry {number} was not written with the operation's key")
    elif not macs.fits(row.mac, row.campaign_id, line):
        raise forged(f"entry {number} was not written with the operation's key, or was changed")


def _stops(row: Any, line: str) -> bool:
    """Whether it may have been written without the key. Nothing holds its parts to their places but these."""
    try:
        made = json.loads(line)
        placed = (made["n"], made["kind"]) == (row.n, row.kind) and "sealed" not in made
        return placed and row.campaign_id == _OWN and may_lack(row.kind, made["data"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
