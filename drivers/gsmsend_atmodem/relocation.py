"""Where a modem may be that is not at its port any more: by its USB ids, or by a name like its own.

Names only: nothing is opened. Whether it is the same modem, its SIM and IMEI say to those who ask there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gsmsend.contract import Endpoint
from gsmsend_atmodem import discovery
from gsmsend_atmodem.discovery import PortInfo
from gsmsend_atmodem.profile import Profiles

_DEV = Path("/dev")
_HOT_PLUGGED = re.compile(r"ttyUSB|ttyACM|rfcomm|cu\.usb|tty\.usb")
"""Of what is in /dev itself; a built-in port (ttyS0) never comes back under another name."""
_OTHERS_PLACES = (_DEV / "pts", _DEV / "serial")
"""People's terminals, and names that udev makes from what the device is: a like name is another device."""


def elsewhere(endpoint: Endpoint, infos: Iterable[PortInfo], profiles: Profiles) -> list[Endpoint]:
    """Where the modem of `endpoint` may be now, likeliest first: same serial number, same socket, newest name."""
    infos = tuple(infos)
    found: dict[str, Endpoint] = {}
    search = (
        _like_named(endpoint, infos, profiles)
        if endpoint.usb_vid is None
        else _same_ids(endpoint, infos, profiles)
    )
    for other in search:
        if not (endpoint.virtual and not other.virtual):
            found.setdefault(os.path.realpath(other.address), other)
    found.pop(os.path.realpath(endpoint.address), None)
    return sorted(found.values(), key=lambda other: _unlikeness(endpoint, other))


def _same_ids(endpoint: Endpoint, infos: Sequence[PortInfo], profiles: Profiles) -> Iterator[Endpoint]:
    alike = [info for info in infos if (info.vid, info.pid) == (endpoint.usb_vid, endpoint.usb_pid)]
    sticks = discovery.find_sticks(alike, profiles)
    yield from sticks
    if not sticks:  # an adapter with a modem behind it, which a person named
        yield from (
            discovery.endpoint_for(info.device, infos, profiles)
            for info in alike
            if not discovery.is_closed(info, profiles)
        )


def _like_named(endpoint: Endpoint, infos: Sequence[PortInfo], profiles: Profiles) -> Iterator[Endpoint]:
    """What is in the same folder under a name that differs in its digits only."""
    path = Path(endpoint.address)
    folder, pattern = path.parent, re.sub(r"\d+", r"\\d+", re.escape(path.name))
    if os.name != "posix" or pattern == re.escape(path.name) or _is_others_place(path):
        return
    try:
        alike = sorted(each for each in folder.iterdir() if re.fullmatch(pattern, each.name))
    except OSError:
        return
    untouchable = {
        info.device for info in infos if info.vid in discovery.NO_MODEMS or discovery.is_closed(info, profiles)
    }
    for each in alike:
        if each.is_char_device() and os.path.realpath(each) not in untouchable:
            yield discovery.endpoint_for(str(each), infos, profiles)


def _is_others_place(path: Path) -> bool:
    if path.parent == _DEV:
        return _HOT_PLUGGED.match(path.name) is None
    return any(path.is_relative_to(place) for place in _OTHERS_PLACES)


def _unlikeness(endpoint: Endpoint, other: Endpoint) -> tuple[bool, bool, float, str]:
    serial = endpoint.usb_serial is not None and endpoint.usb_serial == other.usb_serial
    socket = endpoint.usb_location is not None and endpoint.usb_location == other.usb_location
    return not serial, not socket, -_made_at(other.address), other.address


def _made_at(address: str) -> float:
    """When the name was made, in epoch seconds: a device that has just come back has the newest."""
    try:
        return os.lstat(address).st_ctime
    except OSError:
        return 0.0
