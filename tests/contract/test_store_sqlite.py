"""The store suite on the embedded store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.contract import Store
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.testing.store_replies import e164, read
from gsmsend.testing.store_suite import StoreSuite


class TestSqlite(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqlStore(tmp_path / "gsmsend.db", EngineRules(read, e164))
        yield store
        found = store.verify().findings
        store.close()
        assert found == (), "the audit log does not tell what the tables hold"
