"""The tables of who works on an operation, and which line is whose. gsmsend.store.schema says what each is."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.store.schema_log import WHOLE, metadata

hosts = sa.Table(
    "hosts",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("fence", WHOLE, nullable=False),
    sa.Column("run", sa.String, nullable=False),
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("seen_at_s", sa.Float, nullable=False),
    sa.Column("until_s", sa.Float, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("line_id", sa.ForeignKey("lines.id"), primary_key=True),
    sa.Column("host", sa.ForeignKey("hosts.name"), nullable=False),
    sa.Column("fence", WHOLE, nullable=False),
)
