"""What is of people cannot be read in the store's files, and no value can stand in for another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.contract import Suppression
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import StoreError
from gsmsend.model import Inbound, Outcome, OutcomeKind, State
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.key import NAME, OperationKey
from gsmsend.testing.store_desk import NOW_S, UNKNOWN, Desk, number, report
from gsmsend.testing.store_replies import e164, read

from .raw_files import found_in

BODY = "Help is here: Kestrelwind"
REPLY = "Plumtreefog and a knife"


def opened(folder: Path, *, locked: bool = False) -> SqlStore:
    return SqlStore(folder / "gsmsend.db", EngineRules(read, e164), locked=locked)


def used(folder: Path, count: int = 3) -> None:
    """A campaign that was sent, reported and answered, and a person who must not be texted."""
    with closing(opened(folder)) as store:
        desk = Desk(store)
        desk.fill(*(number(index) for index in range(count)), text=BODY)
        line = desk.line()
        for reference, message in enumerate(desk.claim(line, count)):
            desk.send(line, message, reference)
            store.record_report(line.line_id, report(reference, message.number), NOW_S + 1).result()
        store.record_inbound(line.line_id, Inbound(number(1), REPLY, raw=REPLY.encode().hex()), NOW_S).result()
        store.record_inbound(line.line_id, Inbound("07700 900777", REPLY, raw="AA"), NOW_S).result()
        store.suppress([number(count)], Suppression.NEVER, "a witness", "DC Example", NOW_S)


def secrets_of(count: int = 3) -> list[str]:
    return [*(number(index) for index in range(count + 1)), BODY, REPLY, "07700 900777"]


def changed(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        assert database.execute(statement).rowcount > 0


def test_nothing_of_people_is_in_the_files_while_they_are_in_use_and_after(tmp_path: Path) -> None:
    store = opened(tmp_path)
    used(tmp_path)
    assert (tmp_path / "gsmsend.db-wal").stat().st_size > 0
    assert found_in(tmp_path, secrets_of()) == []
    store.close()
    assert found_in(tmp_path, secrets_of()) == []
    with closing(SqlView(tmp_path / "gsmsend.db")) as view:
        assert {row.number for row in view.messages()} == {number(index) for index in range(3)}


def test_after_it_is_forgotten_not_even_who_has_the_key_can_read_it(tmp_path: Path) -> None:
    used(tmp_path)
    sealed = []
    with closing(sqlite3.connect(tmp_path / "gsmsend.db")) as database:
        sealed += [row[0] for row in database.execute("SELECT number FROM messages")]
        sealed += [row[0] for row in database.execute("SELECT body FROM texts")]
        sealed += [row[0] for row in database.execute("SELECT wrapped FROM keys WHERE campaign_id = 1")]
        sealed += [row[0] for row in database.execute("SELECT secrets FROM audit WHERE campaign_id = 1")]
        people = [row[0].encode() for row in database.execute("SELECT person FROM messages")]
    assert all(sealed)
    with closing(opened(tmp_path)) as store:
        assert store.forget("campaign", "DC Example", "the period is over", NOW_S).wiped
        octets = b"".join(file.read_bytes() for file in tmp_path.glob("gsmsend.db*"))
        assert [one for one in (*sealed, *people) if one in octets] == []
    octets = b"".join(file.read_bytes() for file in tmp_path.glob("gsmsend.db*"))
    assert [one for one in (*sealed, *people) if one in octets] == []
    assert found_in(tmp_path, secrets_of()) == []


def test_what_could_not_be_wiped_is_wiped_when_the_store_is_opened_next(tmp_path: Path) -> None:
    used(tmp_path)
    with closing(sqlite3.connect(tmp_path / "gsmsend.db")) as database:
        (key,) = database.execute("SELECT wrapped FROM keys WHERE campaign_id = 1").fetchone()
    store = opened(tmp_path)
    with closing(sqlite3.connect(tmp_path / "gsmsend.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()
        driver = store._engine.raw_connection()
        driver.execute("PRAGMA busy_timeout=10")
        driver.close()
        assert not store.forget("campaign", "DC Example", "over", NOW_S).wiped
        reader.execute("COMMIT")
    store.close()
    opened(tmp_path).close()
    assert not any(key in file.read_bytes() for file in tmp_path.glob("gsmsend.db*"))


@pytest.mark.parametrize(
    ("statement", "label"),
    [
        (
            "UPDATE messages SET number = (SELECT number FROM messages WHERE id = 2) WHERE id = 1",
            "messages.number 1",
        ),
        (
            "UPDATE messages SET number = zeroblob(length(number)) WHERE id = 1",
            "messages.number 1",
        ),
        ("UPDATE messages SET number = x'00' WHERE id = 1", "messages.number 1"),
        ("UPDATE texts SET body = (SELECT number FROM messages WHERE id = 1)", "texts.body 1"),
    ],
    ids=["another's number", "a changed octet", "cut off", "another column's"],
)
def test_a_value_that_was_changed_or_moved_is_not_read(tmp_path: Path, statement: str, label: str) -> None:
    used(tmp_path)
    changed(tmp_path, statement)
    with closing(SqlView(tmp_path / "gsmsend.db")) as view:
        with pytest.raises(StoreError, match=rf"{label}\) was changed by something else"):
            list(view.messages())
        assert sum(view.totals().values()) == 3


def test_another_operations_key_reads_nothing(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        used(tmp_path / name)
    theirs = OperationKey(tmp_path / "theirs" / NAME)
    with closing(SqlView(tmp_path / "ours" / "gsmsend.db", key=theirs)) as view:
        with pytest.raises(StoreError, match="is the key of another operation"):
            list(view.messages())
        assert sum(view.totals().values()) == 3


def test_what_needs_no_number_needs_no_key(tmp_path: Path) -> None:
    used(tmp_path)
    (tmp_path / NAME).unlink()
    with closing(SqlView(tmp_path / "gsmsend.db")) as view:
        assert sum(view.totals().values()) == 3
        assert len(view.lines()) == 1
        assert view.report_counts().matched == 3
        assert view.halts() == []
        assert [row.name for row in view.campaigns()] == ["campaign"]
        assert [row.people for row in view.suppressions()] == [1]
        assert view.unseen_dangers() == 2
        assert {(row.number, row.text) for row in view.messages(closed=True)} == {("(sealed)", "(sealed)")}
        with pytest.raises(StoreError, match="is gone"):
            list(view.messages())


def test_a_stop_needs_no_key(tmp_path: Path) -> None:
    used(tmp_path)
    (tmp_path / NAME).unlink()
    with closing(opened(tmp_path, locked=True)) as store:
        assert store.pause("campaign", "DC Example", "a complaint", NOW_S)
        store.cancel("campaign", "DC Example", "a complaint", NOW_S)
    assert not (tmp_path / NAME).exists()


def test_a_report_is_sealed_anew_when_its_text_is_known(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as store:
        desk = Desk(store)
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        attempt_id = desk.open(line, message)
        store.record_report(line.line_id, report(9, number(1)), NOW_S + 1).result()
        assert whose(tmp_path, "reports") == [0]
        accepted = Outcome(OutcomeKind.ACCEPTED, reference=9)
        assert desk.close(line, message, attempt_id, accepted, State.SENT).state is State.DELIVERED
    assert whose(tmp_path, "reports") == [1]


def test_a_report_that_settles_a_doubt_is_sealed_anew_too(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as store:
        desk = Desk(store)
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        store.record_report(line.line_id, report(9, number(1)), NOW_S + 1).result()
        assert desk.states()[number(1)] is State.DELIVERED
    assert whose(tmp_path, "reports") == [1]


def test_a_received_text_is_sealed_under_the_campaign_that_it_answers(tmp_path: Path) -> None:
    used(tmp_path)
    assert whose(tmp_path, "inbound") == [1, 0]


def whose(folder: Path, table: str) -> list[int]:
    """Under whose keys the rows of a table are sealed; they are read with those, or this raises."""
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database:
        return [row[0] for row in database.execute(f"SELECT campaign_id FROM {table} ORDER BY id")]  # noqa: S608
