"""The answers on HTTP: /metrics for Prometheus, /healthz and /readyz for supervisors. Nothing is changed by them.

No number, name or text of a recipient is known here. A browser that was led here under another name than this
computer's own is refused (DNS rebinding), where only this computer may ask.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gsmsend.config import MetricsTerms
from gsmsend.errors import UsageError, reason

_PATIENCE_S = 5.0
_MOST = 8
"""So many are answered at a time; more are turned away, so that nobody fills the run with threads."""
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Health:
    """Empty words: all is well. `dead`: why the run does nothing any more; `unready`: why it cannot send now."""

    dead: Callable[[], str]
    unready: Callable[[], str]


class MetricsServer(ThreadingHTTPServer):
    """Listens from its making on; `start` answers, on threads that end with the process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, terms: MetricsTerms, registry: CollectorRegistry, health: Health) -> None:
        self.address_family = socket.AF_INET6 if ":" in terms.host else socket.AF_INET
        self.registry = registry
        self.health = health
        self.names = _names(terms.host)
        self._free = threading.BoundedSemaphore(_MOST)
        try:
            super().__init__((terms.host, terms.port), _Answer)
        except OSError as error:
            raise UsageError(
                f"{terms.address} cannot be listened on: {reason(error)}",
                remedy="Another run may be there. Take another port: [metrics] address in gsmsend.toml.",
            ) from None

    @property
    def url(self) -> str:
        """Where it is, for people."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://{f'[{name}]' if ':' in name else name}:{port}"

    def server_bind(self) -> None:
        """As the socket server does it; the HTTP one would ask the name service for this computer's name."""
        socketserver.TCPServer.server_bind(self)

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """On a thread, if one is free."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be made
            self._free.release()
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Answer, and be free again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked went away; nothing of that is for the run's screen."""


class _Answer(BaseHTTPRequestHandler):
    """One request."""

    server: MetricsServer
    timeout = _PATIENCE_S
    protocol_version = "HTTP/1.0"
    server_version = "gsmsend"
    sys_version = ""

    def do_GET(self) -> None:
        """What stands at the address."""
        if not self._for_us():
            self._say(421, "This computer is not called so. Ask it by its own address.\n")
            return
        path = urlsplit(self.path).path
        if path == "/metrics":
            encode, kind = choose_encoder(self.headers.get("Accept", ""))
            found = self.server.registry
            self._send(200, encode(found if "openmetrics" in kind else _WithoutBirths(found)), kind)
        elif path == "/healthz":
            why = self.server.health.dead()
            self._say(503 if why else 200, f"not alive: {why}\n" if why else "alive\n")
        elif path == "/readyz":
            why = self.server.health.dead() or self.server.health.unready()
            self._say(503 if why else 200, f"not ready: {why}\n" if why else "ready\n")
        else:
            self._say(404, "There are /metrics, /healthz and /readyz.\n")

    def do_HEAD(self) -> None:
        """The same without its words."""
        self.do_GET()

    def log_message(self, *_words: object) -> None:
        """Nothing."""

    def _for_us(self) -> bool:
        names, given = self.server.names, self.headers.get("Host")
        try:
            return names is None or not given or urlsplit(f"//{given}").hostname in names
        except ValueError:
            return False

    def _say(self, code: int, words: str) -> None:
        self._send(code, words.encode("utf-8"), _PLAIN)

    def _send(self, code: int, octets: bytes, kind: str) -> None:
        self.send_response(code)
        for name, value in (
            ("Content-Type", kind), ("Content-Length", str(len(octets))), ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(octets)


class _WithoutBirths(Collector):
    """What a registry has, without when each counter began: in the plain format that is a gauge beside each."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


def _names(host: str) -> frozenset[str] | None:
    """What a request may call this computer; None where others may ask, who have names of their own for it."""
    return frozenset({host, "localhost", "127.0.0.1", "::1"}) if ip_address(host).is_loopback else None
