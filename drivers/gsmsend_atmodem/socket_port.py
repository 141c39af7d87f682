"""A connected socket as a port: whole writes, reads that can be woken, and a peer that has gone is a lost link."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from gsmsend.errors import LinkLost
from gsmsend_atmodem.stream import READ_OCTETS, Stream


class SocketPort(Stream):
    """Satisfies `port.Port`. Takes a connected stream socket over; `gone` and `stuck` make its errors."""

    def __init__(
        self,
        connected: socket.socket,
        address: str,
        gone: Callable[[str], LinkLost],
        stuck: Callable[[str], LinkLost],
    ) -> None:
        self._address, self._gone, self._jammed = address, gone, stuck
        self._socket = connected
        self._socket.settimeout(0)
        self._woken, self._waker = socket.socketpair()
        self._woken.settimeout(0)
        self._waker.settimeout(0)
        self._watch(self._socket.fileno(), self._woken.fileno())
        self._wakeable = threading.Lock()
        self._closed = False

    @property
    def address(self) -> str:
        """The address, as a person gave it."""
        return self._address

    def _receive(self) -> bytes:
        return self._socket.recv(READ_OCTETS)

    def _send(self, octets: memoryview) -> int:
        return self._socket.send(octets)

    def _quieten(self) -> None:
        self._woken.recv(READ_OCTETS)

    def _lost(self) -> LinkLost:
        return self._gone(self._address)

    def _stuck(self) -> LinkLost:
        return self._jammed(self._address)

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
