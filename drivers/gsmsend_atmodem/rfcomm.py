"""AT over Bluetooth: RFCOMM sockets of the system, the channel found by SDP (Dial-up Networking, Serial Port).

The pairing is a person's, made before with the system's own tools: nothing here pairs, or answers a PIN.
Addresses are `rfcomm:AA:BB:CC:DD:EE:FF`, or with the channel named `rfcomm:AA:BB:CC:DD:EE:FF/3`.
"""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract import Endpoint
from gsmsend.errors import LinkLost, UsageError
from gsmsend_atmodem import sdp
from gsmsend_atmodem.socket_port import SocketPort

SCHEME = "rfcomm:"
DIAL_UP, SERIAL_PORT = 0x1103, 0x1101
"""Service classes DialupNetworking and SerialPort (Bluetooth Assigned Numbers, 3.3)."""
SDP_PSM = 1
CONNECT_TIMEOUT_S = 20.0
"""A page alone takes up to 5 s; a handset that asks its owner for leave takes longer."""
ANSWER_TIMEOUT_S = 10.0
_SDP_OCTETS = 65535

_ADDRESS = re.compile(r"rfcomm:((?:[0-9A-F]{2}:){5}[0-9A-F]{2})(?:/([1-9]|[12]\d|30))?", re.IGNORECASE)

_PORT = re.compile(r"/dev/rfcomm\d+")

CHANGES = (
    "A pairing record stays on the handset and on this computer: pairing made it, which gsmsend does not do.",
    "A handset that keeps what is sent over AT leaves a row in its sent folder for each text; most keep none.",
)
"""What sending over it changes on the exhibit."""

_PAIR = "Pair them first, in bluetoothctl: `power on`, `scan on`, `pair {peer}`, `trust {peer}`; say yes on both."
_AWAY = "Switch the handset's Bluetooth on and bring it within a few metres; gsmsend tries again by itself."
_ADAPTER = "Plug a Bluetooth adapter in, or switch it on: `bluetoothctl power on`, `rfkill unblock bluetooth`."
_NO_SOCKETS = (
    "Use a Python that has them, such as Debian's or Ubuntu's own /usr/bin/python3; or bind the channel to a port "
    "(`rfcomm bind 0 {peer} CHANNEL`) and name that: --port /dev/rfcomm0. What changes on the handset must "
    "be accepted for that as well."
)
_AWAY_NUMBERS = {errno.EHOSTDOWN, errno.ETIMEDOUT, errno.ECONNABORTED, errno.ECONNRESET, errno.ENOTCONN}
_REFUSED_NUMBERS = {errno.ECONNREFUSED}
_UNPAIRED_NUMBERS = {errno.EACCES, errno.EPERM}
_ADAPTER_NUMBERS = {errno.EHOSTUNREACH, errno.ENODEV, errno.ENETDOWN, errno.ENETUNREACH, errno.EADDRNOTAVAIL}
_ABSENT_NUMBERS = {errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.EPFNOSUPPORT}


@dataclass(frozen=True, slots=True)
class Place:
    """A handset by its Bluetooth address, and the channel where a person named it."""

    peer: str
    channel: int | None = None

    @property
    def address(self) -> str:
        """The same as text."""
        return f"{SCHEME}{self.peer}" + (f"/{self.channel}" if self.channel else "")


class Radio(Protocol):
    """How sockets to a handset are had. Both raise OSError."""

    def search(self, peer: str) -> socket.socket:
        """A connected L2CAP socket to its SDP server: one PDU a read."""
        ...

    def connect(self, peer: str, channel: int) -> socket.socket:
        """A connected RFCOMM socket."""
        ...


class SystemRadio:
    """Sockets of the operating system (Linux BlueZ; Windows has RFCOMM alone)."""

    def search(self, peer: str) -> socket.socket:
        """A connected L2CAP socket to its SDP server. Raises OSError; LinkLost if there are no such sockets."""
        made = _made(peer, socket.SOCK_SEQPACKET, "BTPROTO_L2CAP")
        return _connected(made, (peer, SDP_PSM))

    def connect(self, peer: str, channel: int) -> socket.socket:
        """A connected RFCOMM socket. Raises OSError; LinkLost if there are no such sockets."""
        made = _made(peer, socket.SOCK_STREAM, "BTPROTO_RFCOMM")
        return _connected(made, (peer, channel))


def is_address(address: str) -> bool:
    """Whether an address is meant to be of this kind."""
    return address.lower().startswith(SCHEME)


def is_port(endpoint: Endpoint) -> bool:
    """Whether it is a serial port that the system made of a channel to a handset (`rfcomm bind`, COM ports)."""
    if endpoint.usb_vid is not None:
        return False
    names = {endpoint.address, os.path.realpath(endpoint.address)}
    return any(_PORT.fullmatch(name) for name in names) or "bluetooth" in endpoint.description.lower()


def place(address: str) -> Place:
    """The handset and channel that an address names. Raises UsageError."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UsageError(
            f"--port {address}: expected rfcomm: and a Bluetooth address, such as rfcomm:AA:BB:CC:DD:EE:FF, with "
            "/3 behind it for channel 3 (1 to 30)",
            remedy="`bluetoothctl devices` lists the addresses of the handsets that are paired.",
        )
    return Place(found[1].upper(), int(found[2]) if found[2] else None)


def open_port(address: str, radio: Radio | None = None) -> SocketPort:
    """Connect to the channel, found by SDP where the address names none. Raises LinkLost, UsageError."""
    where, radio = place(address), radio or SystemRadio()
    found = [where.channel] if where.channel else find_channels(where.peer, radio)
    lost = LinkLost(f"{address} offers no modem over Bluetooth", remedy=_no_service(where.peer))
    for channel in found:
        try:
            return SocketPort(radio.connect(where.peer, channel), address, gone, stuck)
        except OSError as error:
            lost = cannot_connect(address, error)
            lost.__cause__ = error
    raise lost


def find_channels(peer: str, radio: Radio) -> list[int]:
    """The channels of its modem, then of its serial ports, as its SDP server has them. Raises LinkLost."""
    address = SCHEME + peer
    found: dict[int, None] = {}
    for service in (DIAL_UP, SERIAL_PORT):
        try:
            found.update(dict.fromkeys(_search(peer, service, radio)))
        except (sdp.Malformed, sdp.Refused) as error:
            if found:
                break
            raise LinkLost(
                f"{address} answers the question for its services with something else ({error})",
                remedy=f"Name the channel: `sdptool browse {peer}` may tell it; then --port {address}/CHANNEL.",
            ) from error
        except OSError as error:
            if found:
                break
            raise cannot_connect(address, error) from error
    return list(found)


def _search(peer: str, service: int, radio: Radio) -> Sequence[int]:
    inquiry = sdp.Inquiry(service)
    with radio.search(peer) as connection:
        connection.settimeout(ANSWER_TIMEOUT_S)
        done = False
        while not done:
            request = inquiry.data_to_send()
            if request:
                connection.sendall(request)
            answer = connection.recv(_SDP_OCTETS)
            if not answer:
                raise ConnectionResetError(errno.ECONNRESET, "the SDP server hung up")
            done = inquiry.receive(answer)
    return sdp.channels(inquiry.records)


def _made(peer: str, kind: int, protocol: str) -> socket.socket:
    family, number = getattr(socket, "AF_BLUETOOTH", None), getattr(socket, protocol, None)
    if family is None or number is None:
        raise LinkLost(
            f"{SCHEME}{peer} cannot be opened: this Python was built without Bluetooth sockets ({protocol})",
            remedy=_NO_SOCKETS.format(peer=peer),
        )
    return socket.socket(family, kind, number)


def _connected(made: socket.socket, where: tuple[str, int]) -> socket.socket:
    try:
        made.settimeout(CONNECT_TIMEOUT_S)
        made.connect(where)
    except BaseException:
        made.close()
        raise
    return made


def cannot_connect(address: str, error: OSError) -> LinkLost:
    """What to raise when a handset could not be had, in words for an officer."""
    peer, number = place(address).peer, error.errno
    if isinstance(error, TimeoutError) or number in _AWAY_NUMBERS:
        return LinkLost(f"{address} does not answer: it is off, or out of reach of Bluetooth", remedy=_AWAY)
    if number in _UNPAIRED_NUMBERS:
        return LinkLost(f"{address} is not paired with this computer", remedy=_PAIR.format(peer=peer))
    if number in _REFUSED_NUMBERS:
        return LinkLost(
            f"{address} refuses the connection: not paired, or another program has its channel",
            remedy=_PAIR.format(peer=peer),
        )
    if number in _ADAPTER_NUMBERS:
        return LinkLost(
            f"{address} cannot be reached: this computer's Bluetooth is off or missing", remedy=_ADAPTER
        )
    if number in _ABSENT_NUMBERS:
        return LinkLost(
            f"{address} cannot be opened: this system has no Bluetooth sockets",
            remedy=_NO_SOCKETS.format(peer=peer),
        )
    if number == errno.EBUSY:
        remedy = "Close the other program (ModemManager, rfcomm) and try again."
        return LinkLost(f"{address} is in use by another program", remedy=remedy)
    return LinkLost(f"{address} cannot be opened", remedy=_PAIR.format(peer=peer))


def gone(address: str) -> LinkLost:
    """What to raise when an open connection ended."""
    return LinkLost(f"the handset at {address} is gone: off, out of reach, or it hung up", remedy=_AWAY)


def stuck(address: str) -> LinkLost:
    """What to raise when an open connection takes nothing any more."""
    return LinkLost(f"the handset at {address} is stuck: it takes nothing that is sent to it", remedy=_AWAY)


def _no_service(peer: str) -> str:
    return (
        "It has neither Dial-up Networking (0x1103) nor a Serial Port (0x1101) among its services: many newer "
        f"handsets do not. If you know its channel, name it: --port {SCHEME}{peer}/CHANNEL."
    )
