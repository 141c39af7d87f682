"""The part of a store that reads the audit log out, for whoever checks it or hands it on."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import commitment
from gsmsend.contract.chronicle import AuditRow, SoundEntry, StoredMessage
from gsmsend.store import tail
from gsmsend.store import texts as wording
from gsmsend.store.base import Reader
from gsmsend.store.journal import label
from gsmsend.store.macs import Macs
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

    def sound_entries(self, kinds: Collection[str], since: tuple[int, str] | None = None) -> Iterator[SoundEntry]:
        """Entries of these kinds, with all of the log checked on the way."""
        wanted = frozenset(kinds)
        with self._reading() as connection:
            if connection.execute(sa.select(audit.c.n).limit(1)).first() is None:
                return
            self._seals.unlock(connection)
            for row in tail.sound(connection, Macs(self._key), since or tail.BEGIN):
                if row.kind in wanted:
                    yield _sound(connection, self._seals, row)

    def last_entry_s(self) -> float | None:
        """The time of the newest entry."""
        with self._reading() as connection:
            line = connection.execute(sa.select(audit.c.line).order_by(audit.c.n.desc()).limit(1)).scalar()
        try:
            return datetime.fromisoformat(json.loads(line)["at"]).timestamp() if line is not None else None
        except (ValueError, KeyError, TypeError):  # it was changed by hand: verify says so
            return None

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
        opened = json.loads(seals.open(connection, row.campaign_id, label(row.n), bytes(row.secrets)))
    except Forgotten:
        return AuditRow(row.n, row.kind, row.campaign_id, row.line, forgotten=True)
    return AuditRow(row.n, row.kind, row.campaign_id, row.line, opened)


def _sound(connection: sa.Connection, seals: Seals, row: Any) -> SoundEntry:
    made = json.loads(row.line)
    opener = _opener(connection, seals, row, made.get("sealed"))
    return SoundEntry(
        row.n, row.kind, made["at"], made["session"], made["data"], row.campaign_id, row.mac is not None, opener
    )


def _opener(
    connection: sa.Connection, seals: Seals, row: Any, sealed: Mapping[str, str] | None
) -> Callable[[], Mapping[str, Any] | None]:
    def opened() -> Mapping[str, Any] | None:
        if sealed is None or row.secrets is None:
            return None
        try:
            found = json.loads(seals.open(connection, row.campaign_id, label(row.n), bytes(row.secrets)))
        except Forgotten:
            return None
        if {name: commitment(*pair) for name, pair in found.items()} != sealed:
            raise tail.forged(f"what entry {row.n} sealed is not what it stands for")
        return {name: value for name, (_, value) in found.items()}

    return opened
