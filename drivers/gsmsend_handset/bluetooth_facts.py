"""What BlueZ says of the handsets that are paired with this computer (org.bluez.Device(5))."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gsmsend.errors import GuardStop
from gsmsend.model import Device, Facts, Registration
from gsmsend_handset.bus import Bus, BusError, Objects

NAME = "bluetooth"
BLUEZ = "org.bluez"
MESSAGE_ACCESS = "00001132-0000-1000-8000-00805f9b34fb"
"""The service class of a handset that gives access to its messages (MAP 1.4, 7.1.1)."""
_DEVICE = "org.bluez.Device1"
_CALL_S = 5.0


def handsets(objects: Objects) -> Iterator[tuple[str, dict[str, Any]]]:
    """Paired devices that give access to their messages: path and properties."""
    for path, found in sorted(objects.items()):
        properties = found.get(_DEVICE, {})
        if properties.get("Paired") and MESSAGE_ACCESS in [
            str(one).lower() for one in properties.get("UUIDs", ())
        ]:
            yield path, properties


def read_device(bus: Bus, address: str) -> tuple[str, str]:
    """The path and name of a paired device. Raises GuardStop if it is not paired; NoAnswer, BusGone."""
    try:
        objects = bus.objects(BLUEZ, "/", within_s=_CALL_S)
    except BusError:
        raise GuardStop(
            "BlueZ, which knows the handsets that are paired, does not run",
            remedy="Install it (Debian: bluez) and start it: systemctl start bluetooth",
        ) from None
    for path, found in objects.items():
        properties = found.get(_DEVICE, {})
        if str(properties.get("Address", "")).upper() == address and properties.get("Paired"):
            return path, str(properties.get("Alias") or properties.get("Name") or "")
    raise GuardStop(
        f"the handset {address} is not paired with this computer; gsmsend does not pair it",
        remedy="Pair it by hand, once that is authorised: bluetoothctl, then: pair " + address,
    )


def bluez_facts(address: str, name: str, *, virtual: bool, exhibit: bool) -> Facts:
    """Facts of a handset that answers. Whether it has a network, and its SIM, cannot be seen this way."""
    reading = "texts that come are read from the handset's list, up to 255 octets; none is opened or marked read"
    if not exhibit:
        reading = "texts that come are read whole; none is marked read by gsmsend"
    notes = ("neither its SIM nor its network can be read over Bluetooth", reading)
    device = Device(NAME, address, model=name, virtual=virtual, account=f"bluetooth {address}")
    return Facts(device, registration=Registration.HOME, notes=notes)
