"""Which routes a run takes by itself, which only where they are named, and what a person types for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend import registry, wiring
from gsmsend.config import Settings
from gsmsend.contract import Endpoint
from gsmsend.errors import DriverError, NoRoute, UsageError
from tests.unit.cli.other_routes import MAC, FakeDriver, account, install, modem, phone

HERE = Settings(folder=Path(), name="test")


def taken(found: list[wiring.Route]) -> list[str]:
    return [endpoint.address for _, endpoint in found]


def test_modems_are_found_and_phones_and_accounts_are_not_taken_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = account()
    cloud.there = (Endpoint("cloud", "cloud", cloud=True),)
    install(monkeypatch, [modem("/dev/ttyUSB2"), phone(), cloud])
    assert len(wiring.survey().found) == 3
    assert taken(wiring.endpoints(HERE)) == ["/dev/ttyUSB2"]


def test_a_modem_that_another_driver_finds_too_is_left_to_its_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    also = FakeDriver("also", there=(
        Endpoint("also", "350000000000001", usb_location="1-1.2"),
        Endpoint("also", "350000000000002", others=("/dev/ttyUSB9", "/dev/ttyUSB8")),
        Endpoint("also", "350000000000003", usb_location="1-1.3"),
        Endpoint("also", "350000000000004"),
    ))  # fmt: skip
    direct = FakeDriver("atmodem", there=(
        Endpoint("atmodem", "/dev/ttyUSB2", usb_location="1-1.2"), Endpoint("atmodem", "/dev/ttyUSB8"),
    ))  # fmt: skip
    install(monkeypatch, [direct, also])
    assert taken(wiring.endpoints(HERE)) == [
        "350000000000003", "350000000000004", "/dev/ttyUSB2", "/dev/ttyUSB8",
    ]  # fmt: skip


def test_a_phone_alone_is_no_route_but_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [phone()])
    with pytest.raises(NoRoute, match="no modem was found") as caught:
        wiring.endpoints(HERE)
    assert f"gsmsend accept phone:{MAC}" in caught.value.remedy
    assert "[modems] ports" in caught.value.remedy


def test_a_named_phone_or_account_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB2"), phone(), account()])
    settings = Settings(folder=Path(), name="test", ports=(f"phone:{MAC}", "cloud"))
    (one, first), (two, second) = wiring.endpoints(settings)
    assert (one.name, first.address, two.name, second.cloud) == ("phone", MAC, "cloud", True)
    assert taken(wiring.endpoints(settings, ["/dev/ttyUSB3"])) == ["/dev/ttyUSB3"]


@pytest.mark.parametrize("fault", [DriverError("no bus"), RuntimeError("a bug")])
def test_one_broken_driver_hides_no_other(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    bad = phone("bad")
    bad.fault = fault
    install(monkeypatch, [modem("/dev/ttyUSB2"), bad], gone=())
    seen = wiring.survey()
    assert [name for name, _ in seen.broken] == ["bad", "gone"]
    assert taken(wiring.endpoints(HERE)) == ["/dev/ttyUSB2"]


def test_drivers_that_could_not_be_asked_are_named_where_there_is_no_route(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, [], gone=())
    with pytest.raises(NoRoute, match="the driver gone could not be asked"):
        wiring.endpoints(HERE)


@pytest.mark.parametrize("port", [f"phone:{MAC}", "/dev/ttyUSB2", "cloud"])
def test_what_is_typed_for_a_route_leads_to_it(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    install(monkeypatch, [modem(), phone(), account()])
    driver, endpoint = wiring.route(port)
    again = wiring.route(wiring.named_as(driver, endpoint))
    assert (again[0].name, again[1]) == (driver.name, endpoint)


def test_the_modem_driver_may_be_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [modem()])
    assert wiring.route(f"atmodem:rfcomm:{MAC}") == wiring.route(f"rfcomm:{MAC}")


def test_what_a_driver_needs_is_the_extra_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.needs("atmodem") is None
    assert registry.needs("carrier") is None
    twilio = registry.needs("twilio")
    assert twilio is not None
    assert (twilio.install, twilio.missing) == ("pip install 'gsmsend[twilio]'", ())
    monkeypatch.setattr(registry, "_installed", lambda package: package != "twilio")
    lacking = registry.needs("twilio")
    assert lacking is not None
    assert lacking.missing == ("twilio",)


def test_what_only_another_system_needs_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert registry.needs("bluetooth") is None


@pytest.mark.parametrize("port", ["bluetoth:00:00:5E:00:53:01", "bluetoth:", "pigeon:1"])
def test_a_driver_that_is_not_there_is_named_and_not_taken_for_a_port(port: str) -> None:
    with pytest.raises(UsageError, match=f"there is no driver named {port.partition(':')[0]}") as error:
        wiring.route(port)
    assert "--port" not in str(error.value)
    assert ("Did you mean bluetooth?" in error.value.remedy) == port.startswith("bluetoth")


def test_a_port_with_a_colon_is_still_a_port(tmp_path: Path) -> None:
    place = tmp_path / "by-path:1"
    place.touch()
    with pytest.raises(UsageError, match="is not a serial port"):
        wiring.route(str(place))
    with pytest.raises(UsageError) as error:
        wiring.route("rfcomm:nonsense")
    assert "no driver" not in str(error.value)
