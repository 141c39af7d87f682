"""The tables of gsmsend.toml for the drivers on a message bus: `[driver.bluetooth]`, `[driver.modemmanager]`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gsmsend.errors import ConfigError
from gsmsend_handset.bus import session_bus, system_bus

BLUETOOTH_ADDRESS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
DIALLED = re.compile(r"\+?[0-9*#]{1,20}")
"""What a text can be sent to (TS 23.040 9.1.2.3); in a file for a handset it cannot be taken for anything else."""
IMEI = re.compile(r"\d{15}")
_OF_THE_COMPUTER = re.compile(r"(/var)?/run/(dbus/|user/\d+/bus$)")
_PATH = "unix:path="


@dataclass(frozen=True, slots=True)
class Buses:
    """Where the buses are. `private`: they are of a test: nothing on them has a radio, nobody is reached."""

    system: str
    session: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class BluetoothSettings:
    """`address` is the handset's, empty for the only one that is paired.

    `submit_timeout_s`: how long to wait for the handset's word that it has sent the text.
    """

    bus: str = ""
    address: str = ""
    submit_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ModemManagerSettings:
    """`imei` and `device` (its path in /sys, or uid) say which modem, both empty for the only one.

    `submit_timeout_s`: how long to wait for the answer to Send(). ModemManager itself gives a part about a minute.
    """

    bus: str = ""
    imei: str = ""
    device: str = ""
    submit_timeout_s: float = 300.0


Check = Callable[[object], object]


def bluetooth_settings(table: Mapping[str, object]) -> BluetoothSettings:
    """Read `[driver.bluetooth]`. Raises ConfigError for a key or value that cannot be."""
    checks: dict[str, Check] = {"bus": _bus, "address": _address, "submit_timeout_s": _seconds}
    return BluetoothSettings(**_checked("bluetooth", table, checks))  # type: ignore[arg-type] # checked by key


def modemmanager_settings(table: Mapping[str, object]) -> ModemManagerSettings:
    """Read `[driver.modemmanager]`. Raises ConfigError for a key or value that cannot be."""
    checks: dict[str, Check] = {"bus": _bus, "imei": _imei, "device": _text, "submit_timeout_s": _seconds}
    return ModemManagerSettings(**_checked("modemmanager", table, checks))  # type: ignore[arg-type] # as above


def buses(bus: str) -> Buses:
    """The buses to use; `bus` is the setting, empty for those of this computer and its user.

    This computer's own are not made private by naming them.
    """
    if not bus:
        return Buses(system_bus(), session_bus())
    place = os.path.realpath(bus.removeprefix(_PATH))
    own = {os.path.realpath(one.removeprefix(_PATH).partition(",")[0]) for one in (system_bus(), session_bus())}
    return Buses(bus, bus, private=place not in own and not _OF_THE_COMPUTER.match(place))


def _checked(driver: str, table: Mapping[str, object], checks: Mapping[str, Check]) -> dict[str, object]:
    found = {}
    for key, value in table.items():
        if key not in checks:
            raise ConfigError(
                f"[driver.{driver}] {key} is not known; expected one of {', '.join(sorted(checks))}",
                remedy="Correct its spelling or remove it.",
            )
        try:
            found[key] = checks[key](value)
        except ValueError as error:
            raise ConfigError(f"[driver.{driver}] {key} = {value!r}: expected {error}") from None
    return found


def _bus(value: object) -> object:
    if isinstance(value, str) and value.startswith(f"{_PATH}/") and "," not in value and ";" not in value:
        return value
    raise ValueError('the address of a bus, such as "unix:path=/tmp/test.bus"')


def _address(value: object) -> object:
    if isinstance(value, str) and BLUETOOTH_ADDRESS.fullmatch(value.upper()):
        return value.upper()
    raise ValueError('a Bluetooth address, such as "00:00:5E:00:53:01"')


def _imei(value: object) -> object:
    if isinstance(value, str) and IMEI.fullmatch(value):
        return value
    raise ValueError("an IMEI in quotes: 15 digits")


def _text(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("a text in quotes")


def _seconds(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 3600:
        return float(value)
    raise ValueError("a number of seconds, more than 0 and up to 3600")
