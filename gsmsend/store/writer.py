"""The one writer: a thread that runs transactions in turn and syncs once for all that wait (group commit).

No timer: a batch is whatever has queued up while the last one was being synced, and it runs for no longer than
a sync takes. Without that bound lines that wait for one batch are released together, come back together a
radio time later, and wait for each other for ever.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from gsmsend.errors import StoreError
from gsmsend.store.journal import Journal
from gsmsend.store.plain import store_error
from gsmsend.store.server import StorePlace

Body = Callable[[sa.Connection], Any]
Item = tuple[Body, Future[Any]]
_LEAST_S = 0.0005
"""A batch may always run for so long, however fast the disk is."""
_CACHE = "PRAGMA cache_size=-4096"
"""Pages of an embedded store that the writer keeps in memory, in KiB: those that each text changes."""


class Writer:
    """Owns the one writing connection. `submit` may be called from any thread.

    A body that raises undoes the batch; the others of the batch are then run again one by one, so a body may
    run twice and must do nothing but use its connection. What they enter in the audit log is written with them.
    """

    _least_s = _LEAST_S

    def __init__(self, engine: sa.Engine, place: StorePlace, journal: Journal) -> None:
        self._engine = engine
        self._place = place
        self._journal = journal
        self._connection = self._connect()  # here, so that whoever opens the store hears if it cannot be
        self._inbox: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._closed = False
        self._sync_s = _LEAST_S
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, body: Body) -> Future[Any]:
        """Queue a transaction. The future resolves to the body's result once it is on disk."""
        future: Future[Any] = Future()
        if self._closed:
            future.set_exception(StoreError("the store is closed"))
        else:
            self._inbox.put((body, future))
        return future

    def close(self) -> None:
        """Finish what is queued and stop."""
        if not self._closed:
            self._closed = True
            self._inbox.put(None)
            self._thread.join()

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect()
        driver: Any = connection.connection.dbapi_connection
        if isinstance(driver, sqlite3.Connection):
            driver.execute(_CACHE)
        self._journal.attach(connection)
        return connection

    def _work(self) -> None:
        try:
            while True:
                first = self._inbox.get()
                if first is None or not self._commit(first):
                    return
        finally:
            self._connection.close()

    def _commit(self, first: Item) -> bool:
        """Run a batch that begins with `first`; whether there is more to come."""
        connection, batch, more = self._connection, [first], True
        results: list[Any] = []
        self._journal.begin()
        try:
            with connection.begin():
                until_s = time.monotonic() + max(self._sync_s, self._least_s)  # from when its turn has come
                results.append(first[0](connection))
                while time.monotonic() < until_s:
                    try:
                        item = self._inbox.get_nowait()
                    except queue.Empty:
                        break
                    if item is None:
                        more = False
                        break
                    batch.append(item)
                    results.append(item[0](connection))
                self._write(connection)
                ran_s = time.monotonic()
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits
            self._journal.undone()
            self._failed(batch, results, error)
            return more
        self._sync_s += (time.monotonic() - ran_s - self._sync_s) * 0.2
        self._done(batch, results)
        return more

    def _write(self, connection: sa.Connection) -> None:
        """The last of a transaction."""
        self._journal.write(connection)

    def _done(self, batch: list[Item], results: list[Any]) -> None:
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)

    def _failed(self, batch: list[Item], _results: list[Any], error: Exception) -> None:
        """A batch was undone: the fault is of one of its transactions, the others must not suffer."""
        if len(batch) == 1:
            batch[0][1].set_exception(_plain(error, self._place))
            return
        for item in batch:
            self._again([item])

    def _again(self, batch: list[Item]) -> None:
        """Run these, and nothing that came since, in a transaction of their own."""
        results: list[Any] = []
        self._journal.begin()
        try:
            with self._connection.begin():
                results += [body(self._connection) for body, _ in batch]
                self._write(self._connection)
        except Exception as error:  # noqa: BLE001 - as above
            self._journal.undone()
            self._failed(batch, results, error)
        else:
            self._done(batch, results)


def _plain(error: Exception, place: StorePlace) -> Exception:
    """Our own errors as they are; the database's without its parameters, which hold numbers and texts."""
    if isinstance(error, sa.exc.DBAPIError):
        return store_error(error, place, "written")
    return error
