"""A store that is only looked at: the same answers, nothing changed, and never a torn one."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import StoreError
from gsmsend.model import State
from gsmsend.store import SqlStore, SqlView, reading, schema
from gsmsend.store.engine import connect
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.seals import Seals


def fill(store: SqlStore, count: int) -> None:
    rows = [NewMessage(f"+447700900{index:03}", "Help is here", index + 1, 1) for index in range(count)]
    store.add(ImportSource("a.csv", f"digest{count}", "main", 1.0), rows)


def test_it_sees_what_a_run_writes_while_it_looks(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    store = SqlStore(path, EngineRules())
    fill(store, 1)
    view = SqlView(path)
    assert view.totals()[State.QUEUED] == 1
    fill(store, 3)
    assert view.totals()[State.QUEUED] == 3
    store.close()
    assert view.totals()[State.QUEUED] == 3
    view.close()


def test_it_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    SqlStore(path, EngineRules()).close()
    view = SqlView(path)
    with pytest.raises(sa.exc.OperationalError), view._engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM messages")
    view.close()


def test_a_store_that_begins_to_change_is_said_and_not_mixed_up(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    SqlStore(path, EngineRules()).close()
    view = SqlView(path)
    assert sum(view.totals().values()) == 0
    store = SqlStore(path, EngineRules())
    fill(store, 5)
    store.close()
    with pytest.raises(StoreError, match="changed while it was read"):
        view.totals()
    view.close()


def test_a_run_that_ends_while_it_is_opened_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gsmsend.db"
    store = SqlStore(path, EngineRules())
    fill(store, 2)
    real = reading._way

    def ends_after(place: Path) -> str:
        way = real(place)
        store.close()
        return way

    monkeypatch.setattr(reading, "_way", ends_after)
    view = SqlView(path)
    assert view.totals()[State.QUEUED] == 2
    view.close()


def test_an_older_store_is_brought_up_to_date_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gsmsend.db"
    SqlStore(path, EngineRules()).close()
    found = iter(["0000", schema.HEAD])
    monkeypatch.setattr(reading, "version_of", lambda connection, place: next(found))
    SqlView(path).close()
    assert next(found, None) is None


def test_a_newer_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    engine = connect(path, Seals(OperationKey(tmp_path / NAME)))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9.9999'")
    engine.dispose()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="a newer gsmsend"):
        SqlView(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough" * 10])
def test_a_damaged_store_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gsmsend.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be"):
        SqlView(path)
    assert path.read_bytes() == content


def test_a_log_without_its_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "gsmsend.db-wal").write_bytes(b"the last texts sent")
    with pytest.raises(StoreError, match="is gone"):
        SqlView(tmp_path / "gsmsend.db")


def test_what_lines_have_sent_is_counted_by_an_index_or_not_at_all(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "gsmsend.db", EngineRules())
    asked: list[str] = []
    sa.event.listen(store._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert store.lines() == store.lines(counted=False) == []
    counted, uncounted = asked[-2:]
    with store._engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {counted}")]
    assert any("ix_attempts_accepted" in step for step in plan)
    assert "attempts" not in uncounted
    store.close()
