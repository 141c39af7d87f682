"""Transactions of an import: rows come in batches, so that a running bench never waits for a large file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.contract import ImportSource, NewMessage, Refused
from gsmsend.model import OutcomeKind, State
from gsmsend.store.schema import campaigns, imports, messages, parts, refused_rows, texts

BATCH = 2000
"""Rows a transaction."""

HAS_ANOTHER_TEXT = "this person has another text in this operation; with --again this one is queued as well"

_FEW_TEXTS = 20
_Wanted = tuple[tuple[str, int], NewMessage]

_HAVE_A_TEXT = (
    sa.select(messages.c.number)
    .distinct()
    .where(
        messages.c.number.in_(sa.bindparam("numbers", expanding=True)),
        sa.or_(
            messages.c.state.not_in([State.FAILED.value, State.CANCELLED.value]),
            # No longer on its way, and yet not proven to be unsent.
            sa.exists().where(
                parts.c.message_id == messages.c.id,
                parts.c.outcome.in_([OutcomeKind.ACCEPTED.value, OutcomeKind.UNKNOWN.value]),
            ),
        ),
    )
)


@dataclass(slots=True)
class Progress:
    """An import under way: its row in the store and its counts so far.

    `turned_away` are the rows of the last batch whose person has another text, `other_text` how many there were.
    """

    import_id: int
    campaign_id: int
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    first_id: int | None = None
    other_text: int = 0
    turned_away: tuple[Refused, ...] = ()


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
    connection: sa.Connection,
    progress: Progress,
    rows: Sequence[NewMessage | Refused],
    now_s: float,
    *,
    one_text_each: bool = False,
) -> Progress:
    """One batch; the progress after it. A body that may run twice: it changes a copy."""
    after = Progress(
        progress.import_id, progress.campaign_id, progress.accepted, progress.duplicates, progress.refused,
        progress.first_id, progress.other_text,
    )  # fmt: skip
    offered = [row for row in rows if isinstance(row, NewMessage)]
    text_ids, old = _text_ids(connection, offered)
    wanted = {(row.number, text_ids[row.text]): row for row in reversed(offered)}  # the first of equal rows counts
    known = _known(connection, after.campaign_id, [key for key in wanted if key[1] in old])
    new = sorted(((key, row) for key, row in wanted.items() if key not in known), key=lambda item: item[1].row)
    if one_text_each:
        new, after.turned_away = _one_each(connection, new)
        after.other_text += len(after.turned_away)
    refused = [*(row for row in rows if isinstance(row, Refused)), *after.turned_away]
    if refused:
        connection.execute(
            sa.insert(refused_rows),
            [
                {"import_id": after.import_id, "row": row.row, "value": row.value, "why": row.why}
                for row in refused
            ],
        )
        after.refused += len(refused)
    next_id = (connection.execute(sa.select(sa.func.max(messages.c.id))).scalar() or 0) + 1
    new_messages: list[dict[str, object]] = []
    new_parts: list[dict[str, object]] = []
    for key, row in new:
        new_messages.append(
            {
                "id": next_id, "campaign_id": after.campaign_id, "import_id": after.import_id,
                "row": row.row, "number": key[0], "text_id": key[1], "state": State.QUEUED.value,
                "why": "", "due_at_s": now_s, "bound_line": 0, "parts": row.segments, "changed_at_s": now_s,
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
    after.duplicates += len(offered) - len(new_messages) - len(after.turned_away)
    return after


def finish(connection: sa.Connection, progress: Progress) -> None:
    """Mark the import as complete, with its counts."""
    own = imports.c.id == progress.import_id
    connection.execute(
        sa.update(imports)
        .where(own)
        .values(accepted=progress.accepted, duplicates=progress.duplicates, refused=progress.refused, complete=1)
    )
    if progress.other_text:
        # What was refused for the sake of other texts may be welcome when those are cancelled: no no-op then.
        connection.execute(
            sa.update(imports).where(own).values(digest=imports.c.digest + f" (import {progress.import_id})")
        )


def _one_each(connection: sa.Connection, new: Sequence[_Wanted]) -> tuple[list[_Wanted], tuple[Refused, ...]]:
    """Those whose person has no text yet, one for each, and the rest, refused."""
    numbers = {number for (number, _), _ in new}
    taken = set(connection.execute(_HAVE_A_TEXT, {"numbers": list(numbers)}).scalars()) if numbers else set()
    kept: list[_Wanted] = []
    turned_away: list[Refused] = []
    for item in new:
        (number, _), row = item
        if number in taken:
            turned_away.append(Refused(row.row, number, HAS_ANOTHER_TEXT))
        else:
            taken.add(number)
            kept.append(item)
    return kept, tuple(turned_away)


def _text_ids(connection: sa.Connection, rows: Sequence[NewMessage]) -> tuple[dict[str, int], frozenset[int]]:
    """The store's number of each text of a batch, and which of them it had before."""
    by_digest = {_digest(row.text): row for row in rows}
    statement = sa.select(texts.c.digest, texts.c.id).where(texts.c.digest.in_(list(by_digest)))
    found = {row.digest: int(row.id) for row in connection.execute(statement)}
    old = frozenset(found.values())
    new = [digest for digest in by_digest if digest not in found]
    if new:
        first = (connection.execute(sa.select(sa.func.max(texts.c.id))).scalar() or 0) + 1
        found |= {digest: first + index for index, digest in enumerate(new)}
        connection.execute(
            sa.insert(texts),
            [
                {
                    "id": found[digest], "digest": digest, "body": by_digest[digest].text,
                    "segments": by_digest[digest].segments,
                }
                for digest in new
            ],
        )  # fmt: skip
    return {by_digest[digest].text: text_id for digest, text_id in found.items()}, old


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _known(connection: sa.Connection, campaign_id: int, wanted: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of the wanted (number, text) that the campaign has already."""
    if not wanted:
        return set()
    query = sa.select(messages.c.number, messages.c.text_id).where(
        messages.c.campaign_id == campaign_id, messages.c.number.in_({number for number, _ in wanted})
    )
    text_ids = {text_id for _, text_id in wanted}
    if len(text_ids) <= _FEW_TEXTS:
        # One person may have very many texts on a bench; with a text of its own for each row, few.
        query = query.where(messages.c.text_id.in_(text_ids))
    return {(number, text_id) for number, text_id in connection.execute(query)}
