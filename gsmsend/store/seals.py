"""Sealing what must not be read without the operation's key: AES-256-GCM under a key for each campaign.

A campaign's key is random and lies in the table `keys`, wrapped by a key that comes from the operation's.
Destroying it makes all that it sealed unreadable for good, also to whoever has the operation's key.

A sealed value is a nonce of 12 octets, then the ciphertext with its tag. The label (which column or entry it
belongs to) is authenticated, so that no value can stand in for another kind of value.
"""

from __future__ import annotations

import os
import threading
import time

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gsmsend.errors import StoreError
from gsmsend.store.key import OperationKey
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import keys

OWN = 0
"""The campaign id of what belongs to no campaign."""
_NONCE = 12
"""Octets (NIST SP 800-38D, 8.2.2: random, at most 2^32 of them under one key)."""
_WRAP = "wrapping content keys"
_ROW = Prepared(sa.select(keys.c.wrapped).where(keys.c.campaign_id == sa.bindparam("campaign")))


class Forgotten(StoreError):
    """The campaign's key was destroyed: what was sealed under it cannot be read by anybody any more."""


class Seals:
    """Seals and opens values of one store. Thread-safe; keys are read once and kept in memory."""

    def __init__(self, key: OperationKey) -> None:
        self._key = key
        self._lock = threading.Lock()
        self._boxes: dict[int, AESGCM] = {}

    def seal(self, connection: sa.Connection, campaign_id: int, label: str, plain: str) -> bytes:
        """Encrypt a text; the campaign's key is made if there is none, in this transaction.

        Raises Forgotten for a campaign whose key was destroyed, StoreError if the operation's key is not there.
        """
        nonce = os.urandom(_NONCE)
        box = self._boxes.get(campaign_id) or self._box(connection, campaign_id, make=True)
        return nonce + box.encrypt(nonce, plain.encode("utf-8", "surrogatepass"), label.encode())

    def open(self, connection: sa.Connection, campaign_id: int, label: str, sealed: bytes) -> str:
        """Decrypt. Raises Forgotten, or StoreError if the value was changed or belongs elsewhere."""
        box = self._boxes.get(campaign_id) or self._box(connection, campaign_id, make=False)
        try:
            plain = box.decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
        except InvalidTag:
            raise StoreError(
                f"a value in the store ({label}) was changed by something else than gsmsend, and cannot be read",
                remedy="Do not send from this operation. Check it with 'gsmsend verify', and keep a copy of it.",
            ) from None
        return plain.decode("utf-8", "surrogatepass")

    def drop(self, campaign_id: int) -> None:
        """Forget a key that was destroyed, or that a transaction made which came to nothing."""
        with self._lock:
            self._boxes.pop(campaign_id, None)

    def clear(self) -> None:
        """Forget all keys: they are read again when needed."""
        with self._lock:
            self._boxes.clear()

    def _box(self, connection: sa.Connection, campaign_id: int, *, make: bool) -> AESGCM:
        with self._lock:
            found = self._boxes.get(campaign_id)
            if found is not None:
                return found
            row = _ROW.run(connection, {"campaign": campaign_id}).fetchone()
            if row is not None and row[0] is None:
                raise Forgotten("this campaign was forgotten: its numbers and texts are gone")
            if row is None and not make:
                raise StoreError("the store has lost the key of a campaign", remedy="Put it back from a copy.")
            if not self._key.open(needed=row is not None):
                self._key.make()
            wrap, label = AESGCM(self._key.subkey(_WRAP)), f"content key of campaign {campaign_id}".encode()
            if row is None:
                content, nonce = os.urandom(32), os.urandom(_NONCE)
                wrapped = nonce + wrap.encrypt(nonce, content, label)
                values = {"campaign_id": campaign_id, "wrapped": wrapped, "made_at_s": time.time()}
                connection.execute(sa.insert(keys), values)
            else:
                content = self._unwrap(wrap, bytes(row[0]), label)
            box = AESGCM(content)
            if row is not None:
                self._boxes[campaign_id] = box
            return box

    def _unwrap(self, wrap: AESGCM, wrapped: bytes, label: bytes) -> bytes:
        try:
            return wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], label)
        except InvalidTag:
            raise StoreError(
                f"{self._key.path} is the key of another operation, or the store was changed by something else",
                remedy="Put this operation's own file back from a copy of its folder. Nothing is sent without it.",
            ) from None
