"""A provider on loopback: requests are held to the provider's published schema, and it misbehaves on demand."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator

from gsmsend.testing.driver_bench import OnAir


class Fault(Enum):
    """What happens to the next text."""

    SILENCE = auto()  # taken, and never answered
    RESET = auto()  # taken, and the connection is reset
    HANG_UP = auto()  # taken, and the connection is closed with no answer
    MALFORMED = auto()  # taken, and the answer is no JSON
    HALF = auto()  # the answer breaks off in its midst
    REDIRECT = auto()  # not taken: it is elsewhere


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        """The fields of its body."""
        fields = parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in fields.values()), "each field once"
        return {name: values[0] for name, values in fields.items()}

    def json(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)


@dataclass
class Reply:
    """What is answered."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class FarSide(ABC):
    """One provider. `sent`: what it took; `violations`: what its schema does not allow, which must stay empty."""

    send_path: ClassVar[str]

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.sent: list[OnAir] = []
        self.requests: list[Asked] = []
        self.violations: list[str] = []
        self.fault: Fault | None = None
        self.refusals: list[Reply] = []
        self.every: Reply | None = None
        self.released = threading.Event()
        self.ahead_s = 0.0  # of our clock
        self.one_each = False  # it hangs up on the second request over one connection
        self._lock = threading.RLock()
        self._connections: set[socket.socket] = set()
        far_side = self

        class Handler(_Handler):
            far = far_side

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls is not None else ''}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self._up = True

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """The answer, with the text taken if it is one."""

    def check(self, schema: dict[str, Any], instance: Any, what: str) -> None:
        """Hold a request against a schema."""
        for error in Draft202012Validator(schema).iter_errors(instance):
            self.violations.append(f"{what}: {'/'.join(map(str, error.path))}: {error.message}")

    def posts(self) -> list[Asked]:
        """The requests that hand over a text."""
        with self._lock:
            return [each for each in self.requests if each.method == "POST"]

    def unplug(self) -> None:
        """It is not there any more."""
        if self._up:
            self._up = False
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self.released.set()
            with self._lock:
                for connection in list(self._connections):
                    _reset(connection)

    def dispose(self) -> None:
        """Let go of everything. Raises AssertionError if a request was not as published."""
        self.unplug()
        assert not self.violations, self.violations

    def take(self, handler: _Handler, asked: Asked) -> Reply | None:
        """The answer to a request, with the fault that was asked for; None where there is none."""
        with self._lock:
            self.requests.append(asked)
            handler.taken += 1
            if self.one_each and handler.taken > 1:
                return None
            if self.every is not None:
                return self.every
            if asked.method != "POST":
                return self.answer(asked)
            fault, self.fault = self.fault, None
            if self.refusals:
                self.answer_only_checked(asked)
                return self.refusals.pop(0)
            if fault is Fault.REDIRECT:
                return Reply(307, {}, {"Location": f"{self.url}{asked.path}"})
            reply = self.answer(asked)
        if fault is Fault.SILENCE:
            self.released.wait(20)
        if fault in (Fault.SILENCE, Fault.HANG_UP):
            return None
        if fault is Fault.RESET:
            _reset(handler.connection)
            return None
        if fault is Fault.MALFORMED:
            reply.body = "<html>It works</html>"
        if fault is Fault.HALF:
            reply.headers["X-Half"] = "yes"
        return reply

    def answer_only_checked(self, asked: Asked) -> None:
        """Hold a request that is refused against the schema, and take nothing."""
        before = len(self.sent)
        self.answer(asked)
        del self.sent[before:]


class _Server(ThreadingHTTPServer):
    block_on_close = False
    request_queue_size = 32

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the test."""


class _Handler(BaseHTTPRequestHandler):
    far: ClassVar[FarSide]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: no waiting for an acknowledgement between them
    taken = 0

    def setup(self) -> None:
        super().setup()
        with self.far._lock:
            self.far._connections.add(self.connection)

    def finish(self) -> None:
        with self.far._lock:
            self.far._connections.discard(self.connection)
        super().finish()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """What its own clock says."""
        return formatdate((timestamp if timestamp is not None else time.time()) + self.far.ahead_s, usegmt=True)

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
        try:
            reply = self.far.take(self, asked)
        except Exception as error:  # noqa: BLE001 - told when the test ends
            self.far.violations.append(f"{asked.method} {asked.path}: {error!r}")
            reply = Reply(500, {})
        if reply is None:
            self.close_connection = True
            return
        half = reply.headers.pop("X-Half", "")
        octets = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(octets[: len(octets) // 2] if half else octets)
        if half:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815 - the standard library's names


def _reset(connection: socket.socket) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    except OSError:
        return
