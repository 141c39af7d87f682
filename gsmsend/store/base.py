"""What each part of a store stands on: `Reader` asks, `Changer` changes too. Each part has a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from gsmsend.contract import Rules
from gsmsend.store.key import OperationKey
from gsmsend.store.lanes import Lanes
from gsmsend.store.plain import all_wait, store_error
from gsmsend.store.seals import Seals
from gsmsend.store.server import StorePlace
from gsmsend.store.vault import attach


class Reader:
    """Asks questions of an open store, each one transaction."""

    _engine: sa.Engine
    _path: StorePlace
    _key: OperationKey
    _seals: Seals

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect().execution_options(read_only=True) as connection:
                attach(connection, self._seals)
                yield connection
        except sa.exc.DBAPIError as error:
            raise store_error(error, self._path, "read") from None
        except sa.exc.TimeoutError:
            raise all_wait(self._path, "read") from None


class Changer(Reader):
    """Changes an open store, through its one writer."""

    _rules: Rules
    _writer: Lanes
