"""Opening the embedded store: pragmas, creation, migration."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import tempfile
from pathlib import Path

import sqlalchemy as sa

from gsmsend import guarding
from gsmsend.errors import PlaceStop, StoreError
from gsmsend.store import folder, moving_marks, schema, wiping
from gsmsend.store.generation import Standing, judge
from gsmsend.store.plain import LEFT, store_error
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server, StorePlace

_APPLICATION_ID = 0x67736D73
"""`gsms` in SQLite's header: another program's database is never taken for ours."""
_SETTINGS = "SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes"
_CHECKED_OCTETS = 64 * 1024 * 1024
"""A store up to this size is read through whenever it is opened, in a third of a second at most."""
_LOG_OCTETS = 64 * 1024 * 1024
"""What is left of the write-ahead log at most once a long look at the store (an export) has let it grow."""
_GONE = "Put it back from a copy. If there is none, a new operation may text people whom this one has texted."


def connect(place: StorePlace, seals: Seals) -> sa.Engine:
    """The engine for the store at `place`, made or brought to the newest schema. Raises StoreError."""
    if not isinstance(place, Server):
        return _embedded(place, seals)
    _speaks(place)
    from gsmsend.store import postgresql  # noqa: PLC0415 - psycopg is an extra

    return postgresql.connect(place, seals)


def is_there(place: StorePlace) -> bool:
    """Whether there is a store at this place. Raises StoreError if its server cannot be asked."""
    if not isinstance(place, Server):
        return place.exists()
    _speaks(place)
    from gsmsend.store import postgresql  # noqa: PLC0415 - as above

    return postgresql.found(place)


def risks(connection: sa.Connection) -> list[str]:
    """Settings of the store's server by which it may lose what it has confirmed; none of the embedded store's."""
    if connection.dialect.name == "sqlite":
        return []
    (found,) = connection.exec_driver_sql(_SETTINGS).mappings()
    return [name for name, value in found.items() if value != "on"]


def to_look_at(place: Server, seals: Seals) -> sa.Engine | None:
    """The engine for a store on a server that is only read; None if there is none yet. Raises StoreError."""
    _speaks(place)
    from gsmsend.store import postgresql  # noqa: PLC0415 - as above

    return postgresql.to_look_at(place, seals)


def _speaks(place: Server) -> None:
    if importlib.util.find_spec("psycopg") is None:
        raise StoreError(
            f"the store {place} cannot be used: psycopg, which speaks to PostgreSQL, is not installed",
            remedy="Install it: pip install 'gsmsend[postgresql]'",
        )


def _embedded(path: Path, seals: Seals) -> sa.Engine:
    """The engine for the SQLite store at `path`: WAL, synchronous=FULL, brought to the newest schema, and wiped.

    Raises StoreError if the file is damaged, empty, not ours, or was made by a newer gsmsend: it is never
    replaced.
    """
    if not path.exists():
        refuse_remains(path)
        _make(path)
    for part in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
        guarding.check_file(part)
        guarding.private(part)  # SQLite makes the others as it finds the store
    if path.stat().st_size == 0:
        raise StoreError(f"the store {path} cannot be used: it is empty", remedy=_GONE)
    engine = plain(path)
    try:
        with engine.connect() as connection:
            _bring_up(connection, path, seals)
        wiping.wiped(engine)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise store_error(error, path, "used") from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def refuse_remains(path: Path) -> None:
    """Raise StoreError if only a part of the store is left: it is not one that was never made."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        raise StoreError(f"the store {path} is gone, but {log.name}, a part of it, is there", remedy=_GONE)


def bare(place: StorePlace) -> sa.Engine:
    """The engine for a store whatever schema or mark it has: it is taken as it is. Raises StoreError."""
    if not isinstance(place, Server):
        return plain(place)
    _speaks(place)
    from gsmsend.store import postgresql  # noqa: PLC0415 - as above

    return postgresql.engine_of(place)


def plain(path: Path) -> sa.Engine:
    """The engine for the SQLite store at `path`, as it is."""
    engine = _engine(path)
    sa.event.listen(engine, "connect", _pragmas)
    return engine


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30.0, "check_same_thread": False})
    sa.event.listen(engine, "begin", begin)
    return engine


def _make(path: Path) -> None:
    """A new store, under its name only once it is whole: an empty file there is always a damaged store."""
    try:
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    except OSError as error:
        raise PlaceStop(
            f"the store {path} cannot be made: {error.strerror}",
            remedy="Check that the operation's folder exists and that you may write to it.",
        ) from None
    os.close(handle)
    new, engine = Path(name), _engine(Path(name))
    try:
        with engine.begin() as connection:
            schema.metadata.create_all(connection)
            connection.exec_driver_sql(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
            )
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (schema.HEAD,))
            connection.exec_driver_sql(f"PRAGMA application_id={_APPLICATION_ID}")
        engine.dispose()
        _name(new, path)
        folder.sync(path.parent)
    except sa.exc.DatabaseError as error:
        raise store_error(error, path, "made") from None
    finally:
        engine.dispose()
        new.unlink(missing_ok=True)


def _name(new: Path, path: Path) -> None:
    """Give it its name, unless another process was first."""
    try:
        os.link(new, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            new.rename(path)


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `begin`, never by the sqlite3 module
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute("PRAGMA cell_size_check=ON")
    cursor.execute("PRAGMA cache_size=-1024")  # a run looks through half a dozen at once; its writer has more
    cursor.execute(f"PRAGMA journal_size_limit={_LOG_OCTETS}")
    cursor.execute("PRAGMA secure_delete=ON")  # what is taken out of a table is gone from its page as well
    cursor.close()


def begin(connection: sa.Connection) -> None:
    """Readers take a snapshot; writers take their lock at once, so that they wait instead of failing late."""
    read_only = connection.get_execution_options().get("read_only", False)
    statement = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]  # it is SQLite's
    try:
        driver.execute(statement)  # a tenth of what it costs by way of SQLAlchemy, twice for each text
    except sqlite3.Error as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, sqlite3.Error) from error


def version_of(connection: sa.Connection, path: Path) -> str:
    """The revision of a store's schema. Raises StoreError if the file is not ours, or damaged; MovedStop."""
    owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if owner != _APPLICATION_ID:
        raise StoreError(f"{path} is not a gsmsend store", remedy="Move that file away, or use another folder.")
    _check(connection, path)
    version = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    moving_marks.check(connection, version, path)
    return version


def _bring_up(connection: sa.Connection, path: Path, seals: Seals) -> None:
    with connection.begin():
        version = version_of(connection, path)
    if judge(version, path) is not Standing.OLDER:
        return
    from gsmsend.store.migrate import upgrade  # noqa: PLC0415 - alembic costs a fifth of a second to import

    driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]  # it is SQLite's
    driver.execute("PRAGMA foreign_keys=OFF")  # tables are made anew, and it has no effect within a transaction
    try:
        with connection.begin():
            version = version_of(connection, path)  # another process may have been first
            if judge(version, path) is Standing.OLDER:
                upgrade(connection, path, version, seals)
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check(connection: sa.Connection, path: Path) -> None:
    """Raise StoreError if the file has a page that cannot be right. A larger store is checked as it is used."""
    if path.stat().st_size > _CHECKED_OCTETS:
        return
    if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
        raise StoreError(f"the store {path} cannot be used: it is damaged", remedy=LEFT)
