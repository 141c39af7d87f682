"""A bench on PTYs in a process of its own, as any client sees it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START = "from gsmsend_virtual.command import bench; bench()"
PATIENCE_S = 10.0


class Running:
    """A bench that runs. `ready` is its ready line, `log` its journal."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.ports = directory / "ports"
        self.log = directory / "bench.log"
        self.socket = directory / "control"
        command = [
            sys.executable, "-c", START, "--dir", str(self.ports), "--log", str(self.log),
            "--control", str(self.socket), "--json", *arguments,
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1])
        self.ready = json.loads(line)
        self._control = socket.socket(socket.AF_UNIX)
        self._control.connect(str(self.socket))
        self._answers = self._control.makefile()

    def port(self, number: int = 1) -> Path:
        """The link to a modem's port."""
        return self.ports / f"modem{number}"

    def ask(self, **request: Any) -> Any:
        """One request to the bench's control."""
        self._control.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        assert answer["ok"], answer
        return answer

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """The journal so far, whole lines only."""
        text = self.log.read_text()
        lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if not kinds or line["event"] in kinds]

    def wait_for(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until the journal has so many events of a kind."""
        end = time.monotonic() + PATIENCE_S
        while len(found := self.events(kind)) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} {kind}: {self.events()}"
            time.sleep(0.02)
        return found

    def stop(self) -> int:
        """End it in good order; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self._control.close()
        self._answers.close()
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


@contextlib.contextmanager
def running(directory: Path, *arguments: str) -> Iterator[Running]:
    """A bench for the length of a `with`."""
    bench = Running(directory, *arguments)
    try:
        yield bench
    finally:
        bench.stop()


class Client:
    """A client that opens a port, writes and reads octets, and nothing else."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.heard = b""

    def write(self, text: str) -> None:
        """Write text as it is."""
        os.write(self.fd, text.encode("latin-1"))

    def until(self, token: str, seconds: float = PATIENCE_S) -> str:
        """What is read up to and with a token."""
        end = time.monotonic() + seconds
        wanted = token.encode("latin-1")
        while wanted not in self.heard:
            left = end - time.monotonic()
            assert left > 0, f"no {token!r} in {self.heard!r}"
            if select.select([self.fd], [], [], left)[0]:
                self.heard += os.read(self.fd, 65536)
        at = self.heard.index(wanted) + len(wanted)
        found, self.heard = self.heard[:at], self.heard[at:]
        return found.decode("latin-1")

    def say(self, command: str, until: str = "\r\nOK\r\n") -> str:
        """A command and its answer."""
        self.write(command + "\r")
        return self.until(until)

    def quiet(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        return not select.select([self.fd], [], [], seconds)[0]

    def close(self) -> None:
        """Let the port go."""
        os.close(self.fd)
