"""inbox and inbox seen: what came in, what a person must look at, and who has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.cli import operation as cli_operation
from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage, Received
from gsmsend.model import Device, Inbound, Outcome, OutcomeKind, Sim, State
from gsmsend.store import SqlStore

from .conftest import Call, objects

PERSON, STRANGER = "+447700900106", "+447700900109"


class Phone:
    """People who were texted, and what they write back."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        device = Device("fake", "modem1", imei="350000000000001")
        self.line_id = store.line(Sim(iccid="8944000000000000017"), device, 1.0).line_id
        store.add(ImportSource("a.csv", "d", "main", 1.0), [NewMessage(PERSON, "Help is here", 2, 1)])
        (message,) = store.claim(self.line_id, 1, 2.0).result()
        attempt = store.advance(None, AttemptOpen(message.message_id, 1, self.line_id, 3.0)).result().attempt_id
        assert attempt is not None
        outcome = Outcome(OutcomeKind.ACCEPTED, reference=1)
        store.advance(
            AttemptClose(attempt, message.message_id, 1, 1, self.line_id, outcome, 4.0, State.SENT), None
        ).result()

    def writes(self, text: str, sender: str = PERSON, concat: tuple[int, int, int] | None = None) -> Received:
        return self.store.record_inbound(
            self.line_id, Inbound(sender, text, 1.7e9, concat, how="CMT"), 1.7e9
        ).result()


@pytest.fixture
def phone(operation: Path) -> Iterator[Phone]:
    store = wiring.open_store(config.load(operation))
    yield Phone(store)
    store.close()


def test_a_reply_is_shown_with_what_it_answers_and_no_number(call: Call, operation: Path, phone: Phone) -> None:
    phone.writes("Please call\nme", concat=(1, 2, 1))
    result = call("inbox", "--operation", operation)
    assert "  | Please call\n  | me[...]\n" in result.stdout
    assert "+447*****0106" in result.stdout
    assert "answers message 1 of main" in result.stdout
    assert "more to come" in result.stdout
    assert PERSON not in result.stdout
    (found,) = objects(call("inbox", "--operation", operation, "--json"))
    assert found["at"] == "2023-11-14T22:13:20.000Z"
    assert (found["text"], found["complete"], found["parts"]) == ("Please call\nme[...]", False, 1)
    assert (found["campaign"], found["message"], found["recipient"]) == ("main", 1, "+447*****0106")


def test_danger_comes_first_and_asks_for_a_person_until_one_has_looked(
    call: Call, operation: Path, phone: Phone
) -> None:
    phone.writes("ok thanks")
    danger = phone.writes("he will kill me").reply_id
    phone.writes("not interested", STRANGER)
    result = call("inbox", "--operation", operation)
    assert result.stdout.index("DANGER TO LIFE? (kill me)") < result.stdout.index("not certain")
    assert result.stdout.index("not certain") < result.stdout.index("ok thanks")
    assert "inbox --operation" in result.stderr.replace(f" {operation}", "")
    flagged = objects(call("inbox", "--operation", operation, "--json", "--flagged"))
    assert "DANGER TO LIFE? 1 reply not looked at yet" in call("status", "--operation", operation).stdout
    assert [row["flags"] for row in flagged] == [["danger"], ["stop", "doubtful"]]
    seen = call("inbox", "seen", danger, "--because", "called 999", "--operation", operation)
    assert seen.exit_code == 0
    assert f"Text {danger} was looked at by" in seen.stdout
    assert "DANGER" not in call("status", "--operation", operation).stdout
    rows = {row["id"]: row for row in objects(call("inbox", "--operation", operation, "--json"))}
    assert rows[danger]["seen_by"]
    assert [row["flags"] for row in objects(call("inbox", "--operation", operation, "--json", "--flagged"))] == [
        ["stop", "doubtful"]
    ]


def test_who_has_looked_is_on_record_with_the_reason(call: Call, operation: Path, phone: Phone) -> None:
    danger = phone.writes("he has a knife").reply_id
    words = [
        "inbox",
        "--operation",
        operation,
        "seen",
        danger,
        "--because",
        "told control",
        "--person",
        "DC Example",
    ]
    assert call(*words).exit_code == 0
    with closing(sqlite3.connect(operation / "gsmsend.db")) as database, database:
        (row,) = database.execute("SELECT person, what, message_id FROM decisions").fetchall()
    database.close()
    assert row == ("DC Example", f"looked at reply {danger}", 1)
    with closing(wiring.open_store(config.load(operation))) as view:
        (seen,) = [row for row in view.audit() if row.kind == "reply-seen"]
    assert (seen.secrets or {})["reason"][1] == "told control"
    assert "control" not in seen.line


def test_to_have_looked_takes_a_reason_and_a_text(call: Call, operation: Path, phone: Phone) -> None:
    reply = phone.writes("he has a knife").reply_id
    assert call("inbox", "seen", reply, "--operation", operation).exit_code == 2
    assert call("inbox", "seen", reply, "--because", " ", "--operation", operation).exit_code == 2
    missing = call("inbox", "seen", 99, "--because", "x", "--operation", operation)
    assert missing.exit_code == 2
    assert "there is no text 99" in missing.stderr


def test_unmasking_is_recorded(call: Call, operation: Path, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_operation, "person", lambda: "pc1234")
    phone.writes("hello")
    result = call("inbox", "--operation", operation, "--unmask")
    assert PERSON in result.stdout
    assert "pc1234" in result.stderr


@pytest.mark.parametrize(
    "evil",
    [
        "a\x1b[2Jb\x1b]0;owned\x07c\x9b1m",
        "\u202egnp.exe\u202c",
        "one\rtwo",
        "\u2028new line",
        "\u2066\u2067x",
        "\U000e0001",
    ],
)
def test_a_text_cannot_control_the_terminal(call: Call, operation: Path, phone: Phone, evil: str) -> None:
    phone.writes(evil, "EVIL\x1b]0;x\x07")
    shown = call("inbox", "--operation", operation).stdout
    assert all(c == "\n" or c.isprintable() for c in shown), shown
    assert "<U+" in shown
    (found,) = objects(call("inbox", "--operation", operation, "--json"))
    assert found["text"] == evil, "scripts get the text as it came, escaped by JSON"


def test_an_empty_inbox_says_so(call: Call, operation: Path) -> None:
    assert "No text has come in" in call("inbox", "--operation", operation).stderr
    assert "needs a person" in call("inbox", "--flagged", "--operation", operation).stderr
