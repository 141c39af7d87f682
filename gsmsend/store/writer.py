"""The one writer: a thread that runs transactions in turn and syncs once for all that wait (group commit).

No timer: a batch is whatever has queued up while the last one was being synced.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from gsmsend.errors import GsmsendError, StoreError

Body = Callable[[sa.Connection], Any]
_Item = tuple[Body, Future[Any]]
_MOST = 256
"""The most transactions that share one sync, so that none waits long behind a flood."""


class Writer:
    """Owns the one writing connection. `submit` may be called from any thread.

    A body that raises undoes the batch; the others of the batch are then run again one by one, so a body may
    run twice and must do nothing but use its connection.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._inbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._closed = False
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
        with self._engine.connect() as connection:
            while True:
                first = self._inbox.get()
                if first is None:
                    return
                batch = [first]
                last = False
                while len(batch) < _MOST and not last:
                    try:
                        item = self._inbox.get_nowait()
                    except queue.Empty:
                        break
                    if item is None:
                        last = True
                    else:
                        batch.append(item)
                self._commit(connection, batch)
                if last:
                    return

    def _commit(self, connection: sa.Connection, batch: list[_Item]) -> None:
        try:
            with connection.begin():
                results = [body(connection) for body, _ in batch]
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits
            if len(batch) == 1:
                batch[0][1].set_exception(_plain(error))
                return
            for item in batch:
                self._commit(connection, [item])
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)


def _plain(error: Exception) -> Exception:
    """Our own errors as they are; the database's without its parameters, which hold numbers and texts."""
    if isinstance(error, GsmsendError):
        return error
    if isinstance(error, sa.exc.DBAPIError):
        return StoreError(
            f"the store could not be written: {error.orig}",
            remedy="Check free disk space and the permissions of the operation's folder, then run it again.",
        )
    return error
