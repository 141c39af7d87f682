"""What moving a store needs of PostgreSQL alone: rows by COPY, tables held, a schema emptied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg import sql

_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
_FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"


def copy_in(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, each with all columns in the order of the table. Raises psycopg.Error."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copying:
        for row in rows:
            copying.write_row(row)


def hold(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Nobody else changes a row of these until the transaction ends; all may read."""
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    _run(connection, sql.SQL("LOCK TABLE {} IN SHARE MODE").format(names))


def empty(connection: sa.Connection) -> None:
    """Drop all tables and functions of the schema that this connection is in."""
    for (name,) in connection.exec_driver_sql(_TABLES).all():
        _run(connection, sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    for (name,) in connection.exec_driver_sql(_FUNCTIONS).all():
        _run(connection, sql.SQL("DROP FUNCTION {}").format(sql.Identifier(name)))


def _run(connection: sa.Connection, statement: sql.Composed) -> None:
    try:
        _driver(connection).execute(statement)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError(None, None, error) from error


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
