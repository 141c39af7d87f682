"""Opening a store: made private, kept whole, never taken for another program's, never replaced."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gsmsend.engine.rules import EngineRules
from gsmsend.errors import StoreError
from gsmsend.store import SqlStore, schema
from gsmsend.store.migrate import configuration


def opened(path: Path) -> None:
    SqlStore(path, EngineRules()).close()


def test_it_is_the_owners_alone_and_synced_fully(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    store = SqlStore(path, EngineRules())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_migrations_lead_to_the_same_tables_as_a_fresh_store(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "head")
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata)
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        migrated = _index_sql(connection)
    engine.dispose()
    opened(tmp_path / "fresh.db")
    fresh_engine = sa.create_engine(f"sqlite:///{tmp_path / 'fresh.db'}")
    with fresh_engine.connect() as connection:
        fresh = _index_sql(connection)
    fresh_engine.dispose()
    assert differences == []
    assert version == schema.HEAD
    assert migrated == fresh


def _index_sql(connection: sa.Connection) -> set[str]:
    rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    return {" ".join(str(sql).split()) for (sql,) in rows}


@pytest.mark.parametrize("content", [b"not a database at all, but long enough" * 10, b"SQLite format 3\0junk"])
def test_a_damaged_file_is_said_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gsmsend.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be used"):
        opened(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="not a gsmsend store"):
        opened(path)


def test_a_store_of_a_newer_gsmsend_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    opened(path)
    raw = sqlite3.connect(path)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="another version"):
        opened(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made"):
        opened(tmp_path / "nowhere" / "gsmsend.db")
