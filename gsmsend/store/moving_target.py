"""Where a store is moved to: made whole where nobody takes it for a store, then put where it belongs.

A file is made beside its place and named at last. On a server all of it is one transaction. Either way it arrives
with a mark, and what was there before must be what this same store was, earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from gsmsend.errors import GuardStop, PlaceStop, reason
from gsmsend.store import engine, folder, moving_marks
from gsmsend.store.moving_marks import Mark
from gsmsend.store.schema import audit
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server, StorePlace

Fill = Callable[[sa.Connection], None]
_ENDS = ("", "-wal", "-shm", "-journal")
_LAST = sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
_SAME = sa.select(audit.c.n).where(audit.c.n == sa.bindparam("number"), audit.c.hash == sa.bindparam("its_hash"))


@contextmanager
def opened(place: StorePlace) -> Iterator[sa.Engine]:
    """What a store is looked at and changed by whatever mark it has. Nothing is made or brought further."""
    found = engine.bare(place)
    if isinstance(place, Server):
        sa.event.listen(found, "begin", _takes_its_time)
    try:
        yield found
    finally:
        found.dispose()


def _takes_its_time(connection: sa.Connection) -> None:
    """A server may end a transaction that asks nothing for some seconds; a million rows are compared meanwhile."""
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def mark_at(place: StorePlace) -> Mark | None:
    """The mark of the store in this place; None for none, or for no store."""
    if isinstance(place, Path) and not place.exists():
        return None
    with opened(place) as found, found.connect().execution_options(read_only=True) as connection:
        if isinstance(place, Server):
            from gsmsend.store import postgresql  # noqa: PLC0415 - psycopg is an extra

            if not postgresql.is_there(connection):
                return None
        return moving_marks.read(connection)


class Target:
    """A place that a store is moved to."""

    def __init__(self, place: StorePlace, seals: Seals) -> None:
        self.place = place
        self._seals = seals

    def make(self, source: sa.Connection, mark: Mark, fill: Fill) -> None:
        """Make the store with its mark, filled, on disk. Raises GuardStop, StoreError."""
        if isinstance(self.place, Server):
            self._on_server(self.place, source, mark, fill)
        else:
            self._in_file(self.place, source, mark, fill)

    @property
    def made(self) -> StorePlace:
        """Where it was made: to be looked at."""
        return self.place if isinstance(self.place, Server) else _beside(self.place)

    def settle(self) -> None:
        """Have it in its place, on disk, whatever was there before. Raises PlaceStop."""
        if isinstance(self.place, Server):
            return
        new = _beside(self.place)
        left = [file for file in (*_files(self.place)[1:], *_files(new)[1:]) if file.exists()]
        if left:
            raise PlaceStop(
                f"{left[0]} is in use by another program",
                remedy="Close it, then give the same command again. The store is the one that it was.",
            )
        try:
            new.replace(self.place)
        except OSError as error:
            raise PlaceStop(f"{self.place} cannot be made: {reason(error)}") from None
        folder.sync(self.place.parent)

    def _in_file(self, path: Path, source: sa.Connection, mark: Mark, fill: Fill) -> None:
        if path.exists():
            with opened(path) as there, there.connect().execution_options(read_only=True) as connection:
                _only_our_own(connection, source, path)
        new = _beside(path)
        for file in _files(new):
            file.unlink(missing_ok=True)
        engine.connect(new, self._seals).dispose()
        with opened(new) as made, made.begin() as connection:
            moving_marks.put(connection, mark)
            fill(connection)

    def _on_server(self, place: Server, source: sa.Connection, mark: Mark, fill: Fill) -> None:
        with opened(place) as found, found.begin() as connection:
            from gsmsend.store import pg_moving, postgresql  # noqa: PLC0415 - psycopg is an extra

            postgresql.check_server(connection, place)
            if postgresql.is_there(connection):
                _only_our_own(connection, source, place)
                pg_moving.empty(connection)
            postgresql.make(connection, place)
            moving_marks.put(connection, mark)
            fill(connection)


def _only_our_own(there: sa.Connection, source: sa.Connection, place: StorePlace) -> None:
    """Raise GuardStop unless the store there is what this one was earlier, and is in use no more."""
    if moving_marks.read(there) is None:
        raise GuardStop(
            f"there is a store already: {place}",
            remedy="Name another place. If it is this operation's, write it into gsmsend.toml. Nothing was moved.",
        )
    last = there.execute(_LAST).first()
    if last is not None and source.execute(_SAME, {"number": last.n, "its_hash": last.hash}).first() is None:
        raise GuardStop(
            f"the store {place} has entries in its audit log that this operation's store has not",
            remedy="Name another place, and find out whose that store is. Nothing was moved.",
        )


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.arriving")


def _files(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in _ENDS]
