"""What revision 0004 does with rows: tables are made anew with what people wrote and who they are sealed.

Rows are read in order of id and written to the new table as they come; nothing is held in memory. Each label and
hash is as the code of that revision has it, in gsmsend.store.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import canonical
from gsmsend.store.vault import Vault, vault_of

_BATCH = 1000
_TEXTS = sa.text("SELECT * FROM texts WHERE id > :after ORDER BY id LIMIT 1000")
_MESSAGES = sa.text("SELECT * FROM messages WHERE id > :after ORDER BY id LIMIT 1000")
_SIGHTINGS = sa.text(
    "SELECT s.*, m.campaign_id AS whose FROM sightings s JOIN messages m ON m.id = s.message_id "
    "WHERE s.id > :after ORDER BY s.id LIMIT 1000"
)
_REFUSED = sa.text(
    "SELECT r.*, i.campaign_id AS whose FROM refused_rows r JOIN imports i ON i.id = r.import_id "
    "WHERE r.id > :after ORDER BY r.id LIMIT 1000"
)
_REPORTS = sa.text(
    "SELECT r.*, m.campaign_id AS whose FROM reports r LEFT JOIN parts p ON p.id = r.part_id "
    "LEFT JOIN messages m ON m.id = p.message_id WHERE r.id > :after ORDER BY r.id LIMIT 1000"
)
_INBOUND = sa.text(
    "SELECT i.*, CASE WHEN EXISTS (SELECT 1 FROM replies r WHERE r.inbound_id = i.id) "
    "THEN (SELECT r.campaign_id FROM replies r WHERE r.inbound_id = i.id) ELSE ("
    "SELECT r.campaign_id FROM replies r JOIN inbound f ON f.id = r.inbound_id WHERE f.id < i.id "
    "AND f.line_id = i.line_id AND f.sender = i.sender AND f.concat_reference = i.concat_reference "
    "AND f.concat_total = i.concat_total ORDER BY f.id DESC LIMIT 1) END AS whose FROM inbound i "
    "WHERE i.id > :after ORDER BY i.id LIMIT 1000"
)
"""A further part of a text belongs to what its first part answers."""
_REPLIES = sa.text("SELECT * FROM replies WHERE id > :after ORDER BY id LIMIT 1000")
_APPROVALS = sa.text("SELECT * FROM approvals WHERE id > :after ORDER BY id LIMIT 1000")
_LISTS = sa.text(
    "SELECT i.id, i.digest FROM imports i JOIN campaigns c ON c.id = i.campaign_id "
    "WHERE c.parent_id IS NULL AND i.id > :after ORDER BY i.id LIMIT 1000"
)
"""Those of answers to replies are no hashes."""
_LOOKS = sa.text("SELECT id, fingerprints FROM looks WHERE id > :after ORDER BY id LIMIT 1000")
_SET_LIST = sa.text("UPDATE imports SET digest = :kept WHERE id = :id")
_SET_LOOK = sa.text("UPDATE looks SET fingerprints = :kept WHERE id = :id")
_NO_DIGEST = sa.text("UPDATE decisions SET reason = 'in an older form' WHERE what = 'approved the campaign'")
_VOID = "what is signed has another form since gsmsend was updated"
Values = dict[str, object]


class Owners:
    """Which campaign's key seals what, in the store as it was before."""

    def __init__(self, connection: sa.Connection) -> None:
        rows = connection.exec_driver_sql("SELECT id, coalesce(parent_id, id) FROM campaigns")
        self.roots: dict[int, int] = {row[0]: row[1] for row in rows}
        self.texts: dict[tuple[int, int], int] = {}
        """The new id of each text by its campaign (root) and its old id."""

    def share_out_texts(self, connection: sa.Connection) -> None:
        """A text that several campaigns used becomes one for each; the first keeps its number."""
        used = connection.exec_driver_sql(
            "SELECT DISTINCT coalesce(c.parent_id, c.id) AS root, m.text_id FROM messages m "
            "JOIN campaigns c ON c.id = m.campaign_id ORDER BY root, m.text_id"
        ).all()
        newest = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM texts").scalar_one()
        taken: set[int] = set()
        for root, text_id in used:
            if text_id in taken:
                newest += 1
            self.texts[root, text_id] = newest if text_id in taken else text_id
            taken.add(text_id)


def rows_of(connection: sa.Connection, query: sa.TextClause) -> Iterator[Any]:
    """Rows of a query, a page at a time: those with an id greater than `:after`, in order of it."""
    after = 0
    while page := connection.execute(query, {"after": after}).mappings().all():
        yield from page
        after = page[-1]["id"]


def insert(connection: sa.Connection, table: str, rows: Iterator[Mapping[str, object]]) -> None:
    """Write rows to a table, a batch at a time."""
    batch: list[Mapping[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            _write(connection, table, batch)
            batch = []
    if batch:
        _write(connection, table, batch)


def _write(connection: sa.Connection, table: str, batch: list[Mapping[str, object]]) -> None:
    columns = list(batch[0])
    target = sa.table(table, *(sa.column(name) for name in columns))
    connection.execute(sa.insert(target), batch)


def of_texts(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """Each text once for each campaign that used it; one that none used any more under the operation's own key."""
    users: dict[int, list[tuple[int, int]]] = {}
    for (root, old), new in owners.texts.items():
        users.setdefault(old, []).append((root, new))
    for row in rows_of(connection, _TEXTS):
        vault = vault_of(connection)
        for root, text_id in users.get(row["id"], [(0, row["id"])]):
            yield {
                "id": text_id, "campaign_id": root, "digest": vault.digest("text", row["body"]),
                "body": vault.seal(root, f"texts.body {text_id}", row["body"]), "segments": row["segments"],
            }  # fmt: skip


def of_messages(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """Messages by the hash of their number."""
    for row in rows_of(connection, _MESSAGES):
        vault = vault_of(connection)
        root = owners.roots[row["campaign_id"]]
        yield {
            **row, "number": vault.seal(root, f"messages.number {row['id']}", row["number"]),
            "person": vault.person(row["number"]), "tail": vault.tail(row["number"]),
            "text_id": owners.texts[root, row["text_id"]],
        }  # fmt: skip


def of_sightings(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """Where people were seen."""
    for row in rows_of(connection, _SIGHTINGS):
        vault = vault_of(connection)
        found = dict(row)
        root = owners.roots[found.pop("whose")]
        label = f"sightings.original {row['message_id']}"
        yield {**found, "original": vault.seal(root, label, row["original"])}


def of_refused(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """Rows that were refused."""
    for row in rows_of(connection, _REFUSED):
        vault = vault_of(connection)
        found = dict(row)
        root = owners.roots[found.pop("whose")]
        yield {**found, "value": vault.seal(root, f"refused_rows.value {row['import_id']}", row["value"])}


def of_reports(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """Reports, under the key of the campaign of the text that they are about."""
    for row in rows_of(connection, _REPORTS):
        vault = vault_of(connection)
        found = dict(row)
        whose, pdu = _owner(owners, found.pop("whose")), _pdu(vault, row["raw"])
        found |= {"campaign_id": whose, "raw_digest": pdu}
        yield found | {
            name: vault.seal(whose, f"reports.{name} {pdu}", found[name]) for name in ("recipient", "raw")
        }


def of_inbound(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """Received texts, under the key of the campaign that they answer."""
    for row in rows_of(connection, _INBOUND):
        vault = vault_of(connection)
        found = dict(row)
        whose, pdu = _owner(owners, found.pop("whose")), _pdu(vault, row["raw"])
        found |= {"campaign_id": whose, "raw_digest": pdu, "sender_digest": vault.digest("sender", row["sender"])}
        yield found | {
            name: vault.seal(whose, f"inbound.{name} {pdu}", found[name]) for name in ("sender", "text", "raw")
        }


def of_replies(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """What was found in received texts."""
    for row in rows_of(connection, _REPLIES):
        vault = vault_of(connection)
        whose = _owner(owners, row["campaign_id"])
        yield {**row, "words": vault.seal(whose, f"replies.words {row['inbound_id']}", row["words"])}


def of_approvals(connection: sa.Connection, owners: Owners) -> Iterator[Values]:
    """What officers signed: all of it sealed, and void.

    A content of that time has no salt, so that of few people could be found by its digest, or by trying which one
    the signature fits.
    """
    for row in rows_of(connection, _APPROVALS):
        vault, root = vault_of(connection), owners.roots[row["campaign_id"]]
        digest = vault.digest("approval", row["digest"])
        signed = canonical({name: row[name] for name in ("content", "digest", "signature")})
        found = {**row, "digest": digest, "signature": ""}
        if row["voided_at_s"] is None:
            found |= {"voided_at_s": time.time(), "voided_why": _VOID}
        label = f"approvals.content {row['campaign_id']} {row['officer_id']} {digest}"
        yield found | {"content": vault.seal(root, label, signed)}


def key_hashes(connection: sa.Connection) -> None:
    """Plain hashes of lists and of what lay in devices become keyed ones, from which nobody can be guessed."""
    for row in list(rows_of(connection, _LISTS)):
        kept = vault_of(connection).digest("import", row["digest"])
        connection.execute(_SET_LIST, {"id": row["id"], "kept": kept})
    for row in list(rows_of(connection, _LOOKS)):
        vault = vault_of(connection)
        kept = " ".join(vault.digest("look", one) for one in row["fingerprints"].split())
        connection.execute(_SET_LOOK, {"id": row["id"], "kept": kept})
    connection.execute(_NO_DIGEST)


def _owner(owners: Owners, campaign_id: int | None) -> int:
    return 0 if campaign_id is None else owners.roots[campaign_id]


def _pdu(vault: Vault, raw: str) -> str:
    return vault.digest("pdu", raw) if raw else secrets.token_hex(16)
