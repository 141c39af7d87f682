"""Several hosts on one operation: who they are, which line is whose, and which line took a message up.

And an index by which what each line has had accepted is counted in no time, after a year as on the first day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seen_at_s", sa.Float(), nullable=False),
        sa.Column("until_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hosts")),
    )
    op.create_table(
        "leases",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["host"], ["hosts.name"], name=op.f("fk_leases_host_hosts")),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_leases_line_id_lines")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_leases")),
    )
    op.add_column("messages", sa.Column("claim_line", sa.Integer(), nullable=True))
    op.add_column("lines", sa.Column("virtual", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_attempts_accepted",
        "attempts",
        ["line_id", "outcome"],
        sqlite_where=sa.text("outcome = 'accepted'"),
        postgresql_where=sa.text("outcome = 'accepted'"),
    )
