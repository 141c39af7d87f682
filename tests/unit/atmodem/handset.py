"""A handset's Bluetooth in memory: its SDP server behind an L2CAP socket, its modem behind an RFCOMM one."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from gsmsend.testing.clock import ManualClock
from gsmsend_atmodem import sdp
from tests.unit.atmodem.fake_modem import FakeModem
from tests.unit.atmodem.live_port import SystemClock

PEER = "00:00:5E:00:53:17"
"""Of the block for documentation (RFC 7042 2.1.2)."""


def record(channel: int) -> sdp.Element:
    """A service record with its protocol stack, as handsets have it."""
    stack = sdp.sequence(
        sdp.sequence(sdp.uuid(0x0100)), sdp.sequence(sdp.uuid(sdp.RFCOMM), sdp.unsigned(channel, 1))
    )
    return sdp.sequence(sdp.unsigned(sdp.PROTOCOLS, 2), stack)


def serve(connection: socket.socket, services: dict[int, list[sdp.Element]], at_once: int) -> None:
    """Answer searches until the other end hangs up, at most `at_once` octets of attributes in each answer."""
    with connection:
        while request := connection.recv(65535):
            connection.send(answer(request, services, at_once))


def answer(request: bytes, services: dict[int, list[sdp.Element]], at_once: int) -> bytes:
    """One answer of an SDP server (Vol 3 Part B 4.7.2). Its continuation state is where it had got to."""
    assert request[0] == sdp.REQUEST
    assert int.from_bytes(request[3:5], "big") == len(request) - 5
    pattern_octets = 2 + request[6]
    wanted = sdp.decode(request[5 : 5 + pattern_octets]).items[0].number
    at = 5 + pattern_octets + 2
    at += 2 + request[at + 1]
    begin = int.from_bytes(request[at + 1 : at + 1 + request[at]], "big")
    whole = sdp.encode(sdp.sequence(*services.get(wanted, [])))
    piece = whole[begin : begin + at_once]
    rest = begin + len(piece)
    state = b"\x02" + rest.to_bytes(2, "big") if rest < len(whole) else b"\0"
    body = len(piece).to_bytes(2, "big") + piece + state
    return bytes((sdp.RESPONSE,)) + request[1:3] + len(body).to_bytes(2, "big") + body


@dataclass
class FakeRadio:
    """Satisfies `rfcomm.Radio`. `connected` are the channels that were asked for; `refuse` raises for one."""

    services: dict[int, list[sdp.Element]] = field(default_factory=dict)
    at_once: int = 65535
    peer_end: Callable[[socket.socket], None] = lambda end: end.close()
    refuse: dict[int, OSError] = field(default_factory=dict)
    search_fault: OSError | None = None
    connected: list[int] = field(default_factory=list)
    searched: int = 0

    def search(self, peer: str) -> socket.socket:
        assert peer == PEER
        self.searched += 1
        if self.search_fault is not None:
            raise self.search_fault
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threading.Thread(target=serve, args=(theirs, self.services, self.at_once), daemon=True).start()
        return ours

    def connect(self, peer: str, channel: int) -> socket.socket:
        assert peer == PEER
        self.connected.append(channel)
        if channel in self.refuse:
            raise self.refuse[channel]
        ours, theirs = socket.socketpair()
        self.peer_end(theirs)
        return ours


class LiveModem:
    """A FakeModem that talks over its end of a socket, in a thread of its own."""

    def __init__(self, modem: FakeModem, end: socket.socket) -> None:
        self.modem, self.end = modem, end
        self.clock = ManualClock()
        self.turn = threading.RLock()
        self._now = SystemClock()
        self._started = self._now.monotonic()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def act(self, action: Callable[[], object]) -> None:
        """Let the modem or the network do something, from any thread."""
        with self.turn:
            action()
            self._say()

    def hang_up(self) -> None:
        """The handset is switched off."""
        with contextlib.suppress(OSError):
            self.end.shutdown(socket.SHUT_RDWR)
        self.thread.join()

    def _run(self) -> None:
        self.end.settimeout(0.02)
        with self.end, contextlib.suppress(OSError):
            while True:
                try:
                    octets = self.end.recv(8192)
                except TimeoutError:
                    octets = None
                if octets == b"":
                    return
                with self.turn:
                    self.modem.now = self._now.monotonic() - self._started
                    if octets:
                        self.modem.receive(octets)
                    self._run_due()
                    self._say()

    def _run_due(self) -> None:
        for item in [item for item in self.modem.later if item[0] <= self.modem.now]:
            self.modem.later.remove(item)
            item[1]()

    def _say(self) -> None:
        while self.modem.out:
            octets = bytes(self.modem.out)
            self.modem.out.clear()
            with contextlib.suppress(OSError):
                self.end.sendall(octets)
