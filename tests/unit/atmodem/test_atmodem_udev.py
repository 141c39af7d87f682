"""Serial ports as udev has them, and the watch over them, with a context that is not there."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gsmsend_atmodem import discovery, udev
from gsmsend_atmodem.profile_file import standard_profiles


@dataclass
class Node:
    """pyudev.Device, as much of it as is asked."""

    sys_name: str
    attributes: dict[str, bytes] = field(default_factory=dict)
    device_node: str | None = None
    is_initialized: bool = True
    interface: Node | None = None
    stick: Node | None = None

    def find_parent(self, subsystem: str, device_type: str) -> Node | None:
        assert subsystem == "usb"
        return self.interface if device_type == "usb_interface" else self.stick


class Context:
    """pyudev.Context over these ports."""

    def __init__(self, *ports: Node) -> None:
        self.ports = ports

    def list_devices(self, *, subsystem: str) -> Iterator[Node]:
        assert subsystem == "tty"
        return iter(self.ports)


def tty(name: str, place: str, number: int, usb: str = "12d1:1506", **more: object) -> Node:
    vid, pid = usb.split(":")
    stick = Node(place, {"idVendor": vid.encode(), "idProduct": pid.encode(), "product": b"HUAWEI Mobile"})
    interface = Node(f"{place}:1.{number}")
    return Node(name, {}, f"/dev/{name}", interface=interface, stick=stick, **more)  # type: ignore[arg-type]


def test_several_ports_of_one_stick_are_one_endpoint_in_its_socket() -> None:
    context = Context(
        tty("ttyUSB2", "1-1.2", 2), tty("ttyUSB0", "1-1.2", 0), tty("ttyUSB1", "1-1.2", 1),
        tty("ttyUSB3", "1-1.4", 0), Node("ttyS0", {}, "/dev/ttyS0"),
    )  # fmt: skip
    found = discovery.find_sticks(udev.ports(context), standard_profiles())
    assert {one.usb_location for one in found} == {"1-1.2", "1-1.4"}
    first = next(one for one in found if one.usb_location == "1-1.2")
    assert {first.address, *first.others} == {"/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB2"}
    assert (first.usb_vid, first.usb_pid) == (0x12D1, 0x1506)


def test_the_interface_number_is_known_so_the_profile_chooses_the_port() -> None:
    (port,) = udev.ports(Context(tty("ttyUSB7", "2-1.4.3", 3)))
    assert discovery.interface_number(port) == 3


def test_identical_sticks_are_told_apart_by_their_sockets() -> None:
    context = Context(*(tty(f"ttyUSB{index}", f"1-1.{index}", 0) for index in range(8)))
    found = discovery.find_sticks(udev.ports(context), standard_profiles())
    assert len({one.usb_location for one in found}) == len(found) == 8


def test_a_port_that_udev_has_not_done_with_is_left_out_where_udev_runs() -> None:
    context = Context(tty("ttyUSB0", "1-1.2", 0, is_initialized=False))
    assert udev.ports(context, running=True) == []
    assert len(udev.ports(context, running=False)) == 1, "in a container nobody initialises it"


def test_a_stick_that_is_pulled_out_while_it_is_listed_hides_no_other() -> None:
    broken = tty("ttyUSB0", "1-1.2", 0)
    assert broken.stick is not None
    broken.stick.attributes.clear()
    assert [port.device for port in udev.ports(Context(broken, tty("ttyUSB1", "1-1.3", 0)))] == ["/dev/ttyUSB1"]


def test_without_pyudev_there_is_no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyudev", None)
    assert udev.context() is None


class Monitor:
    """pyudev.Monitor that tells when a test says so."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        os.set_blocking(self.read, False)

    def fileno(self) -> int:
        return self.read

    def poll(self, _timeout: float) -> object | None:
        try:
            return os.read(self.read, 1)
        except BlockingIOError:
            return None

    def tell(self) -> None:
        os.write(self.write, b"x")

    def close(self) -> None:
        os.close(self.read)
        os.close(self.write)


def test_what_udev_tells_stirs_at_once() -> None:
    monitor, stirred = Monitor(), threading.Event()
    watcher = udev.Watcher("udev", lambda: 0, stirred.set, every_s=60.0, monitor_of=lambda _: monitor)
    assert not stirred.is_set()
    monitor.tell()
    assert stirred.wait(10)
    watcher.close()
    monitor.tell()
    watcher.join(10)
    monitor.close()


def test_without_udev_a_name_that_came_is_found_by_looking(tmp_path: Path) -> None:
    stirred = threading.Event()
    watcher = udev.Watcher(None, lambda: udev.names(tmp_path), stirred.set, every_s=0.01)
    (tmp_path / "ttyS0").touch()
    assert not stirred.wait(0.05), "a built-in port is no news"
    (tmp_path / "ttyUSB0").touch()
    assert stirred.wait(10)
    watcher.close()
    watcher.join(10)


def test_a_port_that_was_made_anew_under_its_old_name_is_another(tmp_path: Path) -> None:
    (tmp_path / "ttyACM0").touch()
    before = udev.names(tmp_path)
    assert udev.names(tmp_path) == before
    (tmp_path / "ttyACM0").rename(tmp_path / "kept")
    (tmp_path / "ttyACM0").touch()
    assert udev.names(tmp_path) != before
