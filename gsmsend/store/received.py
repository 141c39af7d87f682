"""The table `inbound`: each received part, sealed under the key of the campaign that it answers, or our own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gsmsend.model import Inbound
from gsmsend.store.schema import inbound
from gsmsend.store.vault import Vault, vault_of

_SAME_PDU = (
    sa.select(inbound.c.id)
    .where(inbound.c.line_id == sa.bindparam("line"), inbound.c.raw_digest == sa.bindparam("pdu"))
    .limit(1)
)
ITS_PARTS = (
    sa.select(inbound)
    .where(
        inbound.c.sender_digest == sa.bindparam("who"),
        inbound.c.line_id == sa.bindparam("line"),
        inbound.c.concat_reference == sa.bindparam("reference"),
        inbound.c.concat_total == sa.bindparam("total"),
    )
    .order_by(inbound.c.id)
)
"""Parts of texts of one sender with one reference, in order of arrival."""


@dataclass(frozen=True, slots=True)
class Part:
    """A received part, opened. `sender_digest` tells senders apart also where they are forgotten."""

    id: int
    line_id: int
    sender: str
    sender_digest: str
    text: str
    arrived_at_s: float
    concat_reference: int | None
    concat_total: int | None
    concat_seq: int | None


def digest_of(vault: Vault, pdu: str) -> str:
    """The keyed hash by which the very same PDU is known; of none, something that is known by nobody."""
    return vault.digest("pdu", pdu) if pdu else secrets.token_hex(16)


def who_of(vault: Vault, sender: str) -> str:
    """The keyed hash of a sender as the network gave it: a number in any form, or a name."""
    return vault.digest("sender", sender)


def heard_before(connection: sa.Connection, line_id: int, text: Inbound) -> bool:
    """Whether this line has received the very same PDU."""
    if not text.raw:
        return False
    values = {"line": line_id, "pdu": digest_of(vault_of(connection), text.raw)}
    return connection.execute(_SAME_PDU, values).first() is not None


def insert(connection: sa.Connection, line_id: int, text: Inbound, campaign_id: int, now_s: float) -> int:
    """Keep a part, sealed under the key of this campaign (root); its id."""
    vault, pdu = vault_of(connection), digest_of(vault_of(connection), text.raw)
    reference, total, seq = text.concat or (None, None, None)
    plain = {"sender": text.sender, "text": text.text, "raw": text.raw}
    values = {
        "line_id": line_id, "campaign_id": campaign_id, "sender_digest": who_of(vault, text.sender),
        "sent_at_s": text.sent_at_s, "arrived_at_s": now_s, "concat_reference": reference, "concat_total": total,
        "concat_seq": seq, "raw_digest": pdu, "how": text.how,
        **{column: vault.seal(campaign_id, _label(column, pdu), words) for column, words in plain.items()},
    }  # fmt: skip
    key = connection.execute(sa.insert(inbound), values).inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    return int(key[0])


def opened(vault: Vault, rows: Iterable[Any]) -> Iterator[Part]:
    """Rows of the table as they were received."""
    for row in rows:
        sender = vault.open(row.campaign_id, _label("sender", row.raw_digest), row.sender)
        text = vault.open(row.campaign_id, _label("text", row.raw_digest), row.text)
        yield Part(
            row.id, row.line_id, sender, row.sender_digest, text, row.arrived_at_s, row.concat_reference,
            row.concat_total, row.concat_seq,
        )  # fmt: skip


def every(connection: sa.Connection) -> Iterator[Part]:
    """All parts, in order of arrival."""
    return opened(vault_of(connection), connection.execute(sa.select(inbound).order_by(inbound.c.id)))


def words_of(inbound_id: int) -> str:
    """The label of what was found in a text."""
    return f"replies.words {inbound_id}"


def _label(column: str, raw_digest: str) -> str:
    return f"inbound.{column} {raw_digest}"
