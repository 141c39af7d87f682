"""A key under a passphrase: scrypt (RFC 7914), then AES-256-GCM (NIST SP 800-38D).

scrypt and not Argon2id: every build of OpenSSL that the package cryptography can stand on has it (Argon2id came
with OpenSSL 3.2, which today's stable distributions lack), and so does Python itself, should a court's expert want
to open an envelope without us. N = 2^17, r = 8, p = 1 are the first choice of OWASP's Password Storage Cheat Sheet
(2023): 128 MiB and some 0.4 s a guess.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_N, _R, _P = 2**17, 8, 1
_LEAST_N = 2**14
_MOST_OCTETS = 256 * 2**20
"""Of memory that an envelope may ask for: a hostile one must not take the machine down."""
_MOST_P = 4
_SALT, _NONCE, _TAG = 16, 12, 16
_KEY = 32


@dataclass(frozen=True, slots=True)
class Sealed:
    """A key of 32 octets under a passphrase, with the parameters it was sealed by."""

    n: int
    r: int
    p: int
    salt: bytes
    nonce: bytes
    box: bytes

    def fields(self) -> dict[str, object]:
        """As they stand in an envelope: whole numbers, octets in hex."""
        return {
            "kdf": "scrypt", "n": self.n, "r": self.r, "p": self.p, "salt": self.salt.hex(),
            "nonce": self.nonce.hex(), "box": self.box.hex(),
        }  # fmt: skip

    @classmethod
    def of(cls, fields: object) -> Sealed:
        """Read them. Raises ValueError for any that are missing, malformed or beyond what a machine should do."""
        if not isinstance(fields, Mapping) or fields.get("kdf") != "scrypt":
            raise ValueError("kdf")
        n, r, p = (_whole(fields, name) for name in ("n", "r", "p"))
        if n < _LEAST_N or n & (n - 1) or not 1 <= p <= _MOST_P or r < 1 or 128 * n * r > _MOST_OCTETS:
            raise ValueError("n, r, p")
        salt, nonce = _octets(fields, "salt", _SALT), _octets(fields, "nonce", _NONCE)
        return cls(n, r, p, salt, nonce, _octets(fields, "box", _KEY + _TAG))


def _whole(fields: Mapping[str, object], name: str) -> int:
    found = fields.get(name)
    if type(found) is not int:
        raise ValueError(name)
    return found


def _octets(fields: Mapping[str, object], name: str, length: int) -> bytes:
    found = fields.get(name)
    if not isinstance(found, str) or len(found) != 2 * length:
        raise ValueError(name)
    return bytes.fromhex(found)


def seal(octets: bytes, passphrase: str, about: str) -> Sealed:
    """Put a key under a passphrase; `about` (whose key it is) is authenticated with it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - most commands seal nothing

    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    bare = Sealed(_N, _R, _P, salt, nonce, b"")
    box = AESGCM(_derived(bare, passphrase)).encrypt(nonce, octets, _bound(bare, about))
    return Sealed(_N, _R, _P, salt, nonce, box)


def unseal(sealed: Sealed, passphrase: str, about: str) -> bytes | None:
    """The key, or None: another passphrase, or something was changed."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

    try:
        return AESGCM(_derived(sealed, passphrase)).decrypt(sealed.nonce, sealed.box, _bound(sealed, about))
    except InvalidTag:
        return None


def _derived(sealed: Sealed, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415 - as above

    # One form for all keyboards and systems: RFC 8265, 4.2.2.
    words = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")
    return Scrypt(salt=sealed.salt, length=_KEY, n=sealed.n, r=sealed.r, p=sealed.p).derive(words)


def _bound(sealed: Sealed, about: str) -> bytes:
    return f"{about}\nscrypt {sealed.n} {sealed.r} {sealed.p}".encode()
