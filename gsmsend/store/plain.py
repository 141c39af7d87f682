"""What the database says, in plain English: which file, what is wrong with it, what to do."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from gsmsend.errors import StoreError
from gsmsend.store.patience import ServerAway
from gsmsend.store.server import Server, StorePlace

LEFT = (
    "It was left as it is. Copy the operation's whole folder to another disk before anything else. Do not send "
    "to the same people from a new operation: this one knows whom it has texted."
)
_AGAIN = "then give the same command again: it carries on where it stopped."
_ROOM = f"Make room on that disk, {_AGAIN}"
_DISK = f"It may be full or failing: check its free space, or copy the operation's folder to another; {_AGAIN}"
_RIGHTS = f"Give yourself the right to write to that file and its folder, {_AGAIN}"
_OTHER = f"Close the other program that has it open, {_AGAIN}"
_OTHERWISE = f"Check free disk space and the permissions of the operation's folder, {_AGAIN}"

_WORDS = {
    sqlite3.SQLITE_FULL: ("the disk is full", _ROOM),
    sqlite3.SQLITE_IOERR: ("the disk gave an error", _DISK),
    sqlite3.SQLITE_READONLY: ("it may not be written to", _RIGHTS),
    sqlite3.SQLITE_PERM: ("it may not be written to", _RIGHTS),
    sqlite3.SQLITE_CANTOPEN: ("it may not be opened", _RIGHTS),
    sqlite3.SQLITE_BUSY: ("another program keeps it locked", _OTHER),
    sqlite3.SQLITE_LOCKED: ("another program keeps it locked", _OTHER),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", LEFT),
    sqlite3.SQLITE_NOTADB: ("it is damaged", LEFT),
}
_PRIMARY = 0xFF
"""The low octet of an extended result code is the code it belongs to (sqlite.org/rescode.html)."""


def store_error(error: sa.exc.DBAPIError, path: StorePlace, what: str) -> StoreError:
    """The error to raise, with no parameters of the statement; `what` is `used`, `made`, `read` or `written`."""
    if isinstance(path, Server):
        from gsmsend.store.pg_plain import server_error  # noqa: PLC0415 - psycopg is an extra

        return server_error(error, path, what)
    code = getattr(error.orig, "sqlite_errorcode", None)
    words, remedy = _WORDS.get(code & _PRIMARY if isinstance(code, int) else -1, (str(error.orig), _OTHERWISE))
    return StoreError(f"the store {path} cannot be {what}: {words}", remedy=remedy)


def all_wait(path: StorePlace, what: str) -> ServerAway:
    """The error where no connection comes free (sa.exc.TimeoutError): whoever has one waits for an answer."""
    return ServerAway(
        f"the store {path} cannot be {what}: it has not answered those who asked before for a long time",
        remedy=f"Check that its server runs and can be reached from here, {_AGAIN}",
    )
