"""The envelope of the operation's key beside a store on a server, for computers that join.

Only one that is sealed under a passphrase: as safe there as in the operation's folder. It says nothing to who does
not know the passphrase, and a planted one opens nothing: the store knows its own key by a keyed hash.
"""

from __future__ import annotations

import psycopg
import sqlalchemy as sa

from gsmsend.keyplace import Envelope, Place
from gsmsend.store.pg_plain import server_error
from gsmsend.store.postgresql import ENVELOPE, raw
from gsmsend.store.server import Server

_THERE = "SELECT to_regclass(%s) IS NOT NULL"
_FETCH = "SELECT octets FROM gsmsend_envelope"
_KEEP = (
    "INSERT INTO gsmsend_envelope (one, octets) VALUES (true, %s) "
    "ON CONFLICT (one) DO UPDATE SET octets = excluded.octets WHERE gsmsend_envelope.octets <> excluded.octets"
)


def fetch(place: Server) -> Envelope | None:
    """The envelope that lies there; None if there is none that can be used. Raises StoreError."""
    try:
        with raw(place, autocommit=True, reads_only=True) as connection:
            there = connection.execute(_THERE, (ENVELOPE,)).fetchone()
            row = connection.execute(_FETCH).fetchone() if there is not None and there[0] else None
    except psycopg.Error as error:
        raise server_error(sa.exc.DBAPIError(_FETCH, None, error), place, "read") from None
    if row is None:
        return None
    try:
        found = Envelope.of(bytes(row[0]))
    except ValueError:
        return None
    return found if found.place is Place.PASSPHRASE and not found.backup else None


def keep(place: Server, envelope: Envelope) -> None:
    """Lay the envelope there for others, in place of one from before. Raises StoreError."""
    if envelope.place is not Place.PASSPHRASE:
        return
    try:
        with raw(place, autocommit=True) as connection:
            connection.execute(_KEEP, (envelope.octets,))
    except psycopg.Error as error:
        raise server_error(sa.exc.DBAPIError(_KEEP, None, error), place, "written") from None
