"""Heads of the audit log: signed with Ed25519 (RFC 8032), by a key that comes from the operation's."""

from __future__ import annotations

import json

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gsmsend.audit import Kind
from gsmsend.audit.checking import head_words
from gsmsend.audit.short import Noted
from gsmsend.contract.heads import HeadRow
from gsmsend.errors import KeyStop, StoreError
from gsmsend.store.base import Changer, Reader
from gsmsend.store.journal import check, enter
from gsmsend.store.key import OperationKey
from gsmsend.store.officers import operation_id
from gsmsend.store.schema import audit

_NEWEST = sa.select(audit.c.n, audit.c.hash, audit.c.kind).order_by(audit.c.n.desc()).limit(1)
_LAST_HEAD = (
    # A literal kind, as the index has it.
    sa.select(audit.c.line).where(audit.c.kind == sa.literal_column("'head'")).order_by(audit.c.n.desc()).limit(1)
)


def signer(key: OperationKey) -> Ed25519PrivateKey:
    """The private key. Raises StoreError: the operation's key is not opened."""
    return Ed25519PrivateKey.from_private_bytes(key.subkey("signing heads"))


def public_key(key: OperationKey) -> str:
    """The public key as 64 hex digits."""
    return signer(key).public_key().public_bytes_raw().hex()


def genuine(public: str, signature: str, words: bytes) -> bool:
    """Whether this signature over these octets is by this key, both in hex."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), words)
    except (ValueError, InvalidSignature):
        return False
    return True


def last(connection: sa.Connection) -> HeadRow | None:
    """The newest head that was signed."""
    line = connection.execute(_LAST_HEAD).scalar()
    if line is None:
        return None
    try:
        made = json.loads(line)
        data = made["data"]
        return HeadRow(data["head"], data["hash"], made["n"], data["signature"], made["at"])
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            "the last signed head in the audit log cannot be read: it was changed",
            remedy="See what else was: gsmsend verify",
        ) from None


class HeadViews(Reader):
    """contract.heads.HeadView, but for the check."""

    def last_head(self) -> HeadRow | None:
        """The newest head that was signed."""
        with self._reading() as connection:
            return last(connection)

    def key_id(self) -> str:
        """The id of the operation's key, which is not fetched for it; "" if there is none, or it is damaged."""
        try:
            return self._key.own_id
        except KeyStop:
            return ""

    def newest_entry(self) -> Noted | None:
        """The last entry."""
        with self._reading() as connection:
            row = connection.execute(_NEWEST).first()
        return Noted(row.n, row.hash) if row is not None else None

    def has_entry(self, noted: Noted) -> bool:
        """Whether there is such an entry."""
        with self._reading() as connection:
            found = connection.execute(sa.select(audit.c.hash).where(audit.c.n == noted.number)).scalar()
        return found is not None and noted.fits(found)


class Heads(Changer, HeadViews):
    """contract.heads.HeadDesk."""

    def sign_head(self, now_s: float) -> HeadRow | None:
        """Sign the head of the log, once all since the last one is known to be gsmsend's own."""
        self._writer.submit(check).result()
        with self._reading() as connection:
            newest, operation = connection.execute(_NEWEST).first(), operation_id(connection)
        if newest is None or newest.kind == Kind.HEAD:
            return self.last_head()
        self._key.open(needed=True)
        private = signer(self._key)

        def data(number: int, found: str) -> dict[str, object]:
            signature = private.sign(head_words(operation, number, found)).hex()
            return {"head": number, "hash": found, "signature": signature}

        self._writer.submit(lambda c: enter(c, Kind.HEAD, now_s, data)).result()
        return self.last_head()
