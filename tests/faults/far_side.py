"""The bench of one case: a process of its own, its control socket and its own record of what went on air."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).absolute().parents[2]
PATIENCE_S = 90.0

Event = dict[str, Any]


def environment() -> dict[str, str]:
    """For both processes: the program of this source tree, wherever another may be installed."""
    path = os.pathsep.join(
        word for word in (str(ROOT), str(ROOT / "drivers"), os.environ.get("PYTHONPATH")) if word
    )
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}


def until(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something that must come about."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"it did not come about in {patience_s:g} s: {what}"
        time.sleep(0.01)


class FarSide:
    """A running bench."""

    def __init__(self, folder: Path, modems: int, options: Sequence[str]) -> None:
        self.folder = folder / "ports"
        self.log = folder / "bench.jsonl"
        command = [
            sys.executable, "-m", "gsmsend", "bench", "--modems", str(modems), "--dir", str(self.folder),
            "--log", str(self.log), "--control", str(folder / "control"), "--json", *options,
        ]  # fmt: skip
        self._child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
        )
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise AssertionError(f"the bench did not start: {self._child.communicate()[1]}")
        self.modems: list[Event] = json.loads(line)["modems"]
        self.ports = [str(modem["port"]) for modem in self.modems]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(folder / "control"))
        self._answers = self._socket.makefile()
        self._events: list[Event] = []
        self._read = 0

    def ask(self, do: str, **request: Any) -> Event:
        """One request to the bench's control."""
        self._socket.sendall(json.dumps({"do": do, **request}).encode() + b"\n")
        answer: Event = json.loads(self._answers.readline())
        assert answer["ok"], answer
        return answer

    def fault(self, words: str) -> int:
        """Switch a fault on; its number."""
        return int(self.ask("fault", fault=words)["id"])

    def clear(self, number: int) -> None:
        """Switch a fault off."""
        self.ask("clear", id=number)

    def snapshot(self, modem: int = 1) -> dict[str, str]:
        """Every memory, byte for byte, in hex."""
        memories: dict[str, str] = self.ask("snapshot", modem=modem)["memories"]
        return memories

    def events(self, *kinds: str) -> list[Event]:
        """What has happened so far, of these kinds, or everything."""
        with self.log.open("rb") as stream:
            stream.seek(self._read)
            fresh = stream.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        self._events += map(json.loads, whole.splitlines())
        return [event for event in self._events if not kinds or event["event"] in kinds]

    def wait_for(self, kind: str, count: int = 1, **having: Any) -> None:
        """Wait until so many events of a kind, with these fields, have happened."""
        until(
            lambda: sum(having.items() <= event.items() for event in self.events(kind)) >= count,
            f"{count} times {kind} {having or ''} on the bench",
        )

    def stop(self) -> None:
        """End it."""
        self._child.terminate()
        self._answers.close()
        self._socket.close()
        self._child.communicate(timeout=10)
