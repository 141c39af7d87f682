"""`gsmsend forget`: what it refuses, what it asks, what it says, and how a forgotten campaign looks afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest

from gsmsend.cli import forget as cli_forget
from gsmsend.cli.init import make
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Inbound
from gsmsend.store import SqlStore, wiping
from gsmsend.testing.store_desk import NOW_S, Desk, number, report

from .conftest import Call

Over = Callable[..., Path]
LONG = 36_000
"""Days after which a campaign of June 2025 is not due for long."""
WORDS = "Help is here."


@pytest.fixture
def over(tmp_path: Path) -> Over:
    """An operation whose campaign main is over: a text that arrived, and a reply to it."""

    def operation(days: int = 90, *, lab: bool = False, sent: bool = True) -> Path:
        place = tmp_path / "op"
        make(place, lab=lab)
        config = place / "gsmsend.toml"
        settings = config.read_text(encoding="utf-8").replace("\ndays = 0\n", f"\ndays = {days}\n")
        config.write_text(settings, encoding="utf-8")
        store = SqlStore(place / "gsmsend.db", EngineRules())
        desk = Desk(store)
        line = desk.line()
        store.add(ImportSource("red-phone.xlsx", "one", "main", NOW_S), [NewMessage(number(1), WORDS, 1, 1)])
        if sent:
            (message,) = desk.claim(line)
            desk.send(line, message, 7)
            store.record_report(line.line_id, report(7, number(1)), NOW_S + 1).result()
            store.record_inbound(
                line.line_id, Inbound(number(1), "Who is this?", NOW_S + 2, raw="R1"), NOW_S + 2
            ).result()
        store.close()
        return place

    return operation


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody sits there and types this."""

    def types(words: str) -> None:
        monkeypatch.setattr(cli_forget, "on_terminal", lambda: True)
        monkeypatch.setattr(click, "prompt", lambda *_, **__: words)

    return types


def known(call: Call, place: Path) -> bool:
    """Whether anybody can still see whom the campaign texted."""
    return number(1) in call("messages", "--unmask", "--operation", place).stdout


def test_forgetting_that_was_cut_off_is_told_and_finished(
    call: Call, over: Over, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = over(days=0)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(wiping, "wiped", lambda _engine: False)
        assert call("forget", "main", "--yes", "--because", "over", "--operation", place).exit_code == 0
    for command in ("status", "doctor", "verify"):
        assert "still hold, beside its tables, what was forgotten" in " ".join(
            call(command, "--operation", place).output.split()
        ), command
    again = call("forget", "main", "--yes", "--operation", place)
    assert again.exit_code == 0, again.output
    assert "The store's files are wiped now too." in again.stdout
    with closing(sqlite3.connect(place / "gsmsend.db")) as store:
        assert store.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert "still hold" not in call("status", "--operation", place).stdout
    assert "was forgotten before" in call("forget", "main", "--yes", "--operation", place).stderr


def test_a_head_is_signed_over_the_forgetting(call: Call, over: Over) -> None:
    place = over(days=0)
    done = call("forget", "main", "--yes", "--because", "over", "--operation", place)
    assert done.exit_code == 0, done.output
    noted = done.stdout.rpartition("Write this into your notebook: ")[2].strip()
    checked = call("verify", "--operation", place)
    assert f": {noted}" in " ".join(checked.stdout.split()), (noted, checked.stdout)
    assert int(noted.split()[0]) > 3


def test_once_it_is_due_it_is_forgotten(call: Call, over: Over) -> None:
    place = over()
    assert known(call, place)
    result = call("forget", "main", "--yes", "--operation", place)
    assert result.exit_code == 0, result.output
    assert "Campaign main is forgotten: 1 text and 1 reply. Its totals and the log stay." in result.stdout
    assert "the lists that it was imported from: red-phone.xlsx" in result.stdout
    assert "backups and copies of the operation's folder" in result.stdout
    assert not known(call, place)


def test_packs_that_were_made_are_named(call: Call, over: Over) -> None:
    place = over()
    assert call("export", "--without-pdf", "--operation", place).exit_code == 0
    result = call("forget", "main", "--yes", "--operation", place)
    assert f"evidence packs: 1 was made from this operation; see {place / 'exports'}" in result.stdout


def test_what_stays_is_the_same_as_before(call: Call, over: Over) -> None:
    place = over()
    before = json.loads(call("status", "--json", "--operation", place).stdout)
    call("forget", "main", "--yes", "--operation", place)
    after = json.loads(call("status", "--json", "--operation", place).stdout)
    assert (after["totals"], after["reports"], after["recipients"]) == (
        before["totals"], before["reports"], before["recipients"],
    )  # fmt: skip
    (row,) = after["retention"]["campaigns"]
    assert (row["state"], row["due"], row["forgotten"] is not None) == ("forgotten", None, True)


def test_before_its_day_only_early_and_with_a_reason(call: Call, over: Over) -> None:
    place = over(LONG)
    words = ("forget", "main", "--yes", "--operation", place)
    refused = call(*words, "--because", "a court order")
    assert refused.exit_code == 5
    assert "is due to be forgotten on " in refused.stderr
    assert "--early" in refused.stderr
    bare = call(*words, "--early")
    assert (bare.exit_code, "--early without a reason" in bare.stderr) == (2, True)
    assert known(call, place)
    assert call(*words, "--early", "--because", "a court order").exit_code == 0
    assert not known(call, place)


def test_with_no_date_set_a_reason_is_needed_but_in_a_lab(call: Call, over: Over) -> None:
    place = over(0)
    refused = call("forget", "main", "--yes", "--operation", place)
    assert (refused.exit_code, "no retention date is set" in refused.stderr) == (5, True)
    assert call("forget", "main", "--yes", "--because", "asked to", "--operation", place).exit_code == 0


def test_a_lab_needs_no_reason(call: Call, over: Over) -> None:
    assert call("forget", "main", "--yes", "--operation", over(0, lab=True)).exit_code == 0


def test_what_waits_is_settled_first(call: Call, over: Over) -> None:
    place = over(sent=False)
    refused = call("forget", "main", "--yes", "--operation", place)
    assert refused.exit_code == 2
    assert "1 text still to send or to settle; nothing was forgotten" in refused.stderr
    assert "gsmsend cancel" in refused.stderr
    assert known(call, place)


def test_nobody_at_the_terminal_nothing_is_done(call: Call, over: Over) -> None:
    place = over()
    refused = call("forget", "main", "--operation", place)
    assert (refused.exit_code, "add --yes" in refused.stderr) == (2, True)
    assert known(call, place)


def test_it_says_what_goes_and_what_stays_and_the_name_must_be_typed(
    call: Call, over: Over, at_a_terminal: Callable[[str], None]
) -> None:
    place = over()
    at_a_terminal("mian")
    refused = call("forget", "main", "--operation", place)
    assert refused.exit_code == 2
    for words in (
        "Campaign main has 1 text", "every number, name and text in it", "its totals, when and over which line",
        "may text the same people again", "No evidence pack has been made since its last change",
        "This cannot be undone.", "that is not main; nothing was forgotten",
    ):  # fmt: skip
        assert words in refused.stderr
    assert known(call, place)
    at_a_terminal("main")
    assert call("forget", "main", "--operation", place).exit_code == 0
    assert not known(call, place)


def test_once_is_enough(call: Call, over: Over) -> None:
    place = over()
    call("forget", "main", "--yes", "--operation", place)
    again = call("forget", "main", "--yes", "--operation", place)
    assert (again.exit_code, "was forgotten before, on " in again.stderr) == (2, True)


def test_a_campaign_that_is_not_there_is_named(call: Call, over: Over) -> None:
    refused = call("forget", "mian", "--yes", "--operation", over())
    assert refused.exit_code == 2
    assert "there is no campaign mian that could be forgotten; there is main" in refused.stderr


def test_for_scripts(call: Call, over: Over) -> None:
    result = call("forget", "main", "--yes", "--json", "--operation", over())
    told = json.loads(result.stdout)
    assert told.pop("head")["n"] > 3
    assert told == {"campaign": "main", "messages": 1, "replies": 1, "wiped": True}


def test_afterwards_every_command_says_so_in_plain_words(call: Call, over: Over) -> None:
    place = over()
    call("forget", "main", "--yes", "--operation", place)
    status = call("status", "--operation", place)
    assert "Campaign main was forgotten on " in status.stdout
    messages = call("messages", "--operation", place)
    assert (messages.exit_code, "(forgotten)" in messages.stdout) == (0, True)
    inbox = call("inbox", "--operation", place)
    assert (inbox.exit_code, "(forgotten)" in inbox.stdout) == (0, True)
    report_ = call("report", "--operation", place)
    assert report_.exit_code == 0
    assert "The numbers and texts of this campaign were forgotten on " in report_.stdout
    assert "1  of 1 people" in report_.stdout
    assert "1  replies came; from how many people was forgotten." in report_.stdout
    preview = call("preview", "--operation", place)
    assert (preview.exit_code, "the campaign main was forgotten" in preview.stderr) == (2, True)


def test_nothing_can_be_added_to_it(call: Call, over: Over, tmp_path: Path) -> None:
    place = over(lab=True)
    call("forget", "main", "--yes", "--operation", place)
    people = tmp_path / "more.csv"
    people.write_text("number,text\n07700 900002,Hello\n", encoding="utf-8")
    refused = call("import", people, "--operation", place)
    assert (refused.exit_code, "was forgotten" in refused.stderr) == (2, True)
