"""Statements on the way of every text, compiled once and run on the database driver's own cursor.

SQLAlchemy's execution of a compiled Core statement costs about ten times what SQLite needs for it; there are some
ten statements a text. They stay Core statements: only their execution is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

_MOST_VALUES = 10_000
"""In one statement on a server, of the 65,535 that its protocol has (PostgreSQL, Message Formats, Bind)."""


class Prepared:
    """A Core statement with named bind parameters, none of them expanding. One for all connections."""

    __slots__ = ("_compiled", "_statement")

    def __init__(self, statement: sa.sql.expression.Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, tuple[tuple[str, object], ...]]] = {}

    def run(self, connection: sa.Connection, values: Mapping[str, object]) -> Any:
        """Execute; the driver's cursor (PEP 249): `rowcount`, `lastrowid`, `fetchone`, `fetchall`.

        Raises sqlalchemy.exc.DBAPIError, without the parameters.
        """
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled[0], [values.get(name, fixed) for name, fixed in compiled[1]])
        except connection.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DBAPIError(compiled[0], None, error) from error
        return cursor

    def run_all(self, connection: sa.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Execute it, an INSERT, for each of these, in turn: values in the order of the bind parameters.

        Raises as `run`.
        """
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        try:
            if connection.dialect.name == "postgresql":
                head, values, row = compiled[0].partition(" RETURNING ")[0].partition(" VALUES ")
                most = max(1, _MOST_VALUES // len(compiled[1]))
                for first in range(0, len(rows), most):
                    some = rows[first : first + most]
                    statement = f"{head}{values}{', '.join([row] * len(some))}"
                    cursor.execute(statement, [*chain.from_iterable(some)])
            else:
                cursor.executemany(compiled[0], rows)
        except connection.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DBAPIError(compiled[0], None, error) from error

    def _compile(self, connection: sa.Connection) -> tuple[str, tuple[tuple[str, object], ...]]:
        compiled = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]  # all Core has it
        fixed = compiled.params
        names = tuple((name, fixed.get(name)) for name in compiled.positiontup or ())
        found = self._compiled[connection.dialect.name] = (str(compiled), names)
        return found


class Rows:
    """Rows to insert into these columns of a table, many at a time."""

    __slots__ = ("_pick", "_statement")

    def __init__(self, table: sa.Table, *names: str) -> None:
        inserted = [column.name for column in table.columns if column.name in names]  # as a statement has them
        self._pick = itemgetter(*inserted)
        self._statement = Prepared(
            sa.insert(table).values({name: sa.bindparam(f"its_{name}") for name in inserted})
        )

    def insert(self, connection: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows, each with a value for every one of the columns. Raises as `Prepared.run`."""
        self._statement.run_all(connection, [self._pick(row) for row in rows])
