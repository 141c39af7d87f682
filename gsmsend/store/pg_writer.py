"""The writer of a store on a server: it waits while that does not answer, and never guesses what was committed.

With each transaction goes the number of its batch, into this writer's own row. Where the connection was lost, the
row says whether the last one is in the database: then its results stand, else it is run again. A row that lacks an
earlier one shows that the database lost what it had confirmed; then nothing is written any more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg import errors, sql
from psycopg.pq import TransactionStatus

from gsmsend.errors import LogStop, StoreError
from gsmsend.store.journal import Journal
from gsmsend.store.patience import Patience, ServerAway
from gsmsend.store.pg_news import tell
from gsmsend.store.pg_plain import server_error
from gsmsend.store.postgresql import FIRST, IDLE
from gsmsend.store.server import Server
from gsmsend.store.writer import Body, Item, Writer

_TURN = sql.SQL(
    "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SELECT pg_advisory_xact_lock({}); "
    "SELECT n, hash, (SELECT count(*) FROM keys WHERE wrapped IS NULL) FROM audit ORDER BY n DESC LIMIT 1"
)
_BESIDE = sql.SQL(
    "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SELECT pg_advisory_xact_lock_shared({}); "
    "SELECT NULL, NULL, 0 LIMIT 0"
)
_END = sql.SQL(
    "INSERT INTO gsmsend_writers (name, batch, at) "
    "SELECT {}, {}, now() FROM set_config('synchronous_commit', 'off', true) "
    "ON CONFLICT (name) DO UPDATE SET batch = excluded.batch, at = excluded.at; COMMIT"
)
"""Each of these three is one round trip."""
_FOUND = "SELECT batch FROM gsmsend_writers WHERE name = %s FOR UPDATE"
_OLD = (
    "DELETE FROM gsmsend_writers w WHERE name <> %s AND batch > 0 AND at < now() - interval '30 days' "
    "AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'gsmsend writer ' || w.name)"
)
"""Rows of who has gone; a console may have nothing to write for longer."""
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = %s AND usename = current_user AND pid <> pg_backend_pid()"
)
_INDEXED = sql.SQL(
    "SET enable_seqscan TO off; SET enable_hashjoin TO off; SET enable_mergejoin TO off; "
    "SET plan_cache_mode TO force_generic_plan; SET jit TO off"
)
"""Of a connection that only claims, by index, one text of any number: a plan made while the queue was short, which
the server keeps, must not read all of a long one; and to plan takes longer than to claim."""
_SYNC = sql.SQL("SELECT pg_logical_emit_message(true, 'gsmsend', '')")
"""Its commit waits until all that was committed before is on disk, and on the replicas that are waited for."""
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure)
_MOST_TRIES = 5
_BATCH_S = 0.02
"""What has queued up while others had their turn goes in one transaction, as long as it runs no longer."""


def sweeps(body: Body) -> Body:
    """A body that may look over the whole queue: no claim runs meanwhile."""

    def swept(connection: sa.Connection) -> Any:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_queue_of(connection),))
        return body(connection)

    return swept


def telling(body: Body, schema: str, process: str) -> Body:
    """A body of which other processes hear when it is committed; once for all of a transaction."""

    def told(connection: sa.Connection) -> Any:
        found = body(connection)
        tell(connection, schema, process)
        return found

    return told


def _queue_of(connection: sa.Connection) -> int:
    """The lock of the operation's queue. It is taken after that of its writers, so that nobody waits in a ring."""
    return int(connection.get_execution_options()["gsmsend_lock"]) ^ 1


class ServerWriter(Writer):
    """One writing connection to a server. `turns` is False for claims, which wait for no other writer and no disk.

    A claim that a crash of the server loses is none: its text is queued, and no attempt is opened for who believes
    to have it. One that an attempt was opened for is on disk, as that comes later in the same log and is synced.
    """

    _least_s = _BATCH_S

    def __init__(
        self, engine: sa.Engine, place: Server, journal: Journal, patience: Patience, *, turns: bool = True
    ) -> None:
        self._server = place
        self._patience = patience
        self._turns = turns
        self._name = uuid4().hex
        self._number = 0
        """Of the last batch that is known to be in the database."""
        self._given_up = False
        """Whether the one after it was not waited for to the end: it may be there, too."""
        self._tries = 0
        super().__init__(engine, place, journal)

    def close(self) -> None:
        """Finish what is queued and stop; what the server does not take now is not waited for."""
        self._patience.end()
        super().close()

    def _connect(self) -> sa.Connection:
        connection = super()._connect()
        lock = int(connection.get_execution_options()["gsmsend_lock"])
        self._lock = lock if self._turns else lock ^ 1
        first = (_TURN if self._turns else _BESIDE).format(self._lock)
        connection = connection.execution_options(**{FIRST: first})
        connection.detach()  # it begins and commits by itself, as nobody else who has it from the pool would
        self._driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
        self._driver.autocommit = True
        self._driver.execute(IDLE)
        self._driver.execute("SELECT set_config('application_name', %s, false)", (self._as_known,))
        self._driver.execute(_SYNC if self._turns else _INDEXED)
        return connection

    @property
    def _as_known(self) -> str:
        return f"gsmsend writer {self._name}"

    def _write(self, connection: sa.Connection) -> None:
        if self._patience.broken is not None:
            raise self._patience.broken
        super()._write(connection)
        if not self._number:
            connection.exec_driver_sql(_OLD, (self._name,))
        self._ask(self._end())

    def _end(self) -> sql.Composed:
        """Commit, and wait for the disk once the turn is over: others write on meanwhile, and one sync is for all.

        What they write on comes later in the server's log, so that it is never on disk without this.
        """
        end = _END.format(self._name, self._number + 1)
        return end + sql.SQL("; ") + _SYNC if self._turns else end

    def _ask(self, statements: sql.Composed | sql.SQL) -> None:
        try:
            self._driver.execute(statements, prepare=False)
        except psycopg.Error as error:
            if self._driver.info.transaction_status is not TransactionStatus.INERROR:
                self._driver.close()  # it may be committed: that is asked for anew
            raise sa.exc.DBAPIError("COMMIT", None, error) from error

    def _done(self, batch: list[Item], results: list[Any]) -> None:
        self._number += 1
        self._tries = 0
        super()._done(batch, results)

    def _failed(self, batch: list[Item], results: list[Any], error: Exception) -> None:
        if self._is_cut_off(error):
            try:
                committed = self._regain(_as_told(error, self._server))
            except Exception as stop:  # noqa: BLE001 - it is handed to whoever waits
                self._given_up = True
                with suppress(psycopg.Error):
                    self._driver.close()  # what comes next asks first
                _refuse(batch, stop)
                return
            if committed:
                self._done(batch, results)
            else:
                self._again(batch)
        elif _is_passing(error) and self._tries < _MOST_TRIES:
            self._tries += 1
            self._again(batch)
        else:
            super()._failed(batch, results, error)

    def _is_cut_off(self, error: Exception) -> bool:
        own = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        return self._driver.closed or isinstance(own, errors.ReadOnlySqlTransaction)

    def _regain(self, error: StoreError) -> bool:
        """Connect anew, however long that takes; whether the last batch was committed.

        Raises StoreError if nobody waits any more, or if the database lost what it had confirmed.
        """
        for _ in self._patience.tries():
            try:
                self._reconnect()
                committed = self._settled()
                if self._turns:
                    self._ask(_SYNC)
            except (sa.exc.DBAPIError, psycopg.Error) as problem:
                error = _as_told(problem, self._server)
                self._patience.waits(error)
            else:
                self._patience.goes_on()
                return committed
        raise error

    def _reconnect(self) -> None:
        with suppress(sa.exc.SQLAlchemyError, psycopg.Error):
            self._driver.close()
            self._connection.close()
        self._connection = self._connect()

    def _settled(self) -> bool:
        """Ask for the last number. What still holds the row is a transaction of ours, cut off: it is ended."""
        self._driver.execute(_END_OTHERS, (self._as_known,))
        (standby,) = self._driver.execute("SELECT pg_is_in_recovery()").fetchone() or (True,)
        if standby:
            raise errors.ReadOnlySqlTransaction("the server is a standby")
        # The first number is in no row yet that could be waited for: the lock of that transaction is.
        self._driver.execute(sql.SQL("SELECT pg_advisory_xact_lock({})").format(self._lock))
        row = self._driver.execute(_FOUND, (self._name,)).fetchone()
        found = row[0] if row is not None else 0
        if not self._turns:
            self._number = min(self._number, found)
        if found not in {self._number, self._number + 1}:
            self._patience.broken = LogStop(
                f"the store {self._server} has lost what it had confirmed to this process (its batch "
                f"{self._number}; there is {found}): the server was put back, or a replica took over that had not "
                "all of it. People may have been texted who are not on record there, and nothing more is sent",
                remedy="Have the old primary brought back, or have the replica made a synchronous one before "
                "anything else. Then: gsmsend verify",
            )
            raise self._patience.broken
        if self._given_up:
            self._given_up, self._number = False, found
        return found == self._number + 1


def _refuse(batch: list[Item], error: Exception) -> None:
    for _, future in batch:
        future.set_exception(error)


def _is_passing(error: Exception) -> bool:
    return isinstance(error, sa.exc.DBAPIError) and isinstance(error.orig, _PASSING)


def _as_told(error: Exception, place: Server) -> StoreError:
    if isinstance(error, StoreError):
        return error
    if not isinstance(error, sa.exc.DBAPIError):
        error = sa.exc.DBAPIError("", None, error)
    found = server_error(error, place, "written")
    return found if isinstance(found, ServerAway) else ServerAway(found.words, remedy=found.remedy)
