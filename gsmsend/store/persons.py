"""Who has a text already, where each person was seen, and what an import came to."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from gsmsend.contract import ImportResult, ImportSource, NewMessage
from gsmsend.contract.imports import Sighting
from gsmsend.masking import mask_name
from gsmsend.model import OutcomeKind, State
from gsmsend.store import free_words, suppression
from gsmsend.store.base import Reader
from gsmsend.store.prepared import Rows
from gsmsend.store.schema import campaigns, imports, messages, parts, refused_rows, sightings
from gsmsend.store.vault import vault_of

WORDS = suppression.WORDS
"""What is said of a message to a person who must not be texted."""

_UNSENT = (State.FAILED.value, State.CANCELLED.value)
_HAVE_A_TEXT = (
    sa.select(messages.c.person, messages.c.campaign_id, messages.c.id, messages.c.state)
    .join(campaigns, campaigns.c.id == messages.c.campaign_id)
    .where(
        messages.c.person.in_(sa.bindparam("people", expanding=True)),
        campaigns.c.parent_id.is_(None),
        sa.or_(
            messages.c.state.not_in(_UNSENT),
            # No longer on its way, and yet not proven to be unsent.
            sa.exists().where(
                parts.c.message_id == messages.c.id,
                parts.c.outcome.in_([OutcomeKind.ACCEPTED.value, OutcomeKind.UNKNOWN.value]),
            ),
        ),
    )
    .order_by(messages.c.id)
)
_PARTLY_SENT = sa.select(parts.c.message_id).where(
    parts.c.message_id.in_(sa.bindparam("ids", expanding=True)),
    parts.c.outcome.in_([OutcomeKind.ACCEPTED.value, OutcomeKind.UNKNOWN.value]),
)
_SIGHT = Rows(
    sightings, "import_id", "message_id", "place", "row", "original", "kind", "seen", "first_s", "last_s"
)
_SOURCES = (
    sa.select(
        imports.c.source, imports.c.digest, imports.c.wanted_line, messages.c.campaign_id, sightings.c.place,
        sightings.c.row, sightings.c.original, sightings.c.kind, sightings.c.seen, sightings.c.first_s,
        sightings.c.last_s,
    )
    .join(imports, imports.c.id == sightings.c.import_id)
    .join(messages, messages.c.id == sightings.c.message_id)
    .where(sightings.c.message_id == sa.bindparam("message"))
    .order_by(sightings.c.id)
)  # fmt: skip
_DAY_S = 86_400.0


def texted(
    connection: sa.Connection, campaign_id: int, numbers: Collection[str]
) -> tuple[set[str], dict[str, tuple[int, int]]]:
    """Who of these has a text in this campaign, and who one of an earlier campaign: that message and campaign."""
    here: set[str] = set()
    earlier: dict[str, tuple[int, int]] = {}
    if not numbers:
        return here, earlier
    vault = vault_of(connection)
    who = {vault.person(number): number for number in numbers}
    rows = connection.execute(_HAVE_A_TEXT, {"people": list(who)}).all()
    kept_back = [row.id for row in rows if row.campaign_id != campaign_id and row.state == State.SUPPRESSED.value]
    went = set(connection.execute(_PARTLY_SENT, {"ids": kept_back}).scalars()) if kept_back else set()
    for row in rows:
        if row.campaign_id == campaign_id:
            here.add(who[row.person])
        elif row.state != State.SUPPRESSED.value or row.id in went:
            earlier.setdefault(who[row.person], (row.id, row.campaign_id))
    return here, earlier


def too_soon(
    connection: sa.Connection, campaign_id: int, keys: Iterable[tuple[str, int]], source: ImportSource
) -> dict[tuple[str, int], str]:
    """Why people who were texted by another campaign are not texted yet, by number and text."""
    wanted = list(keys)
    last = suppression.last_texted(connection, [number for number, _ in wanted], campaign_id)
    found: dict[tuple[str, int], str] = {}
    for key in wanted:
        at_s = last.get(key[0])
        if at_s is None or source.at_s - at_s >= source.gap_s:
            continue
        gap = _days(source.gap_s)
        found[key] = (
            f"a text of another campaign to this person still waits; {gap} must lie between two"
            if math.isinf(at_s)
            else f"another campaign texted this person {_days(source.at_s - at_s)} ago; {gap} must lie between two"
        )
    return found


def _days(seconds: float) -> str:
    if seconds < _DAY_S:
        hours = max(1, round(seconds / 3600))
        return f"{hours} hour{'s' * (hours != 1)}"
    days = round(seconds / _DAY_S)
    return f"{days} day{'s' * (days != 1)}"


def sight(
    connection: sa.Connection,
    import_id: int,
    rows: Sequence[tuple[int, NewMessage]],
    own: int,
    whose: Mapping[int, int],
) -> None:
    """Keep where the people of these messages were seen, under the key of the message's campaign.

    It is the import's `own`, but for the messages of `whose`.
    """
    vault = vault_of(connection)
    if rows:
        _SIGHT.insert(
            connection,
            [
                {
                    "import_id": import_id, "message_id": message_id, "place": mask_name(row.place),
                    "row": row.row,
                    "original": vault.seal(whose.get(message_id, own), original_of(message_id), row.original),
                    "kind": str(row.kind), "seen": row.seen, "first_s": row.at_s, "last_s": row.at_s,
                }
                for message_id, row in rows
            ],
        )  # fmt: skip


def original_of(message_id: int) -> str:
    """The label of what stood in a source for the person of a message."""
    return f"sightings.original {message_id}"


def value_of(import_id: int) -> str:
    """The label of what stood in a row that was refused."""
    return f"refused_rows.value {import_id}"


def result(connection: sa.Connection, import_id: int) -> ImportResult:
    """What an import came to, by what is in the store; true of one that was cut off and taken up again too."""
    own = connection.execute(sa.select(imports).where(imports.c.id == import_id)).one()
    first = sa.alias(imports)
    query = (
        sa.select(
            messages.c.import_id, messages.c.campaign_id, first.c.wanted_line,
            sa.func.count(sightings.c.message_id.distinct()).label("people"),
            sa.func.count().label("rows"),
            sa.func.count(sa.case((messages.c.state == State.SUPPRESSED.value, messages.c.id)).distinct()).label(
                "suppressed"
            ),
        )
        .select_from(sightings)
        .join(messages, messages.c.id == sightings.c.message_id)
        .join(first, first.c.id == messages.c.import_id)
        .where(sightings.c.import_id == import_id)
        .group_by(messages.c.import_id, messages.c.campaign_id, first.c.wanted_line)
    )  # fmt: skip
    accepted = duplicates = suppressed = on_both = elsewhere = earlier = 0
    for row in connection.execute(query):
        if row.import_id == import_id:
            accepted, suppressed = row.people, row.suppressed
            duplicates += row.rows - row.people
            continue
        duplicates += row.rows
        if row.campaign_id != own.campaign_id:
            earlier += row.people
        elif own.wanted_line and row.wanted_line and own.wanted_line != row.wanted_line:
            on_both += row.people
        else:
            elsewhere += row.people
    refused = connection.execute(
        sa.select(sa.func.count()).select_from(refused_rows).where(refused_rows.c.import_id == import_id)
    ).scalar_one()
    return ImportResult(
        accepted, duplicates, refused, suppressed=suppressed, on_both=on_both, elsewhere=elsewhere, earlier=earlier
    )  # fmt: skip


class SightingViews(Reader):
    """contract.SightingView."""

    def sightings(self, message_id: int) -> list[Sighting]:
        """Where the person of a message was seen, oldest first."""
        with self._reading() as connection:
            vault = vault_of(connection)
            return [
                Sighting(
                    free_words.source_of(vault, row.digest, row.source), row.place, row.row,
                    vault.open(vault.root(row.campaign_id), original_of(message_id), row.original), row.kind,
                    row.seen, row.first_s, row.last_s, row.wanted_line,
                )
                for row in connection.execute(_SOURCES, {"message": message_id})
            ]  # fmt: skip
