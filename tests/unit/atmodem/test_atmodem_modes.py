"""Sticks in the wrong mode are recognised and explained, and nothing is said to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gsmsend.contract import Unready
from gsmsend_atmodem import modes, udev
from gsmsend_atmodem.profile_file import standard_profiles

DISK, ETHERNET, DATA, RNDIS, VENDOR, CARD = "08 06 50", "02 06 00", "0a 06 00", "e0 01 03", "ff 01 12", "0b 00 00"


def stick(tree: Path, place: str, usb: str, *classes: str, product: str = "") -> None:
    """A device in a sysfs tree of the test's own."""
    folder = tree / place
    folder.mkdir(parents=True)
    vid, pid = usb.split(":")
    (folder / "idVendor").write_text(f"{vid}\n")
    (folder / "idProduct").write_text(f"{pid}\n")
    if product:
        (folder / "product").write_text(f"{product}\n")
    for number, kind in enumerate(classes):
        interface = tree / f"{place}:1.{number}"
        interface.mkdir()
        for name, octet in zip(
            ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"), kind.split(), strict=True
        ):
            (interface / name).write_text(f"{octet}\n")


def found(tree: Path, *with_ports: str) -> list[Unready]:
    return list(modes.unready(udev.usb_devices(tree), with_ports, standard_profiles()))


@pytest.mark.parametrize(
    ("usb", "classes", "mode"),
    [
        ("12d1:1f01", (DISK,), "a disk"),
        ("12d1:14dc", (ETHERNET, DATA, DISK), "HiLink"),
        ("12d1:14db", (ETHERNET, DATA), "HiLink"),
        ("12d1:9999", (DISK, DISK), "a disk"),
        ("3566:2001", (RNDIS, DATA), "HiLink"),
        ("19d2:9999", (RNDIS, DATA, DISK), "HiLink"),
        ("12d1:1506", (VENDOR, VENDOR), "no serial ports"),
    ],
)
def test_it_is_named_with_its_mode_and_what_to_do(
    tmp_path: Path, usb: str, classes: tuple[str, ...], mode: str
) -> None:
    stick(tmp_path, "1-1.3", usb, *classes, product="HUAWEI_MOBILE")
    (one,) = found(tmp_path)
    assert (one.place, one.usb) == ("1-1.3", usb)
    assert mode in one.mode
    assert len(one.advice) > 60
    assert "HUAWEI_MOBILE" in one.title


@pytest.mark.parametrize(
    ("usb", "classes"),
    [
        ("0781:5581", (DISK,)),  # a memory stick
        ("0bda:8153", (ETHERNET, DATA)),  # a network adapter
        ("046d:c31c", ("03 01 01",)),
        ("12d1:107e", (VENDOR, CARD)),  # some phone of a maker of modems
        ("19d2:8888", ("03 00 00",)),
    ],
)
def test_what_is_no_modem_is_none(tmp_path: Path, usb: str, classes: tuple[str, ...]) -> None:
    stick(tmp_path, "1-1", usb, *classes)
    assert found(tmp_path) == []


def test_one_that_has_its_ports_is_in_order(tmp_path: Path) -> None:
    stick(tmp_path, "1-1", "12d1:1506", VENDOR, VENDOR, DISK)
    assert found(tmp_path, "1-1") == []


def test_where_there_is_no_such_folder_nothing_is_known(tmp_path: Path) -> None:
    assert found(tmp_path / "none") == []


def test_a_device_that_goes_while_it_is_read_is_left_out(tmp_path: Path) -> None:
    stick(tmp_path, "1-1", "12d1:1f01", DISK)
    (tmp_path / "1-1" / "idProduct").unlink()
    assert found(tmp_path) == []


def test_each_row_says_where_it_is_from_and_nothing_is_done_by_gsmsend() -> None:
    text = Path(modes.__file__).with_name("modes.toml").read_text(encoding="utf-8")
    rows = re.findall(r"\[\[(?:device|maker)\]\]", text)
    assert len(re.findall(r"^source = ", text, re.MULTILINE)) == len(rows)
    assert {row.mode for row in modes.table().devices.values()} <= set(modes.table().titles)
    for name in ("modes.py", "udev.py"):
        source = Path(modes.__file__).with_name(name).read_text(encoding="utf-8")
        assert "SETPORT" not in source, "the words stand in the advice only"
        assert "subprocess" not in source
