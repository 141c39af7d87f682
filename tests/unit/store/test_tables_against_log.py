"""Each table beside the audit log says what the log says; what was changed in one of them is found, and told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.contract import AttemptClose, AttemptOpen, VisitDay
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import StoreError
from gsmsend.model import Outcome, OutcomeKind, Report, State
from gsmsend.store import SqlStore, SqlView
from gsmsend.testing.store_desk import NOW_S, REFUSED, UNKNOWN, Desk, number, report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three texts sent and delivered, one refused, and visits."""
    store = SqlStore(tmp_path / "gsmsend.db", EngineRules())
    desk = Desk(store)
    desk.fill(*(number(index) for index in range(4)))
    line = desk.line()
    for claimed in desk.claim(line, 3):
        desk.send(line, claimed, claimed.message_id)
        store.record_report(line.line_id, report(claimed.message_id, claimed.number), NOW_S).result()
    store.add_visits("campaign", [VisitDay("2026-11-22", 4, "site.csv", "pc1", NOW_S)])
    store.close()
    return tmp_path


def found(folder: Path, *statements: str) -> str:
    """What the comparison says after this."""
    connection = sqlite3.connect(folder / "gsmsend.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    view = SqlView(folder / "gsmsend.db")
    try:
        return "; ".join(one.what for one in view.differences())
    finally:
        view.close()


def test_a_store_that_nobody_touched_is_right(folder: Path) -> None:
    assert found(folder) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE attempts SET opened_at_s = opened_at_s - 86400 WHERE id = 2", "attempts, 1 row(s) (2): message"),
        ("UPDATE attempts SET message_id = 3 WHERE id = 2", "attempts, 1 row(s) (2): message"),
        ("UPDATE attempts SET closed_at_s = closed_at_s + 1", "3 row(s) (1, 2, 3): when it ended"),
        ("UPDATE attempts SET reference = 99 WHERE id = 1", "(1): outcome, reference"),
        ("UPDATE attempts SET outcome = 'refused' WHERE id = 1", "(1): outcome, reference"),
        ("UPDATE attempts SET closed_at_s = NULL WHERE id = 1", "an 'outcome' entry ended it"),
        ("UPDATE reports SET status = 70 WHERE id = 3", "the table reports, 1 row(s) (3): line, reference"),
        ("UPDATE reports SET arrived_at_s = arrived_at_s - 86400", "the table reports, 3 row(s)"),
        ("UPDATE reports SET part_id = 1 WHERE id = 3", "it is not about the part"),
        ("UPDATE parts SET outcome = NULL, reference = NULL WHERE id = 1", "the table parts, 1 row(s) (1)"),
        ("UPDATE parts SET tp_status = 70 WHERE id = 1", "no report gave a part of these messages"),
        ("UPDATE imports SET accepted = 33", "the table imports, row 1: accepted is 33, and the log says 4"),
        ("UPDATE campaigns SET name = 'renamed'", "the table campaigns, row 1 (renamed)"),
        ("UPDATE visits SET count = 4000", "the table visits: 4000 visits of campaign 1"),
        (
            "INSERT INTO decisions (at_s, person, what, reason) VALUES (1.8e9, 'DCI X', 'approved', '')",
            "the table decisions, 1 row(s) (1): no entry",
        ),
        ("UPDATE messages SET person = 'ab' WHERE id = 2", "the hash of their person is not that of the number"),
        ("UPDATE messages SET number = zeroblob(40) WHERE id = 2", "their number is not the one"),
        ("UPDATE texts SET body = zeroblob(40)", "the table texts, row 1: its words are not those"),
        ("UPDATE messages SET text_id = 7 WHERE id = 2", "their text is one of another campaign"),
    ],
)  # fmt: skip
def test_each_change_is_found(folder: Path, change: str, words: str) -> None:
    assert words in found(folder, change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE attempts SET key = 'f' || key", "attempts, 1 row(s) (1): message, part, line, time, key or"),
        ("UPDATE attempts SET whole = 1", "attempts, 1 row(s) (1): message, part, line, time, key or kind"),
        ("UPDATE attempts SET handle = 'R9'", "(1): outcome, reference, code, handle"),
        ("UPDATE parts SET handle = 'R9'", "the table parts, 1 row(s) (1)"),
        ("UPDATE parts SET said = 'failed'", "no report gave a part of these messages"),
        ("UPDATE reports SET handle = 'R9'", "the table reports, 1 row(s) (1): line, reference, status, handle"),
        ("UPDATE reports SET said = 'failed'", "the table reports, 1 row(s) (1): line, reference, status, handle"),
        ("UPDATE decisions SET what = replace(what, 'serial1', 'serial2')", "the table decisions, 1 row(s) (1)"),
        (
            """INSERT INTO decisions (at_s, person, what, reason)
            SELECT at_s, person, what || '!', '' FROM decisions""",
            "the table decisions, 1 row(s) (2): no entry",
        ),
    ],
)  # fmt: skip
def test_what_a_route_calls_a_part_and_says_of_it_is_held_against_the_log(
    tmp_path: Path, change: str, words: str
) -> None:
    store = SqlStore(tmp_path / "gsmsend.db", EngineRules())
    desk = Desk(store)
    desk.fill(number(1))
    line = desk.line()
    (claimed,) = desk.claim(line)
    intent = AttemptOpen(claimed.message_id, 1, line.line_id, NOW_S, "POST /texts", "0" * 32)
    attempt_id = store.advance(None, intent).result().attempt_id or 0
    desk.close(line, claimed, attempt_id, Outcome(OutcomeKind.ACCEPTED, handle="R1"), State.SENT)
    told = Report(None, "", 0, raw="{}", how="poll", handle="R1", said="delivered")
    store.record_report(line.line_id, told, NOW_S).result()
    store.accept_changes("DC Example", "android", "serial1", ("A row stays there.",), "12/26", NOW_S)
    store.close()
    assert found(tmp_path) == ""
    assert words in found(tmp_path, change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE decisions SET signature = 'ff'",
        "UPDATE decisions SET what = replace(what, 'serial1', 'serial2')",
        "INSERT INTO decisions (at_s, person, what, reason) SELECT at_s, 'DS Other', what, reason FROM decisions",
        "DELETE FROM decisions",
    ],
)
def test_what_was_accepted_of_changes_is_held_against_the_log_before_a_run(tmp_path: Path, change: str) -> None:
    with closing(SqlStore(tmp_path / "gsmsend.db", EngineRules())) as store:
        store.accept_changes("DC Example", "android", "serial1", ("A row stays there.",), "12/26", NOW_S, "ab")
        assert store.not_as_logged() == ()
        with closing(sqlite3.connect(tmp_path / "gsmsend.db")) as database:
            database.execute(change)
            database.commit()
        assert "what officers accepted of changes" in "".join(store.not_as_logged())


def test_nobody_is_named(folder: Path) -> None:
    said = found(folder, "UPDATE messages SET person = 'ab' WHERE id = 1", "UPDATE texts SET body = zeroblob(40)")
    assert said
    assert "+4477" not in said
    assert "Help is here" not in said


def _opened_again(folder: Path, message_id: int) -> None:
    store = SqlStore(folder / "gsmsend.db", EngineRules())
    try:
        line = Desk(store).line()
        assert message_id in {claimed.message_id for claimed in Desk(store).claim(line)}
        store.advance(None, AttemptOpen(message_id, 1, line.line_id, NOW_S + 9, raw="00")).result()
    finally:
        store.close()


def test_a_part_that_went_out_is_not_sent_again_whatever_its_row_says(folder: Path) -> None:
    found(
        folder,
        "UPDATE messages SET state = 'queued', bound_line = 0, due_at_s = 0 WHERE id = 1",
        "UPDATE parts SET outcome = NULL, reference = NULL, attempt_id = NULL, answered = 0 WHERE message_id = 1",
    )
    with pytest.raises(StoreError, match="part 1 of message 1 was to be sent although it went out before") as stop:
        _opened_again(folder, 1)
    assert "gsmsend verify" in str(stop.value.remedy)


@pytest.mark.parametrize("outcome", [UNKNOWN, None], ids=["unknown", "open"])
def test_nor_is_one_that_may_have_gone_out(tmp_path: Path, outcome: object) -> None:
    store = SqlStore(tmp_path / "gsmsend.db", EngineRules())
    desk = Desk(store)
    desk.fill(number(1))
    line, other = desk.line(), desk.line(1)
    (claimed,) = desk.claim(line)
    store.advance(None, AttemptOpen(claimed.message_id, 1, line.line_id, NOW_S, raw="00")).result()
    if outcome is not None:
        store.close()
        store = SqlStore(tmp_path / "gsmsend.db", EngineRules())
        store.recover(NOW_S)
    found(tmp_path, "UPDATE messages SET state = 'sending', claim_line = NULL")
    with pytest.raises(StoreError, match="it was not sent again"):
        store.advance(None, AttemptOpen(claimed.message_id, 1, other.line_id, NOW_S, raw="00")).result()
    store.close()


def test_one_that_was_refused_is_tried_again(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "gsmsend.db", EngineRules())
    desk = Desk(store)
    desk.fill(number(1))
    line = desk.line()
    (claimed,) = desk.claim(line)
    for attempt in (1, 2, 3):
        opened = store.advance(None, AttemptOpen(1, 1, line.line_id, NOW_S + attempt, raw="00")).result()
        assert opened.attempt_id == attempt
        close = AttemptClose(attempt, 1, 1, 1, line.line_id, REFUSED, NOW_S + attempt, State.SENDING)
        store.advance(close, None).result()
    store.close()
    assert claimed.message_id == 1
