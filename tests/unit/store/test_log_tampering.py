"""What was done to a store by something else than gsmsend is found by `verify`, or by a head that was noted."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.audit.short import Noted, read_short
from gsmsend.contract.heads import Verdict
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.verifying import _Check
from gsmsend.testing.store_desk import NOW_S, Desk, number, report

TRIGGERS = ("audit_is_in_turn", "audit_is_not_changed", "audit_is_kept")


def opened(folder: Path) -> SqlStore:
    return SqlStore(folder / "gsmsend.db", EngineRules())


def texts_sent(folder: Path, count: int = 1, name: str = "a") -> str:
    """Import, send, hear a report; the head that is shown at the end."""
    store = opened(folder)
    try:
        desk = Desk(store)
        desk.fill(*(number(int(name, 36) * 10 + index) for index in range(count)), name=name)
        line = desk.line()
        for claimed in desk.claim(line):
            desk.send(line, claimed, claimed.message_id)
            store.record_report(line.line_id, report(claimed.message_id, claimed.number), NOW_S).result()
        head = store.sign_head(NOW_S)
    finally:
        store.close()
    assert head is not None
    return head.short


def verified(folder: Path, *heads: str) -> Verdict:
    view = SqlView(folder / "gsmsend.db")
    try:
        return view.verify([read_short(head) for head in heads])
    finally:
        view.close()


def tampered(folder: Path, *statements: str) -> str:
    """What is found after these statements, by somebody who took the triggers away."""
    connection = sqlite3.connect(folder / "gsmsend.db")
    for trigger in TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return "; ".join(one.what for one in verified(folder).findings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts_sent(tmp_path, 3)
    return tmp_path


def test_a_store_that_nobody_touched_is_right(folder: Path) -> None:
    found = verified(folder)
    assert found.findings == ()
    assert found.totals == {"delivered": 3}
    assert found.sealed == 8  # the list, its rows, three attempts, three reports
    assert found.closed == ""


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE messages SET state = 'failed' WHERE id = 2", "not in the state that the log tells: 2"),
        ("UPDATE messages SET state = 'nonsense' WHERE id = 2", "1 message(s) are not in the state"),
        ("DELETE FROM reports WHERE id = 1", "the log tells of 3 reports, and the store has 2"),
        ("DELETE FROM attempts WHERE id = 3", "the log tells of 3 attempts, and the store has 2"),
        ("DELETE FROM audit WHERE n = 6", "entry 6 is missing"),
        ("DELETE FROM audit WHERE n > 8", "not in the state that the log tells"),
        ("DELETE FROM audit", "there is no audit log"),
        ("UPDATE audit SET secrets = NULL WHERE n = 4", "what entry 4 sealed is not there"),
        (
            "UPDATE audit SET secrets = (SELECT secrets FROM audit WHERE n = 8) WHERE n = 6",
            "what entry 6 sealed cannot be opened",
        ),
        ("UPDATE audit SET n = n + 1 WHERE n = (SELECT max(n) FROM audit)", "is kept under another number"),
        ("UPDATE keys SET wrapped = NULL", "no entry says why"),
        ("UPDATE audit SET line = replace(line, 'delivered', 'failed')", "does not hold the hash"),
    ],
)  # fmt: skip
def test_each_way_to_change_it_is_found(folder: Path, statement: str, words: str) -> None:
    assert words in tampered(folder, statement)


def test_swapped_entries_are_found(folder: Path) -> None:
    assert "entries 6 to 7 are missing" in tampered(
        folder,
        "UPDATE audit SET n = -6 WHERE n = 6",
        "UPDATE audit SET n = 6 WHERE n = 8",
        "UPDATE audit SET n = 8 WHERE n = -6",
    )


def test_the_log_of_another_operation_is_found(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    texts_sent(other, 3)
    connection = sqlite3.connect(folder / "gsmsend.db")
    connection.execute("ATTACH ? AS other", (str(other / "gsmsend.db"),))
    for trigger in TRIGGERS:
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("DELETE FROM audit")
    connection.execute("INSERT INTO audit SELECT * FROM other.audit")
    connection.commit()
    connection.close()
    assert "the key that entry 1 names is not this operation's" in {one.what for one in verified(folder).findings}


def test_an_older_copy_of_the_whole_store_is_found_by_a_noted_head(tmp_path: Path) -> None:
    now, copy = tmp_path / "now", tmp_path / "copy"
    now.mkdir()
    texts_sent(now, 1, "a")
    shutil.copytree(now, copy)
    noted = texts_sent(now, 1, "b")
    assert verified(now, noted).findings == ()
    shutil.rmtree(now)
    shutil.copytree(copy, now)
    assert verified(now).findings == ()  # nothing in it can tell
    (found,) = verified(now, noted).findings
    assert "and the head of entry" in found.what
    assert "older copy of the store" in found.means
    texts_sent(now, 2, "c")  # and it stays found when the copy has grown past it
    assert "is not the one whose head was noted" in verified(now, noted).findings[0].what


def test_each_stored_octet_counts(tmp_path: Path) -> None:
    """Exhaustive: every octet of every column of a small log."""
    store = opened(tmp_path)
    store.note("pc1", "looked", "", NOW_S)
    Desk(store).fill(number(1))
    store.sign_head(NOW_S)
    store.close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'gsmsend.db'}")
    key = OperationKey(tmp_path / NAME)
    with engine.connect() as connection:
        for trigger in TRIGGERS:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        rows = connection.exec_driver_sql("SELECT n, kind, line, hash, secrets, mac FROM audit").all()
        assert wrong(connection, key) == []
        for n, *columns in rows:
            for name, value in zip(("kind", "line", "hash", "secrets", "mac"), columns, strict=True):
                change = f"UPDATE audit SET {name} = ? WHERE n = ?"  # noqa: S608 - the five names above
                for changed in _each_octet(value):
                    connection.exec_driver_sql(change, (changed, n))
                    assert wrong(connection, key), (n, name, value, changed)
                connection.exec_driver_sql(change, (value, n))
            for other in (n + 100, -n, 0):
                connection.exec_driver_sql("UPDATE audit SET n = ? WHERE n = ?", (other, n))
                assert wrong(connection, key), (n, other)
                connection.exec_driver_sql("UPDATE audit SET n = ? WHERE n = ?", (n, other))
            campaign = connection.exec_driver_sql("SELECT campaign_id FROM audit WHERE n = ?", (n,)).scalar_one()
            connection.exec_driver_sql("UPDATE audit SET campaign_id = 7 WHERE n = ?", (n,))
            assert wrong(connection, key), (n, "campaign_id")
            connection.exec_driver_sql("UPDATE audit SET campaign_id = ? WHERE n = ?", (campaign, n))
        assert wrong(connection, key) == []
    engine.dispose()


def wrong(connection: sa.Connection, key: OperationKey) -> list[str]:
    """What is found, but for the guards that had to be taken away."""
    return [one.what for one in _Check(connection, key, ()).run().findings if "guard" not in one.what]


def _each_octet(value: str | bytes | None) -> Iterator[str | bytes]:
    if isinstance(value, str):
        yield from (value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :] for at in range(len(value)))
    elif value is not None:
        yield from (value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] for at in range(len(value)))


_WRITER = """
import sys
from pathlib import Path
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
store = SqlStore(Path(sys.argv[1]) / "gsmsend.db", EngineRules())
for at in range(40):
    store.note(sys.argv[2], f"note {at}", "", float(at))
store.close()
"""


def test_two_processes_that_write_in_turn_make_one_chain(tmp_path: Path) -> None:
    texts_sent(tmp_path)
    both = [subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name]) for name in ("pc1", "pc2")]
    assert [one.wait(60) for one in both] == [0, 0]
    found = verified(tmp_path)
    assert found.findings == ()
    notes = sqlite3.connect(tmp_path / "gsmsend.db")
    assert notes.execute("SELECT count(*) FROM audit WHERE kind = 'note'").fetchone() == (80,)
    assert notes.execute("SELECT count(*) FROM audit WHERE kind = 'session'").fetchone() == (3,)
    notes.close()


def test_without_the_key_the_chain_is_checked_all_the_same(folder: Path) -> None:
    (folder / NAME).unlink()
    found = verified(folder)
    assert found.findings == ()
    assert found.closed
    assert found.sealed == 0


def test_a_head_is_signed_once_and_after_a_change_again(tmp_path: Path) -> None:
    store = opened(tmp_path)
    try:
        assert store.sign_head(1.0) is None
        store.note("pc1", "looked", "", 1.0)
        first = store.sign_head(2.0)
        assert first is not None
        assert store.sign_head(3.0) == first == store.last_head()
        assert store.has_entry(Noted(first.n, first.hash))
        assert not store.has_entry(Noted(first.n + 9, first.hash))
        store.note("pc1", "looked", "", 4.0)
        second = store.sign_head(5.0)
        assert second is not None
        assert (second.n, second.entry) == (first.entry + 1, first.entry + 2)
    finally:
        store.close()


def test_what_a_refused_transaction_entered_is_not_in_the_log(tmp_path: Path) -> None:
    store = opened(tmp_path)
    try:
        store.note("pc1", "looked", "", 1.0)
        before = store.newest_entry()
        with pytest.raises(TypeError, match="float"):
            store.record_now(Kind.NOTE, {"x": 1.5}, 1.0)
        assert store.newest_entry() == before
        store.note("pc1", "looked", "", 2.0)
        assert store.verify().findings == ()
    finally:
        store.close()
