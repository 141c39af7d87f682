"""A run that waits says for what, and how to stop it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gsmsend.cli import patience
from gsmsend.cli.patience import Patience
from gsmsend.cli.progress import Progress
from gsmsend.engine.events import Event, Finished, HeldBack, LineChanged, Notice, PartAnswered, Started
from gsmsend.model import Outcome, OutcomeKind, Registration, State
from gsmsend.testing.scripted import ScriptedDriver

from .conftest import Call, People, objects

NO_AERIAL = "it looks for a network; if it finds none, try another place or another aerial"
STOP = "Ctrl-C stops; the queue keeps the rest."


def started(**states: int) -> Started:
    return Started(0.0, dict.fromkeys(State, 0) | {State(state): number for state, number in states.items()})


def line(name: str, state: str, doing: str, why: str = "") -> LineChanged:
    return LineChanged(1.0, f"/dev/{name}", name, state, doing, why, 0, None)


def told(*events: Event, until_s: float, stay: bool = False) -> list[tuple[float, str]]:
    """What is said, and when, if these events come at their times and then nothing happens."""
    said: list[Notice] = []
    show = Patience(said.append, stay=stay)
    left = list(events)
    for half_seconds in range(2 * int(until_s) + 1):
        while left and left[0].at_s <= half_seconds / 2:
            show.event(left.pop(0))
        show.tick(half_seconds / 2)
    return [(notice.at_s, notice.text) for notice in said]


def test_without_a_network_it_says_what_it_waits_for_and_how_to_stop() -> None:
    found = told(started(queued=3), line("SIM 1", "no network", "waiting for the network", NO_AERIAL), until_s=20)
    assert found == [(15.0, f"3 texts wait. SIM 1: no network, {NO_AERIAL}. {STOP}")]


def test_it_says_so_again_and_ever_more_rarely() -> None:
    times = [at_s for at_s, _ in told(started(queued=1), until_s=4000)]
    assert times[:4] == [15.0, 45.0, 105.0, 225.0]
    assert times[-1] - times[-2] == 600.0


def test_a_text_that_goes_out_begins_the_wait_anew() -> None:
    accepted = PartAnswered(14.0, "SIM 1", 1, "+447700900001", 1, 1, Outcome(OutcomeKind.ACCEPTED))
    assert [at_s for at_s, _ in told(started(queued=2), accepted, until_s=30)] == [29.0]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([started(queued=1)], f"1 text waits. no modem has answered yet. {STOP}"),
        ([started(queued=2), line("SIM 1", "waiting", "keeping the pace")], "SIM 1: keeping the pace."),
        (
            [started(queued=2), line("SIM 1", "ready", "waiting for work")],
            "refused for now and is tried again later",
        ),
        ([started(queued=2), *(line(f"SIM {index}", "opening", "") for index in range(5))], "and 2 more lines."),
        ([started(sent=4)], "4 texts sent, with no delivery report yet. Ctrl-C stops waiting; nothing is lost."),
    ],
)
def test_it_says_for_what(events: list[Event], says: str) -> None:
    ((_, words),) = told(*events, until_s=20)
    assert says in words


def test_with_nothing_to_do_it_says_nothing() -> None:
    assert told(started(delivered=4), until_s=60) == []
    assert told(started(sent=4), until_s=60, stay=True) == []
    assert told(started(queued=1), Finished(5.0, dict.fromkeys(State, 0), 0, ""), until_s=60) == []
    assert told(line("SIM 1", "opening", ""), until_s=60) == []


@pytest.fixture
def stop_once_told(driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A modem without network; Ctrl-C as soon as the user has been told what the run waits for."""
    driver.registration = Registration.SEARCHING
    real: Callable[..., str] = patience.waiting_for

    def telling(progress: Progress, *, stay: bool) -> str:
        words = real(progress, stay=stay)
        if words:
            os.kill(os.getpid(), signal.SIGINT)
        return words

    monkeypatch.setattr(patience, "waiting_for", telling)
    monkeypatch.setattr(patience, "_FIRST_S", 0.5)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_run_shows_it_in_plain_lines(call: Call, operation: Path, stop_once_told: None, people: People) -> None:
    result = call("run", "--operation", operation, "--to", people(2))
    assert result.exit_code == 130
    assert "2 texts wait. " in result.stdout
    assert NO_AERIAL in result.stdout
    assert STOP in result.stdout


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_run_tells_it_to_scripts(call: Call, operation: Path, stop_once_told: None, people: People) -> None:
    result = call("run", "--operation", operation, "--to", people(2), "--json")
    notices = [event["text"] for event in objects(result) if event["event"] == "notice"]
    assert any(text.startswith("2 texts wait. ") and text.endswith(STOP) for text in notices)
    (line_down,) = {event["why"] for event in objects(result) if event.get("state") == "no network"}
    assert line_down == NO_AERIAL


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_send_tells_it_apart_from_its_json(call: Call, operation: Path, stop_once_told: None) -> None:
    result = call("send", "07700 900123", "Hello", "--operation", operation, "--json")
    assert result.exit_code == 130
    assert result.stderr.startswith("1 text waits. ")
    assert [found["state"] for found in objects(result)] == ["queued"]


def test_what_holds_all_back_is_said_instead_of_what_each_line_is_at() -> None:
    why = "the line red is barred or out of credit; the fallback takes over at Sun 22 Nov 15:30"
    ready, barred = line("notify", "ready", "waiting"), line("red", "barred", "stopped")
    found = told(started(queued=26), ready, barred, HeldBack(2.0, why), until_s=20)
    assert found == [(15.0, f"26 texts wait. {why}. {STOP}")]


def test_a_line_is_called_as_in_the_settings() -> None:
    red = LineChanged(1.0, "/dev/a", "sim-000010", "no network", "waiting", NO_AERIAL, 0, None, known_as="red")
    assert told(started(queued=3), red, until_s=20) == [
        (15.0, f"3 texts wait. red: no network, {NO_AERIAL}. {STOP}")
    ]
