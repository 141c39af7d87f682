"""Opening the embedded store: pragmas, creation, migration."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from gsmsend.errors import StoreError
from gsmsend.store import schema

_APPLICATION_ID = 0x67736D73
"""`gsms` in SQLite's header: another program's database is never taken for ours."""


def connect(path: Path) -> sa.Engine:
    """The engine for the SQLite store at `path`: WAL, synchronous=FULL, brought to the newest schema.

    Raises StoreError if the file is damaged, not ours, or was made by a newer gsmsend; it is never replaced.
    """
    fresh = not path.exists()
    if fresh:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            fresh = False
        except OSError as error:
            raise StoreError(
                f"the store {path} cannot be made: {error.strerror}",
                remedy="Check that the operation's folder exists and that you may write to it.",
            ) from None
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30.0, "check_same_thread": False})
    sa.event.listen(engine, "connect", _pragmas)
    sa.event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            _bring_up(connection, path)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise StoreError(
            f"the store {path} cannot be used: {error.orig}",
            remedy="It was left as it is. Copy the whole folder before anything else, then see 'gsmsend doctor'.",
        ) from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin, never by the sqlite3 module
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute("PRAGMA cache_size=-4096")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    """Readers take a snapshot; writers take their lock at once, so that they wait instead of failing late."""
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _bring_up(connection: sa.Connection, path: Path) -> None:
    owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if tables == 0:
        schema.metadata.create_all(connection)
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (schema.HEAD,))
        connection.exec_driver_sql(f"PRAGMA application_id={_APPLICATION_ID}")
        return
    if owner != _APPLICATION_ID:
        raise StoreError(f"{path} is not a gsmsend store", remedy="Move that file away, or use another folder.")
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    if version != schema.HEAD:
        from gsmsend.store.migrate import upgrade  # noqa: PLC0415 - alembic costs a fifth of a second to import

        upgrade(connection, path, version)
