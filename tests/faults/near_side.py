"""One `gsmsend run` of a case, in a process of its own: what it tells as it goes, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.far_side import PATIENCE_S, ROOT, environment, until

Event = dict[str, Any]
LAUNCHER = Path(__file__).absolute().parent / "launch.py"


def heed_signals() -> None:
    """Runs obey signals although this process was told to ignore some, as by nohup or as a job of a shell.

    What is ignored stays so in a child; what has a handler, even one that does nothing, does not. Only the main
    thread may call this.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)


def command_of(wishes: dict[str, Any], words: Sequence[str]) -> list[str]:
    """The command line: gsmsend itself, or by the launcher where the case has wishes."""
    if wishes:
        return [sys.executable, str(LAUNCHER), json.dumps(wishes), *words]
    return [sys.executable, "-m", "gsmsend", *words]


class NearSide:
    """A running `gsmsend run --json`, or an ended one."""

    def __init__(self, command: Sequence[str]) -> None:
        self.events: list[Event] = []
        self.odd_lines: list[str] = []
        self.stderr = ""
        self.child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(), cwd=ROOT,
        )  # fmt: skip
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            try:
                self.events.append(json.loads(line))
            except ValueError:
                self.odd_lines.append(line)

    def _read_errors(self) -> None:
        assert self.child.stderr is not None
        self.stderr = self.child.stderr.read()

    def of(self, kind: str, **having: Any) -> list[Event]:
        """What it told so far, of one kind, with these fields."""
        return [event for event in list(self.events) if event["event"] == kind and having.items() <= event.items()]

    def wait_for(self, kind: str, count: int = 1, **having: Any) -> None:
        """Wait until it has told so."""
        until(
            lambda: len(self.of(kind, **having)) >= count or self.child.poll() is not None,
            f"{count} times {kind} {having or ''} from the run",
        )
        assert len(self.of(kind, **having)) >= count, f"the run ended first: {self.stderr or self.events[-1:]}"

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.child.send_signal(number)

    def stop(self) -> None:
        """Ctrl-C."""
        self.child.send_signal(signal.SIGINT)

    def finish(self, patience_s: float = PATIENCE_S) -> int:
        """Wait for its end; the exit code."""
        try:
            self.child.wait(patience_s)
        except subprocess.TimeoutExpired:
            told = [event for event in self.events if event["event"] in ("line", "notice")][-4:]
            raise AssertionError(f"the run did not end in {patience_s:g} s; it said last: {told}") from None
        for reader in self._readers:
            reader.join(5)
        return self.child.returncode

    @property
    def finished(self) -> Event:
        """Its last word."""
        assert self.events, f"it said nothing on stdout; on stderr: {self.stderr}"
        last = self.events[-1]
        assert last["event"] == "finished", f"its last object is {last}"
        return last

    def kill(self) -> None:
        """Whatever a case leaves behind."""
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(10)
        for reader in self._readers:
            reader.join(5)
        for stream in (self.child.stdout, self.child.stderr):
            if stream is not None:
                stream.close()
