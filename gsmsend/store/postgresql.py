"""Opening a store on PostgreSQL: one schema of a database is one operation. By way of psycopg 3.

Writers take one lock of the operation as the first thing in their transaction, and read after that (READ
COMMITTED: each statement sees what was committed before it), so that they take turns as with SQLite's BEGIN
IMMEDIATE. Readers take a snapshot (REPEATABLE READ, READ ONLY) and wait for nobody. `no_turn` among the execution
options is for what enters nothing in the log and must not wait: a host's word that it is still there.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.abc import Buffer, Params, Query
from psycopg.types.string import StrDumperUnknown

from gsmsend.errors import StoreError
from gsmsend.store import moving_marks, pg_wiping, schema
from gsmsend.store.engine import risks
from gsmsend.store.generation import Standing, judge
from gsmsend.store.journal import HEAD
from gsmsend.store.pg_plain import server_error
from gsmsend.store.pg_triggers import ONLY_WRITTEN_ON
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server
from gsmsend.store.vault import vault_of

WRITERS = "gsmsend_writers"
"""One row for each process that writes, with the last batch that it committed. It shows whose the schema is."""
ENVELOPE = "gsmsend_envelope"
"""The operation's key under its passphrase, if it is under one."""
_MAKE_WRITERS = (
    "CREATE TABLE gsmsend_writers (name VARCHAR PRIMARY KEY, batch BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)"
)
_MAKE_ENVELOPE = (
    "CREATE TABLE gsmsend_envelope (one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one), octets BYTEA NOT NULL)"
)
FIRST = "gsmsend_first"
"""The execution option with which a connection that commits by itself (psycopg's autocommit) begins."""
_DESTROYED = "gsmsend destroyed"
_CONNECT_S = 10
IDLE = sql.SQL("SET idle_in_transaction_session_timeout TO '5s'")
"""A writer's transaction that says nothing for so long is undone by the server: others wait for its locks."""
_SAFE = ("on", "remote_apply", "remote_write", "local")
_BY_RESTORE = "Put it back from a backup, or name the right database and schema in gsmsend.toml."


class _Text(StrDumperUnknown):
    """PostgreSQL has no U+0000 in a text: what a modem's line holds of them reads as U+FFFD."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


class _OneByOne(psycopg.Cursor[Any]):
    """A statement for many rows is executed for each of them.

    psycopg would do it in a pipeline, after which PostgreSQL (16, tried) does not undo a transaction whose client
    says nothing more: a host that is cut off then would keep the operation's lock, and all others wait for ever.
    """

    def executemany(
        self,
        query: Query,
        params_seq: Iterable[Params],
        *,
        returning: bool = False,  # noqa: ARG002 - psycopg's own
    ) -> None:
        for params in params_seq:
            self.execute(query, params)  # type: ignore[arg-type]  # of all kinds but a template, which nobody has


def connect(place: Server, seals: Seals) -> sa.Engine:
    """The engine for a store: its schema made where there is none, and brought to the newest one.

    Raises StoreError if the server cannot be reached, is a standby, may lose what it confirms, or if the schema is
    not gsmsend's or was made by a newer one.
    """
    engine = engine_of(place)
    try:
        with engine.connect() as connection:
            with connection.begin():
                check_server(connection, place)
                version = version_of(connection, place) or make(connection, place)
            if judge(version, place) is Standing.OLDER:
                from gsmsend.store.migrate import upgrade  # noqa: PLC0415 - a fifth of a second to import

                with connection.begin():  # the lock is had: another process may have been first
                    version = version_of(connection, place) or version
                    if judge(version, place) is Standing.OLDER:
                        upgrade(connection, place, version, seals)
        pg_wiping.wiped(engine)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        raise server_error(error, place, "used") from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def to_look_at(place: Server, seals: Seals) -> sa.Engine | None:
    """The engine for a store that is only read, by way of a standby too; None if there is none yet.

    One of an older schema is brought up to date. Raises StoreError as `connect` does.
    """
    engine = engine_of(place, reads_only=True)
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            version = version_of(connection, place)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        raise server_error(error, place, "read") from None
    except BaseException:
        engine.dispose()
        raise
    if not version:
        engine.dispose()
        return None
    if judge(version, place) is Standing.OLDER:
        connect(place, seals).dispose()
    return engine


def engine_of(place: Server, *, reads_only: bool = False) -> sa.Engine:
    """An engine whose connections are in the operation's schema. Nothing is connected yet."""
    engine = sa.create_engine(
        "postgresql+psycopg://", creator=lambda: raw(place, reads_only=reads_only), paramstyle="format",
        pool_pre_ping=True, pool_size=4,
    )  # fmt: skip
    sa.event.listen(engine, "begin", begin)
    engine.update_execution_options(gsmsend_lock=lock_of(place.schema))
    return engine


def raw(
    place: Server, *, program: str = "gsmsend", autocommit: bool = False, reads_only: bool = False
) -> psycopg.Connection[Any]:
    """A connection of its own. Raises psycopg.OperationalError."""
    more: dict[str, Any] = {}
    several = "," in urlsplit(place.url).netloc
    if several and not reads_only and "target_session_attrs" not in place.url:
        more["target_session_attrs"] = "read-write"
    if "connect_timeout" not in place.url:
        more["connect_timeout"] = _CONNECT_S
    if (password := place.password()) is not None:
        more["password"] = password
    connection: psycopg.Connection[Any] = psycopg.connect(
        place.url, autocommit=True, application_name=program, keepalives_idle=10, keepalives_interval=5,
        keepalives_count=3, tcp_user_timeout=20_000, cursor_factory=_OneByOne, **more,
    )  # fmt: skip
    connection.adapters.register_dumper(str, _Text)
    try:
        found = connection.execute("SHOW synchronous_commit").fetchone()
        safe = found is not None and found[0] in _SAFE
        settings = sql.SQL("SET search_path TO {}; SET timezone TO 'UTC'").format(sql.Identifier(place.schema))
        connection.execute(settings if safe else settings + sql.SQL("; SET synchronous_commit TO 'on'"))
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


def begin(connection: sa.Connection) -> None:
    """Readers take a snapshot with their first question; writers wait for the operation's lock before any."""
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    options = connection.get_execution_options()
    if options.get("read_only", False):
        driver.isolation_level, driver.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        return
    if FIRST in options:
        _begin_in_one(connection, driver, options[FIRST])
        return
    driver.isolation_level, driver.read_only = psycopg.IsolationLevel.READ_COMMITTED, False
    if options.get("no_turn", False):
        _ask(driver, sql.SQL("SET LOCAL idle_in_transaction_session_timeout TO '5s'"))
        return
    _ask(driver, sql.SQL("SELECT pg_advisory_xact_lock({})").format(options["gsmsend_lock"]))


def _ask(driver: psycopg.Connection[Any], statement: sql.SQL | sql.Composed) -> None:
    try:
        driver.execute(statement)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(str(statement), None, error, psycopg.Error) from error


def _begin_in_one(connection: sa.Connection, driver: psycopg.Connection[Any], statements: sql.Composed) -> None:
    """Begin a writer's transaction in one round trip.

    The last row that it gives, if any, is the log's head and how many keys were destroyed.
    """
    try:
        cursor = driver.execute(statements, prepare=False)
        while cursor.nextset():
            pass
        found = cursor.fetchone()
    except psycopg.Error as error:
        raise sa.exc.DBAPIError("BEGIN", None, error) from error
    connection.info[HEAD] = found[:2] if found is not None else None
    destroyed = found[2] if found is not None else 0
    if connection.info.setdefault(_DESTROYED, destroyed) != destroyed:
        connection.info[_DESTROYED] = destroyed
        # Another process forgot a campaign: nothing more is sealed with its key.
        vault_of(connection).seals.clear()


def lock_of(name: str) -> int:
    """The number of an operation's lock. Advisory locks are of one database, so its schema is enough."""
    return int.from_bytes(sha256(f"gsmsend writes {name}".encode()).digest()[:8], "big", signed=True)


def check_server(connection: sa.Connection, place: Server) -> None:
    """Raise StoreError if this server cannot be written to, or may lose or garble what it has confirmed."""
    standby, encoding = connection.exec_driver_sql(
        "SELECT pg_is_in_recovery(), current_setting('server_encoding')"
    ).one()
    if standby:
        raise StoreError(
            f"the store {place} cannot be used: that server is a standby, which may not be written to",
            remedy="Name the primary in gsmsend.toml, or all servers: "
            "postgresql://user@first.example.org,second.example.org/db",
        )
    if encoding != "UTF8":
        raise StoreError(
            f"the store {place} cannot be used: the database is encoded in {encoding}; expected UTF8",
            remedy="Make another: createdb --encoding=UTF8 --template=template0 NAME",
        )
    unsafe = risks(connection)
    if unsafe and not place.lab:
        raise StoreError(
            f"the store {place} cannot be used: that server has {unsafe[0]} = off, so that it may lose what it "
            "has confirmed, and people would be texted twice",
            remedy=f"Have {unsafe[0]} = on set in its postgresql.conf. Only a lab operation may do without.",
        )


def version_of(connection: sa.Connection, place: Server) -> str:
    """The revision of the store in this schema, "" if there is none yet. Raises StoreError if it is not ours."""
    ours, version, tables = connection.exec_driver_sql(
        "SELECT to_regclass(%s), to_regclass('alembic_version'), (SELECT count(*) FROM pg_class "
        "WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p', 'v', 'm'))",
        (WRITERS, place.schema),
    ).one()
    if ours is None and tables:
        raise StoreError(
            f"the schema {place.schema} in {place} is not a gsmsend store",
            remedy="Name another one in gsmsend.toml: ...?schema=NAME",
        )
    if ours is None:
        return ""
    if version is None:
        raise StoreError(f"the store {place} cannot be used: its tables are gone", remedy=_BY_RESTORE)
    found = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    moving_marks.check(connection, found, place)
    return found


def found(place: Server) -> bool:
    """Whether there is a store at this place. Raises StoreError if the server cannot be asked."""
    engine = engine_of(place, reads_only=True)
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            return is_there(connection)
    except sa.exc.DBAPIError as error:
        raise server_error(error, place, "used") from None
    finally:
        engine.dispose()


def is_there(connection: sa.Connection) -> bool:
    """Whether the schema that this connection is in has a gsmsend store."""
    return connection.exec_driver_sql("SELECT to_regclass(%s)", (WRITERS,)).scalar() is not None


def make(connection: sa.Connection, place: Server) -> str:
    """A new store in its own schema, within this transaction; its revision."""
    there = connection.exec_driver_sql("SELECT to_regnamespace(%s)", (place.schema,)).scalar()
    if there is None:
        connection.execute(sa.schema.CreateSchema(place.schema))
    tables_of(schema.metadata).create_all(connection, checkfirst=False)
    for statement in ONLY_WRITTEN_ON:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (%s)", (schema.HEAD,))
    connection.exec_driver_sql(_MAKE_WRITERS)
    connection.exec_driver_sql(_MAKE_ENVELOPE)
    return schema.HEAD


def tables_of(metadata: sa.MetaData) -> sa.MetaData:
    """The tables as a new store on PostgreSQL has them: texts are ordered by code point, as SQLite does it."""
    found = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        copied = table.to_metadata(found)
        for column in copied.columns:
            if isinstance(column.type, sa.String):
                column.type = sa.String(column.type.length, collation="C")
    return found
