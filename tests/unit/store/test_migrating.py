"""A store that an earlier version made is brought up to date, with all that is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gsmsend.engine.rules import EngineRules
from gsmsend.model import State
from gsmsend.store import SqlStore, schema
from gsmsend.store.migrate import configuration

_FIRST = (
    "INSERT INTO campaigns VALUES (1, 'main', 1.0)",
    "INSERT INTO imports VALUES (1, 1, 'people.csv', 'd', 2, 0, 0, 1, 1.0)",
    "INSERT INTO texts VALUES (1, 'd', 'Help is here.', 1)",
    "INSERT INTO messages VALUES (1, 1, 1, 2, '+447700900001', 1, 'delivered', '', 1.0, 0, 1, 2.0)",
    "INSERT INTO messages VALUES (2, 1, 1, 3, '+447700900002', 1, 'queued', '', 1.0, 0, 1, 1.0)",
    "INSERT INTO parts (id, message_id, seq) VALUES (1, 1, 1), (2, 2, 1)",
)


def made_by_the_first_version(path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        for statement in _FIRST:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA application_id={0x67736D73}")
    engine.dispose()


def test_nothing_of_an_older_store_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_first_version(path)
    store = SqlStore(path, EngineRules())
    try:
        found = {message.number: message.state for message in store.messages()}
        assert found == {"+447700900001": State.DELIVERED, "+447700900002": State.QUEUED}
    finally:
        store.close()


def test_a_migrated_store_is_as_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_first_version(path)
    SqlStore(path, EngineRules()).close()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == schema.HEAD
    engine.dispose()


def test_the_audit_log_is_only_written_on_in_new_and_in_migrated_stores(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    made_by_the_first_version(old)
    for path in (old, new):
        store = SqlStore(path, EngineRules())
        store.note("pc1", "looked", "", 1.0)
        store.close()
        engine = sa.create_engine(f"sqlite:///{path}")
        for statement in (
            "UPDATE audit SET line = replace(line, 'pc1', 'pc2')",
            "UPDATE audit SET hash = 'x'",
            "UPDATE audit SET n = n + 10",
            "UPDATE audit SET secrets = x'00'",
            "DELETE FROM audit WHERE n = 1",
            "INSERT INTO audit (n, kind, line, hash) VALUES (90, 'note', '', '')",
            "REPLACE INTO audit (n, kind, line, hash) VALUES (1, 'note', '', '')",
        ):
            with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
                connection.exec_driver_sql(statement)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE audit SET secrets = NULL")  # as forgetting does
        engine.dispose()


def test_what_was_there_before_the_log_is_told_in_it(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_first_version(path)
    store = SqlStore(path, EngineRules())
    try:
        store.note("pc1", "looked", "", 1.0)
        found = store.verify()
    finally:
        store.close()
    assert found.findings == ()
    assert found.totals == {"delivered": 1, "queued": 1}
