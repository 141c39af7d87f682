"""Serial ports and USB devices as Linux's udev knows them (pyudev, the extra `usb`), and a monitor of both."""

from __future__ import annotations

import os
import re
import select
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LINUX = sys.platform.startswith("linux")
UDEV_RUNS = Path("/run/udev/control")
_SETTLE_S = 1.0
"""Between two looks whether the thread is to end."""
_INTERFACE = re.compile(r":(\d+)\.(\d+)$")


@dataclass(frozen=True, slots=True)
class UdevPort:
    """discovery.PortInfo, from udev. `location` as Linux writes it, with the interface: `1-1.2:1.3`."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None
    location: str | None
    interface: str | None
    description: str
    hwid: str


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A USB device. `classes`: of each interface its class, subclass and protocol in hex (`08 06 50`)."""

    place: str
    vid: int
    pid: int
    product: str
    classes: tuple[str, ...]


def context() -> Any | None:
    """What pyudev asks; None without pyudev, without libudev, or on another system than Linux."""
    if not LINUX:
        return None
    try:
        import pyudev  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415 - an extra

        return pyudev.Context()
    except (ImportError, OSError):
        return None


def ports(udev: Any, *, running: bool | None = None) -> list[UdevPort]:
    """All serial ports on USB that udev has done with: until then they have not the permissions of its rules."""
    running = UDEV_RUNS.exists() if running is None else running
    found = []
    for device in udev.list_devices(subsystem="tty"):
        if running and not device.is_initialized:
            continue
        with suppress(Exception):  # it was pulled out while it was looked at
            if (port := _port(device)) is not None:
                found.append(port)
    return sorted(found, key=lambda port: port.device)


def _port(device: Any) -> UdevPort | None:
    interface, stick = device.find_parent("usb", "usb_interface"), device.find_parent("usb", "usb_device")
    if device.device_node is None or interface is None or stick is None:
        return None
    vid, pid = int(_text(stick, "idVendor"), 16), int(_text(stick, "idProduct"), 16)
    serial = _text(stick, "serial") or None
    # The kernel's own name of an interface is the location: bus, ports, configuration and interface.
    return UdevPort(
        device.device_node, vid, pid, serial, interface.sys_name, _text(interface, "interface") or None,
        _text(stick, "product") or interface.sys_name, f"USB VID:PID={vid:04X}:{pid:04X}",
    )  # fmt: skip


def usb_devices(root: Path) -> Iterator[UsbDevice]:
    """All USB devices by sysfs (`/sys/bus/usb/devices`); needs neither pyudev nor a right."""
    try:
        entries = sorted(root.iterdir())
    except OSError:
        return
    for entry in entries:
        if ":" in entry.name or not (entry / "idVendor").exists():
            continue
        with suppress(OSError, ValueError):  # pulled out meanwhile
            yield UsbDevice(
                entry.name, int(_file(entry / "idVendor"), 16), int(_file(entry / "idProduct"), 16),
                _file(entry / "product"), tuple(_classes(root, entry.name)),
            )  # fmt: skip


def _classes(root: Path, name: str) -> Iterator[str]:
    for interface in sorted(root.glob(f"{name}:*")):
        if _INTERFACE.search(interface.name):
            kinds = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
            yield " ".join(_file(interface / kind) for kind in kinds)


def _text(device: Any, name: str) -> str:
    value = device.attributes.get(name)
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else str(value or "").strip()


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


class Watcher:
    """A thread that calls `stirred` when udev tells of a port or device, or when `fingerprint` changes.

    Without udev (None) it only compares, every `every_s`: so it finds what udev does not tell in a container.
    """

    def __init__(
        self,
        udev: Any | None,
        fingerprint: Callable[[], object],
        stirred: Callable[[], None],
        *,
        every_s: float,
        monitor_of: Callable[[Any], Any] | None = None,
    ) -> None:
        self._fingerprint, self._stirred, self._every_s = fingerprint, stirred, every_s
        self._monitor = (monitor_of or _monitor)(udev) if udev is not None else None
        self._ending = threading.Event()
        self._before = fingerprint()
        self._thread = threading.Thread(target=self._watch, name="devices", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no more; the thread ends within a second or so."""
        self._ending.set()

    def join(self, timeout_s: float) -> None:
        """Wait for that."""
        self._thread.join(timeout_s)

    def _watch(self) -> None:
        while not self._ending.is_set():
            told = self._heard()
            now = self._fingerprint()
            if (told or now != self._before) and not self._ending.is_set():
                self._before = now
                self._stirred()

    def _heard(self) -> bool:
        """Whether udev told anything, waiting for it."""
        if self._monitor is None:
            self._ending.wait(self._every_s)
            return False
        select.select([self._monitor.fileno()], [], [], min(self._every_s, _SETTLE_S))
        told = False
        while self._monitor.poll(0) is not None:
            told = True
        return told


def _monitor(udev: Any) -> Any:
    import pyudev  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: PLC0415 - an extra

    monitor = pyudev.Monitor.from_netlink(udev)
    monitor.filter_by("tty")
    monitor.filter_by("usb", "usb_device")
    monitor.start()
    return monitor


def names(folder: Path = Path("/sys/class/tty")) -> object:
    """What changes whenever a serial port on USB comes or goes: names, and the kernel's number of each."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(
                (entry.name, entry.inode()) for entry in entries if entry.name.startswith(("ttyUSB", "ttyACM"))
            )
    except OSError:
        return None


def listed(ports_now: Callable[[], Sequence[Any]]) -> Callable[[], object]:
    """The same where there is no such folder: all ports with where they are."""
    return lambda: frozenset(
        (one.device, one.vid, one.pid, one.serial_number, one.location) for one in ports_now()
    )
