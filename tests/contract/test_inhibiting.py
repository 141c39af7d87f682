"""ModemManager is kept off the modems of a run and has them again at its end, over a real message bus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.contract import Endpoint
from gsmsend_atmodem.inhibiting import ROOT, SERVICE, Inhibition
from gsmsend_handset.bus import Address
from tests.contract.private_bus import PrivateBus, ask, private_bus

PEER = Path(__file__).parent / "inhibit_peer.py"
PATIENCE_S = 20.0
ONE, OTHER = "/sys/devices/usb1/1-1/1-1.2", "/sys/devices/usb1/1-1/1-1.3"
BENCH = Address(SERVICE, ROOT, "uk.example.Bench")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[PrivateBus]:
    with private_bus(tmp_path) as it:
        yield it


def modem(place: str) -> Endpoint:
    return Endpoint("atmodem", f"/dev/ttyUSB{place[-1]}", usb_location=place.rpartition("/")[2])


def inhibition(bus: PrivateBus, told: list[str]) -> Inhibition:
    places = {"1-1.2": ONE, "1-1.3": OTHER}
    return Inhibition(
        told.append, address=bus.address, uid_of=lambda one: places[one.usb_location or ""], again_s=0.05
    )


def kept_off(bus: PrivateBus) -> list[str]:
    with closing(bus.connect()) as own:
        return list(ask(own, BENCH, "KeptOff"))


def until(condition: Callable[[], object]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_it_is_kept_off_and_has_them_again_at_the_end(bus: PrivateBus) -> None:
    told: list[str] = []
    with bus.mock(PEER, SERVICE, {"devices": [ONE, OTHER]}):
        keeping = inhibition(bus, told)
        keeping.hold([modem(ONE)])
        assert kept_off(bus) == [ONE]
        keeping.hold([modem(ONE), modem(OTHER)])
        assert kept_off(bus) == [ONE, OTHER]
        keeping.close()
        assert kept_off(bus) == []
    assert told == []


def test_a_device_that_it_takes_up_later_is_asked_for_again(bus: PrivateBus) -> None:
    told: list[str] = []
    with bus.mock(PEER, SERVICE), closing(inhibition(bus, told)) as keeping:
        keeping.hold([modem(ONE)])
        assert kept_off(bus) == []
        with closing(bus.connect()) as own:
            ask(own, BENCH, "TakeUp", "s", ONE)
        until(lambda: keeping.held)
        assert kept_off(bus) == [ONE]
    assert told == []


def test_one_that_starts_while_the_run_goes_on_is_kept_off_too(bus: PrivateBus) -> None:
    told: list[str] = []
    with closing(inhibition(bus, told)) as keeping:
        keeping.hold([modem(ONE)])
        for _ in range(2):
            with bus.mock(PEER, SERVICE, {"devices": [ONE]}):
                until(lambda: keeping.held)
                assert kept_off(bus) == [ONE]
            until(lambda: not keeping.held)
    assert told == []


@pytest.mark.parametrize(
    "error", [f"{SERVICE}.Error.Core.Unauthorized", "org.freedesktop.DBus.Error.AccessDenied"]
)
def test_where_it_is_not_allowed_that_is_said_once_in_plain_words(bus: PrivateBus, error: str) -> None:
    told: list[str] = []
    with (
        bus.mock(PEER, SERVICE, {"devices": [ONE, OTHER], "refuse": error}),
        closing(inhibition(bus, told)) as keeping,
    ):
        keeping.hold([modem(ONE)])
        keeping.hold([modem(ONE), modem(OTHER)])
    (words,) = told
    assert "/dev/ttyUSB2" in words
    assert "this login may not" in words
    assert "hw/" in words


def test_without_modemmanager_a_bus_or_a_modem_on_usb_nothing_is_done(bus: PrivateBus, tmp_path: Path) -> None:
    told: list[str] = []
    with closing(inhibition(bus, told)) as keeping:
        keeping.hold([modem(ONE)])
        keeping.hold([Endpoint("atmodem", "/dev/ttyS0"), Endpoint("atmodem", "/dev/pts/3", virtual=True)])
        assert keeping.held == frozenset()
    with closing(Inhibition(told.append, address=f"unix:path={tmp_path / 'none'}")) as keeping:
        keeping.hold([modem(ONE)])
    assert told == []
