"""Where the console listens, and that it does so safely."""

from __future__ import annotations

import socket
import ssl
import time
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gsmsend.config import FILE, ConsoleTerms, Settings
from gsmsend.errors import ConfigError, UsageError, reason
from gsmsend.supervised import Supervisor

_STOP_WITHIN_S = 3
_STILL_S = 60.0


class Rounds(uvicorn.Server):
    """A server that knows when its loop last went round."""

    _round_s: float | None = None

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second, in the loop."""
        self._round_s = time.monotonic()
        return await super().on_tick(counter)

    def standing_still(self) -> str:
        """In plain words, that it has answered nobody for long; "" while all is well."""
        for_s = 0.0 if self._round_s is None else time.monotonic() - self._round_s
        return f"the console has answered nobody for {for_s:.0f} seconds" if for_s > _STILL_S else ""


def check(settings: Settings) -> None:
    """Raise ConfigError for an address that others reach without TLS, or half of a certificate."""
    terms, place = settings.console, f"{settings.folder / FILE}: [console]"
    if bool(terms.certificate) != bool(terms.key):
        raise ConfigError(
            f"{place}: expected certificate and key, or neither",
            remedy="Name both PEM files, or take both out.",
        )
    if not ip_address(terms.address).is_loopback and not terms.certificate:
        raise ConfigError(
            f"{place} address = {terms.address!r}: others reach that, and there is no certificate: numbers and "
            "sign-ins would pass in clear",
            remedy='Name a certificate and its key there, or listen on "127.0.0.1" and come by an SSH tunnel.',
        )


def names_of(terms: ConsoleTerms) -> frozenset[str]:
    """The hosts that a browser may use for it, in lower case."""
    own = {"localhost", "127.0.0.1", "::1"} if ip_address(terms.address).is_loopback else set()
    return frozenset({terms.address, *own, *(name.lower().rstrip(".") for name in terms.names)})


def listening(settings: Settings) -> socket.socket:
    """A socket that listens there. Raises UsageError."""
    terms = settings.console
    family = socket.AF_INET6 if ":" in terms.address else socket.AF_INET
    try:
        return socket.create_server((terms.address, terms.port), family=family)
    except OSError as error:
        raise UsageError(
            f"{terms.address} port {terms.port} cannot be listened on: {reason(error)}",
            remedy="Another console may be there. Take another port: gsmsend serve --port N, or [console] port.",
        ) from None


def url_of(settings: Settings, bound: socket.socket) -> str:
    """The address to type into a browser."""
    terms = settings.console
    host = terms.names[0] if terms.names else terms.address
    if ":" in host:
        host = f"[{host}]"
    scheme = "https" if terms.certificate else "http"
    return f"{scheme}://{host}:{bound.getsockname()[1]}"


def run(settings: Settings, app: ASGIApp, bound: socket.socket, supervisor: Supervisor) -> None:
    """Serve until SIGINT or SIGTERM. Raises ConfigError for a certificate that cannot be used."""
    terms = settings.console
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="on", ws="none",
        timeout_graceful_shutdown=_STOP_WITHIN_S, h11_max_incomplete_event_size=32 * 1024,
        ssl_certfile=_file(settings, terms.certificate), ssl_keyfile=_file(settings, terms.key),
    )  # fmt: skip
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{settings.folder / FILE}: [console]: certificate and key cannot be used: "
            f"{error.strerror or type(error).__name__}",
            remedy="Expected PEM files: the certificate with those above it, and its key under no passphrase.",
        ) from None
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    server = Rounds(config)
    supervisor.status("Serving the console")
    supervisor.ready()
    try:
        with supervisor.minding(server.standing_still):
            server.run(sockets=[bound])
    finally:
        supervisor.stopping()


def _file(settings: Settings, name: str) -> str | None:
    return str(settings.folder / Path(name).expanduser()) if name else None
