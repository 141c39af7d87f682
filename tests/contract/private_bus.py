"""A message bus of a test's own, and programs of others on it: dbus-daemon, and Debian's python-dbusmock."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from gsmsend_handset.bus import Address, Bus, BusError
from tests.bench.programs import need

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""
_PATIENCE_S = 20.0


@dataclass
class PrivateBus:
    """The daemon; `address` as settings take it."""

    address: str
    folder: Path
    daemon: subprocess.Popen[str]

    def connect(self) -> Bus:
        """A connection of the test's own."""
        return Bus(self.address, "tests")

    @contextmanager
    def mock(
        self, template: str | Path, service: str, parameters: Mapping[str, object] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """python-dbusmock with a template, under the name of a service."""
        command = [_debians_python(), "-m", "dbusmock", "--session", "--template", str(template)]
        command += ["--parameters", json.dumps(dict(parameters or {}))]
        with (self.folder / "mock.log").open("w") as log:
            process = subprocess.Popen(
                command, env=self.environment, text=True, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
            )
        try:
            with closing(self.connect()) as bus:
                bus.watch(service)
                until_s = monotonic() + _PATIENCE_S
                while not bus.owner(service) and process.poll() is None and monotonic() < until_s:
                    bus.hear(0.2)
            assert process.poll() is None, (self.folder / "mock.log").read_text()
            yield process
        finally:
            end(process)

    @property
    def environment(self) -> dict[str, str]:
        """For programs on this bus: it is all the buses that they know."""
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": self.address, "DBUS_SYSTEM_BUS_ADDRESS": self.address,
            "XDG_RUNTIME_DIR": str(self.folder),
        }  # fmt: skip


@contextmanager
def private_bus(folder: Path) -> Iterator[PrivateBus]:
    """A dbus-daemon with a configuration of its own, listening in `folder`."""
    daemon, config = need("dbus-daemon", "dbus-daemon"), folder / "bus.conf"
    config.write_text(_CONFIG.format(path=folder / "bus"))
    command = [daemon, f"--config-file={config}", "--nofork", "--nopidfile", "--print-address"]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert process.stdout.readline(), "dbus-daemon did not start"
        yield PrivateBus(f"unix:path={folder / 'bus'}", folder, process)
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """End a program of this test."""
    process.terminate()
    try:
        process.communicate(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def ask(bus: Bus, to: Address, member: str, signature: str = "", *values: object) -> Any:
    """Ask a program on the bus; the first value of its answer."""
    try:
        answer = bus.call(to, member, signature, *values, within_s=_PATIENCE_S)
    except BusError as error:
        raise AssertionError(f"{member}: {error.name}: {error.text}") from None
    return answer[0] if answer else None


def _debians_python() -> str:
    """Debian's own Python, which has python-dbusmock; without it the test is skipped, but fails in CI."""
    python, look = "/usr/bin/python3", "import dbusmock"
    if (
        Path(python).exists()
        and not subprocess.run([python, "-c", look], capture_output=True, check=False).returncode
    ):
        return python
    return need("python3-dbusmock", "python3-dbusmock")
