"""A store that is moved to PostgreSQL and back is what it was, and is used in one place only."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from gsmsend.contract import AttemptOpen, ImportSource, NewMessage
from gsmsend.errors import GuardStop, MovedStop, StoreError
from gsmsend.evidence.exporting import Exported, Wanted, export
from gsmsend.evidence.terms import Variant
from gsmsend.store import copying, moving_target
from gsmsend.testing.store_desk import NOW_S, Desk, number
from tests.moving.rich import STORED, Rich, contents, kinds
from tests.postgres.server import Cluster

NOT_FILLED = {"hosts", "leases"}
"""No evidence: of a run that goes on."""


def test_there_and_back_everything_is_as_it_was(op: Rich, postgres: Cluster) -> None:
    before, told, place = contents(op.file), kinds(op.file), postgres.place()
    assert {name for name, held in before.items() if not held.rows} <= NOT_FILLED
    there = op.move(op.file, place)
    assert there.verdict.findings == ()
    assert copying.differing(before, contents(place)) == ["audit"]
    back = op.move(place, op.file)
    assert back.verdict.findings == ()
    assert copying.differing(before, contents(op.file)) == ["audit"]
    assert kinds(op.file) == [*told, "session", STORED, "session", STORED]
    assert op.usable(place, op.file) == [op.file]
    with closing(op.store(op.file)) as store:
        assert store.verify().findings == ()


def test_from_one_server_or_schema_into_another(op: Rich, postgres: Cluster) -> None:
    before, first, second = contents(op.file), postgres.place(), postgres.place()
    op.move(op.file, first)
    op.move(first, second)
    assert copying.differing(before, contents(second)) == ["audit"]
    assert op.usable(first, second) == [second]


def test_the_log_says_what_was_moved(op: Rich, postgres: Cluster) -> None:
    before = contents(op.file)
    op.move(op.file, place := postgres.place())
    with closing(op.store(place)) as store:
        (entry,) = store.entries([STORED], None, 1)
    data = json.loads(entry.line)["data"]
    assert (data["from"], data["to"], data["person"]) == ("sqlite", "postgresql", "tester")
    assert data["rows"] == {name: held.rows for name, held in before.items()}


def test_the_old_store_is_refused_with_where_it_is_now(op: Rich, postgres: Cluster) -> None:
    place = postgres.place()
    op.move(op.file, place)
    with pytest.raises(MovedStop, match="it was moved on") as told:
        op.store(op.file)
    assert f'store = "{place}"' in told.value.remedy
    with closing(op.store(place)) as store:
        assert store.verify().findings == ()


def test_who_had_the_old_store_open_can_send_nothing_from_it(op: Rich, postgres: Cluster) -> None:
    with closing(op.store(op.file)) as store:
        desk = Desk(store)
        store.resume("campaign", "pc1", "", NOW_S)
        desk.fill(number(75), name="late")
        line = desk.line(2)
        queued = desk.claim(line, 1)
        op.move(op.file, postgres.place())
        for message in queued:
            intent = AttemptOpen(message.message_id, message.parts[0].seq, line.line_id, NOW_S + 9)
            with pytest.raises(MovedStop):
                store.advance(None, intent).result()
        with pytest.raises(MovedStop):
            store.note("pc1", "looked", "", NOW_S)
        assert queued


def test_new_rows_go_on_after_the_last_ones(op: Rich, postgres: Cluster) -> None:
    place = postgres.place()
    op.move(op.file, place)
    with closing(op.store(place)) as store:
        last = max(row.message_id for row in store.messages())
        store.add(ImportSource("n.csv", "n", "new", NOW_S), [NewMessage(number(70), "New.", 1, 1)])
        assert [row.message_id for row in store.messages() if row.number == number(70)] == [last + 1]
        assert store.verify().findings == ()
    op.move(place, op.file)
    with closing(op.store(op.file)) as store:
        assert [row.message_id for row in store.messages() if row.number == number(70)] == [last + 1]


def test_packs_of_before_and_after_are_the_same_to_the_octet(op: Rich, postgres: Cluster) -> None:
    place, packs = postgres.place(), list[Exported]()
    for where in (op.file, place):
        if where == place:
            op.move(op.file, place)
        with closing(op.store(where)) as store:
            goal = op.folder.parent / f"pack-{len(packs)}.zip"
            wanted = Wanted(None, Variant.FULL, "tester")
            packs.append(export(store, op.settings, wanted, goal, lambda: NOW_S + 90, lambda *_: []))
    assert packs[0].digest == packs[1].digest
    assert packs[0].place.read_bytes() == packs[1].place.read_bytes()


def test_another_operations_store_is_never_written_over(op: Rich, postgres: Cluster) -> None:
    place = postgres.place()
    other = Rich(op.folder.parent / "other")
    other.folder.mkdir()
    with closing(other.store(place)) as store:
        store.note("pc1", "began", "", NOW_S)
    held = contents(place)
    with pytest.raises(GuardStop, match="there is a store already"):
        op.move(op.file, place)
    other.move(place, other.file)
    with pytest.raises(GuardStop, match="entries in its audit log that"):
        op.move(op.file, place)
    assert copying.differing(held, contents(place)) == ["audit"]
    op.store(op.file).close()


def test_a_store_that_is_not_as_its_log_tells_stays_where_it_is(op: Rich, postgres: Cluster) -> None:
    with moving_target.opened(op.file) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE messages SET state = 'queued' WHERE state = 'delivered'"))
    with pytest.raises(StoreError, match="not as its audit log tells"):
        op.move(op.file, place := postgres.place())
    assert op.usable(op.file, place) == [op.file]


def test_what_the_other_database_would_not_keep_is_not_moved(op: Rich, postgres: Cluster) -> None:
    """PostgreSQL's texts have no U+0000."""
    with moving_target.opened(op.file) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE lines SET why = 'a' || char(0) || 'b'"))
    with pytest.raises(StoreError, match="table lines"):
        op.move(op.file, place := postgres.place())
    assert op.usable(op.file, place) == [op.file]


@pytest.mark.parametrize("what", ["rows", "octets"])
def test_a_copy_that_is_not_exact_is_noticed(
    op: Rich, postgres: Cluster, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    insert = copying._insert

    def careless(connection: sa.Connection, table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
        if table.name == "texts":
            fewer = [(*row[:3], bytes(row[3] or b"")[:-1], *row[4:]) for row in rows]
            rows = rows[:-1] if what == "rows" else fewer
        insert(connection, table, rows)

    monkeypatch.setattr(copying, "_insert", careless)
    with pytest.raises(StoreError):
        op.move(op.file, place := postgres.place())
    assert op.usable(op.file, place) == [op.file]
