"""The bench on pseudo-terminals: DIR/modem1..N, one thread, one loop.

A modem's master side is kept, its slave side is the client's alone: while no client has it open, the kernel
reports a hang-up on the master, and that is how the modem knows that its TE is away (see `delivery`).
Terminals are put in raw mode when made, and again whenever the last client has closed them. What a modem
says to nobody is lost, as on a real port. Needs Linux (epoll).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

from gsmsend_virtual.bench import Bench
from gsmsend_virtual.modem import Modem

READ_OCTETS = 65536
OUT_LIMIT = 1 << 20
LOOK_S = 0.05  # a client that opens a port and only listens is noticed within this time


class PtyPort:
    """One modem's serial port."""

    def __init__(self, modem: Modem, link: Path, epoll: select.epoll) -> None:
        self.modem = modem
        self.link = link
        self._epoll = epoll
        self._wants_write = False
        self.master, slave = os.openpty()
        self.device = os.ttyname(slave)
        tty.setraw(slave)
        os.close(slave)
        os.set_blocking(self.master, False)
        link.unlink(missing_ok=True)
        link.symlink_to(self.device)
        self.present = False
        modem.attached = False
        epoll.register(self.master, select.EPOLLIN | select.EPOLLET)

    def look(self) -> None:
        """See whether a client is there now."""
        poll = select.poll()
        poll.register(self.master, select.POLLIN)
        events = poll.poll(0)
        present = not (events and events[0][1] & select.POLLHUP)
        if present != self.present:
            self._opened() if present else self._closed()

    def _opened(self) -> None:
        self.present = True
        self._epoll.modify(self.master, select.EPOLLIN)
        self.modem.attach()

    def _closed(self) -> None:
        self.present = False
        self._epoll.modify(self.master, select.EPOLLIN | select.EPOLLET)
        self._wants_write = False
        self.modem.detach()
        self.modem.terminal.out.clear()
        tty.setraw(self.master)
        termios.tcflush(self.master, termios.TCIOFLUSH)

    def ready(self, events: int) -> None:
        """Handle what epoll reported."""
        if events & select.EPOLLIN:
            if not self.present:
                self._opened()
            try:
                octets = os.read(self.master, READ_OCTETS)
            except BlockingIOError:
                octets = b""
            except OSError:
                octets = b""
                events |= select.EPOLLHUP
            if octets:
                self.modem.receive(octets)
        elif events & select.EPOLLHUP and self.present:
            self._closed()
        if events & select.EPOLLOUT:
            self.flush()

    def flush(self) -> None:
        """Write what the modem has said."""
        out = self.modem.terminal.out
        if not out:
            return
        if not self.present:
            self.look()
            if not self.present:
                out.clear()
                return
        try:
            written = os.write(self.master, out)
            del out[:written]
        except BlockingIOError:
            pass
        except OSError:
            out.clear()
        if len(out) > OUT_LIMIT:
            del out[:-OUT_LIMIT]
        if bool(out) != self._wants_write:
            self._wants_write = bool(out)
            self._epoll.modify(self.master, select.EPOLLIN | (select.EPOLLOUT if out else 0))

    def close(self) -> None:
        """Unplug it: the client gets a hang-up, the link goes."""
        with contextlib.suppress(OSError):
            self._epoll.unregister(self.master)
        os.close(self.master)
        if self.link.is_symlink() and str(self.link.readlink()) == self.device:
            self.link.unlink()


class PtyBench:
    """Runs a Bench on PTYs until told to stop."""

    def __init__(self, bench: Bench, directory: Path) -> None:
        self.bench = bench
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._epoll = select.epoll()
        self._running = True
        self._dirty: list[PtyPort] = []
        self._by_fd: dict[int, PtyPort] = {}
        self._wake_r, self._wake_w = os.pipe()
        os.set_blocking(self._wake_w, False)
        self._epoll.register(self._wake_r, select.EPOLLIN)
        self._ports: list[PtyPort] = []
        for modem in bench.modems:
            self._open(modem, directory / f"modem{modem.index}")

    def _open(self, modem: Modem, link: Path) -> None:
        port = PtyPort(modem, link, self._epoll)
        self._ports.append(port)
        self._by_fd[port.master] = port
        modem.on_output = lambda: self._dirty.append(port)

    @property
    def ports(self) -> list[PtyPort]:
        """All ports there are now."""
        return self._ports

    def stop(self) -> None:
        """End `run`; safe in a signal handler."""
        self._running = False
        with contextlib.suppress(OSError):
            os.write(self._wake_w, b"\0")

    def run(self, *, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`."""
        timers, epoll, dirty = self.bench.timers, self._epoll, self._dirty
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
            now = time.monotonic()
            timers.advance(now)
            for fd, events in epoll.poll(0):
                port = self._by_fd.get(fd)
                if port is not None:
                    port.ready(events)
            timers.advance(now)
            while dirty:
                dirty.pop().flush()
            if now >= look_at:
                look_at = now + LOOK_S
                for port in self._ports:
                    if not port.present:
                        port.look()

    def close(self) -> None:
        """Close all ports and take the links away."""
        for port in self._ports:
            port.close()
        self._ports.clear()
        self._epoll.close()


def stop_on_signals(bench: PtyBench) -> None:
    """SIGINT and SIGTERM end the bench in good order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bench.stop())
