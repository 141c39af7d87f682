"""A bound session: PDUs over TCP or TLS, enquire_link both ways (SMPP 3.4 clause 2)."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable
from time import monotonic

from gsmsend.errors import DriverError, LinkLost
from gsmsend_cloud.smpp import compose
from gsmsend_cloud.smpp.pdu import RESPONSE, Command, Framer, Pdu, PduError
from gsmsend_cloud.smpp.settings import Settings

INVALID_COMMAND_LENGTH = 2
INVALID_COMMAND_ID = 3
_LAST_SEQUENCE = 0x7FFFFFFF
_UNBIND_S = 1.0
_SEND_S = 30.0


class NothingWritten(Exception):
    """Not one octet of the PDU left this computer."""


class Session:
    """One connection. Used on one thread, but for `wake`.

    `heard` is called with each PDU that is not the session's own affair: answers to submit_sm, and deliver_sm.
    """

    def __init__(self, settings: Settings, heard: Callable[[Pdu], None]) -> None:
        self.name = f"the SMSC {settings.host}:{settings.port}"
        self._settings, self._heard = settings, heard
        self._framer, self._sequence = Framer(), 0
        self._closed, self._lost = False, ""
        self._ear, self._bell = socket.socketpair()
        self._ear.settimeout(0)
        self._bell.settimeout(0)
        self._bell_lock = threading.Lock()
        try:
            self._socket = _connect(settings, self.name)
        except BaseException:
            self._ear.close()
            self._bell.close()
            raise
        self._quiet_since_s = monotonic()
        self._enquired_s: float | None = None
        self._asked, self._answered = 0, None  # type: tuple[int, Pdu | None]
        self._enquiry = 0
        self._bound = self.woken = False

    @property
    def virtual(self) -> bool:
        """Whether the other end is on this computer."""
        return self._settings.loopback

    def bind(self, password: str) -> Pdu:
        """bind_transceiver, and its answer. Raises LinkLost."""
        mine = self._asked = self._next()
        settings = self._settings
        try:
            self.write(compose.bind(settings.system_id, password, settings.system_type, mine))
        except NothingWritten as lost:
            raise LinkLost(str(lost)) from None
        answer = self._answer(settings.connect_seconds, "did not answer the sign-in")
        self._bound = not answer.status
        return answer

    def send(self, octets: bytes) -> int:
        """Write a submit_sm; its sequence_number. Raises NothingWritten, or LinkLost: some of it may have left."""
        sequence = self._next()
        self.write(octets[:12] + sequence.to_bytes(4, "big") + octets[16:])
        return sequence

    def write(self, octets: bytes) -> None:
        """Raises NothingWritten if it is certain that nothing of it left, else LinkLost."""
        left, until_s = memoryview(octets), monotonic() + _SEND_S
        while left:
            self._check()
            try:
                left = left[self._socket.send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if monotonic() > until_s:
                    raise self._lose("takes nothing any more") from None
                select.select([self._socket], [self._socket], [], 0.5)
            except OSError:
                lost = self._lose("closed the connection")
                if len(left) == len(octets) and not isinstance(self._socket, ssl.SSLSocket):
                    raise NothingWritten(str(lost)) from None
                raise lost from None

    def turn(self, timeout_s: float) -> None:
        """Read and see to what comes, waiting for at most `timeout_s`; `woken` is set if anybody called `wake`.

        Raises LinkLost.
        """
        self._check()
        if self._bound:
            self._enquire()
        pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()
        until_next_s = self._next_enquiry_s() - monotonic() if self._bound else timeout_s
        wait_s = 0.0 if pending else max(0.0, min(timeout_s, until_next_s))
        readable, _, _ = select.select([self._socket, self._ear], [], [], wait_s)
        if pending or self._socket in readable:
            self._read()
        if self._ear in readable:
            self.woken = True
            with contextlib.suppress(BlockingIOError):
                self._ear.recv(4096)

    def wake(self) -> None:
        """Make a blocked `turn` return. Thread-safe; safe after `close`."""
        with self._bell_lock, contextlib.suppress(OSError):
            self._bell.send(b"\0")

    def close(self) -> None:
        """Unbind (4.2), wait a second for the answer, and let go. Never raises."""
        if self._bound and not self._closed and not self._lost:
            with contextlib.suppress(DriverError, NothingWritten, OSError):
                self._asked = self._next()
                self.write(compose.simple("unbind", self._asked))
                self._answer(_UNBIND_S, "did not answer the sign-out")
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.close()
        with self._bell_lock:
            self._ear.close()
            self._bell.close()

    def _check(self) -> None:
        if self._closed:
            raise LinkLost(f"{self.name} is closed")
        if self._lost:
            raise LinkLost(f"{self.name} {self._lost}")

    def _lose(self, why: str) -> LinkLost:
        self._lost = why
        with contextlib.suppress(OSError):
            self._socket.close()
        return LinkLost(f"{self.name} {why}")

    def _next(self) -> int:
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        return self._sequence

    def _answer(self, timeout_s: float, otherwise: str) -> Pdu:
        until_s = monotonic() + timeout_s
        while self._answered is None:
            left_s = until_s - monotonic()
            if left_s <= 0:
                raise self._lose(otherwise)
            self.turn(left_s)
        answer, self._answered = self._answered, None
        return answer

    def _next_enquiry_s(self) -> float:
        """When silence becomes a question, or a question without an answer a lost link."""
        if self._enquired_s is not None:
            return self._enquired_s + self._settings.connect_seconds
        return self._quiet_since_s + self._settings.enquire_seconds

    def _enquire(self) -> None:
        if monotonic() < self._next_enquiry_s():
            return
        if self._enquired_s is not None:
            raise self._lose(f"has not answered for {self._settings.connect_seconds:g} seconds")
        self._enquired_s = monotonic()
        try:
            self._enquiry = self._next()
            self.write(compose.simple("enquire_link", self._enquiry))
        except NothingWritten as lost:
            raise LinkLost(str(lost)) from None

    def _read(self) -> None:
        try:
            octets = self._socket.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            raise self._lose("broke the connection") from None
        if not octets:
            raise self._lose("closed the connection")
        self._quiet_since_s, self._enquired_s = monotonic(), None
        try:
            for pdu in self._framer.feed(octets):
                self._take(pdu)
        except PduError:
            with contextlib.suppress(DriverError, NothingWritten):
                self.write(compose.simple("generic_nack", 0, INVALID_COMMAND_LENGTH))
            raise self._lose("sent what is no PDU of SMPP") from None
        except NothingWritten as lost:
            raise LinkLost(str(lost)) from None

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE and pdu.sequence == self._asked:
            self._asked, self._answered = 0, pdu
        elif pdu.command & RESPONSE and pdu.sequence == self._enquiry:
            self._enquiry = 0
        elif pdu.command == Command.ENQUIRE_LINK:
            self.write(compose.simple("enquire_link_resp", pdu.sequence))
        elif pdu.command == Command.UNBIND:
            self.write(compose.simple("unbind_resp", pdu.sequence))
            raise self._lose("signed us out")
        elif pdu.command in (Command.SUBMIT_SM_RESP, Command.GENERIC_NACK, Command.DELIVER_SM):
            self._heard(pdu)
        elif not pdu.command & RESPONSE and pdu.command != Command.ALERT_NOTIFICATION:
            self.write(compose.simple("generic_nack", pdu.sequence, INVALID_COMMAND_ID))


def _connect(settings: Settings, name: str) -> socket.socket:
    """Raises LinkLost: nothing was said yet."""
    context = _context(settings) if settings.tls else None
    try:
        made = socket.create_connection((settings.host, settings.port), settings.connect_seconds)
    except OSError as error:
        raise LinkLost(f"{name} cannot be reached: {error.strerror or 'no answer'}") from None
    try:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            made = context.wrap_socket(made, server_hostname=settings.host)
        made.settimeout(0)
    except OSError as error:
        made.close()
        why = getattr(error, "verify_message", "") or "no secure connection can be made"
        raise LinkLost(f"{name}: {why}") from None
    return made


def _context(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca or None)
    except OSError:
        raise DriverError(
            f"{settings.where}.ca = {settings.ca!r} cannot be read as certificates",
            remedy="Name a PEM file, or leave it out for the authorities that this computer trusts.",
        ) from None
