"""HTTP to the app over one kept connection, for its client library: no retries, no redirects, no proxies.

It keeps apart what is proof: `NotReached` where nothing can have been asked, `NoAnswer` where it may have been.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gsmsend_handset.android.transcript import Transcript

HOST = "127.0.0.1"
_MOST_OCTETS = 8 << 20


class NotReached(Exception):
    """The request cannot have been made: there was no connection to make it on."""


class NoAnswer(Exception):
    """The request may have been taken: no whole answer came. `silent`: the connection was still there."""

    def __init__(self, why: str, *, silent: bool) -> None:
        super().__init__(why)
        self.silent = silent


class Answered(Exception):
    """The app answered with this HTTP status, which is no success; `body` is what it said, if it was JSON."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.body = status, body


class Wire:
    """Satisfies the client library's HttpClient. Used on one thread."""

    def __init__(self, port: int, timeout_s: float, transcript: Transcript) -> None:
        self._transcript = transcript
        self._connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """Ask. A connection that had gone stale is made again: asking twice changes nothing."""
        stale = self._connection.sock is not None
        try:
            return self._ask("GET", url, None, headers)
        except NoAnswer as fault:
            if not stale or fault.silent:
                raise
            return self._ask("GET", url, None, headers)

    def post(self, url: str, payload: object, *, headers: Mapping[str, str] | None = None) -> Any:
        """Hand over, once."""
        return self._ask("POST", url, json.dumps(payload).encode(), headers)

    def close(self) -> None:
        """Close the connection: whatever was asked on it and is not answered will never be."""
        self._connection.close()

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None) -> Any:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            if self._connection.sock is None:
                self._connection.connect()
        except OSError as fault:
            self.close()
            raise NotReached(type(fault).__name__) from fault
        if body is None:  # a text is told, part by part, by whoever hands it over
            self._transcript.asked(f"app {method} {target}")
        try:
            self._connection.request(method, target, body, dict(headers or {}))
            answer = self._connection.getresponse()
            text = answer.read(_MOST_OCTETS)
        except (OSError, http.client.HTTPException) as fault:
            self.close()
            self._transcript.answered(f"no answer ({type(fault).__name__})")
            raise NoAnswer(type(fault).__name__, silent=isinstance(fault, TimeoutError)) from fault
        self._transcript.answered(f"HTTP {answer.status}")
        if not answer.isclosed():  # more than was read
            self.close()
        try:
            said = json.loads(text) if text else {}
        except ValueError:
            said = None
        if not 200 <= answer.status < 300:
            raise Answered(answer.status, said)
        if said is None:
            raise Answered(answer.status, None)
        return said
