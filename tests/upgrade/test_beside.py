"""An older program goes on, as it was, on the store that a newer one has brought further under its hands."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gsmsend.engine.rules import EngineRules
from gsmsend.model import State
from gsmsend.store import SqlStore, schema
from gsmsend.store.key import NAME, OperationKey
from gsmsend.testing.store_desk import NOW_S, Desk
from gsmsend.testing.store_replies import e164, read
from tests.upgrade.recording import fancy

FROZEN = Path(__file__).parent / "asked-0006.jsonl"
"""Of the last release before this one; tests/upgrade/recording.py says how it is made."""


@dataclass
class Older:
    """The older program: its store, its key, what it asks next."""

    path: Path
    asked: list[dict[str, Any]]

    def store(self) -> SqlStore:
        """The same store, as today's program opens it."""
        return SqlStore(self.path, EngineRules(read, e164), key=OperationKey(self.path.with_name(NAME)))

    def goes_on(self, first: int, last: int | None = None) -> None:
        """It runs its statements, as it had them ready; each is told what it was told then."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("BEGIN IMMEDIATE")
            for one in self.asked[first:last]:
                if one["many"]:
                    connection.executemany(one["sql"], [fancy(row) for row in one["values"]])
                    continue
                told = connection.execute(one["sql"], fancy(one["values"])).fetchall()
                if one["told"] is not None:
                    assert told == [fancy(row) for row in one["told"]], one["sql"]
            connection.execute("COMMIT")


@pytest.fixture
def older(tmp_path: Path) -> Older:
    head, *lines = map(json.loads, FROZEN.read_text(encoding="utf-8").splitlines())
    path = tmp_path / "gsmsend.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("\n".join(one["made"] for one in lines if "made" in one))
        connection.execute(f"PRAGMA application_id={0x67736D73}")
        connection.execute("PRAGMA journal_mode=WAL")
    path.chmod(0o600)
    path.with_name(NAME).write_bytes(bytes.fromhex(head["key"]))
    path.with_name(NAME).chmod(0o600)
    return Older(path, [one for one in lines if "sql" in one])


def test_the_frozen_program_is_of_the_revision_before_this_releases_migrations() -> None:
    head = json.loads(FROZEN.read_text(encoding="utf-8").split("\n", 1)[0])["head"]
    assert head == "0006" < schema.HEAD


def test_nothing_that_it_asks_is_told_otherwise_and_nothing_that_it_writes_is_refused(older: Older) -> None:
    half = len(older.asked) // 2
    older.goes_on(0, half)
    with closing(older.store()) as newer:  # it brings the schema further while the older one goes on
        older.goes_on(half)
        assert newer.verify().findings == ()
        totals = newer.totals()
        assert totals[State.UNCERTAIN] >= 1
        assert totals[State.DELIVERED] == 2


def test_the_newer_program_takes_over_what_the_older_one_has_begun(older: Older) -> None:
    with closing(older.store()) as newer:
        older.goes_on(0)
        recovered = newer.recover(NOW_S + 100)
        assert (recovered.uncertain, newer.totals()[State.SENDING]) == (1, 0)
        desk = Desk(newer)
        line = desk.line(3)
        (message, *_) = desk.claim(line)
        desk.send(line, message, 200)
        assert newer.verify().findings == ()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE parts RENAME COLUMN said TO word",
        "ALTER TABLE lines DROP COLUMN counter_value",
        "CREATE UNIQUE INDEX one_decision ON decisions (person)",
        "CREATE TRIGGER stopped BEFORE UPDATE OF why ON messages BEGIN SELECT RAISE(ABORT, 'no'); END",
        "UPDATE campaigns SET name = upper(name)",
    ],
)
def test_a_migration_that_does_more_than_add_would_be_noticed(older: Older, change: str) -> None:
    older.store().close()
    with closing(sqlite3.connect(older.path)) as connection:
        connection.execute(change)
        connection.commit()
    with pytest.raises((sqlite3.Error, AssertionError)):
        older.goes_on(0)
