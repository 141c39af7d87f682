"""Opening a store: made private, kept whole, never taken for another program's, never replaced."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
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


def test_the_write_ahead_log_shrinks_again_after_a_long_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsmsend.store.engine._LOG_OCTETS", 1 << 20)
    path, log = tmp_path / "gsmsend.db", tmp_path / "gsmsend.db-wal"
    store = SqlStore(path, EngineRules())
    with closing(sqlite3.connect(path, isolation_level=None)) as looking, store._engine.connect() as writing:
        looking.execute("BEGIN")
        looking.execute("SELECT count(*) FROM messages").fetchone()
        _write(
            writing, "CREATE TABLE scratch (octets BLOB)", *["INSERT INTO scratch VALUES (zeroblob(1000000))"] * 9
        )
        assert log.stat().st_size > 9_000_000
        looking.execute("COMMIT")
        _write(writing, *["INSERT INTO scratch VALUES (zeroblob(10))"] * 3)
        assert log.stat().st_size <= 1 << 20
    store.close()


def _write(connection: sa.Connection, *statements: str) -> None:
    for statement in statements:
        with connection.begin():
            connection.exec_driver_sql(statement)


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


def test_an_empty_file_is_no_new_store(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    path.touch()
    with pytest.raises(StoreError, match="it is empty") as caught:
        opened(path)
    assert "a new operation may text people" in caught.value.remedy
    assert path.read_bytes() == b""


def test_a_store_that_is_gone_but_for_its_log_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    log = tmp_path / "gsmsend.db-wal"
    log.write_bytes(b"the last texts sent")
    with pytest.raises(StoreError, match="is gone"):
        opened(path)
    assert (path.exists(), log.read_bytes()) == (False, b"the last texts sent")


@pytest.mark.parametrize("page", ["first", "middle", "last"])
def test_one_bad_page_is_found_before_anything_is_written(tmp_path: Path, page: str) -> None:
    path = tmp_path / "gsmsend.db"
    opened(path)
    content = bytearray(path.read_bytes())
    begin = {"first": 100, "middle": len(content) // 8192 * 4096, "last": len(content) - 4096}[page]
    end = (begin // 4096 + 1) * 4096
    content[begin:end] = b"\xa5" * (end - begin)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="it is damaged") as caught:
        opened(path)
    assert "Copy the operation's whole folder" in caught.value.remedy
    assert path.read_bytes() == content


def test_a_new_store_has_its_name_only_once_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gsmsend.db"

    def killed(_: object) -> None:
        assert not path.exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(schema.metadata, "create_all", killed)
    with pytest.raises(KeyboardInterrupt):
        opened(path)
    assert list(tmp_path.iterdir()) == []


def test_two_that_make_it_at_once_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gsmsend.db"
    create = schema.metadata.create_all
    first: list[bool] = []

    def other_first(connection: sa.Connection) -> None:
        if not first:
            first.append(True)
            opened(path)
        create(connection)

    monkeypatch.setattr(schema.metadata, "create_all", other_first)
    opened(path)
    assert [name.name for name in tmp_path.iterdir()] == ["gsmsend.db"]


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
    raw.execute("UPDATE alembic_version SET version_num = '9.9999'")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="a newer gsmsend"):
        opened(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made"):
        opened(tmp_path / "nowhere" / "gsmsend.db")
