"""The audit log, keys for what is sealed, all that is of people sealed under them, and what officers may do."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic import op

from gsmsend.store import macs, older_rows, older_words

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
    OR NEW.line IS NOT OLD.line OR NEW.hash IS NOT OLD.hash OR NEW.mac IS NOT OLD.mac
    OR NEW.secrets IS NOT NULL
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
        sa.Column("mac", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_head", "audit", ["n"], sqlite_where=sa.text("kind = 'head'"))
    for trigger in _ONLY_WRITTEN_ON:
        op.execute(trigger)
    with op.batch_alter_table("officers") as officers:
        officers.add_column(sa.Column("role", sa.String(), server_default="approver", nullable=False))
        officers.add_column(sa.Column("unmask", sa.Integer(), server_default="0", nullable=False))
    _seal(op.get_bind())


def _seal(connection: sa.Connection) -> None:
    owners = older_rows.Owners(connection)
    owners.share_out_texts(connection)
    _texts(connection, owners)
    _messages(connection, owners)
    _imported(connection, owners)
    _reports(connection, owners)
    _received(connection, owners)
    _approvals(connection, owners)
    older_rows.key_hashes(connection)
    older_words.sealed(connection, owners)
    macs.mark_older(connection)


def _anew(
    connection: sa.Connection, name: str, rows: Iterator[Mapping[str, object]], *columns: sa.schema.SchemaItem
) -> None:
    """A table with these columns and rows in the place of the one of that name, which goes with its indexes."""
    op.create_table(f"new_{name}", *columns)
    older_rows.insert(connection, f"new_{name}", rows)
    op.drop_table(name)
    op.rename_table(f"new_{name}", name)


def _texts(connection: sa.Connection, owners: older_rows.Owners) -> None:
    _anew(
        connection,
        "texts",
        older_rows.of_texts(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("campaign_id", "digest", name=op.f("uq_texts_campaign_id_digest")),
    )


def _messages(connection: sa.Connection, owners: older_rows.Owners) -> None:
    _anew(
        connection,
        "messages",
        older_rows.of_messages(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("tail", sa.String(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), server_default="", nullable=False),
        sa.Column("due_at_s", sa.Float(), nullable=False),
        sa.Column("bound_line", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("changed_at_s", sa.Float(), nullable=False),
        sa.Column("stop", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_messages_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_messages_import_id_imports")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_messages_text_id_texts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "person", "campaign_id", "text_id", name=op.f("uq_messages_person_campaign_id_text_id")
        ),
    )
    op.create_index("ix_messages_tail", "messages", ["tail"], unique=False)
    op.create_index("ix_messages_queue", "messages", ["state", "bound_line", "due_at_s", "id"], unique=False)


def _imported(connection: sa.Connection, owners: older_rows.Owners) -> None:
    _anew(
        connection,
        "sightings",
        older_rows.of_sightings(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=True),
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
    _anew(
        connection,
        "refused_rows",
        older_rows.of_refused(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("place", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_refused_rows_import_id_imports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_rows")),
    )
    op.create_index(op.f("ix_refused_rows_import_id"), "refused_rows", ["import_id"], unique=False)


def _reports(connection: sa.Connection, owners: older_rows.Owners) -> None:
    _anew(
        connection,
        "reports",
        older_rows.of_reports(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=False),
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
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_reports_line_id_lines")),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_reports_part_id_parts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_line_id_raw_digest", "reports", ["line_id", "raw_digest"], unique=False)
    op.create_index(
        "ix_reports_unmatched",
        "reports",
        ["line_id", "reference"],
        unique=False,
        sqlite_where=sa.text("part_id IS NULL"),
        postgresql_where=sa.text("part_id IS NULL"),
    )


def _received(connection: sa.Connection, owners: older_rows.Owners) -> None:
    _anew(
        connection,
        "inbound",
        older_rows.of_inbound(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=True),
        sa.Column("sender_digest", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at_s", sa.Float(), nullable=True),
        sa.Column("arrived_at_s", sa.Float(), nullable=False),
        sa.Column("concat_reference", sa.Integer(), nullable=True),
        sa.Column("concat_total", sa.Integer(), nullable=True),
        sa.Column("concat_seq", sa.Integer(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("raw_digest", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_inbound_line_id_lines")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
    )
    op.create_index("ix_inbound_line_id_raw_digest", "inbound", ["line_id", "raw_digest"], unique=False)
    op.create_index("ix_inbound_sender_digest", "inbound", ["sender_digest"], unique=False)
    _anew(
        connection,
        "replies",
        older_rows.of_replies(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("flag", sa.String(), server_default="", nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("seen_by", sa.String(), server_default="", nullable=False),
        sa.Column("seen_at_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_replies_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_replies_inbound_id_inbound")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_replies_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_replies_inbound_id")),
    )


def _approvals(connection: sa.Connection, owners: older_rows.Owners) -> None:
    _anew(
        connection,
        "approvals",
        older_rows.of_approvals(connection, owners),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
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
