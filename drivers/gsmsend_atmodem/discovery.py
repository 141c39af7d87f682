"""What is plugged in, by name only: serial ports grouped into sticks, the likely AT port of each first."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from gsmsend.contract import Endpoint
from gsmsend.errors import UsageError
from gsmsend_atmodem import udev
from gsmsend_atmodem.profile import Profiles

NAME = "atmodem"

_INTERFACE_IN_LOCATION = re.compile(r":(?:\d+|x)\.(\d+)$")
_INTERFACE_IN_HWID = re.compile(r"MI_([0-9A-F]{2})", re.IGNORECASE)
_NO_AT_PORT = re.compile(r"diag|nmea|gps|gnss|audio|voice|qdss|adb", re.IGNORECASE)
_CLOSED = re.compile(r"\bdiag|qcdm|qdss", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)$")

_LOOK_S = 0.25
_LIST_S = 1.0
"""Between two looks for ports; where all must be listed for it, the longer one."""

# CDC-ACM devices of these makers are boards and adapters, not modems: opening one may reset it.
NO_MODEMS = {0x2341, 0x2A03, 0x1B4F, 0x239A, 0x2E8A, 0x303A, 0x0483, 0x1366, 0x16C0, 0x0D28, 0x03EB}


class PortInfo(Protocol):
    """What `serial.tools.list_ports`, or udev, tells of a port."""

    @property
    def device(self) -> str: ...
    @property
    def vid(self) -> int | None: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def serial_number(self) -> str | None: ...
    @property
    def location(self) -> str | None: ...
    @property
    def interface(self) -> str | None: ...
    @property
    def description(self) -> str: ...
    @property
    def hwid(self) -> str: ...


def list_ports() -> Sequence[PortInfo]:
    """All serial ports of this computer: on Linux with pyudev those on USB, as udev has them; else pyserial's."""
    if (known := udev.context()) is not None:
        return udev.ports(known)
    return serial_ports()


def serial_ports() -> Sequence[PortInfo]:
    """All serial ports of this computer, as pyserial lists them."""
    from serial.tools import list_ports as ports  # noqa: PLC0415 - only those who look for modems need it

    return ports.comports()  # type: ignore[no-any-return, unused-ignore]


def watch(stirred: Callable[[], None]) -> Callable[[], None]:
    """Call `stirred` whenever a serial port may have come or gone, until what this returns is called."""
    if udev.LINUX:
        return udev.Watcher(udev.context(), udev.names, stirred, every_s=_LOOK_S).close
    return udev.Watcher(None, udev.listed(serial_ports), stirred, every_s=_LIST_S).close


def find_sticks(infos: Iterable[PortInfo], profiles: Profiles) -> list[Endpoint]:
    """One endpoint for each stick that a profile knows or that is a CDC-ACM modem."""
    sticks: dict[tuple[object, ...], list[PortInfo]] = defaultdict(list)
    for info in infos:
        if info.vid is None or info.pid is None:
            continue
        known = profiles.by_usb(info.vid, info.pid) is not None
        acm = "ttyACM" in info.device or "usbmodem" in info.device
        if known or (acm and info.vid not in NO_MODEMS):
            if is_closed(info, profiles):
                continue
            place = (info.location or "").partition(":")[0] or info.serial_number or info.device
            sticks[(info.vid, info.pid, place)].append(info)
    return [_endpoint(ports, profiles) for _, ports in sorted(sticks.items(), key=lambda item: str(item[0]))]


def is_closed(info: PortInfo, profiles: Profiles) -> bool:
    """Whether nothing may be said to this port: its profile closes it, or it is named after diagnostics."""
    profile = profiles.by_usb(info.vid, info.pid)
    product = profile.product(f"{info.vid:04x}:{info.pid:04x}") if profile is not None else None
    if product is not None and interface_number(info) in product.closed_interfaces:
        return True
    return bool(_CLOSED.search(f"{info.interface or ''} {info.description}"))


def _endpoint(ports: list[PortInfo], profiles: Profiles) -> Endpoint:
    first = ports[0]
    profile = profiles.by_usb(first.vid, first.pid)
    product = profile.product(f"{first.vid:04x}:{first.pid:04x}") if profile is not None else None
    named = product.at_interfaces if product is not None else ()
    ranked = sorted(ports, key=lambda port: _rank(port, named))
    description = product.title if product is not None else first.description
    return Endpoint(
        NAME,
        ranked[0].device,
        tuple(port.device for port in ranked[1:]),
        first.vid,
        first.pid,
        first.serial_number,
        (first.location or "").partition(":")[0] or None,
        description,
    )


def _rank(port: PortInfo, named: tuple[int, ...]) -> tuple[int, bool, int, str]:
    """The profile's interfaces first, in its order; then by number, ports that are for something else last."""
    number = interface_number(port)
    place = named.index(number) if number in named else len(named)
    other = bool(_NO_AT_PORT.search(f"{port.interface or ''} {port.description}"))
    trailing = _NUMBER.search(port.device)
    order = number if number is not None else int(trailing[1]) if trailing else 0
    return place, other, order, port.device


def interface_number(port: PortInfo) -> int | None:
    """The USB interface number, from the location (Linux `1-1.2:1.3`) or the hardware id (Windows `MI_03`)."""
    found = _INTERFACE_IN_LOCATION.search(port.location or "")
    if found is not None:
        return int(found[1])
    found = _INTERFACE_IN_HWID.search(port.hwid or "")
    return int(found[1], 16) if found is not None else None


def endpoint_for(address: str, infos: Iterable[PortInfo], profiles: Profiles) -> Endpoint:
    """The endpoint for a port that a person named. Raises UsageError if there can be no such port, or it is
    one that must stay closed.
    """
    if os.name == "posix":
        path = Path(address).absolute()
        if not path.exists() and "/" not in address:
            raise UsageError(
                f"--port {address}: expected the path of a serial port, such as /dev/ttyUSB2",
                remedy="`gsmsend modems` lists the ports of the modems that are plugged in.",
            )
        address = str(path)
        if path.exists() and not path.is_char_device():
            raise UsageError(f"--port {address} is not a serial port", remedy="`gsmsend modems` lists them.")
        if is_pseudo_terminal(address):
            return Endpoint(NAME, address, description="pseudo-terminal", virtual=True)
    elif not re.fullmatch(r"(?:\\\\\.\\)?COM\d+", address, re.IGNORECASE):
        raise UsageError(f"--port {address}: expected a serial port, such as COM5")
    real = os.path.realpath(address) if os.name == "posix" else address
    for info in infos:
        if info.device in {real, address}:
            if is_closed(info, profiles):
                raise UsageError(
                    f"--port {address} is not the modem's port for commands but one for something else "
                    "(diagnostics, positions, voice); nothing was sent to it",
                    remedy="`gsmsend modems` lists the right port of each modem.",
                )
            location = (info.location or "").partition(":")[0] or None
            return Endpoint(NAME, address, (), info.vid, info.pid, info.serial_number, location, info.description)
    return Endpoint(NAME, address)


def is_pseudo_terminal(address: str) -> bool:
    """Whether the port is the bench's or another program's: no radio behind it, as far as one can know."""
    return os.name == "posix" and os.path.realpath(address).startswith("/dev/pts/")
