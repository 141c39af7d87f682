"""The driver: Android handsets on a cable, with a gateway app on them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from gsmsend.contract import Clock, Endpoint, OpenOptions, Sink, Traits
from gsmsend.errors import DriverError, GuardStop, LinkLost
from gsmsend.model import Facts
from gsmsend.requesting import Pulse, RequestLink
from gsmsend_handset.android import identity, tether
from gsmsend_handset.android.app import App
from gsmsend_handset.android.changes import CHANGES
from gsmsend_handset.android.client import AndroidClient
from gsmsend_handset.android.record import BrokenRequests
from gsmsend_handset.android.settings import NAME, Settings
from gsmsend_handset.android.tether import Tether
from gsmsend_handset.android.transcript import Transcript


class AndroidDriver:
    """Satisfies `gsmsend.contract.Driver`, `Altering` and `Described`."""

    name = NAME
    summary = "Android handsets on a USB cable (adb), with the app SMS Gateway for Android on them"
    traits = Traits(
        kind="Android phone on a cable, with a gateway app",
        reports="the app's word, for each part where its log tells",
        replies="asked for at the app, where it tells them",
        unknown="the app's own record, by our id; else a person",
    )

    def __init__(self) -> None:
        self._broken: dict[str, BrokenRequests] = {}

    def discover(self) -> Sequence[Endpoint]:
        """The handsets that a running adb server knows. Starts no server and opens no handset."""
        port = tether.server_port()
        if not tether.running(port):
            return []
        with suppress(DriverError):
            return [_endpoint(serial) for serial, _ in tether.listed(port)]
        return []

    def endpoint(self, address: str) -> Endpoint:
        """`android` for the handset of the config, or the only one; `android:SERIAL`. Raises UsageError."""
        serial = "" if address == NAME else address.removeprefix(f"{NAME}:")
        return _endpoint(tether.check_serial(serial)) if serial else Endpoint(NAME, NAME, description=_WHICHEVER)

    def changes(self, endpoint: Endpoint) -> Sequence[str]:  # noqa: ARG002 - the same for every handset
        """What sending through a handset changes on it."""
        return CHANGES

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Look at handset, SIM and app; changes nothing. Raises LinkLost, GuardStop, ConfigError."""
        client, _ = self._client(endpoint, _SteadyClock(), options)
        try:
            return client.bring_up()
        finally:
            client.close()

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> RequestLink:
        """Reach the handset and make its app's port one of this computer's. Raises as `inspect`."""
        client, settings = self._client(endpoint, clock, options)
        return RequestLink(client, sink, "the handset's app", _pulse(settings))

    def _client(self, endpoint: Endpoint, clock: Clock, options: OpenOptions) -> tuple[AndroidClient, Settings]:
        settings = Settings.of(options.settings)
        server = tether.server_port(settings.adb_port)
        if not tether.running(server):
            raise LinkLost(tether.NO_SERVER, remedy=tether.START_IT)
        wanted = endpoint.address if endpoint.address != NAME else settings.serial
        try:
            serial = tether.chosen(wanted, server)
        except GuardStop as stop:
            if settings.password:
                raise
            raise LinkLost(str(stop), remedy=stop.remedy) from stop  # it was never meant: it stops nobody
        if not settings.password:
            raise LinkLost(
                f"the handset {serial} is there, but gsmsend.toml does not say how to ask its app",
                remedy="Install the app SMS Gateway for Android on it and name its password under "
                '[driver.android]: password = "env:NAME" or "keyring:SERVICE/USER"',
            )
        transcript = Transcript(options.transcript, f"{NAME} {serial} {endpoint.description}", clock)
        handset = Tether(serial, server, transcript)
        try:
            app = App(handset.forward(settings.port), settings, transcript)
        except BaseException:
            handset.close()
            transcript.close()
            raise
        broken = self._broken.setdefault(serial, BrokenRequests(settings.proof_after_s))
        return AndroidClient(handset, app, settings, clock, broken, transcript), settings


_WHICHEVER = "the Android handset of [driver.android], or the only one"


def _pulse(settings: Settings) -> Pulse:
    return Pulse(first_s=min(2.0, settings.check_s), longest_s=60.0, check_s=settings.check_s)


def _endpoint(serial: str) -> Endpoint:
    if identity.is_emulator(serial):
        return Endpoint(NAME, serial, description="Android emulator", virtual=True)
    return Endpoint(NAME, serial, usb_serial=serial, description="Android handset over adb")


class _SteadyClock:
    """For `inspect`, which is handed no clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
