"""Whatever strangers wrote stands in every screen, table, page and feed as words, and acts on nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.security.conftest import Say
from tests.security.hostile import ALL, Page, acts_on_a_terminal, forged_lines

SCREENS = (
    ("inbox",), ("inbox", "--flagged"), ("inbox", "--unmask"),
    ("messages",), ("messages", "--unmask"), ("messages", "--id", "1"),
    ("status",), ("report",), ("report", "--unmask"), ("preview",), ("visits",), ("suppress", "list"), ("verify",),
)  # fmt: skip
FEEDS = (
    ("inbox", "--json"),
    ("messages", "--json"),
    ("status", "--json"),
    ("report", "--json"),
    ("preview", "--json"),
)


@pytest.mark.parametrize("words", SCREENS, ids=" ".join)
def test_a_screen_shows_strangers_words_and_obeys_none(say: Say, overrun: Path, words: tuple[str, ...]) -> None:
    said = say(*words, "--operation", overrun)
    assert said.out or said.err
    assert "Traceback" not in said.err
    assert acts_on_a_terminal(said.out + said.err) == []
    assert forged_lines(said.out + said.err) == []


def test_the_screens_are_not_clean_because_they_are_empty(say: Say, overrun: Path) -> None:
    def missing(screen: str, *words: str) -> list[str]:
        shown = say(screen, "--operation", overrun).out
        return [word for word in words if word not in shown]

    seen = ("<U+001B>[2J", "<U+202E>gpj.exe", "=1+1", "<script>", "$(touch owned)", "[bold red]")
    assert missing("inbox", *seen, "DROP TABLE") == []
    assert missing("messages", *seen, "ok<U+000A>FORGED") == []
    assert missing("status", *seen, "ok<U+000A>FORGED") == []


@pytest.mark.parametrize("words", FEEDS, ids=" ".join)
def test_a_feed_is_one_ascii_object_a_line(say: Say, overrun: Path, words: tuple[str, ...]) -> None:
    out = say(*words, "--operation", overrun).out
    lines = out.split("\n")
    assert lines.pop() == ""
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert out.isascii()
    assert acts_on_a_terminal(out) == []


def test_a_feed_gives_the_words_as_they_came(say: Say, overrun: Path) -> None:
    told = {json.loads(line)["text"] for line in say("inbox", "--json", "--operation", overrun).out.splitlines()}
    assert set(ALL) <= told


@pytest.mark.parametrize(
    "words", [("report", "--html"), ("report", "--unmask", "--html"), ("preview", "--html")], ids=" ".join
)
def test_a_page_has_no_tag_of_a_stranger(say: Say, overrun: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "page.html"
    said = say(*words, file, "--operation", overrun)
    assert said.code == 0, said.err
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert page.active == []
    assert "&lt;script&gt;" in text
    assert "<!-- " not in text.split("<body", 1)[1]
    assert acts_on_a_terminal(text) == []


def test_nothing_of_it_was_run_and_no_table_is_gone(overrun: Path, say: Say) -> None:
    for words in SCREENS:
        say(*words, "--operation", overrun)
    assert not list(Path.cwd().rglob("owned"))
    assert not list(overrun.rglob("owned"))
    with closing(sqlite3.connect(overrun / "gsmsend.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("SELECT count(*) FROM messages").fetchone() == (len(ALL),)
        assert store.execute("SELECT count(*) FROM audit").fetchone()[0] > len(ALL)
