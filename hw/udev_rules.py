"""Writes hw/99-gsmsend.rules from hw/devices/*.toml: `python hw/udev_rules.py`, from the project's root.

Only the ids of the matrix are touched. udev(7) has the language; tests/unit/hw run the rules on made-up
modems.
"""  # noqa: INP001 - a script beside its data, no package

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MATRIX = HERE / "devices"
SOURCES = MATRIX / "sources.toml"
RULES = HERE / "99-gsmsend.rules"

_HEAD = """\
# Written by hw/udev_rules.py from hw/devices/*.toml: change the matrix and run it, not this file.
#
#   sudo cp hw/99-gsmsend.rules /etc/udev/rules.d/
#   sudo udevadm control --reload && sudo udevadm trigger
#
# For the modems of the matrix, and for no other device:
# - ModemManager keeps its hands off them, so that it cannot send commands between ours;
# - the group dialout may open their ports;
# - they do not sleep while nobody speaks to them (USB autosuspend), which costs some of them texts and URCs;
# - their AT ports are named after the USB socket, the same one after every restart:
#     /dev/gsmsend/modem-1-1.2         the best AT port of the modem in socket 1-1.2
#     /dev/gsmsend/modem-1-1.2-if02    each AT port, with its USB interface number
#   Diagnostics and GNSS ports get no name. Where the matrix knows no AT port, every port has its -if name.

ACTION=="remove", GOTO="gsmsend_end"
SUBSYSTEM!="usb|usbmisc|net|tty", GOTO="gsmsend_end"
"""

_KNOWN = """\
ENV{.GSMSEND_ID}!="?*", GOTO="gsmsend_end"

ENV{ID_MM_DEVICE_IGNORE}="1", ENV{ID_MM_PORT_IGNORE}="1"
SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{GSMSEND_MODEM}="1", ATTR{power/control}="on"
SUBSYSTEM!="tty", GOTO="gsmsend_end"
GROUP="dialout", MODE="0660"
SUBSYSTEMS=="usb", ATTRS{bInterfaceNumber}=="?*", ENV{.GSMSEND_IF}="$attr{bInterfaceNumber}"
"""

_NAME = "gsmsend/modem-$env{.GSMSEND_SOCKET}"
_WIDTH = 8  # ids a rule: lines stay readable


def load_matrix(folder: Path = MATRIX) -> list[dict[str, Any]]:
    """The rows of the matrix, as TOML has them: all families."""
    families = [file for file in sorted(folder.glob("*.toml")) if file.name != SOURCES.name]
    return [row for file in families for row in tomllib.loads(file.read_text(encoding="utf-8"))["device"]]


def render(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rules file for these rows; rows with no USB id of their own are left out."""
    rows = [row for row in rows if row["usb"]]
    lines = [_HEAD]
    vendors: dict[str, list[str]] = {}
    for row in rows:
        vendor, product = row["usb"].split(":")
        vendors.setdefault(vendor, []).append(product)
    for vendor, products in sorted(vendors.items()):
        lines += [_known(vendor, group) for group in _groups(products)]
    lines.append(_KNOWN)
    best: dict[int, list[str]] = {}
    every: dict[int, list[str]] = {}
    unknown: list[str] = []
    for row in rows:
        for place, interface in enumerate(row["at"]):
            every.setdefault(interface, []).append(row["usb"])
            if place == 0:
                best.setdefault(interface, []).append(row["usb"])
        if not row["at"]:
            unknown.append(row["usb"])
    suffixed = _NAME + "-if$env{.GSMSEND_IF}"
    lines += [_named(group, port, _NAME) for port, ids in sorted(best.items()) for group in _groups(ids)]
    lines.append("")
    lines += [_named(group, port, suffixed) for port, ids in sorted(every.items()) for group in _groups(ids)]
    lines += [_named(group, None, suffixed) for group in _groups(unknown)]
    return "\n".join([*lines, "", 'LABEL="gsmsend_end"', ""])


def _groups(items: list[str]) -> list[str]:
    items = sorted(items)
    return ["|".join(items[start : start + _WIDTH]) for start in range(0, len(items), _WIDTH)]


def _known(vendor: str, products: str) -> str:
    return (
        f'SUBSYSTEMS=="usb", ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{products}", '
        'ENV{.GSMSEND_ID}="$attr{idVendor}:$attr{idProduct}", ENV{.GSMSEND_SOCKET}="$id"'
    )


def _named(ids: str, interface: int | None, name: str) -> str:
    port = "?*" if interface is None else f"{interface:02x}"
    return f'ENV{{.GSMSEND_ID}}=="{ids}", ENV{{.GSMSEND_IF}}=="{port}", SYMLINK+="{name}"'


if __name__ == "__main__":
    RULES.write_text(render(load_matrix()), encoding="utf-8")
