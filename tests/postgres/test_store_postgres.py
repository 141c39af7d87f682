"""The store suite on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gsmsend.contract import Store
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME, OperationKey
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.store_leasing import Several
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

    @pytest.fixture
    def several(self, tmp_path: Path, postgres: Cluster) -> Iterator[Several]:
        with ExitStack() as stack:
            clock, place, key = ManualClock(), postgres.place(), tmp_path / NAME

            def opened() -> Store:
                rules = EngineRules(read, e164)
                store = SqlStore(place, rules, key=OperationKey(key), lease_clock=clock.now)
                stack.callback(store.close)
                return store

            yield Several(clock, opened)
            found = opened().verify().findings
        assert found == (), "the audit log does not tell what the tables hold"
