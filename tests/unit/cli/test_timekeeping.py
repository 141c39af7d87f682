"""A clock that was set back between two commands is told once, on record, and by doctor."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from .conftest import Call, People

NOON_S = 1_795_348_800.0  # 2026-11-22 12:00 UTC
HOUR_S = 3600.0


class Clock:
    """The time as the commands have it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = NOON_S
        monkeypatch.setattr(time, "time", lambda: self.now_s)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def notes(operation: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(operation / "gsmsend.db")) as store:
        rows = store.execute("SELECT line FROM audit WHERE kind = 'note' ORDER BY n").fetchall()
    return [json.loads(line)["data"] for (line,) in rows]


def add(call: Call, operation: Path, last: int) -> Result:
    """A command that changes something."""
    return call("suppress", "add", f"07700 90000{last}", "--reason", "a witness", "--operation", operation)


def findings(call: Call, operation: Path) -> dict[str, dict[str, Any]]:
    found = json.loads(call("doctor", "--operation", operation, "--json").stdout)["findings"]
    return {one["check"]: one for one in found}


def test_a_clock_that_was_set_back_is_told_once_and_recorded(
    call: Call, operation: Path, people: People, clock: Clock
) -> None:
    assert call("import", people(1), "--text", "Hello", "--operation", operation).exit_code == 0
    clock.now_s = NOON_S - 14 * HOUR_S
    told = findings(call, operation)["clock"]
    assert told["level"] == "bad"
    assert "set back by 14 h" in told["says"]
    assert "2026-11-22 12:00 UTC" in told["says"]
    first = add(call, operation, 1)
    assert first.exit_code == 0
    assert "clock was set back by 14 h" in " ".join(first.stderr.split())
    (note,) = notes(operation)
    assert note["what"] == "clock"
    assert "2026-11-21 22:00 UTC" in note["reason"]
    assert "Mind the clock" not in add(call, operation, 2).stderr
    assert len(notes(operation)) == 1
    assert "clock" not in findings(call, operation)


def test_a_clock_that_is_put_right_by_a_little_is_not_told(
    call: Call, operation: Path, people: People, clock: Clock
) -> None:
    call("import", people(1), "--text", "Hello", "--operation", operation)
    clock.now_s = NOON_S - 200
    assert "Mind the clock" not in add(call, operation, 1).stderr
    assert notes(operation) == []


def test_a_clock_that_is_years_ahead_is_told(call: Call, operation: Path, people: People, clock: Clock) -> None:
    call("import", people(1), "--text", "Hello", "--operation", operation)
    clock.now_s = NOON_S + 3650 * 24 * HOUR_S
    assert "may be ahead: it says 2036-11-19" in findings(call, operation)["clock"]["says"]
    said = " ".join(add(call, operation, 1).stderr.split())
    assert "3,650 days after the last entry" in said
    assert len(notes(operation)) == 1
