"""The one writer: a thread that runs transactions in turn and syncs once for all that wait (group commit).

No timer: a batch is whatever has queued up while the last one was being synced, and it runs for no longer than
a sync takes. Without that bound lines that wait for one batch are released together, come back together a
radio time later, and wait for each other for ever.
"""

from __future__ import annotations

import queue
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
_Item = tuple[Body, Future[Any]]
_LEAST_S = 0.0005
"""A batch may always run for so long, however fast the disk is."""


class Writer:
    """Owns the one writing connection. `submit` may be called from any thread.

    A body that raises undoes the batch; the others of the batch are then run again one by one, so a body may
    run twice and must do nothing but use its connection. What they enter in the audit log is written with them.
    """

    def __init__(self, engine: sa.Engine, place: StorePlace, journal: Journal) -> None:
        self._engine = engine
        self._place = place
        self._journal = journal
        self._connection = engine.connect()  # here, so that whoever opens the store hears if it cannot be
        journal.attach(self._connection)
        self._inbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
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

    def _work(self) -> None:
        with self._connection as connection:
            while True:
                first = self._inbox.get()
                if first is None:
                    return
                if not self._commit(connection, first):
                    return

    def _commit(self, connection: sa.Connection, first: _Item) -> bool:
        """Run a batch that begins with `first`; whether there is more to come."""
        batch, results, more = [first], [], True
        until_s = time.monotonic() + max(self._sync_s, _LEAST_S)
        self._journal.begin()
        try:
            with connection.begin():
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
                self._journal.write(connection)
                ran_s = time.monotonic()
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits
            self._journal.undone()
            self._one_by_one(connection, batch, error)
            return more
        self._sync_s += (time.monotonic() - ran_s - self._sync_s) * 0.2
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
        return more

    def _one_by_one(self, connection: sa.Connection, batch: list[_Item], error: Exception) -> None:
        """A batch was undone: the fault is of one of its transactions, the others must not suffer."""
        if len(batch) == 1:
            batch[0][1].set_exception(_plain(error, self._place))
            return
        for body, future in batch:
            self._journal.begin()
            try:
                with connection.begin():
                    result = body(connection)
                    self._journal.write(connection)
            except Exception as own:  # noqa: BLE001 - it is handed to whoever waits
                self._journal.undone()
                future.set_exception(_plain(own, self._place))
            else:
                future.set_result(result)


def _plain(error: Exception, place: StorePlace) -> Exception:
    """Our own errors as they are; the database's without its parameters, which hold numbers and texts."""
    if isinstance(error, sa.exc.DBAPIError):
        return store_error(error, place, "written")
    return error
