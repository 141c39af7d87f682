"""Discovery over pyudev and libudev themselves, on a tree of devices that umockdev puts in their place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.programs import need

pytestmark = pytest.mark.clients

BUS = "/devices/pci0000:00/0000:00:14.0/usb1"
INTERFACE = "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"


def stick(
    place: str, usb: str, *classes: str, product: str = "HUAWEI_MOBILE", first_port: int | None = None
) -> str:
    """A stick in a socket, in umockdev's format; with `first_port` each interface has a serial port."""
    vid, pid = usb.split(":")
    device = f"{BUS}/1-1/{place}"
    told = (
        f"P: {device}\nN: bus/usb/001/0{place[-1]}5\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
        f"A: idVendor={vid}\\n\nA: idProduct={pid}\\n\nA: product={product}\\n\n\n"
    )
    for number, kind in enumerate(classes):
        octets = kind.split()
        told += f"P: {device}/{place}:1.{number}\n{INTERFACE}"
        for name, octet in zip(("Class", "SubClass", "Protocol"), octets, strict=True):
            told += f"A: bInterface{name}={octet}\\n\n"
        told += "\n"
        if first_port is not None:
            tty = f"ttyUSB{first_port + number}"
            told += (
                f"P: {device}/{place}:1.{number}/{tty}/tty/{tty}\nN: {tty}\nE: SUBSYSTEM=tty\n"
                f"E: DEVNAME=/dev/{tty}\nE: MAJOR=188\nE: MINOR={first_port + number}\n\n"
            )
    return told


def modems(folder: Path, *sticks: str) -> list[dict[str, Any]]:
    """What `gsmsend modems --json` says of them."""
    tree = folder / "tree.umockdev"
    tree.write_text("".join(sticks))
    command = [need("umockdev-run", "umockdev"), "--device", str(tree), "--", sys.executable, "-m", "gsmsend"]
    done = subprocess.run(
        [*command, "modems", "--json"], capture_output=True, text=True, timeout=60, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sticks_are_found_with_their_sockets_and_those_in_another_mode_are_explained(tmp_path: Path) -> None:
    vendor = ("ff 01 01", "ff 01 02")
    found = modems(
        tmp_path,
        stick("1-1.2", "12d1:1506", *vendor, first_port=0),
        stick("1-1.4", "12d1:1506", *vendor, first_port=2),
        stick("1-1.3", "12d1:14dc", "02 06 00", "0a 06 00"),
        stick("1-1.5", "12d1:1f01", "08 06 50"),
        stick("1-1.6", "0781:5581", "08 06 50", product="Memory"),
    )
    ports = {row["usb_path"]: row["port"] for row in found if row["driver"] == "atmodem"}
    assert ports == {"1-1.2": "/dev/ttyUSB0", "1-1.4": "/dev/ttyUSB2"}, "two ports of one stick are one modem"
    hubs = {(row["hub"], row["hub_port"]) for row in found if row["driver"] == "atmodem"}
    assert hubs == {("1-1", 2), ("1-1", 4)}
    others = {row["usb_path"]: row["mode"] for row in found if row.get("mode")}
    assert set(others) == {"1-1.3", "1-1.5"}
    assert "HiLink" in others["1-1.3"]
    assert "disk" in others["1-1.5"]
    assert all("SETPORT" in row["do"] or "usb-modeswitch" in row["do"] for row in found if row.get("mode"))
