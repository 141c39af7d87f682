"""The tables of what goes over a fallback. gsmsend.store.schema says what each is."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.store.schema_log import WHOLE, metadata

fallbacks = sa.Table(
    "fallbacks",
    metadata,
    sa.Column("message_id", sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("text_id", sa.ForeignKey("texts.id"), nullable=False),
    sa.Column("segments", WHOLE, nullable=False),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("home_line", WHOLE, nullable=False),
    sa.Column("home_state", sa.String, nullable=False),
    sa.Column("home_why", sa.String, nullable=False),
    sa.Column("moved_at_s", sa.Float, nullable=False),
    sa.Column("home_at_s", sa.Float),
)

trials = sa.Table(
    "trials",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("campaign", sa.String, nullable=False),
    sa.Column("wording", sa.String, nullable=False),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("at_s", sa.Float, nullable=False),
)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("line_id", sa.ForeignKey("lines.id"), primary_key=True),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("since_s", sa.Float, nullable=False),
)
