"""A connected socket as a port: whole writes, reads that can be woken, and a peer that has gone is a lost link."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from time import monotonic

from gsmsend.errors import LinkLost
from gsmsend_atmodem.port import READ_OCTETS, WRITE_TIMEOUT_S, Readiness


class SocketPort:
    """Satisfies `port.Port`. Takes a connected stream socket over; `gone` and `stuck` make its errors."""

    def __init__(
        self,
        connected: socket.socket,
        address: str,
        gone: Callable[[str], LinkLost],
        stuck: Callable[[str], LinkLost],
    ) -> None:
        self._address, self._gone, self._stuck = address, gone, stuck
        self._socket = connected
        self._socket.settimeout(0)
        self._woken, self._waker = socket.socketpair()
        self._woken.settimeout(0)
        self._waker.settimeout(0)
        self._readable = Readiness(self._socket.fileno(), self._woken.fileno())
        self._writable = Readiness(writing=self._socket.fileno())
        self._wakeable = threading.Lock()
        self._closed = False

    @property
    def address(self) -> str:
        """The address, as a person gave it."""
        return self._address

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for it at most so long; b"" for nothing or if woken. Raises LinkLost."""
        try:
            ready = self._readable.wait(timeout_s)
            if self._socket.fileno() in ready:
                octets = self._socket.recv(READ_OCTETS)
                if octets:
                    return octets
                raise self._gone(self._address)
            if ready:
                self._woken.recv(READ_OCTETS)
        except (BlockingIOError, InterruptedError):
            pass
        except (OSError, ValueError) as error:
            raise self._gone(self._address) from error
        return b""

    def write(self, octets: bytes) -> None:
        """Write all of it. Raises LinkLost if the socket did not take all."""
        until = monotonic() + WRITE_TIMEOUT_S
        left = memoryview(octets)
        try:
            while left:
                try:
                    left = left[self._socket.send(left) :]
                except (BlockingIOError, InterruptedError):
                    if not self._writable.wait(until - monotonic()):
                        raise self._stuck(self._address) from None
        except (OSError, ValueError) as error:
            raise self._gone(self._address) from error

    def wake(self) -> None:
        """Make the `read` under way, or the next one, return. Safe after `close`."""
        # Not a lock round the port: it keeps `close` from handing the wake-up's file number to another file.
        with self._wakeable:
            if not self._closed:
                with contextlib.suppress(BlockingIOError):
                    self._waker.send(b"\0")

    def close(self) -> None:
        """Let go of the socket. Never raises."""
        with self._wakeable:
            if self._closed:
                return
            self._closed = True
            for each in (self._socket, self._waker, self._woken):
                with contextlib.suppress(OSError):
                    each.close()
