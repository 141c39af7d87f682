"""The audit log, keys for what is sealed, and what officers may do."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_ONLY_WRITTEN_ON = (
    """CREATE TRIGGER audit_is_in_turn BEFORE INSERT ON audit
    WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM audit)
    BEGIN SELECT RAISE(ABORT, 'the audit log is written on at its end only'); END""",
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    WHEN NEW.n IS NOT OLD.n OR NEW.kind IS NOT OLD.kind OR NEW.campaign_id IS NOT OLD.campaign_id
    OR NEW.line IS NOT OLD.line OR NEW.hash IS NOT OLD.hash OR NEW.secrets IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'no entry of the audit log is changed'); END""",
    """CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'no entry of the audit log is deleted'); END""",
)


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
    for trigger in _ONLY_WRITTEN_ON:
        op.execute(trigger)
    with op.batch_alter_table("officers") as officers:
        officers.add_column(sa.Column("role", sa.String(), server_default="approver", nullable=False))
        officers.add_column(sa.Column("unmask", sa.Integer(), server_default="0", nullable=False))
