"""preview and reword: as people and scripts meet them."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gsmsend.cli.init import make

from .approval_desk import TEXT, Desk
from .conftest import Call

CURLY = (
    "Example Police: you\u2019re not in trouble. Free help \u2013 call 0808 157 0123 or see "
    "https://example.org/help\u2026 Reply STOP to opt out."
)
LINE = '\n[line.red-phone]\niccid = "89440000000000000010"\nnumber = "07700 900010"\ncloses = 2020-01-01\n'


@pytest.fixture
def desk(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An operation of officers with one line that is known."""
    monkeypatch.setattr("gsmsend.cli.operation.account", lambda: "pc1")
    folder = tmp_path / "op"
    make(folder, lab=False)
    found = Desk(call, folder)
    found.settle("names = []", 'names = ["Example Police"]')
    file = folder / "gsmsend.toml"
    file.write_text(file.read_text(encoding="utf-8") + LINE, encoding="utf-8")
    return found


def test_it_fits_eighty_columns_and_says_what_matters(desk: Desk) -> None:
    desk.bring_in(30, CURLY)
    result = desk.call("preview")
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.splitlines()[:-1]) <= 80  # the last one names the folder
    flat = " ".join(result.stdout.split())
    assert "campaign main: 30 texts, 60 segments, 2.40 GBP" in flat
    assert "2/2 |" in result.stdout
    assert "\u2019 right single quotation mark at line 1, character 20: swap offered: '" in flat
    assert "With the swaps it takes 1 segment" in flat
    assert "Mon to Sat, 10:00 to 19:00, Europe/London" in flat
    assert "it is done on" in flat
    assert "not approved: 0 of 2 officers" in flat
    assert "Next: gsmsend approve" in flat
    assert "+447*****0000" in flat
    assert "900000" not in flat
    assert "\x1b" not in result.stdout


def test_json_keeps_its_contract(desk: Desk) -> None:
    desk.bring_in(3, CURLY)
    found = json.loads(desk.call("preview", "--json").stdout)
    assert (found["texts"], found["segments"], found["cost"], found["currency"]) == (3, 6, "0.24", "GBP")
    assert found["totals"]["draft"] == 3 == sum(found["totals"].values())
    (kind,) = found["kinds"]
    assert "".join(kind["segments"]) == kind["text"] == CURLY
    assert kind["encoding"] == "ucs2"
    assert kind["swapped"]["text"] == CURLY.replace("\u2019", "'").replace("\u2013", "-").replace("\u2026", "...")
    assert [one["swap"] for one in kind["dear"]] == ["'", "-", "..."]
    assert kind["dear"][0]["places"] == [{"line": 1, "character": 20}]
    assert [one["name"] for one in found["checks"]] == ["characters"]
    assert found["blocked_by"] == []
    assert found["approval"]["needed"] == 2
    (finish,) = found["finish"]
    assert finish["late"] == 0
    assert found["ends_at"] == finish["ends_at"]


def test_a_failed_check_is_told_and_ends_with_five(desk: Desk) -> None:
    desk.bring_in(1, "Stop dealing, we know. http://bit.ly/x")
    result = desk.call("preview")
    assert result.exit_code == 5
    for words in ("FAILED   names", "FAILED   phone", "FAILED   shortener", "FAILED   accusing"):
        assert words in result.stdout
    assert "--accept names" in result.stdout
    assert "Next: gsmsend reword" in result.stdout


def test_a_lab_shows_what_is_wrong_and_lets_it_pass(call: Call, operation: Path) -> None:
    desk = Desk(call, operation)
    desk.bring_in(1, "Hello.")
    result = desk.call("preview")
    assert result.exit_code == 0
    assert "warning  phone" in result.stdout
    assert "Next: gsmsend run" in result.stdout


def test_a_closing_day_in_the_past_is_told(desk: Desk) -> None:
    desk.bring_in(2, TEXT, "--line", "red-phone")
    result = desk.call("preview")
    flat = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "the line red-phone was closed on Wed 1 Jan 2020 00:00: none of its 2 texts leaves" in flat
    assert "red-phone: none of 2 texts can leave" in flat


def test_a_text_of_twenty_segments_is_told(desk: Desk) -> None:
    desk.bring_in(1, TEXT + " Help is free." * 210)
    result = desk.call("preview")
    assert result.exit_code == 5
    flat = " ".join(result.stdout.split())
    assert "it takes 20 segments; expected 3 at most, and some phones will show it in pieces" in flat


def test_more_lines_are_done_sooner_and_their_number_is_yours_to_say(desk: Desk) -> None:
    desk.bring_in(500)
    one, four = (json.loads(desk.call("preview", "--json", "--lines", n).stdout)["ends_at"] for n in (1, 4))
    assert four < one


def test_nobody_to_preview_says_what_to_type(desk: Desk) -> None:
    result = desk.call("preview")
    assert result.exit_code == 2
    assert "there is no campaign main" in result.stderr
    assert "gsmsend import" in result.stderr
    other = desk.call("preview", "--campaign", "elsewhere")
    assert "there is no campaign elsewhere" in other.stderr


def test_each_text_of_a_list_is_a_kind_of_its_own_and_the_rest_is_counted(desk: Desk, tmp_path: Path) -> None:
    rows = "".join(f'07700 900{n:03},"{TEXT} {n}"\n' for n in range(15))
    (tmp_path / "own.csv").write_text("number,text\n" + rows, encoding="utf-8")
    assert desk.call("import", tmp_path / "own.csv").exit_code == 0
    result = desk.call("preview")
    assert result.stdout.count("1 person sees") == 10
    assert "and 5 more texts" in result.stdout


def test_showing_numbers_in_full_is_recorded(desk: Desk) -> None:
    desk.bring_in(1)
    result = desk.call("preview", "--unmask")
    assert "+447700900000" in result.stdout
    assert "This is recorded, with the name pc1" in result.stderr


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        wanted = ("src", "href", "srcset", "action", "data")
        self.links += [value or "" for name, value in attrs if name in wanted or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_loads_nothing_runs_nothing_and_escapes_what_it_shows(desk: Desk, tmp_path: Path) -> None:
    text = '<script>alert(1)</script> {{ 7*7 }} "x" & <img src=x onerror=y>. ' + CURLY
    desk.bring_in(3, text, name="<b>people.csv")
    file = tmp_path / "page.html"
    desk.call("preview", "--html", file)
    source = file.read_text(encoding="utf-8")
    page = _Page()
    page.feed(source)
    assert page.links == []
    assert not {"script", "img", "iframe", "link", "object", "form", "b>people.csv"} & set(page.tags)
    assert "url(" not in source
    assert "@import" not in source
    flat = " ".join(page.words.split())
    assert "<script>alert(1)</script> {{ 7*7 }}" in flat
    assert "<b>people.csv" in flat
    assert "3 people see this" in flat
    assert "+447*****0000" in flat
    assert not re.search(r"\+4477009\d{5}", source)
    assert os.name != "posix" or file.stat().st_mode & 0o077 == 0


def test_a_page_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.bring_in(1)
    result = desk.call("preview", "--html", tmp_path / "nowhere" / "page.html")
    assert result.exit_code == 2
    assert "cannot be written: no such file or directory" in result.stderr


def test_swaps_are_made_when_asked_for_and_shown_first(desk: Desk) -> None:
    desk.bring_in(3, CURLY)
    asked = desk.call("reword", "--swap")
    assert asked.exit_code == 2
    assert "nobody can be asked" in asked.stderr
    assert {text.body for text in desk.facts().texts.values()} == {CURLY}
    result = desk.call("reword", "--swap", "--yes")
    assert result.exit_code == 0
    assert "3 drafts, 2 segments each" in result.stderr
    assert "+ Example Police: you're not in trouble. Free help - call" in result.stderr
    assert "3 drafts changed" in result.stdout
    (text,) = desk.facts().texts.values()
    assert text.segments == 1
    with desk.store() as store:
        assert {len(row.parts) for row in store.messages()} == {1}
    again = desk.call("reword", "--swap", "--yes")
    assert again.exit_code == 2
    assert "nothing to swap" in again.stderr


def test_another_text_for_all(desk: Desk, tmp_path: Path) -> None:
    desk.bring_in(3)
    new = tmp_path / "new.txt"
    new.write_text(TEXT + " Now.\n", encoding="utf-8")
    result = desk.call("reword", "--text-file", new, "--yes", "--json")
    assert json.loads(result.stdout) == {"campaign": "main", "changed": 3, "left": 0, "tried": 0}
    assert {text.body for text in desk.facts().texts.values()} == {TEXT + " Now."}
    assert desk.facts().preparers == {"pc1"}
    same = desk.call("reword", "--text-file", new, "--yes")
    assert same.exit_code == 2
    assert "that is the text it has" in same.stderr


def test_what_was_released_or_sent_keeps_its_words(call: Call, operation: Path) -> None:
    desk = Desk(call, operation)
    desk.bring_in(2)
    result = desk.call("reword", "--text", "Other words.", "--yes")
    assert result.exit_code == 5
    assert "has no drafts: its texts are on their way or were sent" in result.stderr
    assert {text.body for text in desk.facts().texts.values()} == {TEXT}


@pytest.mark.parametrize("given", [(), ("--text", "a", "--swap")])
def test_reword_needs_one_thing_to_do(desk: Desk, given: tuple[str, ...]) -> None:
    desk.bring_in(1)
    result = desk.call("reword", *given, "--yes")
    assert result.exit_code == 2
    assert "expected one of --text, --text-file and --swap" in result.stderr


def test_an_empty_text_is_refused(desk: Desk) -> None:
    desk.bring_in(1)
    result = desk.call("reword", "--text", " ", "--yes")
    assert result.exit_code == 2
    assert "the text is empty" in result.stderr
