"""A way to a server that is cut off at the worst moment: with a COMMIT on it."""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum

_COMMIT = re.compile(rb"COMMIT(?!TED)")  # a transaction begins with READ COMMITTED


class Cut(Enum):
    """Where the connection is lost."""

    BEFORE = "the server never hears of the COMMIT"
    AFTER = "the server has committed, and its answer is lost"


class Way:
    """A port of this computer that leads to another; `cut` arms it for the next COMMIT, once."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut: Cut | None = None
        self.cuts = 0
        self.shut_after_cut = False
        self.shut = threading.Event()
        """While it is set nobody gets through, and who is connected is cut off."""
        self._over = False

    def serve(self) -> None:
        """Carry connections until `close`."""
        with suppress(OSError):
            while not self._over:
                client, _ = self._listening.accept()
                if self.shut.is_set():
                    client.close()
                    continue
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def close(self) -> None:
        """No more."""
        self._over = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server, suppress(OSError):
            while not self._over and not self.shut.is_set():
                ready, _, _ = select.select([client, server], [], [], 0.05)
                for one in ready:
                    octets = one.recv(65536)
                    if not octets:
                        return
                    if one is client and self.cut is not None and _COMMIT.search(octets):
                        self._lose(octets, server)
                        return
                    (server if one is client else client).sendall(octets)

    def _lose(self, octets: bytes, server: socket.socket) -> None:
        cut, self.cut = self.cut, None
        if cut is Cut.AFTER:
            server.sendall(octets)
            server.recv(65536)
        if self.shut_after_cut:
            self.shut.set()
        self.cuts += 1


@contextmanager
def way_to(port: int) -> Iterator[Way]:
    """A way to the server on this port."""
    way = Way(port)
    thread = threading.Thread(target=way.serve, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        way.close()
        thread.join(5)
