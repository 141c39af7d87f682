"""Migrations of a generation only add: what an older program knows of a store stays as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from gsmsend.store import schema
from gsmsend.store.generation import Revision
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.migrate import configuration
from gsmsend.store.seals import Seals
from gsmsend.store.vault import attach
from tests.upgrade.additive import broken, shape

FIRST = "0006"
"""From here on, migrations only add."""


def revisions() -> list[str]:
    """From the oldest on."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection)).walk_revisions()
        return sorted((script.revision for script in scripts), key=_number)


def _number(revision: str) -> int:
    found = Revision.of(revision)
    assert found is not None, f"{revision} is no name for a revision: gsmsend/store/generation.py"
    return found.number


def steps() -> list[tuple[str, str]]:
    """Each migration that adds only, by its revision and the one before."""
    every = revisions()
    pairs = list(zip(every[every.index(FIRST) :], every[every.index(FIRST) + 1 :], strict=False))
    return [(old, new) for old, new in pairs if old == FIRST or _generation(old) == _generation(new)]


def _generation(revision: str) -> int:
    found = Revision.of(revision)
    assert found is not None
    return found.generation


@pytest.mark.parametrize(("old", "new"), steps())
def test_what_was_there_before_is_there_as_it_was(tmp_path: Path, old: str, new: str) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'gsmsend.db'}")
    with engine.begin() as connection:
        attach(connection, Seals(OperationKey(tmp_path / NAME)))
        command.upgrade(configuration(connection), old)
        before = shape(connection)
        command.upgrade(configuration(connection), new)
        assert broken(before, shape(connection)) == []
    engine.dispose()


def test_revisions_go_up_to_this_programs_own() -> None:
    assert revisions()[-1] == schema.HEAD
    assert [_number(revision) for revision in revisions()] == list(range(1, len(revisions()) + 1))


_MADE = (
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, age INTEGER)",
    "CREATE INDEX by_age ON people (age)",
    "CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES people (id))",
    "CREATE TRIGGER kept BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'no'); END",
)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("ALTER TABLE people ADD COLUMN note VARCHAR", ""),
        ("ALTER TABLE people ADD COLUMN paid INTEGER NOT NULL DEFAULT 0", ""),
        ("CREATE TABLE cars (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES people (id))", ""),
        ("CREATE INDEX by_name ON people (name)", ""),
        ("DROP TABLE pets", "the table pets is gone"),
        ("ALTER TABLE people DROP COLUMN name", "people.name is gone"),
        ("ALTER TABLE people RENAME COLUMN name TO title", "people.name is gone"),
        ("CREATE UNIQUE INDEX one_name ON people (name)", "the unique index one_name of people is new"),
        ("DROP INDEX by_age", "the index by_age of people is gone"),
        ("DROP TRIGGER kept", "the trigger kept is gone"),
        ("CREATE TRIGGER more AFTER INSERT ON pets BEGIN DELETE FROM pets; END", "the trigger more is new"),
        ("CREATE VIEW grown AS SELECT * FROM people", "the view grown is new"),
        (_MADE[0].replace("age INTEGER", "age VARCHAR"), "people.age is another"),
        (_MADE[0].replace("age INTEGER", "age INTEGER NOT NULL"), "people.age is another"),
        (_MADE[0].replace("age INTEGER", "age INTEGER DEFAULT 7"), "people.age is another"),
        (_MADE[0].replace("name VARCHAR NOT NULL", "name VARCHAR NOT NULL UNIQUE"), "is new"),
        (_MADE[0].replace("age INTEGER", "age INTEGER CHECK (age > 0)"), "people has other checks"),
        (_MADE[0].replace("age INTEGER", "age INTEGER REFERENCES pets (id)"), "people refers to other tables"),
        (_MADE[0].replace("age INTEGER", "age INTEGER, more VARCHAR NOT NULL"), "people.more must be given"),
    ],
)
def test_the_rule_itself(tmp_path: Path, change: str, found: str) -> None:
    path = tmp_path / "any.db"
    with closing(sqlite3.connect(path)) as raw:
        for statement in _MADE:
            raw.execute(statement)
        raw.commit()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        before = shape(connection)
    with closing(sqlite3.connect(path)) as raw:
        if change.startswith("CREATE TABLE people"):
            raw.execute("DROP TABLE people")
            change = f"{change}; {_MADE[1]}; {_MADE[3]}"
        raw.executescript(change)
    with engine.connect() as connection:
        said = "; ".join(broken(before, shape(connection)))
    engine.dispose()
    assert found in said
    assert bool(said) == bool(found)
