"""What a run's lookout sees, and what it has told: from the store, the lines, the disk and the clock."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gsmsend.alerting import Ledger
from gsmsend.alerting.lines import LineBook
from gsmsend.alerting.memory import remembered
from gsmsend.alerting.wording import Message
from gsmsend.cli import lookout as lookout_module
from gsmsend.cli.lookout import Lookout, clock_words
from gsmsend.clockfacts import ClockFacts
from gsmsend.config import Alarm, AlertTerms, Settings
from gsmsend.contract import HostRow, HostState
from gsmsend.engine.events import LineChanged
from gsmsend.errors import StoreError
from gsmsend.model import State

NOW_S = 1_795_000_000.0
IN_STEP = ClockFacts("chrony", synchronised=True, error_ms=12)


class FakeStore:
    """What a lookout asks of a store, settable."""

    leases_expire = False

    def __init__(self) -> None:
        self.counts = dict.fromkeys(State, 0)
        self.dangers = 0
        self.waiting: list[Any] = []
        self.rows: dict[int, tuple[str, dict[State, int]]] = {}
        self.all_hosts: list[HostRow] = []
        self.broken: StoreError | None = None
        self.hangs = threading.Event()
        self.hangs.set()

    def totals(self) -> dict[State, int]:
        self.hangs.wait(30)
        if self.broken is not None:
            raise self.broken
        return dict(self.counts)

    def unseen_dangers(self) -> int:
        return self.dangers

    def wanted_lines(self) -> list[Any]:
        return self.waiting

    def campaigns(self) -> list[Any]:
        return [SimpleNamespace(campaign_id=at, name=row[0], cancelled="") for at, row in self.rows.items()]

    def campaign_totals(self, campaign_id: int) -> dict[State, int]:
        return self.rows[campaign_id][1]

    def hosts(self) -> list[HostRow]:
        return self.all_hosts


class Clock:
    """Stands for ClockWatch."""

    facts = IN_STEP

    def read(self) -> ClockFacts:
        return self.facts


class Bench:
    def __init__(self, folder: Path, **terms: Any) -> None:
        self.store, self.book, self.clock = FakeStore(), LineBook(), Clock()
        self.posted: list[Message] = []
        self.still = ""
        settings = Settings(folder, "Op Example", alerts=AlertTerms(to=("env:A",), **terms))
        self.ledger = Ledger(settings.alerts, "Europe/London", remembered(folder))
        self.lookout = Lookout(
            settings, self.store, self.book, self.ledger,  # type: ignore[arg-type]
            still=lambda: self.still, post=self.posted.append, host="bench-1", clock=self.clock,  # type: ignore[arg-type]
        )  # fmt: skip

    def look(self, seconds: float, **more: Any) -> list[Alarm]:
        """The kinds of trouble that are there after so many seconds."""
        self.lookout.look(NOW_S + seconds, seconds, **more)
        return [one.kind for one in self.lookout.active]

    def said(self) -> str:
        """The last message."""
        return self.posted[-1].body if self.posted else ""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, disk_bytes=0)


def line(state: str) -> LineChanged:
    return LineChanged(NOW_S, "/dev/a", "sim-1", state, "", "unplugged", 0, None, "red-phone")


def test_all_is_well(bench: Bench) -> None:
    assert bench.look(0) == []
    assert bench.posted == []


def test_uncertain_texts_and_danger(bench: Bench) -> None:
    bench.store.counts[State.UNCERTAIN], bench.store.dangers = 2, 1
    assert bench.look(0) == [Alarm.DANGER, Alarm.UNCERTAIN]
    assert len(bench.posted) == 1
    assert "2 texts may or may not have gone out" in bench.said()
    assert bench.look(5) == [Alarm.DANGER, Alarm.UNCERTAIN]
    assert len(bench.posted) == 1


def test_a_line_that_is_out_for_minutes(bench: Bench) -> None:
    for state in ("ready", "recovering"):
        bench.book.take(line(state))
        assert bench.look(0) == []
    assert bench.look(301) == [Alarm.ALL_LINES]
    assert "red-phone is out of use (unplugged)" in bench.said()


def test_a_campaign_that_this_run_brought_to_its_end_is_told_once(bench: Bench) -> None:
    bench.store.counts[State.QUEUED] = 2
    bench.store.rows = {
        1: ("main", {**dict.fromkeys(State, 0), State.QUEUED: 2}), 2: ("old", dict.fromkeys(State, 0)),
        3: ("send 7", {**dict.fromkeys(State, 0), State.QUEUED: 1}),
    }  # fmt: skip
    assert bench.look(0) == []
    bench.store.counts[State.QUEUED] = 0
    bench.store.rows = {at: (name, dict.fromkeys(State, 0)) for at, (name, _) in bench.store.rows.items()}
    assert bench.look(5) == []
    assert bench.look(31) == [Alarm.DONE]
    assert bench.said() == "Campaign main has nothing left to send\n(bench-1)"
    assert bench.look(100) == [Alarm.DONE]
    assert len(bench.posted) == 1


def test_the_end_of_a_short_run_is_told_too(bench: Bench) -> None:
    bench.store.counts[State.QUEUED] = 1
    bench.store.rows = {1: ("main", {**dict.fromkeys(State, 0), State.QUEUED: 1})}
    bench.look(0)
    bench.store.counts[State.QUEUED] = 0
    bench.store.rows = {1: ("main", dict.fromkeys(State, 0))}
    bench.lookout.stop("")
    assert "Campaign main has nothing left to send" in bench.said()


def test_a_run_that_stopped_by_itself_is_told(bench: Bench) -> None:
    assert bench.look(0, stopped="no modem can be used") == [Alarm.STOPPED]
    assert "The run has stopped: no modem can be used" in bench.said()
    assert bench.posted[0].urgent


def test_a_run_that_stands_still(bench: Bench) -> None:
    bench.still = "the run has not looked at its lines for 75 seconds"
    assert bench.look(0) == [Alarm.STILL]


def test_a_store_that_cannot_be_read_keeps_what_was_known(bench: Bench) -> None:
    bench.store.counts[State.UNCERTAIN] = 1
    bench.look(0)
    bench.store.broken = StoreError("gsmsend.db: disk I/O error", remedy="Check the disk")
    bench.look(5)
    assert bench.look(40) == [Alarm.STORE, Alarm.UNCERTAIN]
    assert not bench.lookout.readable
    assert "The store cannot be read: gsmsend.db: disk I/O error" in bench.said()
    bench.store.broken = None
    assert bench.look(45) == [Alarm.UNCERTAIN]


def test_a_store_that_does_not_answer_holds_up_no_other_alert(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout_module, "_ANSWER_S", 0.05)
    bench.look(0)
    bench.store.hangs.clear()
    bench.book.take(line("recovering"))
    bench.look(5)
    assert bench.look(40) == [Alarm.STORE]
    assert "it does not answer" in bench.said()
    assert Alarm.ALL_LINES in bench.look(400)
    bench.store.hangs.set()
    monkeypatch.setattr(lookout_module, "_ANSWER_S", 20.0)
    assert Alarm.STORE not in bench.look(405)


def test_a_bug_in_a_look_is_no_end_of_all_looks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gsmsend.cli.edge.kept", lambda _fault: None)
    bench.store.waiting = [None]
    bench.look(0)
    assert bench.look(31) == [Alarm.STORE]
    assert "a bug in gsmsend (AttributeError)" in bench.said()
    bench.store.waiting = []
    assert bench.look(36) == []


def test_lost_hosts(bench: Bench) -> None:
    bench.store.leases_expire = True
    bench.store.all_hosts = [
        HostRow("bench-1", HostState.UP, 1.0, ("a", "b"), 1), HostRow("bench-2", HostState.LOST, 90.0, (), 4),
        HostRow("bench-3", HostState.LEFT, 9000.0, (), 2),
    ]  # fmt: skip
    assert bench.look(0) == [Alarm.HOST]
    assert "Host bench-2" in bench.said()
    bench.store.all_hosts[1] = HostRow("bench-2", HostState.UP, 1.0, (), 5)
    assert bench.look(5) == []


def test_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    bench = Bench(tmp_path, disk_bytes=1e18)
    bench.look(0)
    assert bench.look(61) == [Alarm.DISK]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (None, ""),
        (ClockFacts(), ""),
        (IN_STEP, ""),
        (ClockFacts("chrony", synchronised=True, error_ms=None), ""),
        (ClockFacts("chrony", synchronised=False), "no service keeps it in step"),
        (ClockFacts("chrony", synchronised=True, error_ms=2500), "it may be off by 2.5 seconds"),
    ],
)
def test_the_clock(facts: ClockFacts | None, words: str) -> None:
    assert clock_words(facts, 2.0) == words


def test_a_clock_that_is_wrong_for_long_is_told(bench: Bench) -> None:
    bench.clock.facts = ClockFacts("none", synchronised=False)
    assert bench.look(0) == []
    assert bench.look(601) == [Alarm.CLOCK]


def test_a_run_that_starts_again_does_not_tell_it_again(tmp_path: Path) -> None:
    said = 0
    for start in range(5):
        bench = Bench(tmp_path, disk_bytes=0)
        bench.store.counts[State.UNCERTAIN] = 1
        bench.look(start * 10.0)
        said += len(bench.posted)
    assert said == 1


def test_without_anybody_to_tell_it_still_knows(tmp_path: Path) -> None:
    store, settings = FakeStore(), Settings(tmp_path, "Op", alerts=AlertTerms(disk_bytes=0))
    store.dangers = 1
    made = Lookout(
        settings, store, LineBook(), Ledger(settings.alerts, "UTC"),  # type: ignore[arg-type]
        still=str, post=None, host="bench-1", clock=Clock(),  # type: ignore[arg-type]
    )  # fmt: skip
    made.look(NOW_S, 0.0)
    assert [one.kind for one in made.active] == [Alarm.DANGER]
    assert list(tmp_path.iterdir()) == []


def test_on_its_thread_it_looks_and_is_woken(bench: Bench) -> None:
    posted = threading.Event()
    bench.lookout._post = lambda _message: posted.set()
    bench.lookout.start()
    bench.store.dangers = 1
    bench.lookout.wake()
    assert posted.wait(20)
    bench.lookout.stop("")
