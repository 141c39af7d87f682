"""The writers of a store: one that takes turns with all others and, on a server, one for claims beside it.

SQLite has one writer at a time, whoever it is. On a server a claim needs not wait for the audit log, as it enters
nothing in it, nor for another host's claim, as it passes over what is locked (SKIP LOCKED). It must not run beside
a transaction that looks over the queue as a whole, such as a pause: those take a second lock, which claims share.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from gsmsend.store.journal import Journal
from gsmsend.store.patience import Patience
from gsmsend.store.server import Server, StorePlace
from gsmsend.store.writer import Body, Writer


class Lanes:
    """Where the transactions of an open store are put. Thread-safe."""

    def __init__(
        self, engine: sa.Engine, place: StorePlace, journal: Callable[[], Journal], patience: Patience
    ) -> None:
        self._close_news: Callable[[], None] = lambda: None
        if not isinstance(place, Server):
            writer = self._turns = self._claims = Writer(engine, place, journal())
            self.submit = self.narrow = self.give_back = self.claim = writer.submit
            self.hear = lambda _wake: None
            return
        from gsmsend.store.pg_news import Listener  # noqa: PLC0415 - psycopg is an extra
        from gsmsend.store.pg_writer import ServerWriter, sweeps, telling  # noqa: PLC0415 - as above

        process = uuid4().hex
        turns = self._turns = ServerWriter(engine, place, journal(), patience)
        claims = self._claims = ServerWriter(engine, place, journal(), patience, turns=False)

        def submit(body: Body) -> Future[Any]:
            return turns.submit(telling(sweeps(body), place.schema, process))

        def give_back(body: Body) -> Future[Any]:
            return turns.submit(telling(body, place.schema, process))

        def hear(wake: Callable[[], None]) -> None:
            self._close_news = Listener(place, process, wake).close

        self.submit, self.narrow, self.give_back = submit, turns.submit, give_back
        self.claim, self.hear = claims.submit, hear

    submit: Callable[[Body], Future[Any]]
    """Queue a transaction; nothing else is changed while it runs. The future resolves once it is on disk."""
    narrow: Callable[[Body], Future[Any]]
    """The same for one that changes nothing that is queued but by moving single texts there: claims go on."""
    give_back: Callable[[Body], Future[Any]]
    """As `narrow`, for one after which other lines should look at the queue."""
    claim: Callable[[Body], Future[Any]]
    """The same for one that only takes texts off the queue."""

    hear: Callable[[Callable[[], None]], None]
    """Have this called, on a thread of its own, when another process may have changed what is queued."""

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._close_news()
        self._claims.close()
        self._turns.close()
