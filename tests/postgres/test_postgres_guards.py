"""What the database itself holds to: the audit log's guards, an older copy, a server that may forget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import psycopg.sql
import pytest
import sqlalchemy as sa

from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GsmsendError, GuardStop, StoreError
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.postgresql import raw
from gsmsend.store.server import Server
from gsmsend.store.vault import vault_of
from gsmsend.store.witness import Witness
from gsmsend.testing.store_desk import NOW_S, Desk, number
from tests.postgres.server import Cluster


@pytest.fixture
def place(postgres: Cluster) -> Server:
    return postgres.place()


@pytest.fixture
def key(tmp_path: Path) -> OperationKey:
    return OperationKey(tmp_path / NAME)


@pytest.fixture
def store(place: Server, key: OperationKey) -> Iterator[SqlStore]:
    with closing(SqlStore(place, EngineRules(), key=key)) as found:
        Desk(found).fill(number(1), number(2))
        yield found


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("INSERT INTO audit (n, kind, line, hash) VALUES (99, 'note', '{}', '0')", "written on at its end only"),
        ("INSERT INTO audit (n, kind, line, hash) VALUES (1, 'note', '{}', '0')", "written on at its end only"),
        ("UPDATE audit SET line = '{}' WHERE n = 2", "no entry of the audit log is changed"),
        ("UPDATE audit SET mac = NULL WHERE n = 2", "no entry of the audit log is changed"),
        ("UPDATE audit SET secrets = '\\x00' WHERE n = 2", "no entry of the audit log is changed"),
        ("UPDATE audit SET n = n + 100", "no entry of the audit log is changed"),
        ("DELETE FROM audit WHERE n = 2", "no entry of the audit log is deleted"),
        ("TRUNCATE audit", "no entry of the audit log is deleted"),
    ],
)
@pytest.mark.usefixtures("store")
def test_the_log_is_only_written_on(place: Server, statement: str, said: str) -> None:
    with raw(place, autocommit=True) as prompt, pytest.raises(psycopg.errors.RaiseException, match=said):
        prompt.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TRIGGER audit_is_kept ON audit", "guard audit_is_kept of the audit log was taken away"),
        (
            "ALTER TABLE audit DISABLE TRIGGER audit_is_in_turn",
            "guard audit_is_in_turn of the audit log was changed",
        ),
        (
            "DROP FUNCTION audit_is_not_changed() CASCADE",
            "guard audit_is_not_changed of the audit log was taken away",
        ),
        (
            "CREATE OR REPLACE FUNCTION audit_is_in_turn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "guard audit_is_in_turn of the audit log was changed",
        ),
        ("CREATE VIEW everybody AS SELECT * FROM messages", "in the store is a view everybody"),
        ("CREATE RULE quiet AS ON DELETE TO messages DO INSTEAD NOTHING", "in the store is a rule quiet"),
    ],
)
def test_verify_finds_a_guard_that_is_gone_and_what_is_not_ours(
    store: SqlStore, place: Server, statement: str, said: str
) -> None:
    assert store.verify().findings == ()
    with raw(place, autocommit=True) as prompt:
        prompt.execute(statement)
    (found,) = store.verify().findings
    assert said in found.what


def test_a_replica_that_lacks_the_last_entries_is_noticed(
    store: SqlStore, place: Server, key: OperationKey, postgres: Cluster, tmp_path: Path
) -> None:
    witness = Witness(tmp_path / "state")
    assert witness.keep(store, None, NOW_S) == ""
    with closing(SqlView(place, key=key)) as view:
        assert witness.check(view) == ""
    with postgres.owner() as owner:
        owner.execute("SELECT set_config('search_path', %s, false)", (place.schema,))
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)")
    with closing(SqlView(place, key=key)) as view, pytest.raises(GuardStop, match="is not the newest one"):
        witness.check(view)


def test_a_server_that_may_forget_is_refused_but_for_a_lab(postgres: Cluster, key: OperationKey) -> None:
    with pytest.raises(StoreError, match="fsync = off, so that it may lose what it has confirmed"):
        SqlStore(postgres.place(lab=False), EngineRules(), key=key)


def test_a_schema_with_tables_of_others_is_left_alone(postgres: Cluster, place: Server, key: OperationKey) -> None:
    with postgres.owner() as owner:
        owner.execute(psycopg.sql.SQL("CREATE SCHEMA {0} CREATE TABLE theirs (a int)").format(
            psycopg.sql.Identifier(place.schema)
        ))  # fmt: skip
        owner.execute(psycopg.sql.SQL("GRANT ALL ON SCHEMA {} TO gsmsend").format(
            psycopg.sql.Identifier(place.schema)
        ))  # fmt: skip
    with pytest.raises(StoreError, match="is not a gsmsend store"):
        SqlStore(place, EngineRules(), key=key)


def test_two_operations_in_one_database_know_nothing_of_each_other(
    store: SqlStore, postgres: Cluster, tmp_path: Path
) -> None:
    other = OperationKey(tmp_path / "other.key")
    with closing(SqlStore(postgres.place(), EngineRules(), key=other)) as found:
        assert sum(found.totals().values()) == 0
        Desk(found).fill(number(3))
        assert sum(found.totals().values()) == 1
    assert sum(store.totals().values()) == 2
    assert store.verify().findings == ()


def test_who_only_looks_makes_nothing(place: Server, key: OperationKey, postgres: Cluster) -> None:
    with closing(SqlView(place, key=key)) as view:
        assert sum(view.totals().values()) == 0
    assert postgres.ask("SELECT to_regnamespace(%s)", place.schema) == [(None,)]


def test_what_was_forgotten_is_written_out_of_the_tables(store: SqlStore, place: Server) -> None:
    with raw(place, autocommit=True) as prompt:
        (before,) = prompt.execute("SELECT pg_relation_filenode('messages')").fetchone() or (0,)
    store.cancel("campaign", "A. Person", "the court has said so", NOW_S)
    store.forget("campaign", "A. Person", "the time is over", NOW_S)
    assert not store.unwiped()
    with raw(place, autocommit=True) as prompt:
        (after,) = prompt.execute("SELECT pg_relation_filenode('messages')").fetchone() or (0,)
    assert before != after, "the table is the file that it was"
    assert store.verify().findings == ()


def test_nothing_is_sealed_with_a_key_that_another_host_destroyed(
    store: SqlStore, place: Server, key: OperationKey
) -> None:
    def seal(connection: sa.Connection) -> bytes:
        return vault_of(connection).seal(1, "messages.number 1", number(1))

    assert store._writer.submit(seal).result()
    with closing(SqlStore(place, EngineRules(), key=key)) as other:
        other.cancel("campaign", "A. Person", "the court has said so", NOW_S)
        other.forget("campaign", "A. Person", "the time is over", NOW_S)
    with pytest.raises(GsmsendError, match="was forgotten"):
        store._writer.submit(seal).result()
    assert store.verify().findings == ()
