"""What shows that an entry of the audit log was written by who had the operation's key: HMAC-SHA256 beside it.

A stop waits for no passphrase. So a few entries may be written while the key is not open, and have none: those
that stop sending, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.model import State
from gsmsend.store.key import OperationKey
from gsmsend.store.schema import inbound, keys, messages, reports
from gsmsend.store.vault import vault_of

OLDER = -1
"""`keys.campaign_id` of the mark of a store that an earlier version made, until its log is begun."""
_BLOCK = 64
"""Octets of a block of SHA-256."""
_INNER, _OUTER = (bytes(octet ^ pad for octet in range(256)) for pad in (0x36, 0x5C))
_PURPOSE = "audit entries"
_WORDS = "this store is older than its audit log"
_STOPS = frozenset({Kind.SESSION, Kind.PAUSE, Kind.CANCEL})
_MOVES = frozenset({Kind.MOVE, Kind.WITHDRAW})
_NOTHING_LEAVES = frozenset(
    state.value for state in (State.DRAFT, State.HELD, State.SUPPRESSED, State.CANCELLED, State.FAILED)
)
_MARK = sa.select(keys.c.wrapped).where(keys.c.campaign_id == OLDER)


class Macs:
    """Makes and checks them under one key. Raises KeyStop if that cannot be had.

    HMAC (RFC 2104) from two hashes that have the key in them already: it is made three times a text.
    """

    __slots__ = ("_inner", "_octets", "_outer")

    def __init__(self, key: OperationKey) -> None:
        self._octets = key.subkey(_PURPOSE)
        block = self._octets.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def of(self, campaign_id: int, line: str) -> bytes:
        """32 octets over the campaign whose key seals what the entry hides, and the entry's line."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{campaign_id}:{line}".encode("ascii"))
        outer.update(inner.digest())
        return outer.digest()

    def fits(self, found: object, campaign_id: object, line: str) -> bool:
        """Whether this is the one of that entry."""
        if not isinstance(found, bytes) or not isinstance(campaign_id, int) or not line.isascii():
            return False
        return hmac.compare_digest(found, self.of(campaign_id, line))

    def mark(self) -> bytes:
        """What the mark of a store is that is older than its log."""
        return hmac.digest(self._octets, _WORDS.encode("ascii"), "sha256")


def may_lack(kind: str, data: object) -> bool:
    """Whether such an entry may be written by who does not have the key: it stops, or says who stopped."""
    if kind in _STOPS:
        return True
    return kind in _MOVES and isinstance(data, Mapping) and data.get("state") in _NOTHING_LEAVES


def mark_older(connection: sa.Connection) -> None:
    """Mark a store that is being brought up to date, so that nobody else can say of one that it has no log yet."""
    held = (connection.execute(sa.select(table.c.id).limit(1)).first() for table in (messages, reports, inbound))
    if any(held):
        mark = Macs(vault_of(connection).seals.key).mark()
        values: dict[str, Any] = {"campaign_id": OLDER, "wrapped": mark, "made_at_s": 0.0}
        connection.execute(sa.insert(keys), values)


def unmark(connection: sa.Connection) -> None:
    """The log is begun."""
    connection.execute(sa.delete(keys).where(keys.c.campaign_id == OLDER))


def marked(connection: sa.Connection, macs: Macs | None) -> bool:
    """Whether the store is marked; without the key, by anybody."""
    found = connection.execute(_MARK).scalar()
    if found is None or macs is None:
        return found is not None
    return isinstance(found, bytes) and hmac.compare_digest(found, macs.mark())
