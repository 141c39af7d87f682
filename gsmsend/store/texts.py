"""The table `texts`: each wording once a campaign, sealed under its key; found by keyed hash."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from gsmsend.store.schema import texts
from gsmsend.store.vault import Vault, vault_of

_BODY = sa.select(texts.c.campaign_id, texts.c.body).where(texts.c.id == sa.bindparam("id"))
_NEWEST = sa.select(sa.func.max(texts.c.id))
_MOST = 1000
"""Bodies kept in memory."""


def body(connection: sa.Connection, text_id: int) -> str:
    """A text, read and opened once: a campaign has one for thousands of messages."""
    vault = vault_of(connection)
    known = vault.seals.texts
    found = known.get(text_id)
    if found is None:
        if len(known) >= _MOST:
            known.clear()
        row = connection.execute(_BODY, {"id": text_id}).one()
        found = known[text_id] = opened(vault, text_id, row.campaign_id, row.body)
    return found


def opened(vault: Vault, text_id: int, campaign_id: int, sealed: bytes | None) -> str:
    """The words of a row."""
    return vault.open(campaign_id, label(text_id), sealed)


def label(text_id: int) -> str:
    """What a text is sealed with, so that it cannot stand in for another."""
    return f"texts.body {text_id}"


def digest_of(vault: Vault, body: str) -> str:
    """The keyed hash by which a wording is found."""
    return vault.digest("text", body)


def ids(
    connection: sa.Connection, campaign_id: int, segments_of: Mapping[str, int]
) -> tuple[dict[str, int], frozenset[int]]:
    """The store's number of each wording in a campaign (root), made if it is new; and which were there before."""
    vault = vault_of(connection)
    by_digest = {digest_of(vault, body): body for body in segments_of}
    statement = sa.select(texts.c.digest, texts.c.id).where(
        texts.c.campaign_id == campaign_id, texts.c.digest.in_(list(by_digest))
    )
    found = {row.digest: int(row.id) for row in connection.execute(statement)}
    old = frozenset(found.values())
    new = [digest for digest in by_digest if digest not in found]
    if new:
        first = (connection.execute(_NEWEST).scalar() or 0) + 1
        found |= {digest: first + index for index, digest in enumerate(new)}
        rows = []
        for digest in new:
            body, text_id = by_digest[digest], found[digest]
            sealed = vault.seal(campaign_id, label(text_id), body)
            values = {"id": text_id, "campaign_id": campaign_id, "digest": digest, "body": sealed}
            rows.append({**values, "segments": segments_of[body]})
        connection.execute(sa.insert(texts), rows)
    return {by_digest[digest]: text_id for digest, text_id in found.items()}, old


def id_of(connection: sa.Connection, campaign_id: int, body: str, segments: int) -> int:
    """The store's number of one wording in a campaign (root)."""
    return ids(connection, campaign_id, {body: segments})[0][body]
