"""A line is called on every screen as gsmsend.toml calls it; scripts know it by the store's own name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.cli.line_names import natural
from gsmsend.cli.plain import PlainLines
from gsmsend.cli.progress import Progress
from gsmsend.engine.events import InboundArrived, LineChanged, ReplyFlagged
from gsmsend.model import Device, Inbound, Sim
from gsmsend.store import SqlStore

from .conftest import Call

ICCID = "8944000000000000017"


@pytest.fixture
def store(operation: Path) -> Iterator[SqlStore]:
    """One line, whose SIM gsmsend.toml calls red-phone, and one that it does not name."""
    file = operation / "gsmsend.toml"
    named = f'{file.read_text(encoding="utf-8")}\n[line.red-phone]\niccid = "{ICCID}"\n'
    file.write_text(named, encoding="utf-8")
    opened = wiring.open_store(config.load(operation))
    named_line = opened.line(Sim(iccid=ICCID), Device("fake", "modem1"), 1.0).line_id
    opened.line(Sim(iccid="8944000000000000025"), Device("fake", "modem2"), 1.0)
    opened.record_inbound(named_line, Inbound("+447700900106", "Hello", 2.0, how="CMT"), 2.0).result()
    yield opened
    opened.close()


def test_status_calls_it_as_the_settings_do(call: Call, operation: Path, store: SqlStore) -> None:
    said = call("status", "--operation", operation).stdout
    assert "  red-phone " in said
    assert "sim-000017" not in said
    assert "  sim-000025 " in said
    found = json.loads(call("status", "--operation", operation, "--json").stdout)["lines"]
    assert [(row["name"], row["known_as"]) for row in found] == [("sim-000017", "red-phone"), ("sim-000025", None)]


def test_the_inbox_calls_it_so_too(call: Call, operation: Path, store: SqlStore) -> None:
    said = call("inbox", "--operation", operation).stdout
    assert "on red-phone" in said
    assert "sim-000017" not in said
    assert json.loads(call("inbox", "--operation", operation, "--json").stdout)["line"] == "sim-000017"


def test_a_run_calls_it_so_too() -> None:
    said: list[str] = []
    show = PlainLines(said.append, Progress())
    show.event(LineChanged(1.0, "/dev/ttyUSB2", "sim-000017", "ready", "", "", 0, None, "red-phone"))
    show.event(InboundArrived(2.0, "sim-000017", "+447700900106"))
    show.event(ReplyFlagged(2.0, "sim-000017", "+447700900106", 1, None))
    assert "red-phone (/dev/ttyUSB2) is ready" in said[0]
    assert "A text came in on red-phone" in said[1]
    assert "on red-phone needs a person now" in said[2]


def test_lines_are_in_the_order_that_people_count_in() -> None:
    names = ["Line 10", "line 2", "blue-phone", "Line 1"]
    assert sorted(names, key=natural) == ["blue-phone", "Line 1", "line 2", "Line 10"]
