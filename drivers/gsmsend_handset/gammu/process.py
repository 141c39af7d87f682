"""libgammu in a process apart: started, asked, killed. python-gammu is never loaded into this one (ADR 0017)."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from gsmsend.errors import DriverError, LinkLost

SPEAKER = Path(__file__).parent / "apart" / "speaker.py"
HELLO_S = 20.0
LEAVE_S = 3.0
"""To let the handset go before the process is killed."""

_PASSED_ON = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TZ")
"""Of the environment: no PYTHON... of ours, which is for another interpreter, and no secret."""

Message = dict[str, Any]


class Woken(Exception):
    """Raised by `Apart.next` after `wake`."""


class Apart:
    """One process that speaks to one handset. Used on one thread, but for `wake`."""

    def __init__(self, python: str) -> None:
        """Start it. Raises OSError if there is no such program."""
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"LC_ALL": "C.UTF-8"}
        self._process = subprocess.Popen(  # nosec B603 # our own file, under the interpreter that the config names
            [python, str(SPEAKER)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
        )  # fmt: skip
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._asked = 0
        self._ended = self._closed = False
        self._reader = threading.Thread(target=self._read, name="gammu", daemon=True)
        self._reader.start()

    def next(self, timeout_s: float) -> Message | None:
        """What it says next, None if that is nothing for so long. Raises Woken, or LinkLost if it has ended."""
        try:
            message = self._heard.get(timeout=max(timeout_s, 0.0))
        except queue.Empty:
            if self._ended:
                raise _ended() from None
            return None
        if message is not None:
            return message
        if self._ended:
            raise _ended()
        raise Woken

    def tell(self, do: str, **arguments: object) -> int:
        """Ask for something; the number that its answer will have. Raises LinkLost if it has ended."""
        self._asked += 1
        line = json.dumps({"id": self._asked, "do": do, **arguments})
        try:
            assert self._process.stdin is not None  # noqa: S101 - it was asked for as a pipe
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise _ended() from error
        return self._asked

    def wake(self) -> None:
        """Make the `next` under way, or the next one, raise Woken. Thread-safe; safe after `close`."""
        self._heard.put(None)

    def close(self) -> None:
        """Let it end, or kill it. Never raises."""
        if self._closed:
            return
        self._closed = True
        process = self._process
        with contextlib.suppress(OSError, ValueError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reader.join(LEAVE_S)
        with contextlib.suppress(OSError, ValueError):
            if process.stdout is not None:
                process.stdout.close()

    def kill(self) -> None:
        """End it at once: it hangs in a call to libgammu. Never raises."""
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_S)

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                try:
                    message = json.loads(line)
                except ValueError:
                    break
                if not isinstance(message, dict):
                    break
                self._heard.put(message)
        self._ended = True
        self._heard.put(None)


def start(python: str) -> Apart:
    """A process with python-gammu: under `python`, else the first usual one that has it. Raises DriverError."""
    for candidate in candidates(python):
        with contextlib.suppress(OSError):
            apart = Apart(candidate)
            if _says_hello(apart):
                return apart
            apart.close()
    tried = python or ", ".join(candidates(python))
    raise DriverError(
        f"the driver gammu needs python-gammu, and no Python that was tried has it ({tried})",
        remedy="Install it (Debian, Ubuntu: apt-get install python3-gammu) and name its interpreter in "
        'gsmsend.toml, under [driver.gammu]: python = "/usr/bin/python3".',
    )


def candidates(python: str) -> Sequence[str]:
    """The interpreters to try: that of the config, or our own, the first on the path, the system's."""
    if python:
        return [python]
    found = [sys.executable, shutil.which("python3") or "", "/usr/bin/python3"]
    return [each for each in dict.fromkeys(found) if each and Path(each).exists()]


def _says_hello(apart: Apart) -> bool:
    until = monotonic() + HELLO_S
    while (left_s := until - monotonic()) > 0:
        try:
            message = apart.next(left_s)
        except (Woken, LinkLost):
            return False
        if message is not None:
            return bool(message.get("hello"))
    return False


def _ended() -> LinkLost:
    return LinkLost(
        "the program that speaks to the handset through libgammu has ended",
        remedy="gsmsend starts it again by itself; if it goes on so, unplug the handset and plug it in again.",
    )
