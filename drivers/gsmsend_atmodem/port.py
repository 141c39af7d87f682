"""One serial port: blocking reads that can be woken from another thread, and writes that are whole or fail.

pyserial opens and sets the port. On POSIX its file descriptor is read directly: whatever is there in one
call, with the time-out as an argument, where pyserial's `read` would wait for a number of octets and set the
port up anew for each other time-out. Elsewhere (Windows) pyserial reads and `cancel_read` wakes.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from math import ceil
from time import monotonic
from typing import Protocol

import serial

from gsmsend_atmodem import port_faults

READ_OCTETS = 8192
WRITE_TIMEOUT_S = 10.0
"""For a few hundred octets: at 9600 baud a full PDU takes 0.4 s."""


class Port(Protocol):
    """What the dialogue needs of a port. Only `wake` may be called from another thread."""

    @property
    def address(self) -> str:
        """The port's name, as a person gave it."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for it at most so long; b"" for nothing or if woken. Raises LinkLost."""
        ...

    def write(self, octets: bytes) -> None:
        """Write all of it. Raises LinkLost if the port did not take all."""
        ...

    def wake(self) -> None:
        """Make the `read` under way, or the next one, return. Safe after `close`."""
        ...

    def close(self) -> None:
        """Let go of the port. Never raises."""
        ...


class _Serial(serial.Serial):
    """A pyserial port that keeps what arrived before it was opened: it may be the answer to an open attempt."""

    def _reset_input_buffer(self) -> None:
        pass


class SerialPort:
    """A serial, USB or RFCOMM port, or a pseudo-terminal. Raises LinkLost if it cannot be had."""

    def __init__(self, address: str, baudrate: int = 115200) -> None:
        self._address = address
        try:
            self._serial = _open(address, baudrate)
        except (serial.SerialException, OSError, ValueError) as error:
            raise port_faults.cannot_open(address, error) from error
        self._wakeable = threading.Lock()
        self._closed = False

    @property
    def address(self) -> str:
        """The port's name, as a person gave it."""
        return self._address

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for it at most so long; b"" for nothing or if woken. Raises LinkLost."""
        port = self._serial
        try:
            port.timeout = max(timeout_s, 0)
            octets = port.read(max(1, port.in_waiting))
            if octets and (more := port.in_waiting):
                octets += port.read(more)
            return bytes(octets)
        except (serial.SerialException, OSError, TypeError) as error:
            raise port_faults.lost(self._address) from error

    def write(self, octets: bytes) -> None:
        """Write all of it. Raises LinkLost if the port did not take all."""
        try:
            written = self._serial.write(octets)
        except serial.SerialTimeoutException as error:
            raise port_faults.stuck(self._address) from error
        except (serial.SerialException, OSError, TypeError) as error:
            raise port_faults.lost(self._address) from error
        if written != len(octets):
            raise port_faults.stuck(self._address)

    def wake(self) -> None:
        """Make the `read` under way, or the next one, return. Safe after `close`."""
        # Not a lock round the port: it keeps `close` from handing the wake-up's file number to another file.
        with self._wakeable:
            if not self._closed:
                self._interrupt()

    def close(self) -> None:
        """Let go of the port. Never raises."""
        with self._wakeable:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(serial.SerialException, OSError):
                self._release()

    def _interrupt(self) -> None:
        self._serial.cancel_read()

    def _release(self) -> None:
        self._serial.close()


class PosixPort(SerialPort):
    """The same where ports are file descriptors."""

    def __init__(self, address: str, baudrate: int = 115200) -> None:
        super().__init__(address, baudrate)
        self._descriptor: int = self._serial.fileno()
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        self._readable = Readiness(self._descriptor, self._woken)
        self._writable = Readiness(writing=self._descriptor)

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for it at most so long; b"" for nothing or if woken. Raises LinkLost."""
        try:
            ready = self._readable.wait(timeout_s)
            if self._descriptor in ready:
                octets = os.read(self._descriptor, READ_OCTETS)
                if octets:
                    return octets
                raise port_faults.lost(self._address)
            if ready:
                os.read(self._woken, READ_OCTETS)
        except BlockingIOError:
            pass
        except (OSError, ValueError) as error:
            raise port_faults.lost(self._address) from error
        return b""

    def write(self, octets: bytes) -> None:
        """Write all of it. Raises LinkLost if the port did not take all."""
        until = monotonic() + WRITE_TIMEOUT_S
        left = memoryview(octets)
        try:
            while left:
                try:
                    left = left[os.write(self._descriptor, left) :]
                except BlockingIOError:
                    if not self._writable.wait(until - monotonic()):
                        raise port_faults.stuck(self._address) from None
        except (OSError, ValueError) as error:
            raise port_faults.lost(self._address) from error

    def _interrupt(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._waker, b"\0")

    def _release(self) -> None:
        try:
            self._serial.close()
        finally:
            os.close(self._waker)
            os.close(self._woken)


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


def open_port(address: str, baudrate: int) -> Port:
    """The serial port at `address`, kept to ourselves where the system can. Raises LinkLost."""
    return PosixPort(address, baudrate) if os.name == "posix" else SerialPort(address, baudrate)


def _open(address: str, baudrate: int) -> serial.Serial:
    try:
        return _Serial(address, baudrate, timeout=0, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
    except ValueError:
        # Where the platform has no exclusive mode to ask for, Windows among them, ports are exclusive anyway.
        return _Serial(address, baudrate, timeout=0, write_timeout=WRITE_TIMEOUT_S)
