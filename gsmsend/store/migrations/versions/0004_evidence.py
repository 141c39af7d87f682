"""The audit log, keys for what is sealed, and what officers may do."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at_s", sa.Float(), nullable=False),
        sa.Column("destroyed_at_s", sa.Float(), nullable=True),
        sa.Column("destroyed_by", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_keys")),
    )
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), server_default="0", nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_head", "audit", ["n"], sqlite_where=sa.text("kind = 'head'"))
    with op.batch_alter_table("officers") as officers:
        officers.add_column(sa.Column("role", sa.String(), server_default="approver", nullable=False))
        officers.add_column(sa.Column("unmask", sa.Integer(), server_default="0", nullable=False))
