"""Officers' keys: Ed25519 (RFC 8032), the private one as PKCS #8 in PEM under a passphrase (RFC 5958, RFC 8018).

The package cryptography would write such a file with 2,048 rounds of PBKDF2, too few for a passphrase that people
can remember; so the envelope is put together here, with many more. Any program that knows PKCS #8 opens it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import textwrap
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gsmsend.audit import canonical
from gsmsend.errors import GuardStop, UsageError

LEAST_PASSPHRASE = 12
"""Characters. Three or four words are easier to remember than signs, and longer."""
_ROUNDS = 600_000
"""OWASP's Password Storage Cheat Sheet (2023) for PBKDF2 with HMAC-SHA-256."""
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)

# DER of the object identifiers (RFC 8018 appendix A, NIST CSOR).
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("300c06082a864886f70d02090500")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_LABEL = "ENCRYPTED PRIVATE KEY"
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02


@dataclass(frozen=True, slots=True)
class Statement:
    """What an officer signs: this content, by this name, at that time (epoch milliseconds)."""

    digest: str
    officer: str
    login: str
    at_ms: int

    @property
    def octets(self) -> bytes:
        """As they are signed; they begin with what they are, so that they are nothing else."""
        fields = {"digest": self.digest, "officer": self.officer, "login": self.login, "at_ms": self.at_ms}
        return b"gsmsend approval 1\n" + canonical(fields).encode("ascii")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an officer signs to work on an operation for some hours, at this computer, under this login."""

    operation: str
    officer: str
    login: str
    host: str
    at_ms: int
    until_ms: int

    @property
    def octets(self) -> bytes:
        """As they are signed, with a beginning of their own: a sign-in is never an approval."""
        fields = {
            "operation": self.operation, "officer": self.officer, "login": self.login, "host": self.host,
            "at_ms": self.at_ms, "until_ms": self.until_ms,
        }  # fmt: skip
        return b"gsmsend sign-in 1\n" + canonical(fields).encode("ascii")


@dataclass(frozen=True, slots=True)
class ConsoleSignIn:
    """What an officer signs to work at a web console: at this address, in answer to this `nonce`, until then."""

    operation: str
    officer: str
    console: str
    nonce: str
    at_ms: int
    until_ms: int

    @property
    def octets(self) -> bytes:
        """As they are signed, with a beginning of their own."""
        fields = {
            "operation": self.operation, "officer": self.officer, "console": self.console, "nonce": self.nonce,
            "at_ms": self.at_ms, "until_ms": self.until_ms,
        }  # fmt: skip
        return b"gsmsend console sign-in 1\n" + canonical(fields).encode("ascii")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What an officer signs who accepts what sending changes on a device (contract.changes_there)."""

    operation: str
    officer: str
    what: str
    at_ms: int

    @property
    def octets(self) -> bytes:
        """As they are signed, with a beginning of their own."""
        fields = {"operation": self.operation, "officer": self.officer, "what": self.what, "at_ms": self.at_ms}
        return b"gsmsend acceptance 1\n" + canonical(fields).encode("ascii")


Signable = Statement | SignIn | ConsoleSignIn | Acceptance


def new_key() -> Ed25519PrivateKey:
    """A key from the operating system's randomness."""
    return Ed25519PrivateKey.generate()


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public key as 64 hex digits."""
    return key.public_key().public_bytes(*_RAW).hex()


def sign(key: Ed25519PrivateKey, statement: Signable) -> str:
    """The signature in hex."""
    return key.sign(statement.octets).hex()


def verified(public_key: str, signature: str, statement: Signable) -> bool:
    """Whether the signature is of this statement, by the holder of this key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(signature), statement.octets
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def check_passphrase(passphrase: str) -> None:
    """Raise UsageError for one that is too short."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise UsageError(
            f"the passphrase has {len(passphrase)} characters; expected {LEAST_PASSPHRASE} or more",
            remedy="Three or four words in a row are long, and easy to remember.",
        )


def to_pem(key: Ed25519PrivateKey, passphrase: str) -> bytes:
    """The private key as EncryptedPrivateKeyInfo (PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC)."""
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    salt, vector = os.urandom(16), os.urandom(16)
    secret = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS, 32)
    padding = 16 - len(plain) % 16
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    rounds = _ROUNDS.to_bytes(_ROUNDS.bit_length() // 8 + 1)
    derivation = _der(
        _SEQUENCE, _PBKDF2, _der(_SEQUENCE, _der(_OCTETS, salt), _der(_INTEGER, rounds), _HMAC_SHA256)
    )
    scheme = _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, vector))
    algorithm = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, scheme))
    body = base64.b64encode(_der(_SEQUENCE, algorithm, _der(_OCTETS, sealed))).decode("ascii")
    lines = (f"-----BEGIN {_LABEL}-----", *textwrap.wrap(body, 64), f"-----END {_LABEL}-----", "")
    return "\n".join(lines).encode("ascii")


def _der(tag: int, *pieces: bytes) -> bytes:
    """A value in DER (X.690 8.1), shorter than 256 octets as all of these are."""
    body = b"".join(pieces)
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])
    return bytes([tag]) + length + body


def from_pem(pem: bytes, passphrase: str, *, name: str) -> Ed25519PrivateKey:
    """The private key of a file, whose `name` is for words. Raises GuardStop (wrong passphrase), UsageError."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode())
    except TypeError:
        raise UsageError(
            f"{name} is not under a passphrase: whoever finds it could approve in this officer's name",
            remedy="Remove that file and make a new key: gsmsend officer key NAME",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        if _LABEL.encode() not in pem:
            raise UsageError(f"{name} is not an officer's key", remedy="Name the key's file with --key.") from None
        raise GuardStop(
            f"that is not the passphrase of {name}; nothing was done",
            remedy="Give the same command again. Nobody can recover a lost passphrase: a new key is needed then.",
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{name} is a key of another kind; expected an Ed25519 key of 'gsmsend officer key'")
    return key


def public_pem(key: str) -> str:
    """A public key of 64 hex digits as SubjectPublicKeyInfo in PEM (RFC 8410)."""
    return (
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def public_of_pem(pem: bytes) -> str | None:
    """The 64 hex digits of a public key in PEM, None if it is no Ed25519 key."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.public_bytes(*_RAW).hex() if isinstance(key, Ed25519PublicKey) else None
