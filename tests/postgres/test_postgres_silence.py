"""Whoever says nothing within a transaction is cut off by the server, so that others have its lock."""

from __future__ import annotations

import time

import psycopg
import pytest

from gsmsend.store.postgresql import IDLE, raw
from gsmsend.store.server import parse
from tests.postgres.server import PASSWORD, Cluster


@pytest.mark.parametrize("rows", [1, 3])
def test_also_after_a_statement_for_many_rows(
    postgres: Cluster, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    place = parse(postgres.url(postgres.new_schema()))
    connection = raw(place)
    connection.autocommit = True
    connection.execute("CREATE TEMPORARY TABLE rows_of (n bigint)")
    connection.execute(IDLE)
    connection.execute("SET idle_in_transaction_session_timeout TO '300ms'")
    connection.execute("BEGIN")
    connection.cursor().executemany("INSERT INTO rows_of VALUES (%s)", [(number,) for number in range(rows)])
    time.sleep(1.0)
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        connection.execute("SELECT 1")
    connection.close()
