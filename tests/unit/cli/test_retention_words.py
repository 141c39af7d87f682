"""`status`, `doctor` and `report` say in plain words which campaign is due to be forgotten when."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gsmsend.audit import Kind
from gsmsend.cli.init import make
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import NOW_S, Desk, number, report

from .conftest import Call

Kept = Callable[..., Path]
LONG = 36_000
"""Days: the year 2124, since the store's campaigns are of June 2025."""


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """An operation with the campaigns given, each with one delivered text, and so many days of retention."""

    def operation(days: int, *names: str, lab: bool = True, waiting: bool = False) -> Path:
        place = tmp_path / "op"
        make(place, lab=lab)
        settings = (place / "gsmsend.toml").read_text(encoding="utf-8")
        assert "\ndays = 0\n" in settings
        (place / "gsmsend.toml").write_text(
            settings.replace("\ndays = 0\n", f"\ndays = {days}\n"), encoding="utf-8"
        )
        store = SqlStore(place / "gsmsend.db", EngineRules())
        desk = Desk(store)
        line = desk.line()
        for at, name in enumerate(names, 1):
            rows = [NewMessage(number(at), "Help is here.", 1, 1)]
            store.add(ImportSource(f"{name}.csv", name, name, NOW_S), rows)
            if not waiting:
                (message,) = desk.claim(line)
                desk.send(line, message, at)
                store.record_report(line.line_id, report(at, number(at)), NOW_S + at).result()
        store.close()
        return place

    return operation


def said(call: Call, *words: object) -> str:
    result = call(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_status_names_what_is_overdue_and_what_to_type(call: Call, kept: Kept) -> None:
    words = said(call, "status", "--operation", kept(90, "main"))
    assert (
        "Campaign main was due to be forgotten on 13 September 2025, 90 days after its last delivery report"
        in words
    )
    assert "gsmsend forget --operation" in words


def test_status_names_what_comes_next_and_counts_the_rest(call: Call, kept: Kept) -> None:
    words = said(call, "status", "--operation", kept(LONG, "first", "second", "third"))
    assert "Campaign first is due to be forgotten on" in words
    assert "2 others later" in words


def test_without_days_status_says_nothing_of_it(call: Call, kept: Kept) -> None:
    place = kept(0, "main")
    assert "forgotten" not in said(call, "status", "--operation", place)
    found = json.loads(said(call, "status", "--json", "--operation", place))["retention"]
    assert found["days"] is None
    assert found["campaigns"][0]["state"] == "kept"


def test_status_json_has_the_dates(call: Call, kept: Kept) -> None:
    found = json.loads(said(call, "status", "--json", "--operation", kept(90, "main")))["retention"]
    (row,) = found["campaigns"]
    assert found["days"] == 90
    assert (row["name"], row["state"], row["what"], row["waiting"]) == ("main", "overdue", "report", 0)
    assert (row["last"], row["due"]) == ("2025-06-15T15:06:41.000Z", "2025-09-13T15:06:41.000Z")
    assert row["forgotten"] is None


def test_what_waits_must_be_settled_first(call: Call, kept: Kept) -> None:
    words = said(call, "status", "--operation", kept(90, "main", waiting=True))
    assert "1 text of it still to send or to settle" in words
    assert "90 days after its last import" in words


def test_many_campaigns_and_single_texts_take_few_lines(call: Call, kept: Kept) -> None:
    names = [f"campaign {at}" for at in range(8)] + [f"send {at}" for at in range(30)]
    words = said(call, "status", "--operation", kept(90, *names))
    lines = [line for line in words.splitlines() if "forgotten" in line]
    assert len(lines) == 7
    assert "and 3 more campaigns" in lines[5]
    assert "30 single texts (gsmsend send)" in lines[6]


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (90, "bad", "1 campaign past the day on which"),
        (LONG, "ok", "due to be forgotten after 36,000 days, the first campaign on "),
        (0, "note", "no retention date is set"),
    ],
)
def test_doctor_says_how_it_stands_and_stops_no_text(
    call: Call, kept: Kept, days: int, level: str, words: str
) -> None:
    result = call("doctor", "--json", "--operation", kept(days, "main", lab=False))
    (found,) = [one for one in json.loads(result.stdout)["findings"] if one["check"] == "retention"]
    assert found["level"] == level
    assert words in found["says"]
    assert ("gsmsend forget" in found["do"]) is (days == 90)
    assert "\x1b" not in result.stdout


def test_a_lab_is_not_asked_for_a_date(call: Call, kept: Kept) -> None:
    result = call("doctor", "--json", "--operation", kept(0, "main"))
    assert "retention" not in [one["check"] for one in json.loads(result.stdout)["findings"]]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2025-07-01", "Its numbers and texts are due to be forgotten on 13 September 2025."),
        ("2026-07-01", "Its numbers and texts were due to be forgotten on 13 September 2025."),
    ],
)
def test_the_report_says_when(call: Call, kept: Kept, tmp_path: Path, at: str, words: str) -> None:
    place, page = kept(90, "main"), tmp_path / "report.html"
    assert words in said(call, "report", "--at", at, "--operation", place)
    assert json.loads(said(call, "report", "--json", "--at", at, "--operation", place))["kept"] == words
    said(call, "report", "--at", at, "--html", page, "--operation", place)
    assert words in page.read_text(encoding="utf-8")


def test_status_shows_the_newest_head_and_that_it_has_no_time_stamp(call: Call, kept: Kept) -> None:
    place = kept(0, "main", lab=False)
    assert json.loads(said(call, "status", "--json", "--operation", place))["head"] is None
    store = SqlStore(place / "gsmsend.db", EngineRules())
    head = store.sign_head(NOW_S)
    assert head is not None
    why = "no time-stamping service is set in gsmsend.toml"
    store.record_now(Kind.TIMESTAMP, {"head": head.n, "hash": head.hash, "service": "", "why": why}, NOW_S)
    store.close()
    words = said(call, "status", "--operation", place)
    assert f"The log's newest signed head: {head.short}\n  without a time stamp: {why}\n" in words
    found = json.loads(said(call, "status", "--json", "--operation", place))["head"]
    assert (found["number"], found["short"], found["time_stamp"]) == (head.n, head.short, None)
    assert found["why_no_time_stamp"] == why
