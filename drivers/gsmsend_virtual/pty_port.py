"""One modem's serial port, on a pseudo-terminal.

The master side is kept, the slave side is the client's alone: while no client has it open, the kernel
reports a hang-up on the master, and that is how the modem knows that its TE is away (see `delivery`).
The terminal is put in raw mode when made, and again whenever the last client has closed it. What a modem
says to nobody is lost, as on a real port. Needs Linux (epoll).
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from gsmsend_virtual.modem import Modem
from gsmsend_virtual.timers import Timer

READ_OCTETS = 65536
OUT_LIMIT = 1 << 20
BITS_AN_OCTET = 10


class PtyPort:
    """A port that clients open and close as they like. `on_change` is told the file descriptor anew."""

    def __init__(self, modem: Modem, link: Path, epoll: select.epoll, on_change: Callable[[], None]) -> None:
        self.modem = modem
        self.link = link
        self.master = -1
        self.device = ""
        self.present = False
        self._epoll = epoll
        self._on_change = on_change
        self._mask = 0
        self._stalled = False
        self._resume: Timer | None = None
        self._open()
        modem.port = self

    def _open(self) -> None:
        self.master, slave = os.openpty()
        self.device = os.ttyname(slave)
        tty.setraw(slave)
        os.close(slave)
        os.set_blocking(self.master, False)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(self.device)
        self.present = False
        self.modem.attached = False
        self._mask = select.EPOLLIN | select.EPOLLET
        self._epoll.register(self.master, self._mask)
        self._on_change()

    def _listen(self) -> None:
        """Tell epoll what to wait for. With no client there is a hang-up all the time: only edges count."""
        if self.master < 0:
            return
        mask = select.EPOLLIN | select.EPOLLET
        if self.present:
            reading = not self._stalled and not (self._resume is not None and self._resume.pending)
            mask = (select.EPOLLIN if reading else 0) | (select.EPOLLOUT if self.modem.outgoing() else 0)
        if mask != self._mask:
            self._mask = mask
            self._epoll.modify(self.master, mask)

    # -- the client ---------------------------------------------------------------------------------------

    def look(self) -> None:
        """See whether a client is there now."""
        if self.master < 0:
            return
        poll = select.poll()
        poll.register(self.master, select.POLLIN)
        events = poll.poll(0)
        hung_up = bool(events and events[0][1] & select.POLLHUP)
        if hung_up and self.present and not events[0][1] & select.POLLIN:
            self._closed()
        elif not hung_up and not self.present:
            self._opened()

    def _opened(self) -> None:
        self.present = True
        self.modem.attach()
        self._listen()

    def _closed(self) -> None:
        self.present = False
        self.modem.detach()
        self.modem.outgoing().clear()
        self._tidy()
        self._listen()

    def ready(self, events: int) -> None:
        """Handle what epoll reported."""
        if events & select.EPOLLIN:
            if not self.present:
                self._opened()
            if not self._stalled:
                self._read()
        elif events & select.EPOLLHUP:
            if self.present:
                self._closed()
            else:
                self._blinked()
        if events & select.EPOLLOUT:
            self.flush()

    def _blinked(self) -> None:
        """A client opened the port and closed it before it was noticed (or this is epoll's first word)."""
        self.look()
        if not self.present:
            self._tidy()

    def _tidy(self) -> None:
        """Make the terminal as new for the next client, who may be there already: what that one wrote is kept."""
        poll = select.poll()
        poll.register(self.master, 0)
        alone = any(events & select.POLLHUP for _, events in poll.poll(0))
        termios.tcflush(self.master, termios.TCIOFLUSH if alone else termios.TCOFLUSH)
        tty.setraw(self.master)  # and what the last one did not read is gone

    def _read(self) -> None:
        wire = self.modem.wire
        baud = wire.baud if wire is not None else 0
        try:
            octets = os.read(self.master, max(1, baud // BITS_AN_OCTET // 100) if baud else READ_OCTETS)
        except OSError:
            return
        if baud:
            self._resume = self.modem.timers.after(len(octets) * BITS_AN_OCTET / baud, self._go_on)
            self._listen()
        self.modem.receive(octets)

    def _go_on(self) -> None:
        self._resume = None
        self._listen()

    def flush(self) -> None:
        """Write what the modem has said."""
        out = self.modem.outgoing()
        if not out or self.master < 0:
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
            if len(out) > OUT_LIMIT:
                del out[:-OUT_LIMIT]
        except OSError:
            out.clear()
        if out or self._mask & select.EPOLLOUT:
            self._listen()

    # -- what the modem does with it (gsmsend_virtual.modem.Port) -----------------------------------------

    def vanish(self) -> None:
        """Unplug it: the client gets a hang-up, the link goes."""
        if self.master < 0:
            return
        with contextlib.suppress(OSError):
            self._epoll.unregister(self.master)
        if self.link.is_symlink() and str(self.link.readlink()) == self.device:
            self.link.unlink()
        os.close(self.master)
        self.master = -1
        self.present = False
        self._stalled = False
        self._on_change()

    def appear(self, *, other_name: bool) -> None:
        """Plug it in again; under the next free name if it is to be another, or another has taken its own."""
        if self.master >= 0:
            return
        if other_name or self.link.is_symlink():
            number = 1
            while self.link.with_name(f"modem{number}").is_symlink() or number <= self.modem.index:
                number += 1
            self.link = self.link.with_name(f"modem{number}")
        self._open()

    def stall(self, *, on: bool) -> None:
        """Take nothing that the client writes: its write blocks, as on a device that does not answer."""
        if self.master < 0 or on == self._stalled:
            return
        self._stalled = on
        # A client may have the port for itself alone (TIOCEXCL): then its writes fill the kernel's buffer only.
        with contextlib.suppress(OSError):
            slave = os.open(self.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                termios.tcflow(slave, termios.TCOOFF if on else termios.TCOON)
            finally:
                os.close(slave)
        self._listen()
