"""The driver `bluetooth`: a paired handset sends the texts, asked by its Message Access Profile (BlueZ's obexd).

For handsets with no app of ours and no AT port that sends. The handset must have been paired by a person before.

    [driver.bluetooth]
    address = "00:00:5E:00:53:01"   # which handset, if several are paired
    submit_timeout_s = 60           # how long to wait for its word that a text was sent
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from gsmsend.contract import Clock, Endpoint, OpenOptions, Sink, Traits
from gsmsend.errors import ConfigError, LinkLost, UsageError
from gsmsend.model import Facts
from gsmsend.requesting import Pulse, RequestLink
from gsmsend_handset.bluetooth_facts import BLUEZ, NAME, handsets
from gsmsend_handset.bus import Bus, BusError, BusGone, NoAnswer, at_hand
from gsmsend_handset.bus_record import BusRecord
from gsmsend_handset.bus_settings import BLUETOOTH_ADDRESS, Buses, bluetooth_settings, buses
from gsmsend_handset.obex_client import HandsetClient

_PULSE = Pulse(growth=2.0, longest_s=600.0)
_CHANGES = (
    "Pairing leaves a record on the handset and on this computer. gsmsend does not pair: a person does, before.",
    "The handset keeps that it allowed this computer access to its messages.",
    "Each text leaves a row in the handset's outbox, then among its sent texts, or one that failed.",
    "The handset may list this computer as connected, show a sign while it is, and keep times of connection.",
)


class BluetoothDriver:
    """Satisfies `gsmsend.contract.Driver`, `Altering` and `Described`."""

    name = NAME
    traits = Traits(
        kind="phone over Bluetooth (MAP)",
        reports="delivered or not, where the handset tells of it",
        replies="as the handset tells of them; on an exhibit their first 255 octets",
        unknown="the handset's list of sent texts; else a person",
    )
    summary = "paired phones with no app, over Bluetooth (Message Access Profile, through BlueZ)"

    def discover(self) -> Sequence[Endpoint]:
        """Handsets that are paired and give access to their messages. None of them is spoken to."""
        return [
            Endpoint(self.name, str(found["Address"]).upper(), description=str(found.get("Alias", "")))
            for _path, found in handsets(at_hand(BLUEZ, "/", self.name))
        ]

    def endpoint(self, address: str) -> Endpoint:
        """For a Bluetooth address; empty or the driver's name: the one that the config names, or the only one."""
        given = address.removeprefix(f"{self.name}:").strip().upper()
        given = "" if given == self.name.upper() else given
        if given and not BLUETOOTH_ADDRESS.fullmatch(given):
            raise UsageError(
                f"--port {address}: expected a Bluetooth address, such as 00:00:5E:00:53:01",
                remedy="`bluetoothctl devices` lists the handsets that are paired.",
            )
        return Endpoint(self.name, given or self.name)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Connect, read, disconnect. Raises LinkLost, GuardStop."""
        client = self._client(endpoint, options)
        try:
            return client.bring_up()
        finally:
            client.close()

    def open(
        self,
        endpoint: Endpoint,
        sink: Sink,
        clock: Clock,  # noqa: ARG002 - nothing here needs the engine's
        options: OpenOptions,
    ) -> RequestLink:
        """Connect to the buses, not yet to the handset. Raises LinkLost, ConfigError, DriverError."""
        return RequestLink(self._client(endpoint, options), sink, "the handset", _PULSE)

    def _client(self, endpoint: Endpoint, options: OpenOptions) -> HandsetClient:
        settings = bluetooth_settings(options.settings)
        places = buses(settings.bus)
        if not places.session:
            raise LinkLost(
                "there is no session bus, on which obexd is",
                remedy="Run gsmsend in the session of a user who is signed in.",
            )
        address = endpoint.address if endpoint.address != self.name else settings.address
        address = address or self._only(places)
        return HandsetClient(
            places,
            address,
            settings.submit_timeout_s,
            _folder(options),
            BusRecord(options.transcript, f"Bluetooth {address}"),
            exhibit=options.exhibit,
        )

    def _only(self, places: Buses) -> str:
        """The address of the only handset there is. Raises ConfigError if there are others, or none."""
        with closing(Bus(places.system, self.name)) as bus:
            try:
                objects = bus.objects(BLUEZ, "/", within_s=5.0)
            except (BusError, NoAnswer, BusGone):
                objects = {}
        found = [str(one["Address"]).upper() for _path, one in handsets(objects)]
        if len(found) != 1:
            raise ConfigError(
                f"[driver.bluetooth] address is missing, and {len(found)} handsets are paired: expected the "
                "address of the one to send from",
                remedy='Add it, such as address = "00:00:5E:00:53:01"; `bluetoothctl devices` lists them.',
            )
        return found[0]

    def changes(self, endpoint: Endpoint) -> Sequence[str]:  # noqa: ARG002 - the same for all handsets
        """What sending this way changes on the handset."""
        return _CHANGES


def _folder(options: OpenOptions) -> Path:
    """Where files may lie while they are handed over: in the operation; in the user's own memory where none is."""
    for folder in (options.transcript.parent if options.transcript is not None else None, options.folder):
        if folder is not None and folder.is_dir():
            return folder
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())


DRIVER = BluetoothDriver()
