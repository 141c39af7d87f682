"""The store suite on the embedded store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gsmsend.contract import Store
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.store_leasing import Several
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

    @pytest.fixture
    def several(self, tmp_path: Path) -> Iterator[Several]:
        with ExitStack() as stack:
            clock = ManualClock()

            def opened() -> Store:
                store = SqlStore(tmp_path / "several.db", EngineRules(read, e164), lease_clock=clock.now)
                stack.callback(store.close)
                return store

            yield Several(clock, opened)
            found = opened().verify().findings
        assert found == (), "the audit log does not tell what the tables hold"
