"""Sealing what must not be read without the operation's key: AES-256-GCM under a key for each campaign.

A campaign's key is random and lies in the table `keys`, wrapped by a key that comes from the operation's.
Destroying it makes all that it sealed unreadable for good, also to whoever has the operation's key.

A sealed value is a nonce of 12 octets, then the ciphertext with its tag. The label (which column, and of which
row) is authenticated, so that no value can stand in for another.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import time

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gsmsend.errors import KeyStop, StoreError
from gsmsend.store.key import OperationKey
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import campaigns, keys, suppressions

OWN = 0
"""The campaign id of what belongs to no campaign."""
KEY_ROW = "key"
"""`suppressions.kind` of the row that tells the operation's key from any other."""
_CHECK = "gsmsend operation key"
_NONCE = 12
"""Octets (NIST SP 800-38D, 8.2.2: random, at most 2^32 of them under one key)."""
_WRAP = "wrapping content keys"
_MOST_PEOPLE = 10_000
_ROW = Prepared(sa.select(keys.c.wrapped).where(keys.c.campaign_id == sa.bindparam("campaign")))
_KNOWN_KEY = sa.select(suppressions.c.digest).where(suppressions.c.kind == KEY_ROW).limit(1)
_PARENT = sa.select(campaigns.c.parent_id).where(campaigns.c.id == sa.bindparam("campaign"))


class Forgotten(StoreError):
    """The campaign's key was destroyed: what was sealed under it cannot be read by anybody any more."""


class Seals:
    """Seals, opens and hashes the values of one store. Thread-safe; keys are read once and kept in memory."""

    def __init__(self, key: OperationKey) -> None:
        self._key = key
        self._lock = threading.Lock()
        self._boxes: dict[int, AESGCM] = {}
        self._roots: dict[int, int] = {OWN: OWN}
        self._people: dict[str, str] = {}
        self._checked = False
        self.texts: dict[int, str] = {}
        """Wordings that were opened, by id (store/texts.py)."""

    @property
    def key(self) -> OperationKey:
        """The operation's key, by which all of them are wrapped."""
        return self._key

    def unlock(self, connection: sa.Connection) -> bool:
        """Find the operation's key if anything is hashed with it; False if nothing is. Asks nobody for it yet.

        Raises KeyStop: lost, or (at once or when it is fetched) another operation's.
        """
        if self._checked:
            return True
        known = connection.execute(_KNOWN_KEY).scalar()
        self._key.open(needed=known is not None)
        if known is None:
            return False
        self._key.expect(_CHECK, known)
        self._checked = True
        return True

    def establish(self, connection: sa.Connection) -> None:
        """Open the operation's key, or make it and keep what tells it from any other; in this transaction."""
        if self._checked or self.unlock(connection):
            return
        if not self._key.open(needed=False):
            self._key.make()
        row = {
            "digest": self._key.digest(_CHECK),
            "kind": KEY_ROW,
            "reason": "",
            "person": "",
            "at_s": time.time(),
        }
        connection.execute(sa.insert(suppressions), row)
        self._checked = True

    def digest(self, connection: sa.Connection, what: str, words: str) -> str:
        """The keyed hash of words of one sort; it says nothing of those of another sort, or of a person."""
        if not self._checked:
            self.establish(connection)
        return self._key.digest(f"{what} {words}")

    def person(self, connection: sa.Connection, number: str) -> str:
        """The keyed hash of a number in E.164, as in `messages.person` and `suppressions.digest`."""
        found = self._people.get(number)
        if found is None:
            if not self._checked:
                self.establish(connection)
            if len(self._people) >= _MOST_PEOPLE:
                self._people.clear()
            found = self._people[number] = self._key.digest(number)
        return found

    def root(self, connection: sa.Connection, campaign_id: int) -> int:
        """The campaign whose key seals what belongs to this one: itself, or the one whose replies it answers."""
        found = self._roots.get(campaign_id)
        if found is None:
            parent = connection.execute(_PARENT, {"campaign": campaign_id}).scalar()
            found = self._roots[campaign_id] = campaign_id if parent is None else int(parent)
        return found

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
        except (InvalidTag, ValueError):  # ValueError: cut off before the tag
            raise StoreError(
                f"a value in the store ({label}) was changed by something else than gsmsend, and cannot be read",
                remedy="Do not send from this operation. Check it with 'gsmsend verify', and keep a copy of it.",
            ) from None
        return plain.decode("utf-8", "surrogatepass")

    def salt(self, connection: sa.Connection, campaign_id: int, purpose: str) -> str:
        """What makes hashes that may be seen say nothing: 64 hex digits, the same each time, gone with the key.

        HKDF-Expand (RFC 5869, 2.3) of the campaign's key, which AES-GCM never sees as such a message. Empty if the
        campaign has no key, or none any more: then it has no people either. Raises KeyStop.
        """
        row = _ROW.run(connection, {"campaign": campaign_id}).fetchone()
        if row is None or row[0] is None:
            return ""
        with self._lock:
            content = self._content(campaign_id, bytes(row[0]))
        return hmac.new(content, f"gsmsend salt for {purpose}\x01".encode(), hashlib.sha256).hexdigest()

    def drop(self, campaign_id: int) -> None:
        """Forget a key that was destroyed, and what was hashed of its people."""
        with self._lock:
            self._boxes.pop(campaign_id, None)
            self._people.clear()
            self.texts.clear()

    def clear(self) -> None:
        """Forget all that a transaction may have made which came to nothing: it is read again when needed."""
        with self._lock:
            self._boxes.clear()
            self._roots = {OWN: OWN}
            self._checked = False
            self.texts.clear()

    def _box(self, connection: sa.Connection, campaign_id: int, *, make: bool) -> AESGCM:
        with self._lock:
            found = self._boxes.get(campaign_id)
            if found is not None:
                return found
            row = _ROW.run(connection, {"campaign": campaign_id}).fetchone()
            if row is not None and row[0] is None:
                raise Forgotten(
                    "this campaign was forgotten: its numbers and texts are gone, and nothing can be added to it"
                )
            if row is None and not make:
                raise StoreError("the store has lost the key of a campaign", remedy="Put it back from a copy.")
            if make:
                self.establish(connection)
            else:
                self._key.open(needed=True)
            if row is not None:
                box = self._boxes[campaign_id] = AESGCM(self._content(campaign_id, bytes(row[0])))
                return box
            content, nonce = os.urandom(32), os.urandom(_NONCE)
            wrapped = nonce + AESGCM(self._key.subkey(_WRAP)).encrypt(nonce, content, _label(campaign_id))
            values = {"campaign_id": campaign_id, "wrapped": wrapped, "made_at_s": time.time()}
            connection.execute(sa.insert(keys), values)
            return AESGCM(content)

    def _content(self, campaign_id: int, wrapped: bytes) -> bytes:
        """The octets of a campaign's key."""
        try:
            wrap = AESGCM(self._key.subkey(_WRAP))
            return wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _label(campaign_id))
        except InvalidTag:
            raise KeyStop(
                f"{self._key.path} is the key of another operation, or the store was changed by something else",
                remedy="Put this operation's own file back from a copy of its folder. Nothing is sent without it.",
            ) from None


def _label(campaign_id: int) -> bytes:
    return f"content key of campaign {campaign_id}".encode()
