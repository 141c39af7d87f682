"""Names of lists and words that persons typed, in a store of before they were sealed: as they are kept now."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.store import free_words
from gsmsend.store.older_rows import Owners, rows_of
from gsmsend.store.vault import vault_of

_LISTS = sa.text(
    "SELECT i.id, i.campaign_id, i.source, i.digest FROM imports i JOIN campaigns c ON c.id = i.campaign_id "
    "WHERE c.parent_id IS NULL AND i.id > :after ORDER BY i.id LIMIT 1000"
)
"""After their hashes were made keyed ones. Those of answers to replies have no name."""
_DECISIONS = sa.text(
    "SELECT d.id, d.person, d.what, d.reason, m.campaign_id FROM decisions d "
    "LEFT JOIN messages m ON m.id = d.message_id WHERE d.id > :after AND (d.what LIKE 'resolve as %' OR "
    "d.what LIKE 'looked at reply %' OR d.what LIKE 'suppressed %' OR d.what LIKE 'ended a suppression %') "
    "ORDER BY d.id LIMIT 1000"
)
_SUPPRESSIONS = sa.text(
    "SELECT id, reason FROM suppressions WHERE id > :after AND kind <> 'key' AND person <> 'the recipient' "
    "ORDER BY id LIMIT 1000"
)
_SET_LIST = sa.text("UPDATE imports SET source = :kept WHERE id = :id")
_SET_DECISION = sa.text("UPDATE decisions SET reason = :kept WHERE id = :id")
_SET_SUPPRESSION = sa.text("UPDATE suppressions SET reason = :kept WHERE id = :id")
_TOOK_UP = sa.text("UPDATE decisions SET reason = '' WHERE what = 'took up an import that was cut off'")
_SETTLED = ("messages", "attempts")
_NO_REASON = (
    "UPDATE {} SET why = substr(why, 1, instr(why, ': ') - 1) "
    "WHERE why LIKE 'settled as % by %' AND instr(why, ': ') > 0"
)


def sealed(connection: sa.Connection, owners: Owners) -> None:
    """Seal them where they are; reasons that were told in other places go from those."""
    for row in list(rows_of(connection, _LISTS)):
        vault = vault_of(connection)
        label = free_words.source_label(row["digest"])
        name = free_words.kept(vault, owners.roots[row["campaign_id"]], label, row["source"])
        connection.execute(_SET_LIST, {"id": row["id"], "kept": name})
    for row in list(rows_of(connection, _DECISIONS)):
        label = free_words.reason_label(row["person"], row["what"])
        whose = 0 if row["campaign_id"] is None else owners.roots[row["campaign_id"]]
        kept = free_words.kept(vault_of(connection), whose, label, row["reason"])
        connection.execute(_SET_DECISION, {"id": row["id"], "kept": kept})
    said: dict[str, str] = {}
    for row in list(rows_of(connection, _SUPPRESSIONS)):
        reason = row["reason"]
        if reason not in said:
            said[reason] = free_words.kept(vault_of(connection), 0, free_words.LISTED, reason)
        connection.execute(_SET_SUPPRESSION, {"id": row["id"], "kept": said[reason]})
    connection.execute(_TOOK_UP)
    for table in _SETTLED:
        connection.exec_driver_sql(_NO_REASON.format(table))
