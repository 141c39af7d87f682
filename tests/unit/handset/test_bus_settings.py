"""[driver.bluetooth] and [driver.modemmanager]: what may stand there, and which buses have nobody behind them."""

from __future__ import annotations

import pytest

from gsmsend.errors import ConfigError
from gsmsend_handset.bus_settings import bluetooth_settings, buses, modemmanager_settings


def test_an_empty_table_is_right() -> None:
    assert bluetooth_settings({}).submit_timeout_s == 60
    assert modemmanager_settings({}).imei == ""


def test_an_address_is_taken_in_any_case() -> None:
    assert bluetooth_settings({"address": "00:00:5e:00:53:01"}).address == "00:00:5E:00:53:01"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("adress", "00:00:5E:00:53:01", "adress is not known; expected one of address, bus, submit_timeout_s"),
        ("address", "AA-BB", "address = 'AA-BB': expected a Bluetooth address"),
        ("submit_timeout_s", 0, "submit_timeout_s = 0: expected a number of seconds, more than 0"),
        ("submit_timeout_s", True, "submit_timeout_s = True: expected a number"),
        ("bus", "tcp:host=example.org,port=1", "expected the address of a bus"),
        ("bus", "unix:path=/tmp/a;unix:path=/tmp/b", "expected the address of a bus"),
    ],
)
def test_what_cannot_be_is_refused(key: str, value: object, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        bluetooth_settings({key: value})
    assert said in str(refused.value)
    assert "[driver.bluetooth]" in str(refused.value)


@pytest.mark.parametrize(("key", "value"), [("imei", "123"), ("imei", 350_000_000_000_019), ("device", " ")])
def test_a_modem_is_named_by_imei_or_place(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"\[driver.modemmanager\] {key}"):
        modemmanager_settings({key: value})


def test_a_bus_of_a_test_is_private() -> None:
    assert buses("unix:path=/tmp/test.bus").private


@pytest.mark.parametrize(
    "bus",
    [
        "", "unix:path=/run/dbus/system_bus_socket", "unix:path=/var/run/dbus/system_bus_socket",
        "unix:path=/run/user/1000/bus", "unix:path=/run/../run/user/1000/bus", "unix:path=/own/session",
    ],
)  # fmt: skip
def test_this_computers_own_buses_are_not_private_whoever_names_them(
    bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/own/session,guid=0123")
    assert not buses(bus).private
