"""The part of a store that reads the audit log out, for whoever checks it or hands it on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from gsmsend.contract.chronicle import AuditRow, StoredMessage
from gsmsend.store import texts as wording
from gsmsend.store.base import Reader
from gsmsend.store.journal import LABEL
from gsmsend.store.schema import audit, campaigns, messages, texts
from gsmsend.store.seals import Forgotten, Seals
from gsmsend.store.vault import number_of, vault_of

PACK = b"gsmsend manifest 1\n"
"""What a statement about a pack begins with, so that its signature is under nothing else."""
_PAGE = 1000


class ChronicleViews(Reader):
    """contract.ChronicleView."""

    def audit_kinds(self) -> Iterator[tuple[int, str]]:
        """Number and kind of each entry; no key is needed."""
        query, since = sa.select(audit.c.n, audit.c.kind).order_by(audit.c.n).limit(_PAGE), 0
        with self._reading() as connection:
            while page := connection.execute(query.where(audit.c.n > since)).all():
                yield from ((row.n, row.kind) for row in page)
                since = page[-1].n

    def stored_messages(self) -> Iterator[StoredMessage]:
        """What the tables say of each message, for those that are older than the log."""
        query = (
            sa.select(
                messages.c.id, messages.c.campaign_id, campaigns.c.name, messages.c.number,
                texts.c.id.label("text_id"), texts.c.campaign_id.label("whose"), texts.c.body,
            )
            .join(campaigns, campaigns.c.id == messages.c.campaign_id)
            .join(texts, texts.c.id == messages.c.text_id)
            .order_by(messages.c.id)
            .limit(_PAGE)
        )  # fmt: skip
        since = 0
        with self._reading() as connection:
            vault = vault_of(connection)
            while page := connection.execute(query.where(messages.c.id > since)).all():
                for row in page:
                    number = vault.open(vault.root(row.campaign_id), number_of(row.id), row.number)
                    text = wording.opened(vault, row.text_id, row.whose, row.body)
                    yield StoredMessage(row.id, row.campaign_id, row.name, number, row.text_id, text)
                since = page[-1].id

    def audit(self, since: int = 0) -> Iterator[AuditRow]:
        """The entries after that number, with what they sealed."""
        query = sa.select(audit).order_by(audit.c.n).limit(_PAGE)
        with self._reading() as connection:
            while page := connection.execute(query.where(audit.c.n > since)).all():
                yield from (_entry(connection, self._seals, row) for row in page)
                since = page[-1].n

    def sign_pack(self, statement: bytes) -> str:
        """The operation's signature of a pack's manifest."""
        from gsmsend.store.heads import signer  # noqa: PLC0415 - cryptography's signatures, for who exports only

        if not statement.startswith(PACK):
            raise ValueError("this is no statement about a pack")
        self._key.open(needed=True)
        return signer(self._key).sign(statement).hex()


def _entry(connection: sa.Connection, seals: Seals, row: sa.Row[tuple[object, ...]]) -> AuditRow:
    if row.secrets is None:  # there was nothing to seal, or it was forgotten
        return AuditRow(row.n, row.kind, row.campaign_id, row.line, forgotten="sealed" in json.loads(row.line))
    try:
        opened = json.loads(seals.open(connection, row.campaign_id, LABEL, bytes(row.secrets)))
    except Forgotten:
        return AuditRow(row.n, row.kind, row.campaign_id, row.line, forgotten=True)
    return AuditRow(row.n, row.kind, row.campaign_id, row.line, opened)
