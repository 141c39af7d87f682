"""Taking out of a store's files what its tables hold no more: free pages, and the log of changes (WAL).

That it has to be done is kept in the store itself, with the change that makes it needed, so that a stop in between
leaves nothing behind: the next opening does it. On a server it is gsmsend.store.pg_wiping.
"""

from __future__ import annotations

import sqlite3
from typing import cast

import sqlalchemy as sa

_WANTED = 1
"""`user_version`, which is written with the transaction (sqlite.org/pragma.html#pragma_user_version)."""


def want(connection: sa.Connection) -> None:
    """The files must be wiped once this transaction is on disk."""
    if connection.dialect.name != "sqlite":
        from gsmsend.store import pg_wiping  # noqa: PLC0415 - psycopg is an extra

        pg_wiping.want(connection)
        return
    connection.exec_driver_sql(f"PRAGMA user_version={_WANTED}")


def wanted(connection: sa.Connection) -> bool:
    """Whether the files have still to be wiped."""
    if connection.dialect.name != "sqlite":
        from gsmsend.store import pg_wiping  # noqa: PLC0415 - psycopg is an extra

        return pg_wiping.wanted(connection)
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar() == _WANTED)


def wiped(engine: sa.Engine) -> bool:
    """Wipe the files if that is wanted; False if it could not be done now: another program reads them.

    VACUUM writes every page anew from what the tables hold; the log is then moved into the file and cut to nothing
    (sqlite.org/lang_vacuum.html, sqlite.org/pragma.html#pragma_wal_checkpoint).
    """
    if engine.dialect.name != "sqlite":
        from gsmsend.store import pg_wiping  # noqa: PLC0415 - psycopg is an extra

        return pg_wiping.wiped(engine)
    pooled = engine.raw_connection()
    try:
        driver = cast("sqlite3.Connection", pooled.driver_connection)
        if driver.execute("PRAGMA user_version").fetchone()[0] != _WANTED:
            return True
        driver.execute("VACUUM")
        if driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            return False
        driver.execute("PRAGMA user_version=0")
    except sqlite3.OperationalError:
        return False
    else:
        return True
    finally:
        pooled.close()
