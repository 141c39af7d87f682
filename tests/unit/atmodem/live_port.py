"""The modem of the tests in real time, for tests with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from gsmsend.testing.clock import ManualClock
from tests.unit.atmodem.fake_modem import FakeModem, FakePort


class SystemClock:
    """The real one, for tests with threads."""

    def now(self) -> float:
        return monotonic()

    def monotonic(self) -> float:
        return monotonic()


class LivePort(FakePort):
    """The same in real time, for tests with threads."""

    def __init__(self, modem: FakeModem) -> None:
        super().__init__(modem, ManualClock())
        self.turn = threading.Condition(threading.RLock())

    def read(self, timeout_s: float) -> bytes:
        until = monotonic() + max(timeout_s, 0)
        with self.turn:
            while True:
                self._check()
                self.clock.advance(monotonic() - self.clock.monotonic())
                self._run_due()
                if self.modem.out:
                    octets = bytes(self.modem.out)
                    self.modem.out.clear()
                    return octets
                if self.woken or monotonic() >= until:
                    self.woken = False
                    return b""
                self.turn.wait(min([until, *(at for at, _ in self.modem.later)]) - monotonic())

    def write(self, octets: bytes) -> None:
        with self.turn:
            self.clock.advance(monotonic() - self.clock.monotonic())
            super().write(octets)

    def wake(self) -> None:
        with self.turn:
            self.woken = True
            self.turn.notify()

    def act(self, action: Callable[[], object]) -> None:
        """Let the modem or the network do something, from any thread."""
        with self.turn:
            action()
            self.turn.notify()
