"""The bench on pseudo-terminals: DIR/modem1..N, one thread, one loop. Needs Linux (epoll)."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

from gsmsend_virtual.bench import Bench
from gsmsend_virtual.modem import Modem
from gsmsend_virtual.pty_port import PtyPort

LOOK_S = 0.05  # a client that opens a port and only listens is noticed within this time


class PtyBench:
    """Runs a Bench on PTYs until told to stop."""

    def __init__(self, bench: Bench, directory: Path) -> None:
        self.bench = bench
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for left in directory.glob("modem*"):
            if left.is_symlink():  # of a bench that was killed
                left.unlink()
        bench.journal.buffered = True
        bench.timers.live = True
        self._epoll = select.epoll()
        self._running = True
        self._dirty: list[PtyPort] = []
        self._by_fd: dict[int, Callable[[int], None]] = {}
        self._others: dict[int, Callable[[int], None]] = {}
        wake_r, self._wake_w = os.pipe()
        os.set_blocking(wake_r, False)
        os.set_blocking(self._wake_w, False)
        self.ports: list[PtyPort] = []
        self.watch(wake_r, lambda _: _drain(wake_r))
        self.ports.extend(self._port(modem) for modem in bench.modems)
        self._map()

    def _port(self, modem: Modem) -> PtyPort:
        port = PtyPort(modem, self.directory / f"modem{modem.index}", self._epoll, self._map)
        modem.on_output = lambda: self._dirty.append(port)
        return port

    def _map(self) -> None:
        self._by_fd = self._others | {port.master: port.ready for port in self.ports if port.master >= 0}

    def watch(self, fd: int, call: Callable[[int], None]) -> None:
        """Call back when a further descriptor can be read (or has hung up)."""
        self._epoll.register(fd, select.EPOLLIN)
        self._others[fd] = call
        self._map()

    def unwatch(self, fd: int) -> None:
        """Forget a descriptor; the caller closes it."""
        with contextlib.suppress(OSError):
            self._epoll.unregister(fd)
        self._others.pop(fd, None)
        self._map()

    def stop(self) -> None:
        """End `run`; safe in a signal handler."""
        self._running = False
        with contextlib.suppress(OSError):
            os.write(self._wake_w, b"\0")

    def run(self, *, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`."""
        timers, epoll, journal = self.bench.timers, self._epoll, self.bench.journal
        self.bench.power_on()
        ready()
        look_at = time.monotonic()
        while self._running:
            deadline = timers.deadline
            now = time.monotonic()
            wait = look_at - now if deadline is None else min(deadline, look_at) - now
            if wait > 0:
                # epoll counts in milliseconds, select in microseconds, and radio times are exact.
                select.select([epoll], [], [], wait)
            self._turn()
            for fd, events in epoll.poll(0):
                call = self._by_fd.get(fd)
                if call is not None:
                    call(events)
                    self._turn()
            now = time.monotonic()
            if now >= look_at:
                look_at = now + LOOK_S
                for port in self.ports:
                    if not port.present:
                        port.look()
            journal.flush()

    def _turn(self) -> None:
        """Do what is due, and say what there is to say: after every event, so that no client waits for others."""
        timers = self.bench.timers
        self._say()
        while timers.step(time.monotonic()):
            self._say()
        timers.now = max(timers.now, time.monotonic())

    def _say(self) -> None:
        if self._dirty:
            self.bench.journal.flush()
            while self._dirty:
                self._dirty.pop().flush()

    def close(self) -> None:
        """Close all ports and take the links away."""
        for port in self.ports:
            port.vanish()
        self._epoll.close()


def _drain(fd: int) -> None:
    with contextlib.suppress(OSError):
        os.read(fd, 4096)


def stop_on_signals(bench: PtyBench) -> None:
    """SIGINT and SIGTERM end the bench in good order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bench.stop())
