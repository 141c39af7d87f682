"""The tables of the audit log and of the keys, and what names constraints in all tables (see store.schema)."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Whole numbers of 64 bits, as SQLite's INTEGER has them: a large bench writes 2^31 entries in weeks."""

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("campaign_id", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("made_at_s", sa.Float, nullable=False),
    sa.Column("destroyed_at_s", sa.Float),
    sa.Column("destroyed_by", sa.String, nullable=False, server_default=""),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("n", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("campaign_id", WHOLE, nullable=False, server_default="0"),
    sa.Column("line", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("secrets", sa.LargeBinary),
    sa.Column("mac", sa.LargeBinary),
)
sa.Index(
    "ix_audit_head",
    audit.c.n,
    sqlite_where=sa.text("kind = 'head'"),
    postgresql_where=sa.text("kind = 'head'"),
)

ONLY_WRITTEN_ON = (
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
"""Whoever can write to the file can drop these; they stop mistakes, of gsmsend and at a database prompt."""
for _statement in ONLY_WRITTEN_ON:
    _trigger = sa.DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    sa.event.listen(audit, "after_create", _trigger.execute_if(dialect="sqlite"))
