"""Routes that name a part by a handle of their own, and reports without TP-MR."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEPT = (
    "INSERT INTO new_reports (id, line_id, reference, campaign_id, recipient, status, submitted_at_s, "
    "discharged_at_s, arrived_at_s, raw, raw_digest, how, part_id) "
    "SELECT id, line_id, reference, campaign_id, recipient, status, submitted_at_s, discharged_at_s, "
    "arrived_at_s, raw, raw_digest, how, part_id FROM reports"
)


def upgrade() -> None:
    op.add_column("attempts", sa.Column("key", sa.String(), nullable=True))
    op.add_column("attempts", sa.Column("handle", sa.String(), nullable=True))
    op.add_column("attempts", sa.Column("whole", sa.Integer(), server_default="0", nullable=False))
    op.add_column("decisions", sa.Column("signature", sa.String(), nullable=True))
    op.add_column("parts", sa.Column("handle", sa.String(), nullable=True))
    op.add_column("parts", sa.Column("said", sa.String(), nullable=True))
    op.add_column("lines", sa.Column("cloud", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_parts_handle",
        "parts",
        ["line_id", "handle"],
        unique=False,
        sqlite_where=sa.text("handle IS NOT NULL"),
        postgresql_where=sa.text("handle IS NOT NULL"),
    )
    _reports()


def _reports() -> None:
    """The table made anew, as SQLite cannot let a column be empty that could not be."""
    op.create_table(
        "new_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("submitted_at_s", sa.Float(), nullable=True),
        sa.Column("discharged_at_s", sa.Float(), nullable=True),
        sa.Column("arrived_at_s", sa.Float(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_digest", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_reports_line_id_lines")),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_reports_part_id_parts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.execute(_KEPT)
    op.drop_table("reports")
    op.rename_table("new_reports", "reports")
    op.create_index("ix_reports_line_id_raw_digest", "reports", ["line_id", "raw_digest"], unique=False)
    for name, column, where in (
        ("ix_reports_unmatched", "reference", "part_id IS NULL"),
        ("ix_reports_unmatched_handle", "handle", "part_id IS NULL AND handle IS NOT NULL"),
    ):
        op.create_index(
            name,
            "reports",
            ["line_id", column],
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
