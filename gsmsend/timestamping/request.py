"""What a time-stamping service is asked: TimeStampReq (RFC 3161, 2.4.1) in DER.

It is written out here since the library hashes what it is given, and all that a log's head gives is its hash.
"""

from __future__ import annotations

import secrets

DIGEST_OCTETS = 32
_VERSION = bytes.fromhex("020101")
_SHA256 = bytes.fromhex("300D06096086480165030402010500")
_CERTIFICATES_PLEASE = bytes.fromhex("0101FF")
_NONCE_OCTETS = 8


def new_nonce() -> int:
    """A number of 64 bits, of which 62 are random: as an INTEGER it is positive and has 8 octets."""
    return secrets.randbits(62) | 1 << 62


def encode(digest: bytes, nonce: int) -> bytes:
    """The request for a time stamp of a SHA-256 digest, with the service's certificates in its answer.

    Raises ValueError for a digest of another length.
    """
    if len(digest) != DIGEST_OCTETS:
        raise ValueError(f"a digest of {len(digest)} octets; expected {DIGEST_OCTETS}")
    imprint = _der(0x30, _SHA256 + _der(0x04, digest))
    number = _der(0x02, nonce.to_bytes(_NONCE_OCTETS, "big"))
    return _der(0x30, _VERSION + imprint + number + _CERTIFICATES_PLEASE)


def _der(tag: int, content: bytes) -> bytes:
    """Tag, length, content; everything here is shorter than 128 octets (X.690, 8.1.3.4)."""
    return bytes([tag, len(content)]) + content
