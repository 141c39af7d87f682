"""Sticks that are plugged in and show no port for commands: which, in what mode, and what a person may do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gsmsend.contract import Unready
from gsmsend_atmodem.profile import Profiles
from gsmsend_atmodem.udev import UsbDevice

_DISK = "08"
"""bInterfaceClass of mass storage (USB-IF, Defined Class Codes)."""
_NETWORK = ("02 06", "02 0d", "02 0e", "e0 01 03", "ef 04 01", "02 02 ff")
"""Ethernet, NCM and MBIM of USB CDC; RNDIS in the three ways that it is declared."""
_DATA, _HID = "0a", "03"
"""The data half of a CDC function; buttons that some sticks declare."""


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    mode: str
    advice: str


@dataclass(frozen=True, slots=True)
class Table:
    """modes.toml: titles of modes, their advice, makers by vendor id, devices by USB id."""

    titles: Mapping[str, str]
    advice: Mapping[str, str]
    makers: Mapping[int, str]
    devices: Mapping[str, _Row]


@cache
def table() -> Table:
    """As the package has it."""
    found: dict[str, Any] = tomllib.loads((Path(__file__).parent / "modes.toml").read_text(encoding="utf-8"))
    modes = found["mode"]
    advice = {name: mode["advice"] for name, mode in modes.items()}
    return Table(
        {name: mode["title"] for name, mode in modes.items()},
        advice,
        {int(maker["vid"], 16): maker["title"] for maker in found["maker"]},
        {
            row["usb"]: _Row(row["title"], row["mode"], row.get("advice", advice[row["mode"]]))
            for row in found["device"]
        },
    )


def unready(devices: Iterable[UsbDevice], with_ports: Iterable[str], profiles: Profiles) -> Iterator[Unready]:
    """Those of the USB devices that are modems and have no serial port. `with_ports`: sockets that have one."""
    places, known = frozenset(with_ports), table()
    for device in devices:
        if device.place in places:
            continue
        usb = f"{device.vid:04x}:{device.pid:04x}"
        row = known.devices.get(usb)
        if row is None:
            row = _by_profile(usb, device, profiles) or _by_maker(device)
        if row is not None:
            title = row.title
            if device.product and device.product.lower() not in title.lower():
                title = f"{title} ({device.product})"
            yield Unready(device.place, usb, title, known.titles[row.mode], row.advice)


def _by_profile(usb: str, device: UsbDevice, profiles: Profiles) -> _Row | None:
    """A modem whose ports a profile knows, in the mode that it knows: they are not there."""
    profile = profiles.by_usb(device.vid, device.pid)
    product = profile.product(usb) if profile is not None else None
    return _Row(product.title, "portless", table().advice["portless"]) if product is not None else None


def _by_maker(device: UsbDevice) -> _Row | None:
    maker = table().makers.get(device.vid)
    kinds = [kind for kind in device.classes if not kind.startswith((_DATA, _HID))]
    if maker is None or not kinds:
        return None
    if all(kind.startswith(_DISK) for kind in kinds):
        mode = "disk"
    elif any(kind.startswith(_NETWORK) for kind in kinds) and not any(kind.startswith("ff") for kind in kinds):
        mode = "router"
    else:
        return None
    return _Row(maker, mode, table().advice[mode])
