"""A store that an earlier version made is brought up to date, with all that is in it."""

from __future__ import annotations

from pathlib import Path

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
