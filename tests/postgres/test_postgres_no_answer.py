"""A server that is there and answers nobody: who asks more waits, and no thread of a run ends because of it."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.pool import QueuePool

from gsmsend.contract import Joining
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.patience import ServerAway
from gsmsend.testing.store_desk import NOW_S
from tests.postgres.server import Cluster


def test_who_gets_no_connection_waits_as_for_a_server_that_is_away(tmp_path: Path, postgres: Cluster) -> None:
    store = SqlStore(postgres.place(), EngineRules(), key=OperationKey(tmp_path / NAME))
    told: list[str] = []
    freed = threading.Event()

    def tell(words: str) -> None:
        told.append(words)
        freed.set()

    store.patience.of_run(tell, lambda: False)
    assert store.join(Joining("here", "run", "mark", 30.0), NOW_S).fence == 1
    pool = store._engine.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0.05
    with ExitStack() as held:
        for _ in range(pool.size() + pool._max_overflow):
            held.enter_context(store._engine.connect())
        with pytest.raises(ServerAway, match="has not answered"):
            store.renew()  # a host that cannot say that it is there goes on trying
        asked: list[object] = []
        asking = threading.Thread(target=lambda: asked.append(store.lines()))
        asking.start()
        assert freed.wait(20.0), "nobody is told that it is waited for"
        assert asked == []
    asking.join(20.0)
    assert asked == [[]]
    assert "Nothing is handed to a modem until it answers" in told[0]
    assert store.renew()
    store.close()
