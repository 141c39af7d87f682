"""A port that is not there, is in use, or is lost: the right error, in words for an officer."""

from __future__ import annotations

import errno
import os
import re
import tty
from pathlib import Path

import pytest
import serial

from gsmsend.contract import Endpoint, OpenOptions
from gsmsend.errors import DeviceGone, LinkLost
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.driver_suite import Commit, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem import DRIVER, port_faults
from gsmsend_atmodem.port import open_port
from tests.unit.atmodem.fake_modem import Rig

NOT_PLAIN = re.compile(r"Errno|Error|errno|Exception|reads as|\(\d+,")
PORT = "/dev/ttyUSB2"


def posix(number: int) -> Exception:
    """As pyserial raises it where opening fails."""
    return serial.SerialException(number, f"could not open port {PORT}: [Errno {number}] {os.strerror(number)}")


def chained(number: int) -> Exception:
    """As pyserial raises it where setting the port up fails: the number is in what it came from."""
    error = serial.SerialException(f"Could not configure port: ({number}, '{os.strerror(number)}')")
    error.__context__ = OSError(number, os.strerror(number))
    return error


def windows(words: str) -> Exception:
    return serial.SerialException(f"could not open port 'COM5': {words}")


@pytest.mark.parametrize(
    ("error", "gone", "words"),
    [
        (posix(errno.ENOENT), True, "is not there"),
        (posix(errno.ENODEV), True, "is not there"),
        (posix(errno.ENXIO), True, "is not there"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), True, "is not there"),
        (windows("FileNotFoundError(2, 'no such file', None, 2)"), True, "not there"),
        (posix(errno.EBUSY), False, "in use by another program"),
        (chained(errno.EAGAIN), False, "in use by another program"),
        (windows("PermissionError(13, 'Access is denied.', None, 5)"), False, "in use by another program"),
        (posix(errno.EACCES), False, "may not be opened by this user"),
        (chained(errno.ENOTTY), False, "does not work as a serial port"),
        (posix(errno.EMFILE), False, "cannot be opened"),
        (ValueError("Not a valid baudrate: 7"), False, "cannot be opened"),
    ],
)
def test_what_keeps_a_port_from_being_opened_is_told_in_plain_words(
    error: Exception, gone: bool, words: str
) -> None:
    fault = port_faults.cannot_open(PORT, error)
    assert isinstance(fault, DeviceGone) is gone
    assert words in str(fault)
    assert PORT in str(fault)
    assert fault.remedy
    assert not NOT_PLAIN.search(fault.words)


def test_a_port_that_fails_as_it_is_opened_is_gone(tmp_path: Path) -> None:
    there = tmp_path / "modem1"
    there.touch()
    fault = port_faults.cannot_open(str(there), chained(errno.EIO))
    assert not isinstance(fault, DeviceGone)
    assert str(fault) == f"the modem on {there} is gone: it was unplugged or has lost power"
    there.unlink()
    assert isinstance(port_faults.cannot_open(str(there), chained(errno.EIO)), DeviceGone)


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
@pytest.mark.parametrize("use", ["read", "write"])
def test_an_open_port_that_is_pulled_out_is_gone(tmp_path: Path, use: str) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    place = tmp_path / "modem1"
    place.symlink_to(os.ttyname(slave))
    port = open_port(str(place), 115200)
    os.close(slave)
    os.close(master)
    place.unlink()
    with pytest.raises(DeviceGone, match="was unplugged or has lost power") as gone:
        port.read(0) if use == "read" else port.write(b"AT\r")
    assert not NOT_PLAIN.search(gone.value.words)
    with pytest.raises(LinkLost, match="unplugged"):
        port.read(0)
    port.close()
    with pytest.raises(DeviceGone):
        open_port(str(place), 115200)


def test_of_a_stick_whose_first_port_is_in_use_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_none(address: str, baudrate: int) -> None:
        raise port_faults.cannot_open(address, posix(errno.EBUSY if address.endswith("0") else errno.ENOENT))

    monkeypatch.setattr("gsmsend_atmodem.driver.open_port", open_none)
    stick = Endpoint("atmodem", "/dev/ttyUSB0", ("/dev/ttyUSB1",))
    with pytest.raises(LinkLost, match="/dev/ttyUSB0 is in use"):
        DRIVER.open(stick, RecordingSink(), ManualClock(), OpenOptions())
    with pytest.raises(DeviceGone, match="/dev/ttyUSB1 is not there"):
        DRIVER.open(Endpoint("atmodem", "/dev/ttyUSB1"), RecordingSink(), ManualClock(), OpenOptions())


def test_a_text_that_finds_the_modem_gone_says_so_in_one_sentence() -> None:
    rig = Rig()
    link = rig.up()

    def gone(timeout_s: float) -> bytes:
        raise port_faults.lost(PORT)

    rig.port.read = gone  # type: ignore[method-assign]
    done = Commit(rig)  # type: ignore[arg-type]
    outcome = link.submit(part(), done)
    assert done.calls == 0
    assert outcome.why == f"The modem on {PORT} is gone: it was unplugged or has lost power; nothing was sent."
