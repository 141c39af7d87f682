"""Every row of a store into another, exactly; and what shows that two stores hold the same.

Values are taken as the database driver gives them and handed to the other one: whole numbers, doubles, texts,
octets and NULL, each of which both databases keep to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from gsmsend.errors import StoreError
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import audit, metadata

PAGE = 2000
_LATER = ("audit",)
"""Last, so that who looks on finds a log only with all that it tells of."""
Tell = Callable[[str, int], None]
"""Is told the table and how many of its rows were copied."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and the SHA-256 of them all in the order of their keys."""

    rows: int
    digest: str


def tables() -> list[sa.Table]:
    """All of them, each after those that it refers to."""
    found = metadata.sorted_tables
    return [one for one in found if one.name not in _LATER] + [one for one in found if one.name in _LATER]


def _tell_nobody(table: str, rows: int) -> None: ...


def copy(source: sa.Connection, target: sa.Connection, tell: Tell = _tell_nobody) -> dict[str, Content]:
    """Copy every table into the empty one of the same name; what was read, by table. Both in their transactions.

    Raises StoreError for a value that the other database does not take as it is.
    """
    found = {}
    for table in tables():
        running, rows = sha256(), 0
        for page in _pages(source, table):
            _digest(running, page)
            _insert(target, table, page)
            rows += len(page)
            tell(table.name, rows)
        found[table.name] = Content(rows, running.hexdigest())
    _set_sequences(target)
    return found


def contents(connection: sa.Connection) -> dict[str, Content]:
    """What each table holds."""
    found = {}
    for table in tables():
        running, rows = sha256(), 0
        for page in _pages(connection, table):
            _digest(running, page)
            rows += len(page)
        found[table.name] = Content(rows, running.hexdigest())
    return found


def differing(left: Mapping[str, Content], right: Mapping[str, Content]) -> list[str]:
    """Names of tables that do not hold the same."""
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


def follow(source: sa.Connection, target: sa.Connection) -> int:
    """Copy the entries of the audit log that the other store does not have yet. How many."""
    last = target.execute(sa.select(sa.func.coalesce(sa.func.max(audit.c.n), 0))).scalar_one()
    query = sa.select(*audit.columns).where(audit.c.n > last).order_by(audit.c.n)
    rows = [tuple(row) for row in source.execute(query)]
    if rows:
        _insert(target, audit, rows)
    return len(rows)


def _pages(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """All rows in the order of their keys, with the driver's own values: columns without types."""
    columns: list[Any] = [sa.column(column.name) for column in table.columns]
    order: list[Any] = [sa.column(column.name) for column in table.primary_key.columns]
    statement = sa.select(*columns).select_from(sa.table(table.name)).order_by(*order)
    rows = connection.execute(statement, execution_options={"stream_results": True, "yield_per": PAGE})
    for page in rows.partitions(PAGE):
        yield [tuple(row) for row in page]


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    try:
        if connection.dialect.name == "postgresql":
            from gsmsend.store import pg_moving  # noqa: PLC0415 - psycopg is an extra

            pg_moving.copy_in(connection, table, rows)
        else:
            adding = sa.insert(table).values({one.name: sa.bindparam(f"its_{one.name}") for one in table.columns})
            Prepared(adding).run_all(connection, rows)
    except (connection.dialect.loaded_dbapi.Error, sa.exc.DBAPIError) as error:
        raise StoreError(
            f"a row of the table {table.name} cannot be kept as it is by {connection.dialect.name}: "
            f"{type(getattr(error, 'orig', error)).__name__}",
            remedy="Nothing was moved: the store is the one that it was. Say so to whoever keeps gsmsend, with "
            "what 'gsmsend verify' says.",
        ) from None


def _set_sequences(connection: sa.Connection) -> None:
    """New rows go on after the highest number, as they do in SQLite."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is None:
            continue
        place = {"table": f'"{table.name}"', "column": column.name}
        sequence = connection.execute(sa.text("SELECT pg_get_serial_sequence(:table, :column)"), place).scalar()
        if sequence is not None:
            highest = connection.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one()
            value = {"sequence": sequence, "next": highest + 1}
            connection.execute(sa.text("SELECT setval(:sequence, :next, false)"), value)


def _digest(running: Any, page: Sequence[tuple[Any, ...]]) -> None:
    """By Python's own spelling of each row: no two rows have the same one, and it is made in C."""
    running.update("".join(map(repr, page)).encode("ascii", "backslashreplace"))
