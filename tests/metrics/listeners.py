"""Who alerts are sent to in tests: a web hook and a mail server, both on this computer."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook(ThreadingHTTPServer):
    """Takes what apprise posts to json://; `code` is what it answers, `hangs` keeps everybody waiting."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.taken: list[dict[str, Any]] = []
        self.code = 200
        self.go_on = threading.Event()
        self.go_on.set()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/"

    def words(self) -> str:
        """All that came, as it came."""
        return json.dumps(self.taken)


class _Posted(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.go_on.wait(60)
        if self.server.code == 200:
            self.server.taken.append(json.loads(body))
        try:
            self.send_response(self.server.code)
            self.end_headers()
        except OSError:  # whoever asked did not wait
            return

    def log_message(self, *_words: object) -> None:
        return


class Mail(socketserver.ThreadingTCPServer):
    """As much of SMTP (RFC 5321) as a client needs to leave a mail."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[str] = []

    @property
    def address(self) -> str:
        port = self.server_address[1]
        return f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&from=bench@example.org&to=desk@example.org&mode=insecure"


class _Session(socketserver.StreamRequestHandler):
    server: Mail

    def handle(self) -> None:
        self._say("220 desk.example.org")
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._say("354 go on")
                rows = []
                while (row := self.rfile.readline().decode("utf-8", "replace").rstrip("\r\n")) != ".":
                    rows.append(row)
                self.server.mails.append("\n".join(rows))
            if word == "QUIT":
                self._say("221 bye")
                return
            self._say("250 desk.example.org" if word != "DATA" else "250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def listening(server: Hook | Mail) -> Iterator[None]:
    """While this lasts it answers."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.go_on.set() if isinstance(server, Hook) else None
        server.shutdown()
        server.server_close()
