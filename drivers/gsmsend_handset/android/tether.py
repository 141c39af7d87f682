"""A handset on a cable, through the adb server that runs on this computer: it is never started from here."""

from __future__ import annotations

import importlib
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from gsmsend.errors import DeviceGone, GuardStop, LinkLost, NotInstalled, UsageError
from gsmsend_handset.android.transcript import Transcript

_HOST = "127.0.0.1"
_STANDARD_PORT = 5037
_REACH_S = 0.3
_ANSWER_S = 10.0
_SERIAL = re.compile(r"[A-Za-z0-9._:-]{1,64}")

NO_SERVER = "no adb server runs on this computer, so no handset can be reached"
_PLUG_IN = "Plug its cable in, unlock it and allow USB debugging."
START_IT = "Start it with: adb start-server"
_STATES = {
    "unauthorized": (
        "has not allowed this computer",
        "Unlock it and answer 'Allow USB debugging?' on its screen, once, without 'always'.",
    ),
    "authorizing": ("is asking whether to allow this computer", "Unlock it and answer on its screen."),
    "offline": ("is connected but does not answer", "Unplug its cable and plug it in again."),
    "no": (
        "may not be used by this user (no permissions on its USB device)",
        "Install the udev rule for it (package android-sdk-platform-tools-common), or add the user to plugdev.",
    ),
    "recovery": ("is in its recovery system", "Start Android on it."),
    "sideload": ("is in its recovery system", "Start Android on it."),
    "bootloader": ("is in its bootloader", "Start Android on it."),
}
_BY_A_PERSON = frozenset({"unauthorized", "no"})


def server_port(chosen: int | None = None) -> int:
    """Where the adb server listens: as the config says, else as adb's own variable does, else 5037."""
    named = os.environ.get("ANDROID_ADB_SERVER_PORT", "")
    return chosen or (int(named) if named.isdecimal() and 0 < int(named) < 65536 else _STANDARD_PORT)


def listed(port: int) -> list[tuple[str, str]]:
    """Serial number and state of each handset that the adb server knows. Raises LinkLost, NotInstalled."""
    with _told(""):
        return [(info.serial, info.state) for info in _client(port).list()]


def running(port: int) -> bool:
    """Whether an adb server listens there."""
    try:
        socket.create_connection((_HOST, port), timeout=_REACH_S).close()
    except OSError:
        return False
    return True


def check_serial(serial: str) -> str:
    """The same. Raises UsageError if it can be none."""
    if not _SERIAL.fullmatch(serial):
        raise UsageError(
            f"{serial!r} is no serial number of a handset", remedy="`gsmsend modems` and `adb devices` list them."
        )
    return serial


def chosen(serial: str, port: int) -> str:
    """The serial number of the handset meant, "" for the only one.

    Raises DeviceGone if it is not there, GuardStop if a person must do something at it, LinkLost.
    """
    found = dict(listed(port))
    if not serial:
        if not found:
            raise DeviceGone("no Android handset is connected", remedy=_PLUG_IN)
        if len(found) > 1:
            raise GuardStop(
                f"{len(found)} Android handsets are connected: {', '.join(sorted(found))}; nothing was sent",
                remedy='Say which one under [driver.android]: serial = "..."',
            )
        serial = next(iter(found))
    state = found.get(serial)
    if state is None:
        raise DeviceGone(f"the handset {serial} is not connected", remedy=_PLUG_IN)
    if state != "device":
        words, remedy = _STATES.get(state, (f"is in the state {state!r}", "Unplug it and plug it in again."))
        kind = GuardStop if state in _BY_A_PERSON else LinkLost
        raise kind(f"the handset {serial} {words}", remedy=remedy)
    return serial


class Tether:
    """One handset: questions to its shell, and a local TCP port that leads to one of its own.

    The port is on this computer's loopback alone; it is taken away by `close`.
    """

    def __init__(self, serial: str, port: int, transcript: Transcript) -> None:
        self.serial, self._port, self._transcript = serial, port, transcript
        self._device: Any = _client(port).device(serial)
        self._forward = ""

    def there(self) -> None:
        """Raise DeviceGone, GuardStop or LinkLost unless it is connected and may be used."""
        self._transcript.asked("adb devices")
        chosen(self.serial, self._port)

    def ask(self, command: str) -> str:
        """What its shell answers; empty where it refuses. Raises LinkLost if it is gone."""
        self._transcript.asked(f"adb shell {command}")
        with _told(self.serial):
            answer = self._device.shell(command, timeout=_ANSWER_S)
        return str(answer)

    def forward(self, remote: int) -> int:
        """A free local port that leads to this port of the handset. Raises LinkLost."""
        with _told(self.serial), socket.socket() as free:
            # adb chooses one itself for tcp:0, but adbutils does not hand its answer on. Nobody else gets this
            # one in between but by asking for it by its number; then adb refuses, as rebinding is not allowed.
            free.bind((_HOST, 0))
            local = int(free.getsockname()[1])
            free.close()
            self._transcript.asked(f"adb forward tcp:{local} tcp:{remote}")
            self._device.forward(f"tcp:{local}", f"tcp:{remote}", norebind=True)
        self._forward = f"tcp:{local}"
        return local

    def close(self) -> None:
        """Take the forwarded port away. Never raises."""
        name, self._forward = self._forward, ""
        if name:
            self._transcript.asked(f"adb forward --remove {name}")
            with suppress(Exception):
                self._device.forward_remove(name, raise_non_found=False)


def _client(port: int) -> Any:
    """Of the adb server. Raises NotInstalled without adbutils."""
    try:
        adbutils: Any = importlib.import_module("adbutils")
    except ImportError as fault:
        raise NotInstalled(
            f"the driver for Android handsets needs {fault.name or 'adbutils'}, which is not installed",
            remedy="pip install 'gsmsend[android]'",
        ) from None

    class Connection(adbutils.AdbConnection):  # type: ignore[misc]
        """One that starts no server where there is none: that would take hold of every handset around."""

        def _safe_connect(self) -> socket.socket:
            return socket.create_connection((_HOST, port), timeout=_ANSWER_S)

        def __del__(self) -> None:
            with suppress(Exception):
                self.close()

    class Client(adbutils.AdbClient):  # type: ignore[misc]
        version: int | None = None

        def server_version(self) -> int:
            """Asked once: adbutils asks before every question to a handset."""
            if self.version is None:
                self.version = int(super().server_version())
            return self.version

        def make_connection(self, timeout: float | None = None) -> Any:
            connection = Connection(_HOST, port)
            connection.conn.settimeout(timeout or _ANSWER_S)
            return connection

    return Client(_HOST, port, _ANSWER_S)


@contextmanager
def _told(serial: str) -> Iterator[None]:
    """Faults of adb in the words of gsmsend."""
    errors: Any = None
    with suppress(ImportError):
        errors = importlib.import_module("adbutils.errors")
    try:
        yield
    except ConnectionRefusedError as fault:
        raise LinkLost(NO_SERVER, remedy=START_IT) from fault
    except (OSError, EOFError, ValueError) as fault:
        words = f"adb failed ({type(fault).__name__})"
        raise LinkLost(words, remedy="Unplug the handset and plug it in again.") from fault
    except Exception as fault:
        if errors is None or not isinstance(fault, errors.AdbError):
            raise
        gone = "not found" in str(fault) or "no devices" in str(fault)
        kind = DeviceGone if gone else LinkLost
        raise kind(
            f"the handset {serial} does not answer over adb", remedy="Unplug it and plug it in again; unlock it."
        ) from fault
