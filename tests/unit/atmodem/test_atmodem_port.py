"""A real pseudo-terminal as the port: whole reads, wake from another thread, hang-up, exclusive use."""

from __future__ import annotations

import contextlib
import os
import threading
import tty
from collections.abc import Iterator
from time import monotonic

import pytest

from gsmsend.errors import LinkLost
from gsmsend_atmodem import discovery
from gsmsend_atmodem.port import Port, SerialPort, open_port

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@pytest.fixture(params=["posix", "portable"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[int, Port]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    address = os.ttyname(slave)
    # The portable one is what Windows gets; pyserial behaves alike enough to try it here.
    port = SerialPort(address) if request.param == "portable" else open_port(address, 115200)
    os.close(slave)
    yield master, port
    port.close()
    with contextlib.suppress(OSError):
        os.close(master)


def test_what_is_there_comes_in_one_read_and_all_is_written(pair: tuple[int, Port]) -> None:
    master, port = pair
    os.write(master, b"\r\n+CMGS: 12\r\n\r\nOK\r\n")
    assert port.read(5) == b"\r\n+CMGS: 12\r\n\r\nOK\r\n"
    port.write(b"\x1bAT\r\x1a")
    assert os.read(master, 100) == b"\x1bAT\r\x1a"


def test_nothing_there_takes_its_time_and_no_more(pair: tuple[int, Port]) -> None:
    started = monotonic()
    assert pair[1].read(0.05) == b""
    assert 0.04 < monotonic() - started < 2


def test_wake_ends_a_read_and_counts_if_it_came_before(pair: tuple[int, Port]) -> None:
    port = pair[1]
    waker = threading.Timer(0.05, port.wake)
    waker.start()
    started = monotonic()
    assert port.read(30) == b""
    waker.join()
    port.wake()
    port.wake()
    assert port.read(30) == b""
    assert monotonic() - started < 5


def test_hang_up_is_a_lost_link(pair: tuple[int, Port]) -> None:
    master, port = pair
    os.close(master)
    with pytest.raises(LinkLost):
        port.read(1)
    with pytest.raises(LinkLost):
        port.write(b"AT\r")
    port.close()


def test_close_is_final_and_wake_after_it_harmless(pair: tuple[int, Port]) -> None:
    port = pair[1]
    port.close()
    port.close()
    port.wake()
    with pytest.raises(LinkLost):
        port.read(0)
    with pytest.raises(LinkLost):
        port.write(b"AT\r")


def test_two_programs_do_not_share_a_port(pair: tuple[int, Port]) -> None:
    with pytest.raises(LinkLost, match="in use by another program"):
        open_port(pair[1].address, 115200)


def test_a_port_that_is_not_there_says_so() -> None:
    with pytest.raises(LinkLost, match="is not there") as lost:
        open_port("/dev/no-such-port", 115200)
    assert "gsmsend modems" in lost.value.remedy


def test_a_pseudo_terminal_is_known_for_virtual(pair: tuple[int, Port]) -> None:
    assert discovery.is_pseudo_terminal(pair[1].address)
    assert not discovery.is_pseudo_terminal("/dev/ttyUSB0")


def test_what_arrived_before_it_was_opened_is_kept() -> None:
    """It may be the answer to a text that an earlier run left open."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.write(master, b"\r\n+CMGS: 12\r\n")
    port = open_port(os.ttyname(slave), 115200)
    assert port.read(1) == b"\r\n+CMGS: 12\r\n"
    port.close()
    os.close(slave)
    os.close(master)
