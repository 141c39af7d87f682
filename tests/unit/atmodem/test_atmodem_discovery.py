"""Ports grouped into sticks, the likely AT port first; what a person may name as a port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from gsmsend.contract import Driver
from gsmsend.errors import UsageError
from gsmsend_atmodem import DRIVER
from gsmsend_atmodem.discovery import endpoint_for, find_sticks, interface_number
from gsmsend_atmodem.profile_file import standard_profiles


@dataclass
class Info:
    device: str
    vid: int | None = 0x12D1
    pid: int | None = 0x140C
    serial_number: str | None = None
    location: str | None = None
    interface: str | None = None
    description: str = ""
    hwid: str = ""


def stick(first: int, place: str, vid: int, pid: int, count: int = 4) -> list[Info]:
    return [
        Info(f"/dev/ttyUSB{first + n}", vid, pid, None, f"{place}:1.{n}", description="modem")
        for n in range(count)
    ]


def test_the_ports_of_one_stick_are_one_endpoint_with_the_profiles_port_first() -> None:
    found = find_sticks([*stick(4, "1-2", 0x12D1, 0x140C), *stick(0, "1-1", 0x12D1, 0x140C)], standard_profiles())
    assert [(each.address, each.usb_location) for each in found] == [
        ("/dev/ttyUSB3", "1-1"),
        ("/dev/ttyUSB7", "1-2"),
    ]
    assert found[0].others == ("/dev/ttyUSB0", "/dev/ttyUSB1")


def test_two_sticks_with_the_same_serial_number_are_two() -> None:
    ports = stick(0, "1-1", 0x12D1, 0x140C) + stick(4, "1-2", 0x12D1, 0x140C)
    for port in ports:
        port.serial_number = "0123456789ABCDEF"
    assert len(find_sticks(ports, standard_profiles())) == 2


def test_ports_for_diagnosis_and_positions_come_last() -> None:
    ports = stick(0, "1-1", 0x0483 + 0x7000, 0x1, 3)
    for port, name in zip(ports, ("DIAG", "NMEA", "AT"), strict=True):
        port.interface, port.device = name, port.device.replace("USB", "ACM")
    assert find_sticks(ports, standard_profiles())[0].address == "/dev/ttyACM2"


def test_boards_and_adapters_are_left_alone() -> None:
    ports = [
        Info("/dev/ttyACM0", 0x2341, 0x0043),
        Info("/dev/ttyUSB0", 0x10C4, 0xEA60),
        Info("/dev/ttyS0", None, None),
    ]
    assert find_sticks(ports, standard_profiles()) == []


def test_an_unknown_cdc_acm_modem_is_offered() -> None:
    assert find_sticks([Info("/dev/ttyACM0", 0x7777, 0x1)], standard_profiles())[0].address == "/dev/ttyACM0"


@pytest.mark.parametrize(
    ("location", "hwid", "number"),
    [
        ("1-1.2:1.3", "", 3),
        ("1-1", "", None),
        (None, "USB VID:PID=2C7C:0125 MI_02 LOCATION=1-1", 2),
        ("1-1:x.4", "", 4),
    ],
)
def test_interface_numbers_on_linux_and_windows(location: str | None, hwid: str, number: int | None) -> None:
    assert interface_number(Info("COM3", location=location, hwid=hwid)) == number


@pytest.mark.parametrize("address", ["ttyUSB0", "COM5", "+447700900123"])
def test_a_port_must_be_a_path(address: str) -> None:
    with pytest.raises(UsageError, match="/dev/ttyUSB2"):
        endpoint_for(address, [], standard_profiles())


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("x")
    with pytest.raises(UsageError, match="not a serial port"):
        endpoint_for(str(tmp_path / "people.csv"), [], standard_profiles())


def test_a_port_by_a_stable_name_keeps_its_usb_id(tmp_path: Path) -> None:
    (tmp_path / "modem-1").symlink_to("/dev/ttyUSB9")
    there = [Info("/dev/ttyUSB9", location="1-1:1.0")]
    found = endpoint_for(str(tmp_path / "modem-1"), there, standard_profiles())
    assert (found.address, found.usb_vid, found.usb_location) == (str(tmp_path / "modem-1"), 0x12D1, "1-1")


def test_the_driver_is_one() -> None:
    assert isinstance(DRIVER, Driver)
    assert DRIVER.name == "atmodem"
    assert isinstance(list(DRIVER.discover()), list)
