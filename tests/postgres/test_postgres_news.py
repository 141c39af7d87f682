"""Whoever waits for work hears at once of what other processes changed, and not of what it did itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.server import Server
from gsmsend.testing.store_desk import NOW_S, Desk, number
from tests.postgres.server import Cluster

_SOON_S = 10.0


@pytest.fixture
def both(tmp_path: Path, postgres: Cluster) -> Iterator[tuple[Desk, Desk]]:
    """Two processes' stores of one operation."""
    place: Server = postgres.place()
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            store = SqlStore(place, EngineRules(), key=OperationKey(tmp_path / NAME))
            stack.callback(store.close)
            found.append(Desk(store))
        yield found[0], found[1]


def test_new_texts_a_pause_and_what_is_given_back_are_heard_of(both: tuple[Desk, Desk]) -> None:
    here, there = both
    heard = threading.Event()
    here.store.hear(heard.set)  # type: ignore[attr-defined]  # of every SqlStore
    line = here.line()
    here.fill(number(8), name="own")
    _listening(there, heard)
    here.fill(number(9), name="more")
    assert not heard.wait(0.5), "it heard itself"

    def told(what: str) -> None:
        assert heard.wait(_SOON_S), f"nobody heard of {what}"
        heard.clear()

    there.fill(number(1), number(2))
    told("new texts")
    there.store.pause("campaign", "A. Person", "wrong text", NOW_S)
    told("a pause")
    there.store.resume("campaign", "A. Person", "it was right", NOW_S)
    told("that it goes on")
    other = there.line(1)
    told("a line")
    claimed = there.claim(other, 1)
    assert not heard.wait(0.5), "nobody need look because of a claim"
    there.store.release([message.message_id for message in claimed], NOW_S).result()
    told("what was given back")
    assert here.claim(line, 10)


def _listening(there: Desk, heard: threading.Event) -> None:
    """Wait until it listens."""
    for index in range(100):
        there.line(index)
        if heard.wait(0.1):
            heard.clear()
            return
    raise AssertionError("nothing was heard")


def test_after_a_lost_connection_it_looks_and_hears_again(both: tuple[Desk, Desk], postgres: Cluster) -> None:
    here, there = both
    heard = threading.Event()
    here.store.hear(heard.set)  # type: ignore[attr-defined]  # of every SqlStore
    _listening(there, heard)
    postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gsmsend news'")
    assert heard.wait(_SOON_S), "news may have been missed, and nobody looked"
    heard.clear()
    there.fill(number(1))
    assert heard.wait(_SOON_S)
