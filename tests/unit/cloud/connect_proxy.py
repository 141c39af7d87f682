"""An HTTP proxy on loopback that tunnels (CONNECT, RFC 9110 9.3.6), or refuses to, or hangs up."""

from __future__ import annotations

import contextlib
import socket
import threading


class ConnectProxy:
    """Listens on 127.0.0.1 until `close`. `answer`: what it says to CONNECT; empty: it hangs up."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self.answer = answer
        self.asked = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            _shut(connection)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            self._open.append(near)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = near.recv(4096)
            if not more:
                return
            head += more
        self.asked += 1
        host, _, port = head.split()[1].decode().rpartition(":")
        if not self.answer.startswith(b"HTTP/1.1 200"):
            with contextlib.suppress(OSError):
                near.sendall(self.answer)
            _shut(near)
            return
        far = socket.create_connection((host, int(port)))
        self._open.append(far)
        near.sendall(self.answer)
        threading.Thread(target=_pass, args=(far, near), daemon=True).start()
        _pass(near, far)


def _pass(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while octets := source.recv(65536):
            to.sendall(octets)
    _shut(source)
    _shut(to)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
