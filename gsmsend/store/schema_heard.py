"""The tables of what comes in over lines: status reports, received texts, and what those answer.

gsmsend.store.schema says what each is.
"""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.store.schema_log import WHOLE, metadata

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("reference", WHOLE),
    sa.Column("campaign_id", WHOLE, nullable=False, server_default="0"),
    sa.Column("recipient", sa.LargeBinary),
    sa.Column("status", WHOLE, nullable=False),
    sa.Column("submitted_at_s", sa.Float),
    sa.Column("discharged_at_s", sa.Float),
    sa.Column("arrived_at_s", sa.Float, nullable=False),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("raw_digest", sa.String, nullable=False),
    sa.Column("how", sa.String, nullable=False),
    sa.Column("part_id", sa.ForeignKey("parts.id")),
    sa.Column("handle", sa.String),
    sa.Column("said", sa.String),
)
sa.Index("ix_reports_line_id_raw_digest", reports.c.line_id, reports.c.raw_digest)
sa.Index(
    "ix_reports_unmatched",
    reports.c.line_id,
    reports.c.reference,
    sqlite_where=sa.text("part_id IS NULL"),
    postgresql_where=sa.text("part_id IS NULL"),
)
sa.Index(
    "ix_reports_unmatched_handle",
    reports.c.line_id,
    reports.c.handle,
    sqlite_where=sa.text("part_id IS NULL AND handle IS NOT NULL"),
    postgresql_where=sa.text("part_id IS NULL AND handle IS NOT NULL"),
)

inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("campaign_id", WHOLE, nullable=False, server_default="0"),
    sa.Column("sender", sa.LargeBinary),
    sa.Column("sender_digest", sa.String, nullable=False),
    sa.Column("text", sa.LargeBinary),
    sa.Column("sent_at_s", sa.Float),
    sa.Column("arrived_at_s", sa.Float, nullable=False),
    sa.Column("concat_reference", WHOLE),
    sa.Column("concat_total", WHOLE),
    sa.Column("concat_seq", WHOLE),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("raw_digest", sa.String, nullable=False),
    sa.Column("how", sa.String, nullable=False),
    sa.Index("ix_inbound_line_id_raw_digest", "line_id", "raw_digest"),
    sa.Index("ix_inbound_sender_digest", "sender_digest"),
)

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("inbound_id", sa.ForeignKey("inbound.id"), nullable=False, unique=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id")),
    sa.Column("message_id", sa.ForeignKey("messages.id")),
    sa.Column("flag", sa.String, nullable=False, server_default=""),
    sa.Column("words", sa.LargeBinary),
    sa.Column("seen_by", sa.String, nullable=False, server_default=""),
    sa.Column("seen_at_s", sa.Float),
)
