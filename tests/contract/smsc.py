"""An SMSC of our own on loopback, with faults. It reads and makes PDUs with struct alone, so that a slip in the
driver's codec is not in it too (SMPP 3.4 clauses 3 and 4).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SUBMIT, DELIVER, BIND, UNBIND, ENQUIRE, NACK = 0x04, 0x05, 0x09, 0x06, 0x15, 0x80000000
RESP = 0x80000000


_FIELDS = (
    "*service ton npi *source dton dnpi *destination esm_class protocol priority *schedule *validity registered "
    "replace data_coding default"
)


@dataclass(frozen=True)
class Raw:
    """A PDU as it came."""

    command: int
    status: int
    sequence: int
    body: bytes

    @property
    def wire(self) -> str:
        """In hex, with sequence_number 0."""
        return packed(self.command, self.status, 0, self.body).hex().upper()


@dataclass(frozen=True)
class Taken:
    """A submit_sm that was taken."""

    pdu: Raw
    message_id: str
    fields: dict[str, str | int | bytes]
    options: dict[int, bytes]

    @property
    def destination(self) -> str:
        return str(self.fields["destination"])

    @property
    def content(self) -> bytes:
        """The text's octets, without a header."""
        octets = self.options.get(0x0424) or self.short
        return octets[octets[0] + 1 :] if self.number("esm_class") & 0x40 else octets

    @property
    def short(self) -> bytes:
        value = self.fields["short"]
        assert isinstance(value, bytes)
        return value

    def number(self, name: str) -> int:
        value = self.fields[name]
        assert isinstance(value, int)
        return value

    @property
    def text(self) -> str:
        """Of texts in ASCII, which is in Latin-1 and the GSM alphabet alike, and of UCS-2."""
        coding = "utf-16-be" if self.number("data_coding") == 8 else "ascii"
        return self.content.decode(coding)


def packed(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def option(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def deliver_body(
    source: str,
    content: bytes,
    *,
    esm_class: int = 0,
    data_coding: int = 0,
    ton: int = 1,
    options: bytes = b"",
    to: str = "447700900999",
) -> bytes:
    head = b"\0" + bytes((ton, 1)) + source.encode() + b"\0" + bytes((1, 1)) + to.encode() + b"\0"
    middle = bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, data_coding, 0, len(content)))
    return head + middle + content + options


def submit_fields(body: bytes) -> tuple[dict[str, str | int | bytes], dict[int, bytes]]:
    at = 0
    fields: dict[str, str | int | bytes] = {}

    def text(name: str) -> None:
        nonlocal at
        end = body.index(0, at)
        fields[name], at = body[at:end].decode("latin-1"), end + 1

    def octet(name: str) -> None:
        nonlocal at
        fields[name], at = body[at], at + 1

    for name in _FIELDS.split():
        (text if name[0] == "*" else octet)(name.lstrip("*"))
    length = body[at]
    fields["short"] = body[at + 1 : at + 1 + length]
    at += 1 + length
    options = {}
    while at < len(body):
        tag, length = struct.unpack_from(">HH", body, at)
        options[tag] = body[at + 4 : at + 4 + length]
        at += 4 + length
    return fields, options


@dataclass
class Faults:
    """Each of those named `next` is for one submit_sm and then gone. `receipts`: the word of one for each text;
    `drop_at`: the connection breaks at this text, before its answer.
    """

    bind_status: int = 0
    bind_silent: bool = False
    password: bytes | None = None
    next_status: int | None = None
    next_nack: bool = False
    next_silent: bool = False
    next_delay_s: float = 0.0
    next_drop: bool = False
    next_before_answer: list[Callable[[], object]] = field(default_factory=list)
    drop_at: int = 0
    hold: bool = False
    receipts: str = ""
    deaf: bool = False
    id_of: Callable[[int], str] = lambda number: f"m{number:05d}"


class Smsc:
    """Listens on a port of 127.0.0.1 until `close`."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.taken: list[Taken] = []
        self.came: list[Raw] = []
        self.held: list[bytes] = []
        self.connections = 0
        self.unconfirmed: dict[int, bytes] = {}
        self._sequence = 1000
        self._socket: socket.socket | None = None
        self._lock = threading.RLock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def settings(self, **more: object) -> dict[str, object]:
        base = {"host": "127.0.0.1", "port": self.port, "system_id": "gsmsend", "password": "env:SMPP_PASSWORD"}
        return {**base, "sender": "Helpline", **more}

    def answers(self, command: int) -> list[Raw]:
        """PDUs of one kind that the driver sent."""
        with self._lock:
            return [pdu for pdu in self.came if pdu.command == command]

    def write(self, octets: bytes) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.sendall(octets)

    def deliver(self, body: bytes) -> int:
        """Send a deliver_sm; its sequence_number."""
        with self._lock:
            self._sequence += 1
            self.unconfirmed[self._sequence] = body
            self.write(packed(DELIVER, 0, self._sequence, body))
            return self._sequence

    def receipt(self, taken: Taken, stat: str = "DELIVRD", err: str = "000", *, name: str = "") -> int:
        words = (
            f"id:{name or taken.message_id} sub:001 dlvrd:001 submit date:2611221100 done date:2611221101 "
            f"stat:{stat} err:{err} text:{taken.content[:20].decode('latin-1')}"
        )
        return self.deliver(deliver_body(taken.destination, words.encode("latin-1"), esm_class=0x04))

    def drop(self) -> None:
        """The connection is gone, and nobody listens any more."""
        with self._lock:
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)  # else a thread in accept keeps it listening
            self._server.close()
            self.hang_up()

    def hang_up(self) -> None:
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
                self._socket = None

    def close(self) -> None:
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                made, _ = self._server.accept()
            except OSError:
                return
            made.settimeout(0.01)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._socket = made
                self.connections += 1
            threading.Thread(target=self._serve, args=(made,), daemon=True).start()

    def _serve(self, made: socket.socket) -> None:
        with made:
            self._read(made)

    def _read(self, made: socket.socket) -> None:
        octets = b""
        while True:
            try:
                more = made.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not more:
                return
            octets += more
            while len(octets) >= 4 and len(octets) >= int.from_bytes(octets[:4], "big"):
                length, command, status, sequence = struct.unpack_from(">LLLL", octets)
                pdu, octets = Raw(command, status, sequence, octets[16:length]), octets[length:]
                with self._lock:
                    self.came.append(pdu)
                    self._answer(pdu)

    def _answer(self, pdu: Raw) -> None:
        faults = self.faults
        if faults.deaf:
            return
        if pdu.command == BIND and not faults.bind_silent:
            status = faults.bind_status
            if faults.password is not None and pdu.body.split(b"\0")[1] != faults.password:
                status = 0x0E
            self.write(packed(BIND | RESP, status, pdu.sequence, b"" if status else b"Simulator\0"))
            again = () if status else tuple(self.unconfirmed.values())
            self.unconfirmed.clear()
            for body in again:
                self.deliver(body)
        elif pdu.command == DELIVER | RESP:
            self.unconfirmed.pop(pdu.sequence, None)
        elif pdu.command in (ENQUIRE, UNBIND):
            self.write(packed(pdu.command | RESP, 0, pdu.sequence))
        elif pdu.command == SUBMIT:
            self._submit(pdu)

    def _submit(self, pdu: Raw) -> None:
        faults = self.faults
        status, faults.next_status = faults.next_status, None
        nack, faults.next_nack = faults.next_nack, False
        if status is not None:
            self.write(packed(NACK if nack else SUBMIT | RESP, status, pdu.sequence))
            return
        fields, options = submit_fields(pdu.body)
        name = faults.id_of(len(self.taken) + 1)
        self.taken.append(Taken(pdu, name, fields, options))
        answer = packed(SUBMIT | RESP, 0, pdu.sequence, name.encode() + b"\0")
        while faults.next_before_answer:
            faults.next_before_answer.pop()()
        if faults.next_drop or len(self.taken) == faults.drop_at:
            faults.next_drop = False
            self.hang_up()
        elif faults.hold:
            self.held.append(answer)
        elif faults.next_silent:
            faults.next_silent = False
        elif faults.next_delay_s:
            delay_s, faults.next_delay_s = faults.next_delay_s, 0.0
            threading.Timer(delay_s, self.write, (answer,)).start()
        else:
            self.write(answer)
            if faults.receipts:
                self.receipt(self.taken[-1], faults.receipts)


def until(true: Callable[[], object], patience_s: float = 5.0) -> bool:
    """Whether it came true in good time: the simulator has threads of its own."""
    end = time.monotonic() + patience_s
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())
