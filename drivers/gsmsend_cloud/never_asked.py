"""What a fault of urllib3 proves: that the connection never stood, so that no octet of a request went over it.

The name of a fault is no proof: urllib3 calls a connection that breaks a proxy's fault also where the tunnel stood
and the request had gone through it (urllib3 2.8.0, connectionpool and HTTPConnection.close), and urllib3 1.26 any.
Only what is raised while a connection is made counts: that of urllib3's own `_new_conn`, a proxy's refusal of
CONNECT (RFC 9110 9.3.6), and a certificate, which is looked at before anything is asked (RFC 8446 4.4.2).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

_DEPTH = 10
_NO_TUNNEL = "Tunnel connection failed:"
"""How http.client's HTTPConnection._tunnel begins, once the proxy has answered CONNECT with a refusal."""


class Proof(StrEnum):
    """Why nothing can have been asked."""

    TIMEOUT = "timeout"
    UNREACHED = "unreached"
    CERTIFICATE = "certificate"
    NO_TUNNEL = "no tunnel"


def proof(fault: BaseException) -> Proof | None:
    """What a fault proves, by what is innermost in it; None if the request may have gone out."""
    for inner in _within(fault, _DEPTH):
        if isinstance(inner, NewConnectionError | socket.gaierror):  # refused, unreachable, a name not found
            return Proof.UNREACHED
        if isinstance(inner, ConnectTimeoutError):
            return Proof.TIMEOUT
        if isinstance(inner, ssl.SSLCertVerificationError):
            return Proof.CERTIFICATE
        if type(inner) is OSError and str(inner).startswith(_NO_TUNNEL):
            return Proof.NO_TUNNEL
    return None


def _within(fault: BaseException, depth: int) -> Iterator[BaseException]:
    """A fault, and those that it says it was made of. What was merely being handled meanwhile is none of them."""
    yield fault
    kwargs = getattr(fault, "kwargs", None)
    made_of = [
        getattr(fault, "reason", None),
        getattr(fault, "original_error", None),
        kwargs.get("error") if isinstance(kwargs, dict) else None,  # botocore's
        *getattr(fault, "args", ()),
    ]
    seen: list[object] = []
    for inner in made_of:
        if depth and isinstance(inner, BaseException) and inner not in seen:
            seen.append(inner)
            yield from _within(inner, depth - 1)
