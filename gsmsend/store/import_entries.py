"""What an import puts into the audit log: that it began, each batch of its rows, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract import ImportResult, ImportSource, NewMessage, Refused
from gsmsend.model import State
from gsmsend.store.journal import enter, root


def begun(connection: sa.Connection, import_id: int, campaign_id: int, source: ImportSource) -> None:
    """An import begins, or is taken up again."""
    data = {
        "import": import_id, "campaign": campaign_id, "name": source.campaign, "line": source.line,
        "person": source.person,
    }  # fmt: skip
    sealed = {"digest": source.digest, "source": source.name}
    whose = root(connection, campaign_id)
    enter(connection, Kind.IMPORT, source.at_s, data, sealed=sealed, campaign_id=whose)


def sealed(
    seen: Sequence[tuple[int, NewMessage]], refused: Sequence[Refused], text_ids: Mapping[str, int]
) -> dict[str, object]:
    """The rows of a batch, each as [place, what stood there, number, id of the text, message], and its texts.

    Of a refused row there is neither number nor text nor message.
    """
    rows: list[list[object]] = [
        [_place(row), row.original or row.number, row.number, text_ids[row.text], message_id]
        for message_id, row in seen
    ]
    rows += [[_place(row), row.value, None, None, None] for row in refused]
    return {"rows": rows, "texts": {str(text_id): text for text, text_id in text_ids.items()}}


def _place(row: NewMessage | Refused) -> str:
    return f"{row.place} row {row.row}".lstrip()


def rows(
    connection: sa.Connection,
    import_id: int,
    campaign_id: int,
    source: ImportSource,
    made: Sequence[int],
    stopped: Mapping[str, Sequence[int]],
    kept: Mapping[str, object],
    sightings: int,
) -> None:
    """A batch: its messages, those of them that may not be sent by the reason, and what stood in its rows."""
    state = State.DRAFT.value if source.draft else State.QUEUED.value
    data = {
        "import": import_id, "campaign": campaign_id, "count": len(made),
        "messages": [made[0], made[-1]] if made else None, "state": state, "sightings": sightings,
    }  # fmt: skip
    whose = root(connection, campaign_id)
    enter(connection, Kind.ROWS, source.at_s, data, sealed=kept, campaign_id=whose)
    for why, ids in stopped.items():
        moved = {"messages": spans(ids), "state": State.SUPPRESSED.value, "why": why}
        enter(connection, Kind.MOVE, source.at_s, moved)


def ended(connection: sa.Connection, import_id: int, result: ImportResult, at_s: float) -> None:
    """What an import came to."""
    data = {
        "import": import_id, "accepted": result.accepted, "duplicates": result.duplicates,
        "refused": result.refused, "suppressed": result.suppressed,
    }  # fmt: skip
    enter(connection, Kind.IMPORTED, at_s, data)
