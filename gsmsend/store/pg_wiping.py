"""As gsmsend.store.wiping, on a server: every table is written anew from the rows that it has.

What the server's own log (WAL), its replicas and its backups held before is not reached from here.
"""

from __future__ import annotations

from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql

_ROW = "(to be wiped)"
"""A row of gsmsend_writers that is no writer."""
_WANT = "INSERT INTO gsmsend_writers (name, batch, at) VALUES (%s, 0, now()) ON CONFLICT (name) DO NOTHING"
_WANTED = "SELECT count(*) FROM gsmsend_writers WHERE name = %s"
_DONE = "DELETE FROM gsmsend_writers WHERE name = %s"
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
_PATIENCE = "SET lock_timeout TO '5s'"
"""While a run on another host goes on its tables are not taken from it: it is done another time."""


def want(connection: sa.Connection) -> None:
    """The tables must be written anew once this transaction is committed."""
    connection.exec_driver_sql(_WANT, (_ROW,))


def wanted(connection: sa.Connection) -> bool:
    """Whether they have still to be."""
    return bool(connection.exec_driver_sql(_WANTED, (_ROW,)).scalar())


def wiped(engine: sa.Engine) -> bool:
    """Write them anew if that is wanted; False if it could not be done now (PostgreSQL's manual, 25.1.2)."""
    with engine.connect() as connection:
        connection.detach()
        driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
        driver.autocommit = True
        found = driver.execute(_WANTED, (_ROW,)).fetchone()
        if found is None or not found[0]:
            return True
        try:
            driver.execute(_PATIENCE)
            for (name,) in driver.execute(_TABLES).fetchall():
                driver.execute(sql.SQL("VACUUM (FULL) {}").format(sql.Identifier(name)))
            driver.execute(_DONE, (_ROW,))
        except psycopg.Error:
            return False
        return True
