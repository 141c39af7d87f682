"""A host's lease: what it is sure of by its own clock, and what it does once others took it for dead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gsmsend.config import Settings
from gsmsend.contract import HostState
from gsmsend.engine.events import Event, Notice
from gsmsend.engine.hosting import HostLease, steady_s
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import FenceLost, GuardStop, StoreError
from gsmsend.store import SqlStore
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.store_desk import Desk, number

LEASE_S = 30.0


class Hosts:
    """Several on one store, all by one clock; no threads."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.told: list[str] = []
        self._stack = stack

    def store(self) -> SqlStore:
        store = SqlStore(self.folder / "gsmsend.db", EngineRules(), lease_clock=self.clock.now)
        self._stack.callback(store.close)
        return store

    def lease(self, name: str, store: SqlStore, *, mark: str = "") -> HostLease:
        settings = Settings(self.folder, "bench", host=name, lease_s=LEASE_S)
        return HostLease(store, self.clock, settings, self._publish, mark=mark or name)

    def begun(self, name: str) -> tuple[HostLease, Desk]:
        store = self.store()
        lease = self.lease(name, store)
        lease.begin(threading.Event())
        return lease, Desk(store)

    def _publish(self, event: Event) -> None:
        if isinstance(event, Notice):
            self.told.append(event.text)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    with ExitStack() as stack:
        yield Hosts(tmp_path, stack)


def test_a_host_is_sure_of_less_than_the_store_grants(hosts: Hosts) -> None:
    lease, _ = hosts.begun("here")
    fence = lease.fence
    hosts.clock.advance(LEASE_S * 0.79)
    assert lease.sure(fence)
    hosts.clock.advance(LEASE_S * 0.02)
    assert not lease.sure(fence), "a text that is frozen now might be handed over too late"
    lease.check(fence)  # nobody took it for dead: what it has is its own
    assert lease._renew()
    assert lease.sure(fence)


def test_its_lines_are_free_within_the_time_of_the_lease(hosts: Hosts) -> None:
    here, desk = hosts.begun("here")
    there, other = hosts.begun("there")
    desk.line()
    for _ in range(9):
        hosts.clock.advance(LEASE_S / 10)
        assert there._renew()
        there.look()
    assert other.store.hosts()[0].state is HostState.SILENT, "who was not watched for a whole lease is not missed"
    hosts.clock.advance(LEASE_S / 10)
    there.look()
    assert other.store.hosts()[0].state is HostState.LOST
    assert "host here was not heard of for 30 seconds" in hosts.told[-1]
    assert not here._renew()


def test_who_was_taken_for_dead_begins_anew_and_old_work_is_nothing(hosts: Hosts) -> None:
    here, desk = hosts.begun("here")
    there, _ = hosts.begun("there")
    line, fence = desk.line(), here.fence
    woken: list[bool] = []
    here._wake = lambda: woken.append(True)
    hosts.clock.advance(LEASE_S + 1)
    there._renew()
    there._watched_s = float("-inf")
    there.look()
    assert not here._renew()
    here._anew()
    assert woken, "its lines must hear of it"
    assert not here.sure(fence)
    with pytest.raises(FenceLost):
        here.check(fence)
    assert here.sure(here.fence)
    with pytest.raises(FenceLost):
        desk.claim(line)
    assert desk.line().line_id == line.line_id
    assert any("others took it for dead" in words for words in hosts.told)


def test_after_an_outage_of_the_store_every_host_has_the_time_of_a_lease_to_come_back(hosts: Hosts) -> None:
    here, desk = hosts.begun("here")
    there, _ = hosts.begun("there")
    desk.line()
    hosts.clock.advance(10 * LEASE_S)  # in which the store answers nobody
    assert there._renew()
    there.look()
    hosts.clock.advance(1.0)
    assert here._renew(), "it was not taken for dead"
    there.look()
    assert here._renew()


def test_a_store_that_does_not_answer_is_told_once_and_so_is_its_return(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, desk = hosts.begun("here")
    hosts.clock.advance(LEASE_S)

    def away() -> bool:
        raise StoreError("the server does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(desk.store, "renew", away)
        for _ in range(3):
            with pytest.raises(StoreError):
                lease._renew()
            lease._tell_unsure()
    assert sum("does" in words and "handed over" in words for words in hosts.told) == 1
    assert lease._renew()
    assert hosts.told[-1] == "the store answers again; the lines go on"


def test_a_name_that_is_at_work_is_refused(hosts: Hosts) -> None:
    first, _ = hosts.begun("bench")
    other = hosts.lease("bench", hosts.store(), mark="another computer")

    class Waits(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            hosts.clock.advance(timeout or 0.0)
            first._renew()
            return False

    with pytest.raises(GuardStop, match="another run of this operation calls itself host bench") as stop:
        other.begin(Waits())
    assert "host = 'NAME'" in stop.value.remedy


def test_a_name_whose_run_is_gone_is_waited_for(hosts: Hosts) -> None:
    hosts.begun("bench")
    other = hosts.lease("bench", hosts.store(), mark="the same computer, started anew")
    waited: list[float] = []

    class Waits(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            hosts.clock.advance(timeout or 0.0)
            return False

    other.begin(Waits())
    assert LEASE_S * 0.8 <= sum(waited) <= LEASE_S + 1
    assert other.sure(other.fence)


def test_an_embedded_store_needs_no_renewal(tmp_path: Path) -> None:
    clock, store = ManualClock(), SqlStore(tmp_path / "gsmsend.db", EngineRules())
    lease = HostLease(store, clock, Settings(tmp_path, "officers"), lambda _: None)
    lease.begin(threading.Event())
    lease.start(lambda: None)
    assert lease._thread is None
    desk = Desk(store)
    desk.fill(number(1))
    line = desk.line()
    (message,) = desk.claim(line)
    clock.advance(1e6)
    assert lease.sure(lease.fence)
    assert desk.send(line, message, 1).state.value == "sent"  # type: ignore[union-attr]
    lease.end()
    store.close()


def test_no_run_goes_on_whose_lease_nobody_renews(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, desk = hosts.begun("here")
    hosts.clock.advance(LEASE_S)

    def broken() -> bool:
        raise RuntimeError("a bug")

    monkeypatch.setattr(desk.store, "renew", broken)
    monkeypatch.setattr(lease._ended, "wait", lambda _: False)
    lease._keep()
    with pytest.raises(RuntimeError, match="a bug"):
        lease.look()


def test_the_clock_goes_on_while_the_computer_sleeps() -> None:
    before = steady_s()
    assert steady_s() >= before
