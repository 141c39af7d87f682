"""The store suite on the embedded store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gsmsend.contract import Joining, Store
from gsmsend.engine.rules import EngineRules
from gsmsend.model import State
from gsmsend.store import SqlStore
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.store_desk import NOW_S, Desk, number
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


def test_a_line_is_free_although_the_run_that_had_it_was_cut_off_under_another_name(tmp_path: Path) -> None:
    """A computer's name changes with its network, and a folder is copied to another one: nobody buries a host."""
    for number_of_run, host in enumerate(("laptop.office.example", "laptop.local")):
        store = SqlStore(tmp_path / "gsmsend.db", EngineRules(read, e164))
        desk = Desk(store)
        assert store.join(Joining(host, f"run {number_of_run}", host, 30.0), NOW_S).fence == 1
        store.recover(NOW_S)
        line = desk.line()
        desk.fill(number(number_of_run), name=f"list {number_of_run}")
        (message,) = desk.claim(line, 1)
        assert desk.send(line, message, number_of_run).state is State.SENT
        store.close()  # it does not leave: its process was killed
