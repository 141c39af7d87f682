"""Campaigns: approval, suppression, replies, the sources of each recipient."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at_s", sa.Float(), nullable=False),
        sa.Column("removed_at_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("name", name=op.f("uq_officers_name")),
        sa.UniqueConstraint("public_key", name=op.f("uq_officers_public_key")),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at_s", sa.Float(), nullable=False),
        sa.Column("ended_at_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("digest", "kind", name=op.f("uq_suppressions_digest_kind")),
    )
    op.create_table(
        "wanted_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wanted_lines")),
        sa.UniqueConstraint("name", name=op.f("uq_wanted_lines_name")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("at_s", sa.Float(), nullable=False),
        sa.Column("voided_at_s", sa.Float(), nullable=True),
        sa.Column("voided_why", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_approvals_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_approvals_officer_id_officers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_campaign_id"), "approvals", ["campaign_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_visits_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_campaign_id"), "visits", ["campaign_id"], unique=False)
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("flag", sa.String(), server_default="", nullable=False),
        sa.Column("words", sa.String(), server_default="", nullable=False),
        sa.Column("seen_by", sa.String(), server_default="", nullable=False),
        sa.Column("seen_at_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_replies_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_replies_inbound_id_inbound")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_replies_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_replies_inbound_id")),
    )
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_s", sa.Float(), nullable=True),
        sa.Column("last_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_sightings_import_id_imports")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_sightings_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_import_id"), "sightings", ["import_id"], unique=False)
    op.create_index(op.f("ix_sightings_message_id"), "sightings", ["message_id"], unique=False)
    op.add_column("campaigns", sa.Column("parent_id", sa.Integer(), nullable=True))
    op.add_column("campaigns", sa.Column("released_at_s", sa.Float(), nullable=True))
    op.add_column("campaigns", sa.Column("canary", sa.Integer(), server_default="0", nullable=False))
    op.add_column("campaigns", sa.Column("canary_passed", sa.String(), server_default="", nullable=False))
    op.add_column("campaigns", sa.Column("paused", sa.String(), server_default="", nullable=False))
    op.add_column("campaigns", sa.Column("cancelled", sa.String(), server_default="", nullable=False))
    op.add_column("decisions", sa.Column("campaign_id", sa.Integer(), nullable=True))
    op.add_column("imports", sa.Column("person", sa.String(), server_default="", nullable=False))
    op.add_column("imports", sa.Column("wanted_line", sa.String(), server_default="", nullable=False))
    op.add_column("lines", sa.Column("mark", sa.String(), nullable=True))
    op.add_column("lines", sa.Column("mark_after", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("stop", sa.String(), server_default="", nullable=False))
    op.create_index("ix_inbound_sender", "inbound", ["sender"], unique=False)
    op.create_index("ix_messages_number", "messages", ["number"], unique=False)
    op.add_column("refused_rows", sa.Column("place", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    raise NotImplementedError("a store is never taken back: it would forget what was sent")
