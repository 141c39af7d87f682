"""This program on a store that a newer one of its generation has brought further: what runs and people do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.contract import Store
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import StoreError
from gsmsend.store import SqlStore, SqlView, schema
from gsmsend.store.generation import Revision
from gsmsend.testing.store_campaigns import CampaignSuite
from gsmsend.testing.store_desk import NOW_S, Desk
from gsmsend.testing.store_evidence import EvidenceSuite
from gsmsend.testing.store_forgetting import ForgettingSuite
from gsmsend.testing.store_importing import ImportingSuite
from gsmsend.testing.store_replies import ReplySuite, e164, read
from gsmsend.testing.store_routes import RoutesSuite


def brought_further(path: Path, revision: str = "") -> None:
    """Every table has a column more that must not be NULL, one that may, an index; and there is another table."""
    own = Revision.of(schema.HEAD)
    assert own is not None
    with closing(sqlite3.connect(path)) as raw:
        for table in schema.metadata.sorted_tables:
            raw.execute(f"ALTER TABLE {table.name} ADD COLUMN later VARCHAR NOT NULL DEFAULT 'of a newer program'")
            raw.execute(f"ALTER TABLE {table.name} ADD COLUMN hint INTEGER")
            raw.execute(f"CREATE INDEX later_{table.name} ON {table.name} (hint)")
        raw.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, message_id INTEGER REFERENCES messages (id))")
        raw.execute("UPDATE alembic_version SET version_num = ?", (revision or f"{own.number + 1:04}",))
        raw.commit()


@pytest.fixture(scope="session")
def _further(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("further") / "gsmsend.db"
    SqlStore(path, EngineRules(read, e164)).close()
    brought_further(path)
    return path


class TestOnANewerSchema(EvidenceSuite, ImportingSuite, CampaignSuite, ReplySuite, ForgettingSuite, RoutesSuite):
    @pytest.fixture
    def store(self, _further: Path, tmp_path: Path) -> Iterator[Store]:
        path = tmp_path / "gsmsend.db"
        shutil.copy(_further, path)
        store = SqlStore(path, EngineRules(read, e164))
        yield store
        found = store.verify().findings
        store.close()
        assert found == (), "the audit log does not tell what the tables hold"


def test_it_is_looked_at_as_it_is_and_not_brought_back(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    SqlStore(path, EngineRules()).close()
    brought_further(path)
    with closing(SqlStore(path, EngineRules())) as store:
        Desk(store).fill("+447700900001")
        store.note("pc1", "looked", "", NOW_S)
    with closing(SqlView(path)) as view:
        assert view.verify().findings == ()
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        assert found == (f"{int(schema.HEAD) + 1:04}",)
        assert raw.execute("SELECT DISTINCT later FROM messages").fetchall() == [("of a newer program",)]


@pytest.mark.parametrize(
    "opened", [lambda path: SqlStore(path, EngineRules()), SqlView], ids=["to work", "to look"]
)
def test_one_of_a_newer_generation_is_left_alone(tmp_path: Path, opened: type[SqlView]) -> None:
    path = tmp_path / "gsmsend.db"
    SqlStore(path, EngineRules()).close()
    brought_further(path, "2.0100")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="of generation 2, and this one") as told:
        opened(path)
    assert "Install that newer version on this host too" in told.value.remedy
    assert path.read_bytes() == before
