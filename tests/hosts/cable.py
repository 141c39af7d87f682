"""A cable to the server that can be pulled: a network namespace where we may make one, else a way that stalls.

Nobody hears of it on either side, as when a switch loses power: no connection is reset.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

_NET = "10.231.77"
_SPACE, _OURS, _THEIRS = "gsmsend-hosts", "gsmsend-h0", "gsmsend-h1"


class Cable(Protocol):
    """`address` and `port` lead to the server; what uses it runs `within`."""

    address: str
    port: int
    within: Sequence[str]

    def pull(self) -> None:
        """From now on nothing gets through."""
        ...

    def plug(self) -> None:
        """Everything does again."""
        ...


class _Relay:
    """Carries connections to the server; while it is stalled it reads nothing and closes nothing."""

    def __init__(self, address: str, to: int) -> None:
        self._to = to
        self._listening = socket.create_server((address, 0))
        self.port: int = self._listening.getsockname()[1]
        self.stalled = threading.Event()
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                client, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server, suppress(OSError):
            while not self._over.is_set():
                ready, _, _ = select.select([client, server], [], [], 0.05)
                if self.stalled.is_set():
                    self._over.wait(0.05)
                    continue
                for one in ready:
                    octets = one.recv(65536)
                    if not octets:
                        return
                    (server if one is client else client).sendall(octets)

    def close(self) -> None:
        """Carry no more."""
        self._over.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@dataclass
class _Stalling:
    relay: _Relay
    port: int
    address: str = "127.0.0.1"
    within: Sequence[str] = ()

    def pull(self) -> None:
        self.relay.stalled.set()

    def plug(self) -> None:
        self.relay.stalled.clear()


@dataclass
class _Namespace:
    port: int
    address: str = f"{_NET}.1"
    within: Sequence[str] = ("ip", "netns", "exec", _SPACE)

    def pull(self) -> None:
        _ip("link", "set", _OURS, "down")

    def plug(self) -> None:
        _ip("link", "set", _OURS, "up")


@contextmanager
def cable_to(port: int) -> Iterator[Cable]:
    """A cable to the server on this port of 127.0.0.1."""
    if _laid():
        relay = _Relay(f"{_NET}.1", port)
        try:
            yield _Namespace(relay.port)
        finally:
            relay.close()
            _taken_up()
    else:
        relay = _Relay("127.0.0.1", port)
        try:
            yield _Stalling(relay, relay.port)
        finally:
            relay.close()


def _laid() -> bool:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    _taken_up()
    try:
        _ip("netns", "add", _SPACE)
        _ip("link", "add", _OURS, "type", "veth", "peer", "name", _THEIRS)
        _ip("link", "set", _THEIRS, "netns", _SPACE)
        _ip("addr", "add", f"{_NET}.1/24", "dev", _OURS)
        _ip("link", "set", _OURS, "up")
        _ip("-n", _SPACE, "addr", "add", f"{_NET}.2/24", "dev", _THEIRS)
        _ip("-n", _SPACE, "link", "set", _THEIRS, "up")
        _ip("-n", _SPACE, "link", "set", "lo", "up")
    except subprocess.CalledProcessError:  # root of a container that may not
        _taken_up()
        return False
    return True


def _taken_up() -> None:
    for words in (("link", "del", _OURS), ("netns", "del", _SPACE)):
        with suppress(subprocess.CalledProcessError):
            _ip(*words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)
