"""Buses that are not there, and dbus-fast that is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gsmsend.contract import OpenOptions
from gsmsend.errors import DriverError, LinkLost, UsageError
from gsmsend_handset import bluetooth, modemmanager
from gsmsend_handset.bus import Bus, session_bus, system_bus

DRIVERS = (bluetooth.DRIVER, modemmanager.DRIVER)


def test_a_bus_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LinkLost, match=r"bus at /.*/none cannot be reached"):
        Bus(f"unix:path={tmp_path}/none", "bluetooth")


@pytest.mark.parametrize("driver", DRIVERS)
def test_without_dbus_fast_it_says_what_to_install(
    driver: modemmanager.ModemManagerDriver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "dbus_fast.aio", None)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}")
    assert driver.discover() == []
    options = OpenOptions(settings={"bus": f"unix:path={tmp_path}/bus"})
    with pytest.raises(DriverError) as missing:
        driver.inspect(driver.endpoint(driver.name), options)
    assert f"pip install 'gsmsend[{driver.name}]'" in missing.value.words


@pytest.mark.parametrize("driver", DRIVERS)
def test_discovery_with_a_bus_that_answers_nobody_finds_nothing(
    driver: modemmanager.ModemManagerDriver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bus").touch()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    assert driver.discover() == []


@pytest.mark.parametrize("driver", DRIVERS)
def test_an_address_that_cannot_be_one_says_what_was_expected(driver: modemmanager.ModemManagerDriver) -> None:
    with pytest.raises(UsageError, match=r"--port /?ttyUSB2: expected"):
        driver.endpoint("ttyUSB2")


def test_where_the_buses_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert system_bus() == "unix:path=/run/dbus/system_bus_socket"
    assert session_bus() == ""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert session_bus() == ""
    (tmp_path / "bus").touch()
    assert session_bus() == f"unix:path={tmp_path}/bus"
