"""Acknowledgements belong to an approved campaign: they wait when its approval does not stand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

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
