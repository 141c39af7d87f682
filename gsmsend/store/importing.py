"""Transactions of an import: rows come in batches, so that a running bench never waits for a large file.

One person one text, outside a lab: who has this text in this campaign already, or a text of an earlier campaign,
is not queued again; the row is kept as a sighting of that message, and counted. Who has another text in this
campaign is refused, and told. A person who must not be texted gets a message that is suppressed, so that the
totals add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from gsmsend.contract import ImportResult, ImportSource, NewMessage, Refused, Suppression
from gsmsend.errors import UsageError
from gsmsend.masking import mask_name
from gsmsend.model import State
from gsmsend.store import free_words, import_entries, persons, releasing, texts
from gsmsend.store.campaign_rows import TOOK_UP, decide
from gsmsend.store.forgetting import refuse_forgotten
from gsmsend.store.prepared import Rows
from gsmsend.store.schema import campaigns, imports, messages, parts, refused_rows, sightings, wanted_lines
from gsmsend.store.vault import number_of, vault_of

BATCH = 2000
"""Rows a transaction."""

HAS_ANOTHER_TEXT = "this person has another text in this operation; with --again this one is queued as well"

_MORE_PEOPLE = "people were added after it was approved"
_FEW_TEXTS = 20
_MESSAGES = Rows(
    messages, "id", "campaign_id", "import_id", "row", "number", "person", "tail", "text_id", "state", "why",
    "stop", "due_at_s", "bound_line", "parts", "changed_at_s",
)  # fmt: skip
_PARTS = Rows(parts, "message_id", "seq")
_Key = tuple[str, int]
"""A number and the id of a text."""

Suppressed = Callable[[sa.Connection, Sequence[str]], Mapping[str, Suppression]]
"""Which of these numbers must not be texted (store.suppression)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An import under way: its row in the store and its counts so far.

    `turned_away` are the rows of the last batch that were refused for the sake of texts that people have already.
    """

    import_id: int
    campaign_id: int
    bound_line: int = 0
    first_id: int | None = None
    other_text: int = 0
    turned_away: tuple[Refused, ...] = ()


def begin(connection: sa.Connection, source: ImportSource) -> Progress | ImportResult:
    """Start or take up an import; the result of a finished one if the very same source was imported before."""
    campaign_id = connection.execute(sa.select(campaigns.c.id).where(campaigns.c.name == source.campaign)).scalar()
    if campaign_id is None:
        result = connection.execute(sa.insert(campaigns).values(name=source.campaign, created_at_s=source.at_s))
        campaign_id = result.inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has one
    refuse_forgotten(connection, campaign_id, source.campaign)
    source = replace(source, name=mask_name(source.name))
    digest = vault_of(connection).digest("import", source.digest)  # a list of one person could be guessed by it
    row = connection.execute(
        sa.select(imports).where(imports.c.campaign_id == campaign_id, imports.c.digest == digest)
    ).first()
    if row is not None and row.complete and row.accepted + row.duplicates:
        return replace(persons.result(connection, row.id), repeated=True)
    bound_line = _bound(connection, source.line) if source.line else 0
    if row is None:
        vault = vault_of(connection)
        name = free_words.kept(vault, vault.root(campaign_id), free_words.source_label(digest), source.name)
        result = connection.execute(
            sa.insert(imports).values(
                campaign_id=campaign_id, source=name, digest=digest, accepted=0, duplicates=0,
                refused=0, complete=0, at_s=source.at_s, person=source.person, wanted_line=source.line,
            )
        )  # fmt: skip
        import_id = result.inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has one
        import_entries.begun(connection, import_id, campaign_id, source)
        return Progress(import_id, campaign_id, bound_line)
    if source.person not in ("", row.person):
        decide(connection, campaign_id, source.person, TOOK_UP, f"list {row.id}", source.at_s)
    for table in (refused_rows, sightings):  # all of them come again; the messages are there
        connection.execute(sa.delete(table).where(table.c.import_id == row.id))
    import_entries.begun(connection, row.id, campaign_id, source)
    return Progress(row.id, campaign_id, bound_line)


def _refuse_cancelled(connection: sa.Connection, campaign_id: int) -> None:
    """Raise UsageError for a campaign that was cancelled or forgotten, perhaps while the import was going on."""
    row = connection.execute(
        sa.select(campaigns.c.name, campaigns.c.cancelled).where(campaigns.c.id == campaign_id)
    )
    name, cancelled = row.one()
    refuse_forgotten(connection, campaign_id, name)
    if cancelled:
        raise UsageError(
            f"the campaign {name} was cancelled {cancelled}; nobody more was imported into it",
            remedy="Begin another one with --campaign NAME.",
        )


def _bound(connection: sa.Connection, name: str) -> int:
    """What messages that wait for this line are bound to: the line, or minus its wish until its SIM comes up."""
    row = connection.execute(sa.select(wanted_lines).where(wanted_lines.c.name == name)).first()
    if row is not None:
        return int(row.line_id) if row.line_id is not None else -int(row.id)
    result = connection.execute(sa.insert(wanted_lines).values(name=name))
    return -int(result.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has one


def add(
    connection: sa.Connection,
    progress: Progress,
    rows: Sequence[NewMessage | Refused],
    source: ImportSource,
    suppressed: Suppressed,
    *,
    one_text_each: bool = False,
) -> Progress:
    """One batch; the progress after it. A body that may run twice: it changes nothing but the store."""
    _refuse_cancelled(connection, progress.campaign_id)
    own = vault_of(connection).root(progress.campaign_id)
    offered = [row for row in rows if isinstance(row, NewMessage)]
    text_ids, old = texts.ids(connection, own, {row.text: row.segments for row in offered})
    keys = [(row.number, text_ids[row.text]) for row in offered]
    first = dict(zip(reversed(keys), reversed(offered), strict=True))  # the first of equal rows counts
    messages_of = _known(connection, progress.campaign_id, [key for key in first if key[1] in old])
    new = {
        key: row for key, row in zip(keys, offered, strict=True) if first[key] is row and key not in messages_of
    }
    refusals: dict[_Key, str] = {}
    whose: dict[int, int] = {}
    if one_text_each:
        messages_of |= _one_each(connection, progress.campaign_id, new, refusals, whose)
    elif source.gap_s and new:
        refusals = persons.too_soon(connection, progress.campaign_id, new, source)
    new = {key: row for key, row in new.items() if key not in messages_of and key not in refusals}
    turned_away = tuple(
        Refused(row.row, row.number, refusals[key], row.place)
        for key, row in zip(keys, offered, strict=True)
        if key in refusals
    )
    refused = [*(row for row in rows if isinstance(row, Refused)), *turned_away]
    _refuse(connection, progress.import_id, own, refused)
    made, stopped = _insert(connection, progress, new, source, suppressed)
    messages_of |= made
    seen = [(messages_of[key], row) for key, row in zip(keys, offered, strict=True) if key not in refusals]
    persons.sight(connection, progress.import_id, seen, own, whose)
    kept = import_entries.sealed(seen, refused, text_ids)
    ids = progress.import_id, progress.campaign_id
    import_entries.rows(connection, *ids, source, list(made.values()), stopped, kept, len(seen))
    if made:  # after its entry: what may not leave now is drafts again, these too
        releasing.changed(connection, progress.campaign_id, _MORE_PEOPLE, source.at_s)
    return replace(
        progress,
        first_id=progress.first_id if progress.first_id is not None else next(iter(made.values()), None),
        other_text=progress.other_text + sum(row.why == HAS_ANOTHER_TEXT for row in turned_away),
        turned_away=turned_away,
    )


def finish(connection: sa.Connection, progress: Progress) -> ImportResult:
    """Mark the import as complete, with its counts."""
    result = replace(
        persons.result(connection, progress.import_id),
        first_id=progress.first_id, other_text=progress.other_text,
    )  # fmt: skip
    own = imports.c.id == progress.import_id
    values: dict[str, object] = {
        "accepted": result.accepted, "duplicates": result.duplicates, "refused": result.refused, "complete": 1,
    }  # fmt: skip
    if progress.other_text:
        # What was refused for the sake of other texts may be welcome when those are cancelled: no no-op then.
        values["digest"] = imports.c.digest + f" (import {progress.import_id})"
    connection.execute(sa.update(imports).where(own).values(**values))
    at_s = connection.execute(sa.select(imports.c.at_s).where(own)).scalar_one()
    import_entries.ended(connection, progress.import_id, result, at_s)
    return result


def _refuse(connection: sa.Connection, import_id: int, own: int, rows: Sequence[Refused]) -> None:
    vault, label = vault_of(connection), persons.value_of(import_id)
    if rows:
        connection.execute(
            sa.insert(refused_rows),
            [
                {
                    "import_id": import_id, "row": row.row, "value": vault.seal(own, label, row.value),
                    "why": row.why, "place": mask_name(row.place),
                }
                for row in rows
            ],
        )  # fmt: skip


def _insert(
    connection: sa.Connection,
    progress: Progress,
    new: Mapping[_Key, NewMessage],
    source: ImportSource,
    suppressed: Suppressed,
) -> tuple[dict[_Key, int], dict[str, list[int]]]:
    """New messages with their parts, by number and text; those to people who must not be texted suppressed.

    These also by the reason.
    """
    if not new:
        return {}, {}
    begin_id = (connection.execute(sa.select(sa.func.max(messages.c.id))).scalar() or 0) + 1
    never = suppressed(connection, [number for number, _ in new])
    state = State.DRAFT.value if source.draft else State.QUEUED.value
    vault = vault_of(connection)
    own = vault.root(progress.campaign_id)
    found: dict[_Key, int] = {}
    stopped: dict[str, list[int]] = {}
    rows: list[dict[str, object]] = []
    new_parts: list[dict[str, object]] = []
    for message_id, (key, row) in enumerate(new.items(), begin_id):
        found[key] = message_id
        stop = persons.WORDS[never[key[0]]] if key[0] in never else ""
        if stop:
            stopped.setdefault(stop, []).append(message_id)
        rows.append(
            {
                "id": message_id, "campaign_id": progress.campaign_id, "import_id": progress.import_id,
                "row": row.row, "number": vault.seal(own, number_of(message_id), key[0]),
                "person": vault.person(key[0]), "tail": vault.tail(key[0]), "text_id": key[1],
                "state": State.SUPPRESSED.value if stop else state, "why": stop, "stop": stop,
                "due_at_s": source.at_s, "bound_line": progress.bound_line, "parts": row.segments,
                "changed_at_s": source.at_s,
            }
        )  # fmt: skip
        new_parts += [{"message_id": message_id, "seq": seq} for seq in range(1, row.segments + 1)]
    _MESSAGES.insert(connection, rows)
    _PARTS.insert(connection, new_parts)
    return found, stopped


def _one_each(
    connection: sa.Connection,
    campaign_id: int,
    new: Mapping[_Key, NewMessage],
    refusals: dict[_Key, str],
    whose: dict[int, int],
) -> dict[_Key, int]:
    """The messages of earlier campaigns that people have, with those campaigns in `whose`.

    Who has another text in this one goes to `refusals`.
    """
    here, earlier = persons.texted(connection, campaign_id, {number for number, _ in new})
    found: dict[_Key, int] = {}
    for key in new:
        number = key[0]
        if number in here:
            refusals[key] = HAS_ANOTHER_TEXT
        elif number in earlier:
            found[key], whose_it_is = earlier[number]
            whose[found[key]] = whose_it_is
        else:
            here.add(number)
    return found


def _known(connection: sa.Connection, campaign_id: int, wanted: Sequence[_Key]) -> dict[_Key, int]:
    """The messages that the campaign has already, of the wanted (number, text)."""
    if not wanted:
        return {}
    keys = set(wanted)
    vault = vault_of(connection)
    who = {vault.person(number): number for number, _ in keys}
    query = sa.select(messages.c.person, messages.c.text_id, messages.c.id).where(
        messages.c.campaign_id == campaign_id, messages.c.person.in_(list(who))
    )
    text_ids = {text_id for _, text_id in keys}
    if len(text_ids) <= _FEW_TEXTS:
        # One person may have very many texts on a bench; with a text of its own for each row, few.
        query = query.where(messages.c.text_id.in_(text_ids))
    found = {(who[person], text_id): message_id for person, text_id, message_id in connection.execute(query)}
    return {key: message_id for key, message_id in found.items() if key in keys}
