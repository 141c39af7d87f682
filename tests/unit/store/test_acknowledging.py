"""Acknowledgements belong to an approved campaign: they wait when its approval does not stand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.contract import CampaignFacts, LineRow, ReplyReading
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Inbound, State
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import NOW_S, Desk, number
from gsmsend.testing.store_replies import THANKS, e164, read


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


APPROVED = (
    "INSERT INTO officers (id, name, public_key, login, added_by, added_at_s) VALUES (1, 'A', 'k', 'a', 'a', 0)",
    (
        "INSERT INTO approvals (campaign_id, officer_id, digest, content, signature, login, at_s) "
        "VALUES (1, 1, 'd', '{}', 's', 'a', 0)"
    ),
)


@pytest.mark.parametrize(
    ("statements", "state"),
    [
        ((), State.QUEUED),
        ((*APPROVED, "UPDATE campaigns SET released_at_s = 1"), State.QUEUED),
        (APPROVED, State.DRAFT),
    ],
    ids=["a lab", "released", "withdrawn meanwhile"],
)
def test_an_acknowledgement_leaves_only_while_its_campaign_may(
    tmp_path: Path, statements: tuple[str, ...], state: State
) -> None:
    path = tmp_path / "gsmsend.db"
    with closing(SqlStore(path, EngineRules(read, e164))) as store:
        desk = Desk(store)
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 1)
        changed(path, *statements)
        queued = store.record_inbound(line.line_id, Inbound(number(1), "thanks", NOW_S, how="CMT"), NOW_S).result()
        (row,) = store.messages(message_id=queued.answered)
        assert (row.number, row.text, row.state) == (number(1), THANKS.text, state)
        parent, child = store.campaigns()
        assert (child.name, child.parent_id) == ("campaign acknowledgements", parent.campaign_id)


def test_where_approval_is_asked_for_the_answer_to_a_text_of_before_waits_too(tmp_path: Path) -> None:
    def asks(text: str) -> ReplyReading:
        return ReplyReading(answer=replace(THANKS, approved_only=True))

    with closing(SqlStore(tmp_path / "gsmsend.db", EngineRules(asks, e164))) as store:
        desk, line = sent(store)
        queued = store.record_inbound(line.line_id, Inbound(number(1), "thanks", NOW_S, how="CMT"), NOW_S).result()
        (row,) = store.messages(message_id=queued.answered)
        assert row.state is State.DRAFT
        assert desk.claim(line) == []


def test_an_answer_that_was_sent_is_not_held_against_other_words_for_the_next(tmp_path: Path) -> None:
    with closing(SqlStore(tmp_path / "gsmsend.db", EngineRules(read, e164))) as store:
        desk, line = sent(store)
        store.record_inbound(line.line_id, Inbound(number(1), "thanks", NOW_S, how="CMT"), NOW_S).result()
        assert [child.bodies for child in found(store).children] == [{THANKS.text}]
        (answer,) = desk.claim(line)
        desk.send(line, answer, 2)
        assert [child.bodies for child in found(store).children] == [frozenset()]


def sent(store: SqlStore) -> tuple[Desk, LineRow]:
    """A text that went out, and its line."""
    desk = Desk(store)
    desk.fill(number(1))
    line = desk.line()
    (message,) = desk.claim(line)
    desk.send(line, message, 1)
    return desk, line


def found(store: SqlStore) -> CampaignFacts:
    """The campaign as its officers see it."""
    facts = store.campaign_facts("campaign")
    assert facts is not None
    return facts
