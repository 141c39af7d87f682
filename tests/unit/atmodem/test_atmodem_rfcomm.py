"""AT over Bluetooth: addresses, the channel by SDP, what a socket does as a port, and what an officer is told."""

from __future__ import annotations

import errno
import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from gsmsend.contract import Altering, Endpoint, OpenOptions
from gsmsend.errors import LinkLost, UsageError
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem import DRIVER, rfcomm
from gsmsend_atmodem.socket_port import SocketPort
from tests.unit.atmodem.handset import PEER, FakeRadio, record

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the handset of the tests needs unix sockets")

ADDRESS = f"rfcomm:{PEER}"
NOT_PLAIN = re.compile(r"Errno|OSError|\(\d+,|None")


# -- addresses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [ADDRESS, ADDRESS.lower(), f"{ADDRESS}/3", f"{ADDRESS}/30"])
def test_an_address_names_handset_and_channel(given: str) -> None:
    endpoint = DRIVER.endpoint(given)
    assert endpoint.address == ADDRESS + given[len(ADDRESS) :]
    assert not endpoint.virtual
    assert PEER in endpoint.description


@pytest.mark.parametrize(
    "given", ["rfcomm:", "rfcomm:00:00:5E:00:53", f"{ADDRESS}/0", f"{ADDRESS}/31", f"{ADDRESS}/x", f"{ADDRESS}:1"]
)
def test_what_cannot_be_one_is_told_what_was_expected(given: str) -> None:
    with pytest.raises(UsageError, match="expected rfcomm: and a Bluetooth address") as fault:
        DRIVER.endpoint(given)
    assert "bluetoothctl devices" in fault.value.remedy


def test_what_it_changes_on_the_exhibit_is_said_for_a_handset_and_not_for_a_modem() -> None:
    assert isinstance(DRIVER, Altering)
    told = " ".join(DRIVER.changes(DRIVER.endpoint(ADDRESS)))
    assert "pairing record" in told
    assert "sent folder" in told
    assert DRIVER.changes(Endpoint("atmodem", "/dev/ttyACM0", usb_vid=0x0421, usb_pid=0x0001)) == ()


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint("atmodem", "/dev/rfcomm0"),
        Endpoint("atmodem", "/dev/rfcomm12"),
        Endpoint("atmodem", "COM5", description="Standard Serial over Bluetooth link (COM5)"),
    ],
)
def test_a_port_that_the_system_made_of_a_channel_is_bluetooth_too(endpoint: Endpoint) -> None:
    assert DRIVER.changes(endpoint) == DRIVER.changes(DRIVER.endpoint(ADDRESS))


def test_a_name_that_leads_to_such_a_port_is_too(tmp_path: Path) -> None:
    link = tmp_path / "phone"
    link.symlink_to("/dev/rfcomm0")
    assert DRIVER.changes(Endpoint("atmodem", str(link)))


def test_behind_such_a_port_any_handset_may_be() -> None:
    found = DRIVER.endpoint("/dev/rfcomm0")
    assert (found.address, found.place) == ("/dev/rfcomm0", True)
    assert not DRIVER.endpoint(ADDRESS).place
    assert not DRIVER.endpoint("/dev/ttyUSB2").place


def test_a_handset_comes_back_nowhere_else() -> None:
    assert DRIVER.elsewhere(DRIVER.endpoint(ADDRESS)) == ()
    assert DRIVER.elsewhere(DRIVER.endpoint("/dev/rfcomm0")) == ()


# -- the channel ----------------------------------------------------------------------------------------------


def test_a_named_channel_is_taken_without_a_search() -> None:
    radio = FakeRadio()
    rfcomm.open_port(f"{ADDRESS}/7", radio).close()
    assert (radio.connected, radio.searched) == ([7], 0)


@pytest.mark.parametrize("at_once", [65535, 7, 1])
def test_dial_up_comes_before_a_serial_port_however_the_answer_is_cut(at_once: int) -> None:
    radio = FakeRadio({0x1101: [record(4), record(5)], 0x1103: [record(2)]}, at_once)
    assert rfcomm.find_channels(PEER, radio) == [2, 4, 5]
    rfcomm.open_port(ADDRESS, radio).close()
    assert radio.connected == [2]


def test_a_channel_that_refuses_is_no_reason_not_to_try_the_next() -> None:
    radio = FakeRadio({0x1103: [record(2)], 0x1101: [record(4)]}, refuse={2: OSError(errno.ECONNREFUSED, "no")})
    rfcomm.open_port(ADDRESS, radio).close()
    assert radio.connected == [2, 4]


@pytest.mark.parametrize("second", ["fault", "nonsense"])
def test_a_modem_that_was_found_is_taken_though_the_second_search_fails(second: str) -> None:
    class Flaky(FakeRadio):
        def search(self, peer: str) -> socket.socket:
            if self.searched:
                self.at_once = 0  # an empty piece, and more to come: no answer that can be
                self.search_fault = OSError(errno.ECONNRESET, "gone") if second == "fault" else None
            return super().search(peer)

    assert rfcomm.find_channels(PEER, Flaky({0x1103: [record(2)], 0x1101: [record(4)]})) == [2]


def test_a_handset_without_a_modem_is_told_so() -> None:
    with pytest.raises(LinkLost, match="offers no modem over Bluetooth") as fault:
        rfcomm.open_port(ADDRESS, FakeRadio())
    assert "0x1103" in fault.value.remedy
    assert f"--port {ADDRESS}/CHANNEL" in fault.value.remedy


@pytest.mark.parametrize(
    "reply",
    [b"", b"\x07", b"\x07\x00\x01\x00\x02\x00", b"\x01\x00\x01\x00\x02\x00\x03", b"\x09\x00\x01\x00\x01\x00",
     b"\x07\x00\x01\x00\x05\x00\x00\x02\x00\x00"],
    ids=["hang-up", "cut", "short", "error", "other", "no-progress"],
)  # fmt: skip
def test_a_handset_that_answers_nonsense_to_a_search_is_a_lost_link(reply: bytes) -> None:
    class Nonsense(FakeRadio):
        def search(self, peer: str) -> socket.socket:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

            def say() -> None:
                with theirs:
                    theirs.recv(65535)
                    if reply:
                        theirs.send(reply)

            threading.Thread(target=say, daemon=True).start()
            return ours

    with pytest.raises(LinkLost) as fault:
        rfcomm.open_port(ADDRESS, Nonsense())
    assert fault.value.remedy


# -- what keeps it from being opened ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words", "remedy"),
    [
        (OSError(errno.EHOSTDOWN, "Host is down"), "does not answer", "few metres"),
        (TimeoutError("timed out"), "does not answer", "few metres"),
        (OSError(errno.ETIMEDOUT, "timed out"), "does not answer", "few metres"),
        (OSError(errno.EACCES, "Permission denied"), "is not paired", f"pair {PEER}"),
        (OSError(errno.ECONNREFUSED, "Connection refused"), "refuses the connection", f"pair {PEER}"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "Bluetooth is off or missing", "bluetoothctl power on"),
        (OSError(errno.EAFNOSUPPORT, "not supported"), "no Bluetooth sockets", "rfcomm bind 0"),
        (OSError(errno.EBUSY, "busy"), "in use by another program", "Close"),
        (OSError(errno.EIO, "what?"), "cannot be opened", f"pair {PEER}"),
    ],
)
@pytest.mark.parametrize("searching", [True, False])
def test_what_keeps_it_from_being_opened_is_told_in_plain_words(
    error: OSError, words: str, remedy: str, searching: bool
) -> None:
    radio = FakeRadio({0x1103: [record(2)]}, search_fault=error) if searching else FakeRadio(refuse={2: error})
    with pytest.raises(LinkLost, match=words) as fault:
        rfcomm.open_port(ADDRESS if searching else f"{ADDRESS}/2", radio)
    assert remedy in fault.value.remedy
    assert not NOT_PLAIN.search(fault.value.words)


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/2"])
def test_a_python_without_bluetooth_sockets_says_what_to_do(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.delattr(socket, "AF_BLUETOOTH", raising=False)
    with pytest.raises(LinkLost, match="this Python was built without Bluetooth sockets") as fault:
        DRIVER.open(DRIVER.endpoint(address), RecordingSink(), ManualClock(), OpenOptions())
    assert "/usr/bin/python3" in fault.value.remedy
    assert f"rfcomm bind 0 {PEER}" in fault.value.remedy


def test_the_system_is_asked_for_the_right_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class Made:
        def __init__(self, *kind: object) -> None:
            asked.append(kind)

        def settimeout(self, seconds: float) -> None:
            assert seconds > 0

        def connect(self, where: object) -> None:
            asked.append(where)
            raise OSError(errno.EHOSTDOWN, "Host is down")

        def close(self) -> None:
            asked.append("closed")

    for name, value in (("AF_BLUETOOTH", 31), ("BTPROTO_L2CAP", 0), ("BTPROTO_RFCOMM", 3)):
        monkeypatch.setattr(socket, name, value, raising=False)
    monkeypatch.setattr(socket, "socket", Made)
    radio = rfcomm.SystemRadio()
    with pytest.raises(OSError, match="Host is down"):
        radio.search(PEER)
    with pytest.raises(OSError, match="Host is down"):
        radio.connect(PEER, 4)
    stream, packets = socket.SOCK_STREAM, socket.SOCK_SEQPACKET
    assert asked == [(31, packets, 0), (PEER, 1), "closed", (31, stream, 3), (PEER, 4), "closed"]


# -- the socket as a port ---------------------------------------------------------------------------------------


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, SocketPort]]:
    ours, theirs = socket.socketpair()
    port = SocketPort(ours, ADDRESS, rfcomm.gone, rfcomm.stuck)
    yield theirs, port
    port.close()
    theirs.close()


def test_what_is_there_comes_in_one_read_and_all_is_written(pair: tuple[socket.socket, SocketPort]) -> None:
    theirs, port = pair
    theirs.sendall(b"\r\n+CMGS: 12\r\n\r\nOK\r\n")
    assert port.read(5) == b"\r\n+CMGS: 12\r\n\r\nOK\r\n"
    port.write(b"\x1bAT\r\x1a")
    assert theirs.recv(100) == b"\x1bAT\r\x1a"
    assert port.address == ADDRESS


def test_a_long_write_waits_until_there_is_room(pair: tuple[socket.socket, SocketPort]) -> None:
    theirs, port = pair
    heard = bytearray()

    def drain() -> None:
        while len(heard) < 1_000_000:
            heard.extend(theirs.recv(65536))

    reader = threading.Thread(target=drain)
    reader.start()
    port.write(b"x" * 1_000_000)
    reader.join()
    assert len(heard) == 1_000_000


def test_a_peer_that_takes_nothing_is_stuck(
    pair: tuple[socket.socket, SocketPort], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsmsend_atmodem.stream.WRITE_TIMEOUT_S", 0.05)
    with pytest.raises(LinkLost, match="is stuck"):
        pair[1].write(b"x" * 10_000_000)


def test_nothing_there_takes_its_time_and_wake_ends_it(pair: tuple[socket.socket, SocketPort]) -> None:
    port = pair[1]
    started = monotonic()
    assert port.read(0.05) == b""
    assert monotonic() - started > 0.04
    waker = threading.Timer(0.05, port.wake)
    waker.start()
    assert port.read(30) == b""
    waker.join()
    port.wake()
    port.wake()
    assert port.read(30) == b""
    assert port.read(0) == b""


def test_a_handset_that_hangs_up_is_a_lost_link(pair: tuple[socket.socket, SocketPort]) -> None:
    theirs, port = pair
    theirs.sendall(b"OK\r\n")
    theirs.close()
    assert port.read(1) == b"OK\r\n", "what it said before is heard"
    with pytest.raises(LinkLost, match="is gone: off, out of reach"):
        port.read(1)
    with pytest.raises(LinkLost, match="is gone"):
        port.write(b"AT\r")


def test_close_is_final_and_wake_after_it_harmless(pair: tuple[socket.socket, SocketPort]) -> None:
    port = pair[1]
    port.close()
    port.close()
    port.wake()
    with pytest.raises(LinkLost):
        port.read(0)
    with pytest.raises(LinkLost):
        port.write(b"AT\r")
