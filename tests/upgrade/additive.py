"""What of a schema an older program relies on, and whether a newer schema has broken that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

_ACTING = sa.text("SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')")


@dataclass
class Table:
    """As the database has it, of SQLAlchemy's inspector."""

    columns: dict[str, tuple[object, ...]] = field(default_factory=dict)
    """Type, whether NULL may stand there, default, and place in the primary key, by name."""
    unique: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)
    refers: set[tuple[object, ...]] = field(default_factory=set)


@dataclass
class Shape:
    """All tables, and what acts by itself."""

    tables: dict[str, Table] = field(default_factory=dict)
    acting: dict[tuple[str, str], str] = field(default_factory=dict)


def shape(connection: sa.Connection) -> Shape:
    """What is there now."""
    inspector, found = sa.inspect(connection), Shape()
    for name in inspector.get_table_names():
        table = found.tables[name] = Table()
        for column in inspector.get_columns(name):
            key = column.get("primary_key", 0)
            table.columns[column["name"]] = (str(column["type"]), column["nullable"], column["default"], key)
        table.unique = {
            (str(one["name"]), tuple(one["column_names"])) for one in inspector.get_unique_constraints(name)
        }
        for index in inspector.get_indexes(name):
            listed = (str(index["name"]), tuple(str(one) for one in index["column_names"]))
            if index["unique"]:
                table.unique.add(listed)
            else:
                table.indexes.add(listed[0])
        table.checks = {str(one["sqltext"]) for one in inspector.get_check_constraints(name)}
        table.refers = {
            (tuple(one["constrained_columns"]), one["referred_table"]) for one in inspector.get_foreign_keys(name)
        }
    found.acting = {(kind, name): " ".join(sql.split()) for kind, name, sql in connection.execute(_ACTING)}
    return found


def broken(before: Shape, after: Shape) -> list[str]:
    """What an older program would stumble over, in words."""
    found: list[str] = []
    for name, table in before.tables.items():
        now = after.tables.get(name)
        if now is None:
            found.append(f"the table {name} is gone")
            continue
        found += _columns(name, table, now)
        found += [f"the unique index {index} of {name} is new" for index, _ in now.unique - table.unique]
        found += [f"the unique index {index} of {name} is gone" for index, _ in table.unique - now.unique]
        found += [f"the index {index} of {name} is gone" for index in table.indexes - now.indexes]
        if now.checks != table.checks:
            found.append(f"{name} has other checks")
        known = {one for one in now.refers if set(one[0]) <= table.columns.keys()}  # type: ignore[call-overload]
        if known != table.refers:
            found.append(f"{name} refers to other tables")
    found += [f"the {kind} {name} is gone" for kind, name in before.acting.keys() - after.acting.keys()]
    found += [f"the {kind} {name} is new" for kind, name in after.acting.keys() - before.acting.keys()]
    found += [
        f"the {key[0]} {key[1]} is another"
        for key in before.acting.keys() & after.acting.keys() if before.acting[key] != after.acting[key]
    ]  # fmt: skip
    return found


def _columns(name: str, table: Table, now: Table) -> list[str]:
    found = []
    for column, was in table.columns.items():
        if column not in now.columns:
            found.append(f"{name}.{column} is gone")
        elif now.columns[column] != was:
            found.append(f"{name}.{column} is another: {_words(was)} before, {_words(now.columns[column])} now")
    for column in now.columns.keys() - table.columns.keys():
        _, nullable, default, _ = now.columns[column]
        if not nullable and default is None:
            found.append(f"{name}.{column} must be given, and an older program does not know it")
    return found


def _words(column: tuple[Any, ...]) -> str:
    kind, nullable, default, _ = column
    return f"{kind}{'' if nullable else ' NOT NULL'} DEFAULT {default}"
