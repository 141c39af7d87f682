"""Reading and writing a descriptor that never blocks: reads that can be woken, writes that are whole or fail."""

from __future__ import annotations

import select
import sys
from abc import ABC, abstractmethod
from math import ceil
from time import monotonic

from gsmsend.errors import LinkLost

READ_OCTETS = 8192
WRITE_TIMEOUT_S = 10.0
"""For a few hundred octets: at 9600 baud a full PDU takes 0.4 s."""


class Readiness:
    """Waits for descriptors. By poll, as select takes none above 1023; on macOS poll does not do terminals."""

    def __init__(self, *reading: int, writing: int | None = None) -> None:
        self._reading = reading
        self._writing = () if writing is None else (writing,)
        self._poll = select.poll() if hasattr(select, "poll") and sys.platform != "darwin" else None
        if self._poll is not None:
            for descriptor in self._reading:
                self._poll.register(descriptor, select.POLLIN)
            for descriptor in self._writing:
                self._poll.register(descriptor, select.POLLOUT)

    def wait(self, timeout_s: float) -> list[int]:
        """Which are ready or at fault (using them tells), waiting at most so long. Raises OSError, ValueError."""
        if self._poll is not None:
            return [descriptor for descriptor, _ in self._poll.poll(ceil(max(timeout_s, 0) * 1000))]
        readable, writable, _ = select.select(self._reading, self._writing, (), max(timeout_s, 0))
        return [*readable, *writable]


class Stream(ABC):
    """What `port.Port` reads and writes, of a descriptor and of one that wakes its reader."""

    _descriptor: int

    def _watch(self, descriptor: int, woken: int) -> None:
        """Once both are there."""
        self._descriptor = descriptor
        self._readable = Readiness(descriptor, woken)
        self._writable = Readiness(writing=descriptor)

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for it at most so long; b"" for nothing or if woken. Raises LinkLost."""
        try:
            ready = self._readable.wait(timeout_s)
            if self._descriptor in ready:
                octets = self._receive()
                if octets:
                    return octets
                raise self._lost()
            if ready:
                self._quieten()
        except (BlockingIOError, InterruptedError):
            pass
        except (OSError, ValueError) as error:
            raise self._lost() from error
        return b""

    def write(self, octets: bytes) -> None:
        """Write all of it. Raises LinkLost if not all was taken."""
        until = monotonic() + WRITE_TIMEOUT_S
        left = memoryview(octets)
        try:
            while left:
                try:
                    left = left[self._send(left) :]
                except (BlockingIOError, InterruptedError):
                    if not self._writable.wait(until - monotonic()):
                        raise self._stuck() from None
        except (OSError, ValueError) as error:
            raise self._lost() from error

    @abstractmethod
    def _receive(self) -> bytes:
        """What is there; b"" at its end."""

    @abstractmethod
    def _send(self, octets: memoryview) -> int:
        """How many of them were taken."""

    @abstractmethod
    def _quieten(self) -> None:
        """Take in what woke the reader."""

    @abstractmethod
    def _lost(self) -> LinkLost: ...

    @abstractmethod
    def _stuck(self) -> LinkLost: ...
