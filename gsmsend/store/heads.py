"""The key that signs the audit log's heads: Ed25519 (RFC 8032), from the operation's own key."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend.store.key import OperationKey

_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def signer(key: OperationKey) -> Ed25519PrivateKey:
    """The private key. Raises StoreError: the operation's key is not opened."""
    return Ed25519PrivateKey.from_private_bytes(key.subkey("signing heads"))


def public_key(key: OperationKey) -> str:
    """The public key as 64 hex digits."""
    return signer(key).public_key().public_bytes(*_RAW).hex()
