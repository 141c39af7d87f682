"""Whether a key is the one that a store was made with, asked before a backup is put back."""

from __future__ import annotations

import json

import sqlalchemy as sa

from gsmsend.store.heads import public_key
from gsmsend.store.reading import SqlView
from gsmsend.store.schema import audit, suppressions
from gsmsend.store.seals import KEY_ROW

_HASHED = sa.select(suppressions.c.id).where(suppressions.c.kind == KEY_ROW).limit(1)
_FIRST = sa.select(audit.c.line).where(audit.c.n == 1)


class KeyedView(SqlView):
    """A store to look at, with a key that may or may not be its own."""

    def keyed(self) -> bool:
        """Whether anything in it was hashed or sealed with a key."""
        with self._reading() as connection:
            return connection.execute(_HASHED).first() is not None

    def key_fits(self) -> bool:
        """Whether the audit log's first entry names this key's public key; True where there is no log yet."""
        with self._reading() as connection:
            line = connection.execute(_FIRST).scalar()
        return line is None or json.loads(line)["data"]["public_key"] == public_key(self._key)
