"""A store to look at: opened so that nothing in its folder is written or made, as a write-protected copy needs it.

SQLite in WAL mode reads through three files. Where `-wal` and `-shm` are there, they are used as they are, and a
run may go on meanwhile. Where there is no `-wal`, nobody has the store open: it is read by itself (`immutable`),
and told from one that has begun to change by its size and time (sqlite.org/wal.html, "Read-Only Databases").
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from gsmsend.contract import InboundRow, LineRow, MessageRow, ReportCounts
from gsmsend.errors import StoreError
from gsmsend.model import State
from gsmsend.store import schema, views
from gsmsend.store.approvals import ApprovalViews
from gsmsend.store.campaigns import CampaignViews
from gsmsend.store.chronicle import ChronicleViews
from gsmsend.store.comparing import Comparing
from gsmsend.store.engine import begin, connect, refuse_remains, to_look_at, version_of
from gsmsend.store.fallbacks import FallbackViews
from gsmsend.store.generation import Standing, judge
from gsmsend.store.heads import HeadViews
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.leasing import LeaseViews
from gsmsend.store.persons import SightingViews
from gsmsend.store.replies import ReplyViews
from gsmsend.store.results import ResultsViews
from gsmsend.store.retention import RetentionViews
from gsmsend.store.routes import RouteViews
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server, StorePlace
from gsmsend.store.stamps import StampViews
from gsmsend.store.suppression import SuppressionViews
from gsmsend.store.told_standing import StandingViews
from gsmsend.store.verifying import Verification
from gsmsend.store.watching import WatchViews

_AGAIN = "Give the same command again."
_ALONE = "&immutable=1"
_SHARED = "&readonly_shm=1"
_RECOVERING = ""
"""SQLite makes the `-shm` anew from the `-wal`."""


class Views(
    CampaignViews, SuppressionViews, ReplyViews, ApprovalViews, ResultsViews, SightingViews, RetentionViews,
    ChronicleViews, HeadViews, Verification, Comparing, StandingViews, StampViews, RouteViews,
    FallbackViews, WatchViews, LeaseViews,
):  # fmt: skip
    """What can be asked of a store. Every question is one transaction of its own."""

    def totals(self) -> dict[State, int]:
        """Messages by state."""
        with self._reading() as connection:
            return views.totals(connection)

    def lines(self, *, counted: bool = True) -> list[LineRow]:
        """Every line this store has seen."""
        with self._reading() as connection:
            return views.line_rows(connection, counted=counted)

    def messages(
        self, *states: State, message_id: int | None = None, closed: bool = False
    ) -> Iterator[MessageRow]:
        """Messages with their parts, in order of import."""
        with self._reading() as connection:
            yield from views.message_rows(connection, states, message_id, closed=closed)

    def inbox(self) -> list[InboundRow]:
        """Received texts, parts joined."""
        with self._reading() as connection:
            return views.inbox(connection)

    def sent_times(self, line_id: int, since_s: float) -> list[float]:
        """When this line sent its parts."""
        with self._reading() as connection:
            return views.sent_times(connection, line_id, since_s)

    def report_counts(self) -> ReportCounts:
        """Matched, unmatched and awaited reports."""
        with self._reading() as connection:
            return views.report_counts(connection)


class SqlView(Views):
    """contract.StoreView of one operation; an operation without a store yet has nothing in it.

    Raises StoreError if it cannot be opened, or if it begins to change while it is read by itself.
    """

    def __init__(self, path: StorePlace, *, key: OperationKey | None = None) -> None:
        self._path = path
        self._key = key or key_beside(path)
        self._seals = Seals(self._key)
        self._stamp: tuple[int, int] | None = None
        self._opened_by = ""
        if isinstance(path, Server):
            self._engine = to_look_at(path, self._seals) or _nothing()
            return
        self._file = path
        if not path.exists():
            refuse_remains(path)
            self._engine = _nothing()
            return
        if judge(self._settled_version(), path) is Standing.OLDER:
            self._engine.dispose()
            if not _writable(path):
                raise StoreError(
                    f"the store {path} was made by another version of gsmsend and may not be written to",
                    remedy="Copy the operation's folder to where you may write, and read the copy: it is brought "
                    "up to date there.",
                )
            connect(path, self._seals).dispose()
            self._settled_version()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with super()._reading() as connection:
                yield connection
        except StoreError:
            self._unchanged()
            raise
        self._unchanged()

    def _unchanged(self) -> None:
        if self._stamp is not None and self._stamp != _stamp(self._file):
            raise StoreError(f"the store {self._file} was changed while it was read", remedy=_AGAIN)

    def _settled_version(self) -> str:
        """Open, and say the schema; again if a run began or ended while it was being opened."""
        for last in (False, False, True):
            self._engine = self._open()
            try:
                return self._version()
            except StoreError:
                if last or _way(self._file) == self._opened_by:
                    raise
        raise AssertionError("the last round returns or raises")

    def _open(self) -> sa.Engine:
        self._opened_by = way = _way(self._file)
        self._stamp = _stamp(self._file) if way == _ALONE else None
        place = f"{self._file.absolute().as_uri()}?mode=ro{way}"

        def creator() -> sqlite3.Connection:
            connection = sqlite3.connect(
                place, uri=True, timeout=30.0, check_same_thread=False, isolation_level=None
            )
            try:
                for pragma in ("query_only=ON", "temp_store=MEMORY", "cell_size_check=ON", "cache_size=-4096"):
                    connection.execute(f"PRAGMA {pragma}")
            except BaseException:
                connection.close()
                raise
            return connection

        engine = sa.create_engine("sqlite://", creator=creator, poolclass=sa.QueuePool)
        sa.event.listen(engine, "begin", begin)
        return engine

    def _version(self) -> str:
        """The store's schema. Raises StoreError if it is damaged or not ours."""
        try:
            with self._reading() as connection:
                return version_of(connection, self._file)
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def key_beside(place: StorePlace) -> OperationKey:
    """The key in the file beside the store. Raises StoreError for a store that lies in no folder."""
    if isinstance(place, Server):
        raise StoreError(f"the store {place} lies in no folder, and no key was given for it")
    return OperationKey(place.with_name(NAME))


def _nothing() -> sa.Engine:
    """A store with nothing in it, in memory: what an operation is before its first import."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    schema.metadata.create_all(engine)
    return engine


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _way(path: Path) -> str:
    """How to open it: by itself if its file is all there is (nobody has it open), else with what lies beside it.

    Raises StoreError if it is empty or cannot be read.
    """
    log = _beside(path, "-wal")
    for file in (path, log):
        if file.exists() and not os.access(file, os.R_OK):
            raise StoreError(
                f"the store {file} may not be read by you",
                remedy="Ask whoever made the operation for the right to read its folder and all files in it.",
            )
    if path.stat().st_size == 0:
        raise StoreError(
            f"the store {path} cannot be used: it is empty", remedy="Put it back, or read another copy of it."
        )
    index = _beside(path, "-shm")
    if not log.exists() or (log.stat().st_size == 0 and not index.exists()):
        return _ALONE
    if not index.exists() and not _writable(path):
        raise StoreError(
            f"the store {path} cannot be read here: its latest entries are still in {log.name}, {index.name} is "
            "not there, and it cannot be made because the folder may not be written to",
            remedy="Copy the operation's whole folder to where you may write, and read the copy with --operation.",
        )
    return _SHARED if index.exists() else _RECOVERING


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
