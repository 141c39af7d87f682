"""The driver `modemmanager`: modems that ModemManager holds, over the system's message bus.

For modems that speak QMI or MBIM and have no AT port, and for computers where ModemManager must keep the port.

    [driver.modemmanager]
    imei = "350123456789012"   # which modem, if there are several; or device = "/sys/devices/..."
    submit_timeout_s = 300     # how long to wait for the answer to Send()
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gsmsend.contract import Clock, Endpoint, OpenOptions, Sink, Traits
from gsmsend.errors import UsageError
from gsmsend.model import Facts
from gsmsend.requesting import RequestLink
from gsmsend_handset import modemmanager_facts as mm
from gsmsend_handset.bus import Bus, BusError, BusGone, NoAnswer, at_hand
from gsmsend_handset.bus_record import BusRecord
from gsmsend_handset.bus_settings import IMEI, ModemManagerSettings, buses, modemmanager_settings
from gsmsend_handset.modemmanager_client import ModemClient

_CHANGES = (
    (
        "ModemManager, not gsmsend, speaks to the modem. It reads every text that the SIM and the modem hold or "
        "receive, and a modem marks a text as read when it is read."
    ),
    (
        "ModemManager sets the modem up as it needs it: how received texts and reports are passed on, and its "
        "network settings. It switches the radio on, if it was off, when gsmsend begins."
    ),
    (
        "Received texts and reports may be stored on the SIM by the modem. gsmsend deletes and stores "
        "nothing there; a text that it sends is in ModemManager's memory only, and is forgotten once it is sent."
    ),
)


class ModemManagerDriver:
    """Satisfies `gsmsend.contract.Driver`, `Altering` and `Described`."""

    name = mm.NAME
    traits = Traits(
        kind="modem that ModemManager holds",
        reports="status reports; of a long text for its last part only, so it stays unconfirmed",
        replies="as ModemManager receives them",
        unknown="ModemManager's own record, while it runs; else a person",
    )
    summary = "modems that ModemManager holds (QMI, MBIM, or where it must keep the port), over D-Bus"

    def discover(self) -> Sequence[Endpoint]:
        """The modems of a ModemManager that runs; it is not started for this."""
        known = mm.modems(at_hand(mm.SERVICE, mm.ROOT, self.name))
        return [self._endpoint(properties) for _path, properties in sorted(known.items())]

    def _endpoint(self, properties: dict[str, Any]) -> Endpoint:
        place = str(properties.get("Device", ""))
        title = f"{properties.get('Manufacturer', '')} {properties.get('Model', '')}".strip()
        address = str(properties.get("EquipmentIdentifier") or "") or place
        return Endpoint(
            self.name, address, mm.device_nodes(properties), usb_location=Path(place).name or None,
            description=title, place=address == place,
        )  # fmt: skip

    def endpoint(self, address: str) -> Endpoint:
        """For an IMEI or the modem's path in /sys; empty, or the driver's name: as the config says."""
        given = address.removeprefix(f"{self.name}:").strip()
        given = "" if given == self.name else given
        if given and not IMEI.fullmatch(given) and not given.startswith("/"):
            raise UsageError(
                f"--port {address}: expected an IMEI (15 digits) or the modem's path in /sys",
                remedy="`gsmsend modems` lists the modems that ModemManager has.",
            )
        return Endpoint(self.name, given or self.name, place=given.startswith("/"))

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Ask ModemManager; nothing is switched on. Raises LinkLost, GuardStop if it is not clear which modem."""
        settings = modemmanager_settings(options.settings)
        places = buses(settings.bus)
        with closing(Bus(places.system, self.name)) as bus:
            try:
                objects = bus.objects(mm.SERVICE, mm.ROOT, within_s=mm.CALL_S)
                path = mm.choose(objects, _wanted(endpoint, settings))
                return mm.read_facts(bus, path, virtual=places.private)
            except (BusError, NoAnswer, BusGone) as fault:
                raise mm.lost(fault) from None

    def open(
        self,
        endpoint: Endpoint,
        sink: Sink,
        clock: Clock,  # noqa: ARG002 - nothing here needs the engine's
        options: OpenOptions,
    ) -> RequestLink:
        """Connect to the bus. Raises LinkLost, ConfigError, DriverError without dbus-fast."""
        settings = modemmanager_settings(options.settings)
        record = BusRecord(options.transcript, f"ModemManager {endpoint.address}")
        wanted = _wanted(endpoint, settings)
        client = ModemClient(buses(settings.bus), wanted, settings.submit_timeout_s, record)
        return RequestLink(client, sink, "ModemManager")

    def changes(self, endpoint: Endpoint) -> Sequence[str]:  # noqa: ARG002 - the same for all modems
        """What sending this way changes on SIM and modem."""
        return _CHANGES


def _wanted(endpoint: Endpoint, settings: ModemManagerSettings) -> mm.Wanted:
    if IMEI.fullmatch(endpoint.address):
        return mm.Wanted(imei=endpoint.address)
    if endpoint.address != mm.NAME:
        return mm.Wanted(device=endpoint.address)
    return mm.Wanted(imei=settings.imei, device=settings.device)


DRIVER = ModemManagerDriver()
