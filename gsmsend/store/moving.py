"""Moving a store into another place with nothing lost: at each moment exactly one of the two can be used.

All is decided by one transaction of the old store. It holds the right to write there from the first row that is
copied to its end, when the new store is whole, on disk and compared, and it leaves the last entry of the audit log
and a mark behind. Before it has ended the new store has a mark that says so, and the old one is the store. After
it the new one only takes that last entry over and drops its mark: whoever opens it next does, if that was cut off.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.audit import Kind, stamp
from gsmsend.contract.heads import Verdict
from gsmsend.contract.leasing import HostState
from gsmsend.errors import GuardStop, StoreError
from gsmsend.store import copying, moving_marks, schema
from gsmsend.store.copying import Tell
from gsmsend.store.journal import Journal, enter
from gsmsend.store.key import OperationKey
from gsmsend.store.moving_marks import Mark
from gsmsend.store.moving_target import Target, mark_at, opened
from gsmsend.store.plain import store_error
from gsmsend.store.schema import hosts
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server, StorePlace
from gsmsend.store.vault import attach
from gsmsend.store.verifying import Verification

_WORKING = (
    sa.select(hosts.c.name)
    .where(hosts.c.state == HostState.UP.value)
    .where(hosts.c.until_s > sa.extract("epoch", sa.func.clock_timestamp()))
    .order_by(hosts.c.name)
)
_LEFT = "Nothing was moved: the store is the one that it was."


@dataclass(frozen=True, slots=True)
class Ends:
    """A store's two places, and how gsmsend.toml names each of them."""

    here: StorePlace
    there: StorePlace
    here_line: str
    there_line: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, and what the check of the new store found of its audit log."""

    rows: Mapping[str, int]
    verdict: Verdict


class _Look(Verification):
    """A store to verify, whatever mark it has."""

    def __init__(self, place: StorePlace, engine: sa.Engine, key: OperationKey) -> None:
        self._path, self._engine, self._key, self._seals = place, engine, key, Seals(key)


def move(
    ends: Ends,
    journal: Journal,
    key: OperationKey,
    *,
    person: str,
    now_s: float,
    tell: Tell,
) -> Moved:
    """Move the store. `journal` is one of its own, which has written nothing yet.

    Raises GuardStop (a host works on it), StoreError; then the store is the one that it was, and what was made in
    the new place is no store.
    """
    seals = Seals(key)
    move_id, at = secrets.token_hex(8), stamp(now_s)
    target = Target(ends.there, seals)
    try:
        with opened(ends.here) as found, found.connect() as source:
            journal.attach(source)
            with source.begin():
                _alone(source)
                journal.begin()
                copied = _copied(source, target, Mark(
                    moving_marks.Kind.ARRIVING, move_id, ends.here_line, schema.HEAD, at
                ), tell)  # fmt: skip
                verdict = _checked(target.made, key, copied)
                target.settle()
                rows = {name: content.rows for name, content in copied.items()}
                data = {
                    "from": _word(ends.here), "to": _word(ends.there), "move": move_id, "rows": rows,
                    "person": person,
                }  # fmt: skip
                enter(source, Kind.STORE, now_s, data)
                journal.write(source)
                moving_marks.put(source, Mark(
                    moving_marks.Kind.MOVED, move_id, ends.there_line, schema.HEAD, at
                ))  # fmt: skip
    except sa.exc.DBAPIError as error:
        place = ends.there if isinstance(ends.there, Server) else ends.here
        raise store_error(error, place, "moved to" if place == ends.there else "moved") from None
    if not finish(ends.here, ends.there):
        raise StoreError(
            f"the store {ends.there} was changed while it was moved to",
            remedy="Do not send. Copy both stores elsewhere, then see: gsmsend verify",
        )
    return Moved(rows, verdict)


def finish(here: StorePlace, there: StorePlace) -> bool:
    """End a move that was decided; whether it was. `here` is the old place, `there` the new one.

    The new store takes over what was entered last in the old one, and is the store from then on.
    """
    new = mark_at(there)
    if new is None or new.kind is not moving_marks.Kind.ARRIVING:
        return False
    old = mark_at(here)
    if old is None or (old.kind, old.move) != (moving_marks.Kind.MOVED, new.move):
        return False
    with (
        opened(here) as left, left.connect().execution_options(read_only=True) as source,
        opened(there) as found, found.begin() as target,
    ):  # fmt: skip
        copying.follow(source, target)
        moving_marks.clear(target, new)
    return True


def _alone(source: sa.Connection) -> None:
    """Nobody else writes until this transaction ends. Raises GuardStop if a host works.

    In a file one process works at a time, and whoever moves it holds the operation. A host that has fallen silent
    does not keep the store here: what it finds when it comes back is the mark, and it sends nothing.
    """
    if source.dialect.name != "postgresql":
        return
    from gsmsend.store import pg_moving  # noqa: PLC0415 - psycopg is an extra

    pg_moving.hold(source, copying.tables())
    working = source.execute(_WORKING).scalars().all()
    if working:
        raise GuardStop(
            f"this operation is in use by {' and '.join(working)}",
            remedy="Stop the run on each of these hosts first (Ctrl-C, or systemctl stop gsmsend), or wait until "
            "their leases have run out if they are gone. Nothing was moved.",
        )


def _copied(source: sa.Connection, target: Target, mark: Mark, tell: Tell) -> dict[str, copying.Content]:
    found: dict[str, copying.Content] = {}

    def fill(connection: sa.Connection) -> None:
        found.update(copying.copy(source, connection, tell))

    target.make(source, mark, fill)
    return found


def _checked(made: StorePlace, key: OperationKey, copied: Mapping[str, copying.Content]) -> Verdict:
    """Look at the new store as `gsmsend verify` does, and row by row. Raises StoreError if it is not right."""
    with opened(made) as found:
        with found.connect().execution_options(read_only=True) as connection:
            attach(connection, Seals(key))
            others = copying.differing(copied, copying.contents(connection))
        if others:
            raise StoreError(f"the copy of the table {others[0]} is not as the table itself", remedy=_LEFT)
        verdict = _Look(made, found, key).verify()
    if verdict.findings:
        first = verdict.findings[0]
        raise StoreError(
            f"the store is not as its audit log tells: {first.what}",
            remedy=f"{_LEFT} See all of it with 'gsmsend verify'. Only a store that is right can be moved.",
        )
    return verdict


def _word(place: StorePlace) -> str:
    return "postgresql" if isinstance(place, Server) else "sqlite"
