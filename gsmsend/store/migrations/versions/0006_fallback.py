"""Texts that go over a campaign's fallback."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fallbacks",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("home_line", sa.Integer(), nullable=False),
        sa.Column("home_state", sa.String(), nullable=False),
        sa.Column("home_why", sa.String(), nullable=False),
        sa.Column("moved_at_s", sa.Float(), nullable=False),
        sa.Column("home_at_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_fallbacks_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_fallbacks_line_id_lines")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_fallbacks_message_id_messages")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_fallbacks_text_id_texts")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_fallbacks")),
    )
    op.create_index(op.f("ix_fallbacks_campaign_id"), "fallbacks", ["campaign_id"], unique=False)
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_trials_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    op.create_table(
        "outages",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("since_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_outages_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_outages")),
    )
