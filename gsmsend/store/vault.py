"""Seals and keyed hashes within one transaction, found by its connection.

What was forgotten is NULL in the store, and reads as `FORGOTTEN`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.contract.forgetting import FORGOTTEN
from gsmsend.store.seals import Seals

TAIL = 7
"""Digits by which a national form is looked for."""
_TAIL_HASH = 16
"""Hex digits kept of a tail's hash: who is found by it is compared in full."""
_SLOT = "gsmsend vault"


@dataclass(frozen=True, slots=True)
class Vault:
    """What a transaction needs to seal, open and look up. Campaign ids are roots, as `root` gives them."""

    connection: sa.Connection
    seals: Seals

    def person(self, number: str) -> str:
        """The keyed hash of a number in E.164."""
        return self.seals.person(self.connection, number)

    def tail(self, number: str) -> str:
        """The keyed hash of a number's last digits."""
        return self.seals.digest(self.connection, "tail", number[-TAIL:])[:_TAIL_HASH]

    def digest(self, what: str, words: str) -> str:
        """The keyed hash of a text, a sender or a PDU."""
        return self.seals.digest(self.connection, what, words)

    def approval_salt(self, campaign_id: int) -> str:
        """The salt of what officers approve of a campaign; empty once it is forgotten, or while it has nobody."""
        return self.seals.salt(self.connection, campaign_id, "what officers approve")

    def root(self, campaign_id: int) -> int:
        """The campaign whose key seals what belongs to this one."""
        return self.seals.root(self.connection, campaign_id)

    def seal(self, campaign_id: int, label: str, plain: str) -> bytes:
        """Encrypt. Raises Forgotten."""
        return self.seals.seal(self.connection, campaign_id, label, plain)

    def open(self, campaign_id: int, label: str, sealed: bytes | None) -> str:
        """Decrypt. Raises StoreError if the value was changed."""
        return FORGOTTEN if sealed is None else self.seals.open(self.connection, campaign_id, label, sealed)

    def number(self, campaign_id: int, message_id: int, sealed: bytes | None) -> str:
        """A message's number, of any campaign."""
        return self.open(self.root(campaign_id), number_of(message_id), sealed)


def number_of(message_id: int) -> str:
    """The label of a message's number."""
    return f"messages.number {message_id}"


def attach(connection: sa.Connection, seals: Seals) -> None:
    """Let `vault_of` find these seals by the connection."""
    connection.info[_SLOT] = seals


def vault_of(connection: sa.Connection) -> Vault:
    """The vault of the store that this connection is to."""
    return Vault(connection, connection.info[_SLOT])
