"""The writer: one bad transaction undoes only itself, and errors carry no numbers or texts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from gsmsend.errors import StoreError
from gsmsend.store.engine import connect
from gsmsend.store.journal import Journal
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.seals import Seals
from gsmsend.store.writer import Writer


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    key = OperationKey(tmp_path / NAME)
    engine = connect(tmp_path / "gsmsend.db", Seals(key))
    writer = Writer(engine, tmp_path / "gsmsend.db", Journal(key, Seals(key), dict))
    yield writer
    writer.close()
    engine.dispose()


def insert(text: str) -> sa.TextClause:
    query = "INSERT INTO texts (campaign_id, digest, body, segments) VALUES (1, :d, :d, 1)"
    return sa.text(query).bindparams(d=text)


def add(text: str, connection: sa.Connection) -> None:
    connection.execute(insert(text))


def test_a_batch_loses_only_its_bad_transaction(writer: Writer) -> None:
    gate = Event()
    blocked = writer.submit(lambda _: gate.wait(10))
    futures = [writer.submit(partial(add, text)) for text in ("a", "b", "a", "c")]
    gate.set()
    blocked.result()
    assert [future.exception() is None for future in futures] == [True, True, False, True]
    count = writer.submit(lambda c: c.execute(sa.text("SELECT count(*) FROM texts")).scalar()).result()
    assert count == 3


def test_an_error_of_the_database_does_not_tell_the_text(writer: Writer) -> None:
    writer.submit(lambda c: c.execute(insert("a secret text"))).result()
    with pytest.raises(StoreError) as caught:
        writer.submit(lambda c: c.execute(insert("a secret text"))).result()
    assert "secret" not in str(caught.value)


def test_a_store_that_may_not_be_written_is_named_with_the_remedy(writer: Writer) -> None:
    def refused(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.execute(insert("a text"))

    with pytest.raises(StoreError, match=r"gsmsend\.db cannot be written: it may not be written to") as caught:
        writer.submit(refused).result()
    assert "the right to write" in caught.value.remedy


def test_after_closing_nothing_is_taken(writer: Writer) -> None:
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.submit(lambda c: c.execute(insert("late"))).result()
