"""What PostgreSQL says, in plain English: no values of a row, which its details have, and no password."""

from __future__ import annotations

import psycopg
import sqlalchemy as sa
from psycopg import errors

from gsmsend.errors import StoreClosed, StoreError
from gsmsend.store.patience import ServerAway
from gsmsend.store.server import Server

_AGAIN = "then give the same command again: it carries on where it stopped."
_ADMIN = f"Ask whoever keeps the database, {_AGAIN}"
_REACH = (
    "Check that the server runs and can be reached from here (psql with the same address), "
    f"{_AGAIN} Nothing is lost: what was confirmed is in the database."
)
_WORDS: tuple[tuple[type[psycopg.Error], str, str], ...] = (
    (errors.InvalidPassword, "the password is not right, or there is none", (
        "See that the right one is where store_password under [operation] in gsmsend.toml says "
        '("env:NAME" or "keyring:SERVICE/USER"), or, without that key, in ~/.pgpass (mode 0600).'
    )),
    (errors.InvalidAuthorizationSpecification, "the server does not let this user in", (
        f"Ask whoever keeps the database for the right (pg_hba.conf), {_AGAIN}"
    )),
    (errors.InvalidCatalogName, "there is no such database", "Make it: createdb --encoding=UTF8 NAME"),
    (errors.InsufficientPrivilege, "this user has not the right to do that", (
        "Ask for: GRANT CREATE ON DATABASE name TO user; or have an empty schema made that the user owns."
    )),
    (errors.DiskFull, "the server's disk is full", f"Make room on the server's disk, {_AGAIN}"),
    (errors.ReadOnlySqlTransaction, "the server may only be read: it is a standby", _ADMIN),
    (errors.TooManyConnections, "the server has no connection left", f"Raise max_connections there, {_AGAIN}"),
    (errors.DataCorrupted, "it is damaged", "Have the database put back from a backup. Do not send meanwhile."),
    (errors.IndexCorrupted, "it is damaged", "Have the database put back from a backup. Do not send meanwhile."),
    (errors.LockNotAvailable, "another program keeps it locked", f"See pg_stat_activity on the server, {_AGAIN}"),
)  # fmt: skip

_CLOSED = (
    errors.InvalidPassword, errors.InvalidAuthorizationSpecification, errors.InvalidCatalogName,
    errors.InsufficientPrivilege,
)  # fmt: skip
"""What a person must correct: a service is not to try it again and again."""
_AWAY = (
    errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.IdleInTransactionSessionTimeout,
    errors.ConnectionException, errors.ConnectionFailure, errors.ConnectionDoesNotExist,
)  # fmt: skip
_NO_STATE = (psycopg.OperationalError, psycopg.InterfaceError)
"""Without a state it is libpq that says so: the server did not answer."""


def server_error(error: sa.exc.DBAPIError, place: Server, what: str) -> StoreError:
    """The error to raise; `what` is `used`, `made`, `read` or `written`."""
    own = error.orig
    for kind, words, remedy in _WORDS:
        if isinstance(own, kind):
            made = StoreClosed if issubclass(kind, _CLOSED) else StoreError
            return made(f"the store {place} cannot be {what}: {words}", remedy=remedy)
    said = said_by(own)
    if "password authentication failed" in said or "no password supplied" in said:
        return StoreClosed(f"the store {place} cannot be {what}: {_WORDS[0][1]}", remedy=_WORDS[0][2])
    if isinstance(own, _AWAY) or (isinstance(own, _NO_STATE) and own.sqlstate is None):
        return ServerAway(f"the store {place} cannot be {what}: {said}", remedy=_REACH)
    return StoreError(f"the store {place} cannot be {what}: {said}", remedy=_ADMIN)


def said_by(error: BaseException | None) -> str:
    """The server's own words in one line, or libpq's, without its details."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else "it does not answer"
