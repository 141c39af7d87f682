"""What sending changes was accepted for one device: another in its place changes nothing, and sends nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gsmsend.contract import Clock, Driver, Endpoint, Link, OpenOptions, Sink
from gsmsend.engine import exhibits
from gsmsend.engine.ending import EXIT_GUARD
from gsmsend.engine.events import Finished
from gsmsend.engine.run import Run
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Facts, State
from gsmsend.requesting import RequestLink
from gsmsend.testing.memory_route import QUICK, MemoryClient, MemoryDriver
from gsmsend.testing.scripted import Desk, RealClock
from gsmsend_atmodem import DRIVER as ATMODEM
from gsmsend_handset.android import DRIVER as ANDROID
from gsmsend_handset.bluetooth import DRIVER as BLUETOOTH
from gsmsend_handset.gammu import DRIVER as GAMMU
from gsmsend_handset.modemmanager import DRIVER as MODEMMANAGER

WORDS = ("A row stays in its sent folder.",)
OURS, OTHER = "350000000000001", "350000000000002"
PORT = "memory:/dev/ttyACM0"


class _Client(MemoryClient):
    imei = OURS

    def bring_up(self) -> Facts:
        found = super().bring_up()
        return replace(found, device=replace(found.device, imei=self.imei))


@dataclass
class Phone(MemoryDriver):
    """A handset behind a port. `looked`: the IMEI that it tells when asked, `imei`: once it is opened."""

    place: bool = True
    looked: str = OURS
    imei: str = OURS
    looks: list[bool] = field(default_factory=list)
    folders: list[Path | None] = field(default_factory=list)

    def discover(self) -> Sequence[Endpoint]:
        return (Endpoint(self.name, "serial1"),)

    def endpoint(self, address: str) -> Endpoint:
        return replace(super().endpoint(address), place=self.place)

    def changes(self, endpoint: Endpoint) -> Sequence[str]:
        return WORDS

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        self.looks.append(options.exhibit)
        return self._client(self.looked).bring_up()

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        self.opened += 1
        self.folders.append(options.folder)
        return RequestLink(self._client(self.imei), sink, "the handset", QUICK)

    def _client(self, imei: str) -> MemoryClient:
        client = _Client(self.provider)
        client.imei = imei
        return client


@pytest.fixture
def phone() -> Phone:
    driver = Phone()
    driver.provider.reports = (0x00, "delivered")
    return driver


@pytest.fixture
def desk(bench: Desk) -> Desk:
    bench.settings = replace(bench.settings, lab=False)
    bench.store.add_officer("DC Example", "ab" * 32, "pc1", "pc9", time.time())
    bench.fill(1)
    return bench


def run(desk: Desk, driver: Phone, address: str = PORT) -> Finished:
    """What came of it."""
    return Run(
        desk.settings, desk.store, RealClock(), [(driver, driver.endpoint(address))],
        publish=desk.events.append, wait_reports_s=5.0, stay=False,
    ).execute()  # fmt: skip


def accept(desk: Desk, device: str) -> None:
    desk.store.accept_changes("DC Example", "memory", device, WORDS, "authority 12/26", time.time())


def test_behind_a_port_it_is_asked_who_it_is_before_it_is_opened(desk: Desk, phone: Phone) -> None:
    accept(desk, PORT)
    accept(desk, f"IMEI {OTHER}")
    finished = run(desk, phone)
    assert (finished.exit_code, phone.opened, phone.looks) == (EXIT_GUARD, 0, [True])
    assert f"{PORT} (IMEI {OURS}) changes the exhibit" in finished.why
    accept(desk, f"IMEI {OURS}")
    assert run(desk, phone).totals[State.DELIVERED] == 1


def test_one_that_is_put_there_between_the_look_and_the_opening_sends_nothing(desk: Desk, phone: Phone) -> None:
    accept(desk, f"IMEI {OURS}")
    phone.imei = OTHER
    finished = run(desk, phone)
    assert (finished.exit_code, phone.opened, phone.provider.on_air) == (EXIT_GUARD, 1, [])
    assert f"(IMEI {OTHER}) changes the exhibit" in finished.why


def test_one_that_does_not_tell_its_imei_is_no_device_that_was_accepted(desk: Desk, phone: Phone) -> None:
    accept(desk, "IMEI ")
    phone.looked = ""
    finished = run(desk, phone)
    assert (finished.exit_code, phone.opened) == (EXIT_GUARD, 0)
    assert "does not tell its IMEI" in finished.why


def test_a_driver_by_itself_is_refused_with_the_address_to_type(desk: Desk, phone: Phone) -> None:
    phone.place = False
    accept(desk, "memory")
    finished = run(desk, phone, "memory")
    assert (finished.exit_code, phone.opened) == (EXIT_GUARD, 0)
    assert "memory alone names no device" in finished.why
    assert exhibits.named_instead(phone) == "Name the device, under [modems] ports too: memory:serial1"


def test_in_a_lab_it_may_be_any(desk: Desk, phone: Phone) -> None:
    desk.settings = replace(desk.settings, lab=True)
    assert run(desk, phone, "memory").totals[State.DELIVERED] == 1
    assert phone.looks == []


def test_a_driver_is_told_where_the_operations_own_files_lie(desk: Desk, phone: Phone) -> None:
    accept(desk, f"IMEI {OURS}")
    run(desk, phone)
    assert phone.folders == [desk.settings.folder]


@pytest.mark.parametrize(
    ("driver", "address", "place"),
    [
        (ANDROID, "android:R58M000000A", False),
        (BLUETOOTH, "bluetooth:00:00:5E:00:53:01", False),
        (MODEMMANAGER, "modemmanager:350000000000001", False),
        (MODEMMANAGER, "modemmanager:/sys/devices/pci0000:00/usb1/1-1", True),
        (GAMMU, "gammu:/dev/ttyACM0", True),
        (GAMMU, "gammu:00:00:5E:00:53:01", False),
        (ATMODEM, "rfcomm:00:00:5E:00:53:01", False),
        (ATMODEM, "/dev/rfcomm0", True),
    ],
)
def test_an_address_is_a_devices_own_or_a_ports(driver: Driver, address: str, place: bool) -> None:
    endpoint = driver.endpoint(address)
    assert exhibits.changes(driver, endpoint)
    assert not exhibits.unnamed(driver, endpoint)
    assert endpoint.place is place


@pytest.mark.parametrize("driver", [ANDROID, BLUETOOTH, MODEMMANAGER, GAMMU])
def test_a_drivers_name_is_no_device(desk: Desk, driver: Driver) -> None:
    with pytest.raises(GuardStop, match=f"{driver.name} alone names no device") as stop:
        exhibits.device(desk.settings, driver, driver.endpoint(driver.name))
    assert f"{driver.name}:" in stop.value.remedy


def test_nobody_answers(desk: Desk, phone: Phone) -> None:
    phone.provider.gone = True
    with pytest.raises(LinkLost):
        exhibits.device(desk.settings, phone, phone.endpoint(PORT))
