"""Asking a time-stamping service over HTTP (RFC 3161, 3.4): one request, one answer, of bounded size.

No redirect is followed and no proxy is taken from the environment: the hash goes where gsmsend.toml says, or
nowhere. Nothing that the service says gets into a reason, so it can write no words into the audit log.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from contextlib import suppress
from urllib.parse import urlsplit

LARGEST = 64 * 1024
"""Octets of an answer; one with the certificates of a chain of four has about 8,000."""
_STEP = 8192
_QUERY = "application/timestamp-query"
_REPLY = "application/timestamp-reply"


class NoStamp(Exception):
    """There is no time stamp; the message says why, in words for people."""


class Exchange:
    """One request to a service. `stop` ends it from another thread."""

    def __init__(self, url: str, patience_s: float) -> None:
        self._url = urlsplit(url)
        self._until_s = time.monotonic() + patience_s
        port, host = self._url.port, self._url.hostname or ""
        self._connection: http.client.HTTPConnection
        if self._url.scheme == "https":
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(host, port, timeout=patience_s, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=patience_s)

    def ask(self, request: bytes) -> bytes:
        """The service's answer. Raises NoStamp."""
        try:
            return self._ask(request)
        except TimeoutError:
            raise NoStamp("the service did not answer in time") from None
        except ssl.SSLCertVerificationError:
            raise NoStamp("the service's HTTPS certificate is not trusted by this computer") from None
        except (http.client.HTTPException, ValueError):
            raise NoStamp("the service's answer is not HTTP") from None
        except OSError as error:
            raise NoStamp(f"the service cannot be reached ({_reason(error)})") from None
        finally:
            self._connection.close()

    def stop(self) -> None:
        """Let go of the service, so that nothing waits for it any more."""
        found: socket.socket | None = self._connection.sock
        if found is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    def _ask(self, request: bytes) -> bytes:
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        headers = {"Content-Type": _QUERY, "Accept": _REPLY, "Connection": "close"}
        self._connection.request("POST", path, request, headers)
        with self._connection.getresponse() as answer:
            if 300 <= answer.status < 400:
                raise NoStamp(f"the service sent us elsewhere (HTTP {answer.status}), which is not followed")
            if answer.status != 200:
                raise NoStamp(f"the service answered with HTTP {answer.status}")
            if (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower() != _REPLY:
                raise NoStamp(f"the service's answer is no {_REPLY}")
            return self._body(answer)

    def _body(self, answer: http.client.HTTPResponse) -> bytes:
        found = bytearray()
        while piece := answer.read1(_STEP):
            found += piece
            if len(found) > LARGEST:
                raise NoStamp(f"the service's answer is longer than {LARGEST:,} octets")
            if time.monotonic() > self._until_s:
                raise TimeoutError
        return bytes(found)


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, ssl.SSLError):
        return "HTTPS came to nothing"
    return (error.strerror or type(error).__name__).lower()
