"""What a line on the wall is, and how long is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.config import LineTerms, Settings
from gsmsend.console.finding import gather, tiles
from gsmsend.contract import AttemptClose, AttemptOpen, Glance, ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Outcome, OutcomeKind, Sim, State
from gsmsend.store import SqlStore

NOW_S = 1_800_000_000.0


def glance(state: str, why: str = "", iccid: str = "8944000000000000010", line_id: int = 1) -> Glance:
    """A line as the store tells it."""
    name = f"sim-{line_id}"
    return Glance(line_id, name, state, why, -70, "Example", iccid, None, None, "p", cloud=False, lately=3)


@pytest.mark.parametrize(("state", "why", "running", "kind", "shown"), [
    ("ready", "", True, "up", "ready"),
    ("waiting", "no network", True, "up", "waiting"),
    ("recovering", "reset", True, "coming", "recovering"),
    ("quarantined", "", True, "out", "quarantined"),
    ("stopped", "another SIM", True, "out", "stopped"),
    ("stopped", "", True, "idle", "stopped"),
    ("ready", "", False, "idle", "down"),
    ("stopped", "another SIM", False, "out", "stopped"),
])  # fmt: skip
def test_what_a_line_is(state: str, why: str, running: bool, kind: str, shown: str) -> None:
    (tile,) = tiles(Settings(Path(), "op"), [glance(state, why)], running=running)
    assert (tile.kind, tile.state) == (kind, shown)


def test_lines_have_the_names_that_people_gave_them_in_their_order() -> None:
    first, second = "8944000000000000010", "8944000000000000028"
    terms = {"Line 10": LineTerms("Line 10", iccid=first), "Line 2": LineTerms("Line 2", iccid=second)}
    rows = [glance("ready", iccid=first, line_id=1), glance("ready", iccid=second, line_id=2)]
    found = tiles(Settings(Path(), "op", lines=terms), rows, running=True)
    assert [tile.title for tile in found] == ["Line 2", "Line 10"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = SqlStore(tmp_path / "gsmsend.db", EngineRules())
    yield made
    made.close()


def test_the_time_left_is_reckoned_from_when_sending_began(store: SqlStore, tmp_path: Path) -> None:
    rows = [NewMessage(f"+447700900{index:03}", "Help is here", index + 1, 1) for index in range(40)]
    store.add(ImportSource("a.csv", "d", "main", NOW_S), rows)
    line = store.line(Sim(iccid="8944000000000000010"), Device("fake", "port1"), NOW_S).line_id
    settings = Settings(tmp_path, "op")
    assert gather(settings, store, NOW_S).left_s is None
    for second in range(20):
        (message,) = store.claim(line, 1, NOW_S).result()
        at_s = NOW_S + second
        opened = store.advance(None, AttemptOpen(message.message_id, 1, line, at_s)).result().attempt_id
        assert opened is not None
        outcome = Outcome(OutcomeKind.ACCEPTED, reference=second)
        close = AttemptClose(opened, message.message_id, 1, 1, line, outcome, at_s, State.SENT)
        store.advance(close, None).result()
    found = gather(settings, store, NOW_S + 20)
    assert found.left_s == pytest.approx(20, rel=0.15)
    assert found.left_of_one == found.left_s
    assert gather(settings, store, NOW_S + 2000).left_s is None
