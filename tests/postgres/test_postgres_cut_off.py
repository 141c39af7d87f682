"""A connection that is lost at COMMIT: what became of it is asked of the database, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from psycopg import sql

from gsmsend.engine.rules import EngineRules
from gsmsend.errors import LogStop, StoreClosed
from gsmsend.model import State
from gsmsend.store import SqlStore, patience
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.patience import ServerAway
from gsmsend.store.pg_writer import ServerWriter
from gsmsend.store.postgresql import raw
from gsmsend.store.server import Server, parse
from gsmsend.testing.store_desk import NOW_S, Desk, accepted, number
from tests.postgres.cutting import Cut, Way, way_to
from tests.postgres.server import PASSWORD, Cluster

_SOON_S = 20.0


@contextmanager
def opened(place: Server, folder: Path) -> Iterator[SqlStore]:
    store = SqlStore(place, EngineRules(), key=OperationKey(folder / NAME))
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def way(postgres: Cluster) -> Iterator[Way]:
    with way_to(postgres.port) as found:
        yield found


@pytest.fixture
def place(postgres: Cluster, way: Way) -> Server:
    server = parse(postgres.url(postgres.new_schema(), port=way.port))
    return Server(server.url, server.schema, True, lambda: PASSWORD)


@pytest.mark.parametrize("cut", Cut)
def test_an_attempt_whose_commit_is_unknown_is_there_once(
    cut: Cut, place: Server, way: Way, tmp_path: Path
) -> None:
    with opened(place, tmp_path) as store:
        desk = Desk(store)
        desk.fill(*(number(index) for index in range(5)))
        line = desk.line()
        claimed = desk.claim(line)
        for reference, message in enumerate(claimed):
            way.cut = cut
            attempt = desk.open(line, message)
            way.cut = cut
            done = desk.close(line, message, attempt, accepted(reference), State.SENT)
            assert done.state is State.SENT
        assert way.cuts == 10
        assert store.totals()[State.SENT] == 5
        rows = store.verify()
        assert rows.findings == ()
        assert [row.sent for row in store.lines()] == [5]


@pytest.mark.parametrize("cut", Cut)
def test_a_claim_whose_commit_is_unknown_takes_each_text_once(
    cut: Cut, place: Server, way: Way, tmp_path: Path
) -> None:
    with opened(place, tmp_path) as store:
        desk = Desk(store)
        desk.fill(*(number(index) for index in range(6)))
        line = desk.line()
        taken = []
        for _ in range(3):
            way.cut = cut
            taken += [message.number for message in desk.claim(line, 2)]
        assert way.cuts == 3
        assert sorted(taken) == sorted(number(index) for index in range(6))


def test_a_database_that_lost_what_it_confirmed_is_written_to_no_more(
    place: Server, postgres: Cluster, way: Way, tmp_path: Path
) -> None:
    with opened(place, tmp_path) as store:
        desk = Desk(store)
        desk.fill(number(1), number(2))
        line = desk.line()
        message, _ = desk.claim(line)
        # As a replica is that took over without the last transactions.
        postgres.ask(f"UPDATE {place.schema}.gsmsend_writers SET batch = batch - 1")  # noqa: S608 - our own name
        way.cut = Cut.BEFORE
        with pytest.raises(LogStop, match="lost what it had confirmed"):
            desk.open(line, message)
        with pytest.raises(LogStop, match="lost what it had confirmed"):
            desk.store.release([message.message_id], NOW_S).result()


def test_no_password_is_told_when_the_server_does_not_let_us_in(place: Server, tmp_path: Path) -> None:
    wrong = Server(place.url, place.schema, True, lambda: "hunter2-and-more")
    with pytest.raises(StoreClosed) as caught:
        SqlStore(wrong, EngineRules(), key=OperationKey(tmp_path / NAME))
    assert caught.value.exit_code == 2, "a service is not to try it again and again"
    said = f"{caught.value} {caught.value.remedy} {wrong!r}"
    assert "the password is not right" in said
    assert "store_password" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("cut", Cut)
def test_what_was_given_up_is_not_taken_for_what_comes_next(
    cut: Cut, place: Server, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is told to stop waits for its server for a while only; it may be back a moment later."""
    monkeypatch.setattr(patience, "SHORT_S", 0.2)
    with opened(place, tmp_path) as store:
        desk = Desk(store)
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        attempt = desk.open(line, first)
        way.cut, way.shut_after_cut = cut, True
        with pytest.raises(ServerAway):
            desk.close(line, first, attempt, accepted(1), State.SENT)
        way.shut_after_cut = False
        way.shut.clear()
        store.release([second.message_id], NOW_S).result(_SOON_S)
        assert desk.states()[second.number] is State.QUEUED
        store.note("pc1", "looked", "", NOW_S)
        store.recover(NOW_S + 1)
        assert desk.states()[first.number] is (State.UNCERTAIN if cut is Cut.BEFORE else State.SENT)
        assert store.verify().findings == ()


@pytest.mark.parametrize("committed", [True, False])
def test_a_first_batch_that_is_still_being_committed_is_waited_for(
    committed: bool, postgres: Cluster, tmp_path: Path
) -> None:
    place = postgres.place()
    with opened(place, tmp_path) as store, raw(place) as cut_off, ThreadPoolExecutor(1) as pool:
        writer = cast("ServerWriter", store._writer._claims)
        cut_off.execute(sql.SQL("SELECT pg_advisory_xact_lock_shared({})").format(writer._lock))
        cut_off.execute("INSERT INTO gsmsend_writers (name, batch, at) VALUES (%s, 1, now())", (writer._name,))
        found = pool.submit(writer._settled)
        with pytest.raises(TimeoutError):
            found.result(0.3)
        cut_off.commit() if committed else cut_off.rollback()
        assert found.result(_SOON_S) is committed


def test_who_is_still_there_is_not_forgotten_however_long_it_wrote_nothing(
    postgres: Cluster, tmp_path: Path
) -> None:
    place = postgres.place()
    with opened(place, tmp_path) as console:
        Desk(console).fill(number(1))
        with raw(place, autocommit=True) as prompt:
            prompt.execute("UPDATE gsmsend_writers SET at = at - interval '31 days'")
            prompt.execute("INSERT INTO gsmsend_writers VALUES ('gone', 1, now() - interval '31 days')")
        with opened(place, tmp_path) as other:
            Desk(other).fill(number(2), name="b")
        with raw(place, autocommit=True) as prompt:
            left = {name for (name,) in prompt.execute("SELECT name FROM gsmsend_writers WHERE batch > 0")}
    assert cast("ServerWriter", console._writer._turns)._name in left
    assert "gone" not in left
