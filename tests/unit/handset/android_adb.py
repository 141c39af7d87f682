"""A small adb server with handsets, on loopback: devices, transports, shell, forwarded ports, as adb speaks them.

Protocol: packages/modules/adb/OVERVIEW.TXT and SERVICES.TXT of Android, as adbutils uses it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field

VERSION = 41


@dataclass
class Handset:
    """What one handset answers. `answers` by shell command; `ports` what listens on it, by its own port."""

    serial: str
    state: str = "device"
    answers: dict[str, str | Callable[[], str]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class AdbServer:
    """Serves until `close`. `forwards` are the local ports that are led somewhere now."""

    def __init__(self, *handsets: Handset) -> None:
        self.handsets = {handset.serial: handset for handset in handsets}
        self.forwards: dict[int, tuple[str, int]] = {}
        self._listeners: dict[int, socket.socket] = {}
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._start(lambda: self._accept(self._server, self._serve))

    def unplug(self, serial: str) -> None:
        """The cable is pulled: its streams break, its forwarded ports go."""
        self.handsets.pop(serial)
        for local in [local for local, (owner, _) in self.forwards.items() if owner == serial]:
            self._unforward(local)
        self.cut()

    def cut(self) -> None:
        """Break every stream."""
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop."""
        for local in list(self.forwards):
            self._unforward(local)
        _end(self._server)
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        with closing(listener):
            while True:
                try:
                    one, _ = listener.accept()
                except OSError:
                    return
                self._start(lambda one=one: self._keep(one, serve))  # type: ignore[misc]

    def _keep(self, one: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        with self._lock:
            self._open.add(one)
        try:
            with suppress(OSError, ValueError), one:
                serve(one)
        finally:
            with self._lock:
                self._open.discard(one)

    def _serve(self, one: socket.socket) -> None:
        handset: Handset | None = None
        while True:
            command = _command(one)
            if not command:
                return
            if handset is not None:
                self._shell(one, handset, command)
                return
            if command == "host:version":
                _say(one, f"{VERSION:04x}")
            elif command == "host:devices":
                _say(one, "".join(f"{each.serial}\t{each.state}\n" for each in self.handsets.values()))
            elif command.startswith("host:tport:serial:"):
                handset = self._handset(one, command.removeprefix("host:tport:serial:"))
                if handset is None:
                    return
                one.sendall(b"OKAY" + (1).to_bytes(8, "little"))
            elif command.startswith("host-serial:"):
                serial, _, rest = command.removeprefix("host-serial:").partition(":")
                if self._handset(one, serial) is not None:
                    self._of_serial(one, serial, rest)
            else:
                _fail(one, "unknown host service")
                return

    def _handset(self, one: socket.socket, serial: str) -> Handset | None:
        found = self.handsets.get(serial)
        if found is None:
            _fail(one, f"device '{serial}' not found")
        elif found.state != "device":
            _fail(one, f"device {found.state}")
            return None
        return found

    def _of_serial(self, one: socket.socket, serial: str, rest: str) -> None:
        if rest.startswith("forward:norebind:"):
            local, _, remote = rest.removeprefix("forward:norebind:").partition(";")
            port = int(local.removeprefix("tcp:"))
            if port in self.forwards:
                _fail(one, f"cannot rebind existing socket: tcp:{port}")
                return
            listener = socket.create_server(("127.0.0.1", port))
            there = int(remote.removeprefix("tcp:"))
            self.forwards[port], self._listeners[port] = (serial, there), listener
            self._start(lambda: self._accept(listener, lambda near: self._lead(near, serial, there)))
            one.sendall(b"OKAYOKAY")
        elif rest.startswith("killforward:tcp:"):
            local = rest.removeprefix("killforward:tcp:")
            if int(local) not in self.forwards:
                _fail(one, f"listener 'tcp:{local}' not found")
                return
            self._unforward(int(local))
            one.sendall(b"OKAYOKAY")
        else:
            _fail(one, "unknown host service")

    def _unforward(self, local: int) -> None:
        self.forwards.pop(local)
        _end(self._listeners.pop(local))

    def _shell(self, one: socket.socket, handset: Handset, command: str) -> None:
        asked = command.removeprefix("shell:")
        handset.asked.append(asked)
        answer = handset.answers.get(asked, f"/system/bin/sh: {asked.split()[0]}: not found\n")
        one.sendall(b"OKAY" + (answer() if callable(answer) else answer).encode())

    def _lead(self, near: socket.socket, serial: str, there: int) -> None:
        """What adb does: take the connection first, and close it if nothing listens at the other end."""
        handset = self.handsets.get(serial)
        port = handset.ports.get(there) if handset is not None else None
        if port is None:
            return
        with socket.create_connection(("127.0.0.1", port)) as far:
            with self._lock:
                self._open.add(far)
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far)
            back.join(5)
            with self._lock:
                self._open.discard(far)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while octets := source.recv(65536):
            sink.sendall(octets)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _end(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _command(one: socket.socket) -> str:
    length = _exactly(one, 4)
    return _exactly(one, int(length, 16)).decode() if length else ""


def _exactly(one: socket.socket, octets: int) -> bytes:
    found = b""
    while len(found) < octets:
        piece = one.recv(octets - len(found))
        if not piece:
            return b""
        found += piece
    return found


def _say(one: socket.socket, words: str) -> None:
    one.sendall(b"OKAY" + f"{len(words):04x}".encode() + words.encode())


def _fail(one: socket.socket, words: str) -> None:
    one.sendall(b"FAIL" + f"{len(words):04x}".encode() + words.encode())
