"""What a run is told of sockets and folders while it goes on, and what a folder as a port stands for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gsmsend import wiring
from gsmsend.config import Settings
from gsmsend.contract import Endpoint
from gsmsend.engine.plugging import Plugged
from gsmsend.errors import NoRoute, UsageError
from tests.unit.cli.other_routes import FakeDriver, install, phone

PATIENCE_S = 20.0


@dataclass
class Reserved:
    """contract.Reservation that keeps what it was given."""

    held: list[str] = field(default_factory=list)
    closed: bool = False

    def hold(self, endpoints: Sequence[Endpoint]) -> None:
        self.held += [one.address for one in endpoints if one.address not in self.held]

    def close(self) -> None:
        self.closed = True


@dataclass
class Watched(FakeDriver):
    """A driver of modems that come and go."""

    stirred: Callable[[], None] = lambda: None
    stopped: bool = False
    reserved: Reserved = field(default_factory=Reserved)

    def watch(self, stirred: Callable[[], None]) -> Callable[[], None]:
        self.stirred = stirred

        def stop() -> None:
            self.stopped = True

        return stop

    def reserve(self, told: Callable[[str], None]) -> Reserved:
        told("reserved")
        return self.reserved

    def endpoint(self, address: str) -> Endpoint:
        return Endpoint("atmodem", address, virtual=Path(address).is_char_device())

    def plug(self, *addresses: str) -> None:
        self.there = tuple(Endpoint("atmodem", one, usb_location=f"1-{one[-1]}") for one in addresses)
        self.stirred()


@contextmanager
def watching(sockets: wiring.Sockets) -> Iterator[Callable[[], list[str]]]:
    """Started, and closed at the end; gives the addresses of the next news."""
    heard, told = threading.Event(), list[str]()
    sockets.start(heard.set, told.append)

    def news() -> list[str]:
        until_s = time.monotonic() + PATIENCE_S
        found: Sequence[Plugged] | None = None
        while found is None:
            assert heard.wait(until_s - time.monotonic())
            heard.clear()
            found = sockets.news()
        return [one.endpoint.address for one in found]

    try:
        yield news
    finally:
        sockets.close()


def settings(folder: Path, *, lab: bool = True, ports: tuple[str, ...] = ()) -> Settings:
    return Settings(folder, "test", lab=lab, ports=ports)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Watched:
    found = Watched("atmodem")
    install(monkeypatch, [found, phone()])
    return found


def terminal(place: Path) -> Callable[[], None]:
    """A pseudo-terminal under a name, as the virtual bench has it; how to take it away."""
    master, slave = os.openpty()
    place.symlink_to(os.ttyname(slave))

    def away() -> None:
        place.unlink()
        os.close(master)
        os.close(slave)

    return away


def test_modems_that_come_and_go_are_told_and_phones_are_not(driver: Watched, tmp_path: Path) -> None:
    driver.plug("/dev/ttyUSB0")
    with watching(wiring.Sockets(settings(tmp_path))) as news:
        assert news() == ["/dev/ttyUSB0"]
        driver.plug("/dev/ttyUSB0", "/dev/ttyUSB1")
        assert news() == ["/dev/ttyUSB0", "/dev/ttyUSB1"]
        driver.plug()
        assert news() == []
    assert driver.stopped


def test_other_programs_are_kept_off_all_of_them_until_the_end(driver: Watched, tmp_path: Path) -> None:
    driver.plug("/dev/ttyUSB0")
    with watching(wiring.Sockets(settings(tmp_path))) as news:
        assert driver.reserved.held == ["/dev/ttyUSB0"], "before the first line opens its port"
        news()
        driver.plug("/dev/ttyUSB0", "/dev/ttyUSB1")
        news()
        assert driver.reserved.held == ["/dev/ttyUSB0", "/dev/ttyUSB1"]
        assert not driver.reserved.closed
    assert driver.reserved.closed


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_a_folder_is_all_virtual_modems_in_it_now_and_later(driver: Watched, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    first, second = terminal(tmp_path / "modem2"), terminal(tmp_path / "modem10")
    here = settings(tmp_path, ports=(str(tmp_path),))
    assert [one.address for _, one in wiring.endpoints(here)] == [
        str(tmp_path / "modem2"), str(tmp_path / "modem10"),
    ]  # fmt: skip
    with watching(wiring.Sockets(here)) as news:
        assert len(news()) == 2
        third = terminal(tmp_path / "modem3")
        assert str(tmp_path / "modem3") in news()
        first()
        assert str(tmp_path / "modem2") not in news()
    second()
    third()


def test_an_empty_folder_is_no_reason_to_look_elsewhere(driver: Watched, tmp_path: Path) -> None:
    driver.plug("/dev/ttyUSB0")
    with pytest.raises(NoRoute, match="no virtual modem in"):
        wiring.endpoints(settings(tmp_path, ports=(str(tmp_path),)))


def test_a_folder_is_for_labs_only(driver: Watched, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lab operations only"):
        wiring.endpoints(settings(tmp_path, lab=False, ports=(str(tmp_path),)))


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_a_named_port_is_told_when_it_is_there_and_nothing_else_is(driver: Watched, tmp_path: Path) -> None:
    port = tmp_path / "modem1"
    driver.plug("/dev/ttyUSB0")
    sockets = wiring.Sockets(settings(tmp_path, ports=(str(port),)))
    assert not sockets.watches(Endpoint("atmodem", str(port))), "its worker looks for it by itself"
    with watching(sockets) as news:
        assert news() == []
        away = terminal(port)
        assert news() == [str(port)]
    away()
