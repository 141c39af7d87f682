"""One serial port: blocking reads that can be woken from another thread, and writes that are whole or fail.

pyserial opens and sets the port. On POSIX its file descriptor is read directly: whatever is there in one
call, with the time-out as an argument, where pyserial's `read` would wait for a number of octets and set the
port up anew for each other time-out. Elsewhere (Windows) pyserial reads and `cancel_read` wakes.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Protocol

import serial

from gsmsend.errors import LinkLost
from gsmsend_atmodem import port_faults
from gsmsend_atmodem.stream import READ_OCTETS, WRITE_TIMEOUT_S, Stream


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


class PosixPort(Stream, SerialPort):
    """The same where ports are file descriptors."""

    def __init__(self, address: str, baudrate: int = 115200) -> None:
        super().__init__(address, baudrate)
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        self._watch(self._serial.fileno(), self._woken)

    def _receive(self) -> bytes:
        return os.read(self._descriptor, READ_OCTETS)

    def _send(self, octets: memoryview) -> int:
        return os.write(self._descriptor, octets)

    def _quieten(self) -> None:
        os.read(self._woken, READ_OCTETS)

    def _lost(self) -> LinkLost:
        return port_faults.lost(self._address)

    def _stuck(self) -> LinkLost:
        return port_faults.stuck(self._address)

    def _interrupt(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._waker, b"\0")

    def _release(self) -> None:
        try:
            self._serial.close()
        finally:
            os.close(self._waker)
            os.close(self._woken)


def open_port(address: str, baudrate: int) -> Port:
    """The serial port at `address`, kept to ourselves where the system can. Raises LinkLost."""
    return PosixPort(address, baudrate) if os.name == "posix" else SerialPort(address, baudrate)


def _open(address: str, baudrate: int) -> serial.Serial:
    try:
        return _Serial(address, baudrate, timeout=0, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
    except ValueError:
        # Where the platform has no exclusive mode to ask for, Windows among them, ports are exclusive anyway.
        return _Serial(address, baudrate, timeout=0, write_timeout=WRITE_TIMEOUT_S)
