"""Who has the store but not the operation's key cannot write on in its log, and an honest run signs for nobody."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gsmsend.audit import FIRST, Kind
from gsmsend.contract import AttemptOpen, ConfigFacts, ImportSource, NewMessage, Suppression
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop, LogStop
from gsmsend.model import State
from gsmsend.store import SqlStore, SqlView
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.macs import Macs
from gsmsend.testing.store_desk import NOW_S, Desk, accepted, number, report

GHOST = {"name": "DI Ghost", "public_key": "5a" * 32, "login": "ghost", "role": "approver", "by": "root"}


def opened(folder: Path, *, locked: bool = False) -> SqlStore:
    return SqlStore(folder / "gsmsend.db", EngineRules(), locked=locked)


def found(folder: Path) -> list[str]:
    with closing(SqlView(folder / "gsmsend.db")) as view:
        return [one.what for one in view.verify().findings]


def changed(folder: Path, *statements: str, guards: bool = True) -> None:
    """Statements of somebody who takes the log's guards away, and puts them back if `guards`."""
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = database.execute(query).fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount != 0
        for _, sql in triggers if guards else ():
            database.execute(sql)


def appended(folder: Path, kind: str, data: dict[str, Any], mac: bytes | None = None) -> None:
    """An entry by somebody who has the store's file and Python, and not the operation's key."""
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        n, prev, last = database.execute("SELECT n, hash, line FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        made = {**json.loads(last), "data": data, "kind": kind, "n": n + 1, "prev": prev}
        made.pop("sealed", None)
        line = json.dumps(made, sort_keys=True, separators=(",", ":"))
        values = (n + 1, kind, line, hashlib.sha256(line.encode()).hexdigest(), mac)
        database.execute("INSERT INTO audit (n, kind, line, hash, mac) VALUES (?, ?, ?, ?, ?)", values)


def rewritten(folder: Path, since: int, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """All entries from that one on written anew, in a chain that has no gap; None leaves one out."""
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        rows = database.execute(
            "SELECT line, kind, campaign_id, secrets, mac FROM audit WHERE n >= ? ORDER BY n", (since,)
        ).fetchall()
        before = database.execute("SELECT hash FROM audit WHERE n = ?", (since - 1,)).fetchone()
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM audit WHERE n >= ?", (since,))
        number, prev = since, before[0] if before else FIRST
        for old, *kept in rows:
            made = change(json.loads(old))
            if made is None:
                continue
            line = json.dumps({**made, "n": number, "prev": prev}, sort_keys=True, separators=(",", ":"))
            prev = hashlib.sha256(line.encode()).hexdigest()
            values = (number, line, prev, *kept)
            database.execute(
                "INSERT INTO audit (n, line, hash, kind, campaign_id, secrets, mac) VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            number += 1
        for _, sql in triggers:
            database.execute(sql)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three texts wait; the head is signed, and something was done since."""
    with closing(opened(tmp_path)) as store:
        Desk(store).fill(*(number(index) for index in range(3)))
        store.sign_head(NOW_S)
        store.note("pc1", "looked", "", NOW_S)
    assert found(tmp_path) == []
    return tmp_path


def nothing_leaves(folder: Path, words: str) -> None:
    """No intent is written, no head is signed, and the log is not written on."""
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database:
        entries = database.execute("SELECT count(*) FROM audit").fetchone()
    with closing(opened(folder)) as store:
        desk = Desk(store)
        line = desk.line()
        claimed = desk.claim(line)[0].message_id
        with pytest.raises(GuardStop, match=words):
            store.advance(None, AttemptOpen(claimed, 1, line.line_id, NOW_S)).result()
        with pytest.raises(LogStop, match=words) as raised:
            store.sign_head(NOW_S)
        assert "gsmsend verify" in raised.value.remedy
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database:
        assert database.execute("SELECT count(*) FROM attempts").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM audit").fetchone() == entries


@pytest.mark.parametrize("mac", [None, b"", b"\0" * 32])
def test_an_entry_that_was_appended_without_the_key_stops_everything(folder: Path, mac: bytes | None) -> None:
    appended(folder, "officer", GHOST, mac)
    assert "written with the operation's key" in found(folder)[0]
    nothing_leaves(folder, r"entry 8 was not written with the operation's key")


def test_another_entrys_code_does_not_stand_for_a_forged_one(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database:
        (mac,) = database.execute("SELECT mac FROM audit WHERE n = 7").fetchone()
    appended(folder, "officer", GHOST, mac)
    nothing_leaves(folder, "entry 8 was not written with the operation's key")


def test_a_tail_that_was_rewritten_after_the_last_head_stops_everything(folder: Path) -> None:
    rewritten(folder, 7, lambda made: {**made, "data": {**made["data"], "what": "nothing"}})
    assert any("entry 7 is not as it was written with the operation's key" in one for one in found(folder))
    nothing_leaves(folder, "entry 7 was not written with the operation's key, or was changed")


def test_a_log_whose_heads_were_all_left_out_stops_everything(folder: Path) -> None:
    rewritten(folder, 1, lambda made: None if made["kind"] == Kind.HEAD else made)
    assert any("entry 6 is not as it was written" in one for one in found(folder))
    nothing_leaves(folder, "entry 6 was not written with the operation's key")


def test_a_forged_head_is_no_head(folder: Path) -> None:
    appended(folder, "head", {"head": 7, "hash": "0" * 64, "signature": "0" * 128})
    assert found(folder)
    nothing_leaves(folder, "entry 8 was not written with the operation's key")


def test_a_log_that_was_taken_away_is_not_begun_anew(folder: Path) -> None:
    changed(folder, "DELETE FROM audit")
    assert found(folder)[0] == "there is no audit log"
    with closing(opened(folder)) as store, pytest.raises(LogStop, match="not there any more"):
        store.note("pc1", "looked", "", NOW_S)


def test_what_another_wrote_while_this_process_works_is_checked_too(folder: Path) -> None:
    with closing(opened(folder)) as store:
        store.note("pc1", "looked", "", NOW_S)
        with closing(opened(folder)) as other:
            other.note("pc2", "looked", "", NOW_S)
        store.note("pc1", "looked again", "", NOW_S)  # an honest other one is no matter
        appended(folder, "officer", GHOST)
        with pytest.raises(LogStop, match="entry 13 was not written"):
            store.note("pc1", "looked", "", NOW_S)


def test_a_stop_is_written_on_a_forged_log_all_the_same(folder: Path) -> None:
    appended(folder, "officer", GHOST)
    with closing(opened(folder)) as store:
        assert store.pause("campaign", "DC Example", "a complaint", NOW_S)
        store.cancel("campaign", "DC Example", "a complaint", NOW_S)
    assert [one for one in found(folder) if "operation's key" in one] == [
        "entry 8 was not written with the operation's key"
    ]


def test_a_stop_without_the_key_is_right_and_is_told(folder: Path) -> None:
    key = (folder / NAME).read_bytes()
    (folder / NAME).unlink()
    with closing(opened(folder, locked=True)) as store:
        store.pause("campaign", "DC Example", "a complaint", NOW_S)
        store.cancel("campaign", "DC Example", "a complaint", NOW_S)
    (folder / NAME).write_bytes(key)
    (folder / NAME).chmod(0o600)
    with closing(opened(folder)) as store:
        store.note("pc1", "looked", "", NOW_S)
        assert store.sign_head(NOW_S)
        verdict = store.verify()
    assert verdict.findings == ()
    assert verdict.unkeyed == 3  # session, pause, cancel
    assert verdict.totals == {"cancelled": 3}


@pytest.mark.parametrize(
    ("kind", "data", "right"),
    [
        ("move", {"messages": [1], "state": "held"}, True),
        ("withdraw", {"messages": [1], "state": "draft"}, True),
        ("move", {"messages": [1], "state": "queued"}, False),
        ("move", {"messages": [1], "state": "delivered"}, False),
        ("release", {"campaign": 1, "messages": [1], "state": "queued"}, False),
        ("resume", {"campaign": 1}, False),
        ("suppress-end", {"list": "never"}, False),
    ],
)  # fmt: skip
def test_only_what_stops_may_be_without_the_key(
    folder: Path, kind: str, data: dict[str, Any], right: bool
) -> None:
    appended(folder, kind, data)
    with closing(opened(folder)) as store:
        if right:
            store.note("pc1", "looked", "", NOW_S)
        else:
            with pytest.raises(LogStop):
                store.note("pc1", "looked", "", NOW_S)
    forged = [one for one in found(folder) if "was not written with the operation's key" in one]
    assert bool(forged) is not right


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON inbound BEGIN DELETE FROM inbound; END", "a trigger t that is not"),
        ("CREATE VIEW v AS SELECT 1", "a view v that is not gsmsend's"),
        ("DROP TRIGGER audit_is_kept", "guard audit_is_kept of the audit log was taken away"),
    ],
)
def test_nothing_in_the_store_acts_by_itself_but_the_logs_guards(folder: Path, statement: str, words: str) -> None:
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        database.execute(statement)
    assert [one for one in found(folder) if words in one]


def test_a_guard_that_was_made_harmless_is_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database, database:
        database.execute("DROP TRIGGER audit_is_kept")
        database.execute("CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT 1; END")
    assert found(folder) == ["the store's guard audit_is_kept of the audit log was changed"]


def forgotten(folder: Path) -> None:
    """Two campaigns; the first is forgotten, of the second everything is there."""
    with closing(opened(folder)) as store:
        desk = Desk(store)
        line = desk.line()
        for index, name in enumerate(("first", "second")):
            rows = [NewMessage(number(index), "Help is here.", 1, 1)]
            store.add(ImportSource(f"{name}.csv", name, name, NOW_S), rows)
            (message,) = desk.claim(line)
            attempt_id = desk.open(line, message)
            store.record_report(line.line_id, report(9, message.number), NOW_S + 1).result()  # before the answer
            desk.close(line, message, attempt_id, accepted(9), State.SENT)
        store.suppress([number(7)], Suppression.NEVER, "a witness", "DC Example", NOW_S)
        store.forget("first", "DC Example", "the period is over", NOW_S)


@pytest.mark.parametrize("key", [True, False])
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit SET secrets = NULL WHERE campaign_id = 2", "sealed is not there"),
        ("UPDATE audit SET secrets = NULL WHERE campaign_id = 0", "sealed is not there"),
        ("UPDATE audit SET secrets = NULL, campaign_id = 1 WHERE kind = 'attempt'", "with another campaign"),
        ("UPDATE audit SET secrets = NULL, campaign_id = 1 WHERE kind = 'rows'", "with another campaign"),
        ("UPDATE audit SET secrets = NULL, campaign_id = 1 WHERE kind = 'suppress'", ""),
    ],
)  # fmt: skip
def test_that_one_campaign_was_forgotten_hides_nothing_of_another(
    tmp_path: Path, statement: str, words: str, key: bool
) -> None:
    forgotten(tmp_path)
    assert found(tmp_path) == []
    changed(tmp_path, statement)
    if not key:
        (tmp_path / NAME).unlink()
    if key or words:
        assert [one for one in found(tmp_path) if words in one]


def test_entries_are_told_with_their_place_and_author_checked(folder: Path) -> None:
    with closing(opened(folder)) as store:
        told = list(store.sound_entries([Kind.ROWS, Kind.NOTE]))
        assert [(one.number, one.kind, one.keyed) for one in told] == [(4, "rows", True), (7, "note", True)]
        (rows,) = store.sound_entries([Kind.ROWS])
        assert rows.data["messages"] == [1, 3]
        assert [one.secrets["rows"][0][2] for one in store.sound_entries([Kind.ROWS]) if one.secrets] == [
            number(0)
        ]
        assert list(store.sound_entries([Kind.ROWS], (told[0].number, _hash(folder, 4)))) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET kind = 'note' WHERE n = 4",  # hidden from who looks by kind
        "UPDATE audit SET campaign_id = 2 WHERE n = 4",
        "UPDATE audit SET mac = NULL WHERE n = 4",
        "DELETE FROM audit WHERE n = 4",
    ],
)
def test_no_entry_is_told_from_a_log_that_is_not_sound(folder: Path, statement: str) -> None:
    changed(folder, statement)
    with closing(opened(folder)) as store, pytest.raises(LogStop):
        list(store.sound_entries([Kind.NOTE]))
    assert found(folder)


def _hash(folder: Path, n: int) -> str:
    with closing(sqlite3.connect(folder / "gsmsend.db")) as database:
        return str(database.execute("SELECT hash FROM audit WHERE n = ?", (n,)).fetchone()[0])


def test_a_config_that_a_stop_could_not_seal_is_entered_by_who_has_the_key(tmp_path: Path) -> None:
    def by(config: str, *, locked: bool = False) -> SqlStore:
        facts = ConfigFacts(config * 64, {}, f"toml {config}")
        about = {"program": "gsmsend", "config": facts.digest}
        return SqlStore(
            tmp_path / "gsmsend.db", EngineRules(), about=lambda: about, config=lambda: facts, locked=locked
        )

    with closing(by("a")) as store:
        Desk(store).fill(number(1))
    key = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).unlink()
    with closing(by("b", locked=True)) as store:
        store.pause("campaign", "DC Example", "a complaint", NOW_S)
    (tmp_path / NAME).write_bytes(key)
    (tmp_path / NAME).chmod(0o600)
    with closing(by("b")) as store:
        store.note("pc1", "looked", "", NOW_S)
        told = [(one.data["was"], one.data["config"]) for one in store.sound_entries([Kind.CONFIG])]
        assert store.verify().findings == ()
    assert told == [(None, "a" * 64), ("a" * 64, "b" * 64)]


@pytest.mark.parametrize("line", ["", "x", "x" * 53, "x" * 5000])
def test_the_code_is_an_hmac_of_campaign_and_line(tmp_path: Path, line: str) -> None:
    key = OperationKey.holding(tmp_path / NAME, bytes(range(32)))
    expected = hmac.digest(key.subkey("audit entries"), f"7:{line}".encode(), "sha256")
    assert Macs(key).of(7, line) == expected
    assert Macs(key).fits(expected, 7, line)
    assert not Macs(key).fits(expected, 71, line)
