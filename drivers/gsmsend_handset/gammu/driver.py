"""The driver: handsets that libgammu speaks to, Nokia FBUS among them, named by the config."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from gsmsend.contract import Clock, Endpoint, OpenOptions, Sink, Traits
from gsmsend.errors import ConfigError, UsageError
from gsmsend.model import Device, Facts
from gsmsend_handset.gammu.link import GammuLink
from gsmsend_handset.gammu.process import start
from gsmsend_handset.gammu.record import begin_record
from gsmsend_handset.gammu.settings import NAME, Settings, check_device
from gsmsend_handset.gammu.sinks import Nobody

_CHANGES = (
    "A handset that keeps what it sends leaves a row in its sent folder for each text.",
    "A handset that stores what it receives goes on doing so: nothing is deleted, and nothing read but in a lab.",
    "libgammu sets up character set, echo and how reports come, and switches the radio on, if it was off.",
)


_BLUETOOTH_ADDRESS = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}", re.IGNORECASE)


class GammuDriver:
    """Satisfies `gsmsend.contract.Driver`, `Altering` and `Described`."""

    name = NAME
    summary = "handsets that libgammu speaks to (Nokia FBUS and others), through python-gammu in a process apart"
    traits = Traits(
        kind="handset through libgammu",
        reports="as the handset passes them on; else texts stay unconfirmed",
        replies="in a lab only: elsewhere they stay on the handset, unread",
        unknown="its late answer, or the delivery report",
    )

    def discover(self) -> Sequence[Endpoint]:
        """Nothing: which protocol a port speaks cannot be told by its name."""
        return ()

    def endpoint(self, address: str) -> Endpoint:
        """`gammu` for the device of the config, `gammu:/dev/ttyACM0` for another. Raises UsageError."""
        device = _device(address)
        if address.partition(":")[0] != NAME:
            raise UsageError(f"--port {address}: expected gammu, or gammu:DEVICE such as gammu:/dev/ttyACM0")
        if device:
            try:
                check_device(device)
            except ValueError as error:
                raise UsageError(f"--port {address}: expected behind gammu: {error}") from None
        place, virtual = _BLUETOOTH_ADDRESS.fullmatch(device) is None, _is_pseudo_terminal(device)
        return Endpoint(NAME, address, description="handset through libgammu", virtual=virtual, place=place)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Open, ask, close; nothing that is stored changes. Raises LinkLost, GuardStop, DriverError."""
        # Whoever only looks switches no radio on, in a lab either.
        with closing(self._link(endpoint, Nobody(), replace(options, exhibit=True))) as link:
            return link.look()

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> GammuLink:  # noqa: ARG002 - it needs no clock
        """Start the process apart, not yet the connection. Raises DriverError, ConfigError."""
        return self._link(endpoint, sink, options)

    def changes(self, endpoint: Endpoint) -> Sequence[str]:  # noqa: ARG002 - the same for all handsets
        """What sending this way changes on the handset."""
        return _CHANGES

    def _link(self, endpoint: Endpoint, sink: Sink, options: OpenOptions) -> GammuLink:
        settings = Settings.of(options.settings)
        settings = replace(settings, device=_device(endpoint.address) or settings.device)
        if not settings.device:
            raise ConfigError(
                f"gsmsend.toml: driver.{NAME}.device is missing: expected a port or an address, such as "
                '"/dev/ttyACM0", as gammu\'s own config has it'
            )
        virtual = _is_pseudo_terminal(settings.device)
        device = Device(NAME, endpoint.address, virtual=virtual)
        record = begin_record(options.transcript, f"{endpoint.address} libgammu, connection {settings.connection}")
        return GammuLink(lambda: start(settings.python), device, settings, sink, record, exhibit=options.exhibit)


def _device(address: str) -> str:
    return address.partition(":")[2]


def _is_pseudo_terminal(device: str) -> bool:
    """Whether it is the bench's or another program's: no radio behind it, as far as one can know."""
    return os.name == "posix" and device.startswith("/") and os.path.realpath(device).startswith("/dev/pts/")
