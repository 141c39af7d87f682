"""The store suite on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.contract import Store
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME, OperationKey
from gsmsend.testing.store_replies import e164, read
from gsmsend.testing.store_suite import StoreSuite
from tests.postgres.server import Cluster


class TestPostgres(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path, postgres: Cluster) -> Iterator[Store]:
        store = SqlStore(postgres.place(), EngineRules(read, e164), key=OperationKey(tmp_path / NAME))
        yield store
        found = store.verify().findings
        store.close()
        assert found == (), "the audit log does not tell what the tables hold"
