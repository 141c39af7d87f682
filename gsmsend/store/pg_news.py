"""Hearing at once of what other processes and hosts changed, by LISTEN and NOTIFY: nothing is polled.

A transaction that may change what is queued, or whether it may leave, tells all that listen when it is committed,
by the name of the process, so that its own does not hear itself. A connection that was lost may have missed news.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from gsmsend.errors import GsmsendError
from gsmsend.store.postgresql import raw
from gsmsend.store.server import Server

_AWAKE_S = 300.0
"""A connection that nobody has used for so long is tried; the system finds a dead one much earlier."""
_PAUSE_S = 1.0


def channel(schema: str) -> str:
    """The name of an operation's channel; channels are of one database."""
    return f"gsmsend {schema}"[:63]


def tell(connection: sa.Connection, schema: str, process: str) -> None:
    """Have all that listen told once this transaction is committed."""
    connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (channel(schema), process))


class Listener:
    """A thread that waits for news, and calls `wake` for each; `process` is who is not listened to."""

    def __init__(self, place: Server, process: str, wake: Callable[[], None]) -> None:
        self._place = place
        self._process = process
        self._wake = wake
        self._over = threading.Event()
        self._connection: psycopg.Connection[Any] | None = None
        self._thread = threading.Thread(target=self._work, name="store-news", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        connection = self._connection
        if connection is not None:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=1.0)
            with suppress(psycopg.Error, OSError):
                connection.close()
        self._thread.join(_PAUSE_S)

    def _work(self) -> None:
        missed = False
        while not self._over.is_set():
            with (
                suppress(psycopg.Error, OSError, GsmsendError),
                raw(self._place, program="gsmsend news", autocommit=True) as connection,
            ):
                self._connection = connection
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel(self._place.schema))))
                if missed:
                    self._wake()
                self._hear(connection)
            missed = True
            self._over.wait(_PAUSE_S)

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        while not self._over.is_set():
            for news in connection.notifies(timeout=_AWAKE_S, stop_after=1):
                if news.payload != self._process:
                    self._wake()
            connection.execute("SELECT 1")
