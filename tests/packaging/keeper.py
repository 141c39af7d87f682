"""A service manager that does what a unit file says: starts, watches by sd_notify, kills and starts again.

For machines where systemd itself is not running. Times of the unit are divided by `haste`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.packaging.units import Unit

Act = Callable[["Keeper", str], None]
"""Called with each line that the service tells."""


@dataclass
class Keeper:
    """One service. `run` starts it until the unit says that it stays down; `ends` are how each start ended."""

    unit: Unit
    command: Sequence[str]
    environ: dict[str, str]
    haste: float = 30.0
    ends: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    barked: int = 0
    child: subprocess.Popen[str] | None = None

    def run(self, act: Act) -> str:
        """Why it is down now; `act` may do something to the service when it tells something."""
        started = 0
        while True:
            if started >= int(self.unit.last("StartLimitBurst", "Unit")):
                return "start limit"
            started += 1
            code = self._once(act)
            self.ends.append(code)
            if code == 0 or (code > 0 and str(code) in self.unit.words("SuccessExitStatus")):
                return "ended well"
            if str(code) in self.unit.words("RestartPreventExitStatus"):
                return "not to be started again"
            assert self.unit.last("Restart") == "on-failure"
            time.sleep(self.unit.seconds("RestartSec") / self.haste / 10)

    def send(self, number: signal.Signals) -> None:
        """A signal to the service that is running."""
        assert self.child is not None
        self.child.send_signal(number)

    def _once(self, act: Act) -> int:
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(str(Path(folder) / "notify"))
            watchdog_s = self.unit.seconds("WatchdogSec") / self.haste
            with subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env={**os.environ, **self.environ, "NOTIFY_SOCKET": f"{folder}/notify",
                     "WATCHDOG_USEC": str(int(watchdog_s * 1e6))},
            ) as child:  # fmt: skip
                self.child = child
                try:
                    self._attend(child, ear, watchdog_s, act)
                    self.said.append(child.communicate(timeout=60)[0])
                finally:
                    child.kill()
            return child.returncode

    def _attend(self, child: subprocess.Popen[str], ear: socket.socket, watchdog_s: float, act: Act) -> None:
        """Until the service ends, or the watchdog's time is over."""
        ear.settimeout(0.05)
        ready, heard_s = False, time.monotonic()
        while child.poll() is None:
            try:
                lines = ear.recv(4096).decode().splitlines()
            except TimeoutError:
                lines = []
            self.told += lines
            if "READY=1" in lines or "WATCHDOG=1" in lines:
                heard_s = time.monotonic()
            ready = ready or "READY=1" in lines
            for line in lines:
                act(self, line)
            if ready and time.monotonic() - heard_s > watchdog_s:
                self.barked += 1
                child.send_signal(signal.SIGABRT)
                return
