"""What says in a store that it is not the one to use: it was moved elsewhere, or is not whole yet.

The mark stands where the schema's revision does, so that every version of gsmsend refuses such a store, also those
that know no moves. What it means stands in a table that is there only meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from gsmsend.errors import MovedStop

metadata = sa.MetaData()
place_marks = sa.Table(
    "place_marks",
    metadata,
    sa.Column("move", sa.String, primary_key=True),
    sa.Column("other", sa.String, nullable=False),
    sa.Column("revision", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)
_VERSION = sa.text("SELECT version_num FROM alembic_version")
_SET_VERSION = sa.text("UPDATE alembic_version SET version_num = :version")


class Kind(StrEnum):
    """The words that stand in place of the revision."""

    MOVED = "moved"
    """The operation's store is another one now."""
    ARRIVING = "arriving"
    """A move to here was begun. Whether it was decided, the store that it came from says."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`move` is the move's random id, `other` the line of gsmsend.toml that names the other store, `at` when.

    `revision` is the schema's, in whose place the mark stands.
    """

    kind: Kind
    move: str
    other: str
    revision: str
    at: str


class Marked(MovedStop):
    """A store with a mark was to be opened."""

    def __init__(self, mark: Mark, place: object) -> None:
        self.mark = mark
        day = f"{mark.at[:16].replace('T', ' ')} UTC"
        if mark.kind is Kind.MOVED:
            super().__init__(
                f"the store {place} is this operation's no more: it was moved on {day}. Nothing was sent",
                remedy=f"Write under [operation] in gsmsend.toml: {mark.other}",
            )
        else:
            super().__init__(
                f"the store {place} is not this operation's: a move to it was begun on {day} and has not ended",
                remedy=f"Until it has, the store is the one before. Write under [operation] in gsmsend.toml: "
                f"{mark.other}; then give the same 'gsmsend store move' again. Nothing was sent.",
            )


def read(connection: sa.Connection) -> Mark | None:
    """The store's mark, None for a store to use."""
    version = connection.execute(_VERSION).scalar()
    if version not in list(Kind):
        return None
    row = connection.execute(sa.select(place_marks)).first()
    return Mark(Kind(version), *row) if row is not None else Mark(Kind(version), "", "", "", "")


def check(connection: sa.Connection, version: str, place: object) -> None:
    """Raise Marked if this, read as the store's revision, is a mark."""
    if version in list(Kind):
        mark = read(connection)
        if mark is not None:
            raise Marked(mark, place)


def put(connection: sa.Connection, mark: Mark) -> None:
    """Mark the store, in this transaction."""
    metadata.create_all(connection)
    connection.execute(sa.delete(place_marks))
    connection.execute(sa.insert(place_marks).values(_row(mark)))
    connection.execute(_SET_VERSION, {"version": mark.kind.value})


def clear(connection: sa.Connection, mark: Mark) -> None:
    """It is a store to use from now on; in this transaction."""
    metadata.drop_all(connection)
    connection.execute(_SET_VERSION, {"version": mark.revision})


def _row(mark: Mark) -> dict[str, str]:
    return {"move": mark.move, "other": mark.other, "revision": mark.revision, "at": mark.at}
