"""Whether an answer is a time stamp of our hash, made for this request by the authority that is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gsmsend.errors import reason
from gsmsend.timestamping.asking import NoStamp
from gsmsend.timestamping.ordering import ordered

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = 0
_LARGEST_CA = 1 << 20


@dataclass(frozen=True, slots=True)
class Token:
    """A TimeStampToken (RFC 3161, 2.4.2) in DER, and the time it states, with its zone."""

    octets: bytes
    at: datetime


def authorities(place: Path) -> list[Certificate]:
    """The certificates of a PEM file. Raises NoStamp."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - slow to import, seldom needed

    try:
        with place.open("rb") as stream:
            octets = stream.read(_LARGEST_CA + 1)
    except OSError as error:
        raise NoStamp(f"evidence.timestamp_ca, {place}, cannot be read: {reason(error)}") from None
    try:
        if len(octets) <= _LARGEST_CA:
            return load_pem_x509_certificates(octets)
    except ValueError:
        pass
    raise NoStamp(f"evidence.timestamp_ca, {place}, is no file of certificates in PEM form")


def installed() -> None:
    """Raise NoStamp if the library is not there."""
    try:
        import rfc3161_client  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise NoStamp("time stamps need an extra package: pip install 'gsmsend[timestamp]'") from None


def check(answer: bytes, digest: bytes, nonce: int, trusted: list[Certificate]) -> Token:
    """The time stamp in an answer. Raises NoStamp unless all of it is as it must be.

    Checked: granted; SHA-256 of our octets; our nonce; signed by a certificate for time stamping alone (RFC 3161,
    2.3), which one of those trusted vouches for at the time that the stamp states.
    """
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    try:
        found = decode_timestamp_response(ordered(answer))
        status = int(found.status)
    except ValueError:
        raise NoStamp("the service's answer is no time stamp") from None
    if status != _GRANTED:
        raise NoStamp(f"the service refused (its status is {status})")
    try:
        _is_ours(found, digest, nonce)
        VerifierBuilder(nonce=nonce, roots=trusted).build().verify(found, digest)
        return Token(found.time_stamp_token(), found.tst_info.gen_time)
    except VerificationError:
        raise NoStamp("the time stamp is not signed by the authority in evidence.timestamp_ca") from None
    except ValueError:
        raise NoStamp("the service's answer is no time stamp") from None


def _is_ours(found: TimeStampResponse, digest: bytes, nonce: int) -> None:
    info = found.tst_info
    imprint = info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != digest:
        raise NoStamp("the service stamped another hash than ours")
    if info.nonce != nonce:
        raise NoStamp("the time stamp was made for another request")
