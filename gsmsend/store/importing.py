"""Transactions of an import: rows come in batches, so that a running bench never waits for a large file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from gsmsend.contract import ImportSource, NewMessage, Refused
from gsmsend.model import State
from gsmsend.store.schema import campaigns, imports, messages, parts, refused_rows, texts

BATCH = 2000
"""Rows a transaction."""

_KNOWN = sa.select(messages.c.number).where(
    messages.c.campaign_id == sa.bindparam("campaign"),
    messages.c.text_id == sa.bindparam("text"),
    messages.c.number.in_(sa.bindparam("numbers", expanding=True)),
)


@dataclass(slots=True)
class Progress:
    """An import under way: its row in the store and its counts so far."""

    import_id: int
    campaign_id: int
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    first_id: int | None = None
    text_ids: dict[str, int] = field(default_factory=dict)


def begin(connection: sa.Connection, source: ImportSource) -> Progress | tuple[int, int, int]:
    """Start or take up an import; the counts of a finished one if the very same source was imported before."""
    campaign_id = connection.execute(sa.select(campaigns.c.id).where(campaigns.c.name == source.campaign)).scalar()
    if campaign_id is None:
        result = connection.execute(sa.insert(campaigns).values(name=source.campaign, created_at_s=source.at_s))
        campaign_id = result.inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has one
    row = connection.execute(
        sa.select(imports).where(imports.c.campaign_id == campaign_id, imports.c.digest == source.digest)
    ).first()
    if row is None:
        result = connection.execute(
            sa.insert(imports).values(
                campaign_id=campaign_id, source=source.name, digest=source.digest, accepted=0, duplicates=0,
                refused=0, complete=0, at_s=source.at_s,
            )
        )  # fmt: skip
        return Progress(result.inserted_primary_key[0], campaign_id)  # type: ignore[index]
    if row.complete:
        return row.accepted, row.duplicates, row.refused
    connection.execute(sa.delete(refused_rows).where(refused_rows.c.import_id == row.id))
    return Progress(row.id, campaign_id)


def add(
    connection: sa.Connection, progress: Progress, rows: Sequence[NewMessage | Refused], now_s: float
) -> Progress:
    """One batch; the progress after it. A body that may run twice: it changes a copy."""
    after = Progress(
        progress.import_id, progress.campaign_id, progress.accepted, progress.duplicates, progress.refused,
        progress.first_id, dict(progress.text_ids),
    )  # fmt: skip
    refused = [row for row in rows if isinstance(row, Refused)]
    if refused:
        connection.execute(
            sa.insert(refused_rows),
            [
                {"import_id": after.import_id, "row": row.row, "value": row.value, "why": row.why}
                for row in refused
            ],
        )
        after.refused += len(refused)
    by_text: dict[int, dict[str, NewMessage]] = {}
    offered = 0
    for row in rows:
        if isinstance(row, NewMessage):
            offered += 1
            by_text.setdefault(_text_id(connection, after, row), {}).setdefault(row.number, row)
    next_id = (connection.execute(sa.select(sa.func.max(messages.c.id))).scalar() or 0) + 1
    new_messages: list[dict[str, object]] = []
    new_parts: list[dict[str, object]] = []
    for text_id, wanted in by_text.items():
        known = set(
            connection.execute(
                _KNOWN, {"campaign": after.campaign_id, "text": text_id, "numbers": list(wanted)}
            ).scalars()
        )
        for number, row in wanted.items():
            if number not in known:
                new_messages.append(
                    {
                        "id": next_id, "campaign_id": after.campaign_id, "import_id": after.import_id,
                        "row": row.row, "number": number, "text_id": text_id, "state": State.QUEUED.value,
                        "why": "", "due_at_s": now_s, "bound_line": 0, "parts": row.segments,
                        "changed_at_s": now_s,
                    }
                )  # fmt: skip
                new_parts += [{"message_id": next_id, "seq": seq} for seq in range(1, row.segments + 1)]
                next_id += 1
    if new_messages:
        connection.execute(sa.insert(messages), new_messages)
        connection.execute(sa.insert(parts), new_parts)
        if after.first_id is None:
            after.first_id = int(str(new_messages[0]["id"]))
    after.accepted += len(new_messages)
    after.duplicates += offered - len(new_messages)
    return after


def finish(connection: sa.Connection, progress: Progress) -> None:
    """Mark the import as complete, with its counts."""
    connection.execute(
        sa.update(imports)
        .where(imports.c.id == progress.import_id)
        .values(accepted=progress.accepted, duplicates=progress.duplicates, refused=progress.refused, complete=1)
    )


def _text_id(connection: sa.Connection, progress: Progress, row: NewMessage) -> int:
    found = progress.text_ids.get(row.text)
    if found is not None:
        return found
    digest = hashlib.sha256(row.text.encode("utf-8", "surrogatepass")).hexdigest()
    found = connection.execute(sa.select(texts.c.id).where(texts.c.digest == digest)).scalar()
    if found is None:
        result = connection.execute(sa.insert(texts).values(digest=digest, body=row.text, segments=row.segments))
        found = int(result.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has one
    if len(progress.text_ids) >= BATCH:
        progress.text_ids.clear()
    progress.text_ids[row.text] = found
    return found
