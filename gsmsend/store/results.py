"""The report's questions: what came of one campaign, put together in one transaction; and its link visits."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract.results import (
    Answer,
    Counted,
    Decided,
    FileImported,
    Results,
    Signed,
    TextUsed,
    VisitDay,
)
from gsmsend.errors import UsageError
from gsmsend.model import State
from gsmsend.store import carried, free_words, received, tallies
from gsmsend.store import texts as wording
from gsmsend.store.base import Changer, Reader
from gsmsend.store.joining import joined
from gsmsend.store.journal import enter
from gsmsend.store.schema import (
    approvals,
    campaigns,
    decisions,
    fallbacks,
    imports,
    inbound,
    messages,
    officers,
    refused_rows,
    replies,
    sightings,
    texts,
    visits,
)
from gsmsend.store.vault import vault_of


class ResultsViews(Reader):
    """contract.results.ResultsView."""

    def results(self, campaign: str) -> Results | None:
        """What came of a campaign, or None if there is none of this name."""
        with self._reading() as connection:
            row = connection.execute(sa.select(campaigns).where(campaigns.c.name == campaign)).first()
            return None if row is None else _results(connection, row)

    def visits(self, campaign: str) -> list[VisitDay]:
        """Link visits by day."""
        with self._reading() as connection:
            return _visits(connection, campaign)


class ResultsChanges(Changer):
    """contract.results.ResultsDesk."""

    def add_visits(self, campaign: str, days: Sequence[VisitDay]) -> int:
        """Keep counts of link visits; the newest of a day and source counts, older rows stay on record."""

        def body(connection: sa.Connection) -> int:
            campaign_id = connection.execute(
                sa.select(campaigns.c.id).where(campaigns.c.name == campaign)
            ).scalar()
            if campaign_id is None:
                raise UsageError(
                    f"there is no campaign {campaign!r} in this operation yet",
                    remedy="Link visits are counted for a campaign that was imported: see 'gsmsend status'.",
                )
            known = {(one.day, one.source) for one in _visits(connection, campaign)}
            connection.execute(
                sa.insert(visits),
                [
                    {
                        "campaign_id": campaign_id, "day": one.day, "count": one.count, "source": one.source,
                        "person": one.person, "at_s": one.at_s,
                    }
                    for one in days
                ],
            )  # fmt: skip
            data = {
                "campaign": campaign_id, "source": days[0].source, "person": days[0].person,
                "days": [one.day for one in days], "count": sum(one.count for one in days),
            }  # fmt: skip
            enter(connection, Kind.VISITS, days[0].at_s, data)
            return sum((one.day, one.source) in known for one in days)

        count: int = self._writer.submit(body).result()
        return count


def _results(connection: sa.Connection, campaign: sa.Row[tuple[object, ...]]) -> Results:
    campaign_id: int = campaign.id
    children = list(
        connection.execute(sa.select(campaigns.c.id).where(campaigns.c.parent_id == campaign_id)).scalars()
    )
    gone = tallies.Departures(connection, [campaign_id])
    answered = tallies.Departures(connection, children)
    return Results(
        campaign.name, campaign.created_at_s, campaign.released_at_s, campaign.canary, campaign.canary_passed,
        campaign.paused, campaign.cancelled, tallies.totals(connection, [campaign_id]),
        imports=_imports(connection, campaign_id),
        refusals=_refusals(connection, campaign_id),
        in_several_lists=_in_several_lists(connection, campaign_id),
        texts=_texts(connection, campaign_id),
        lines=tallies.line_uses(connection, [campaign_id], gone),
        sent=gone.quarters,
        first_sent_s=gone.first_s,
        last_sent_s=gone.last_s,
        delays=tallies.delays(connection, campaign_id),
        endings=tallies.endings(connection, campaign_id),
        unreached=tallies.unreached(connection, campaign_id),
        settled=tallies.settled(connection, campaign_id),
        replies=_replies(connection, campaign_id, children),
        approvals=_approvals(connection, campaign_id),
        decisions=_decisions(connection, campaign_id),
        visits=tuple(_visits(connection, campaign.name)),
        acknowledging=tallies.line_uses(connection, children, answered),
        fell=carried.moves(connection, campaign_id),
    )  # fmt: skip


def _imports(connection: sa.Connection, campaign_id: int) -> tuple[FileImported, ...]:
    query = sa.select(imports).where(imports.c.campaign_id == campaign_id).order_by(imports.c.id)
    vault = vault_of(connection)
    return tuple(
        FileImported(
            free_words.source_of(vault, row.digest, row.source), row.person, row.at_s, row.wanted_line,
            row.accepted, row.duplicates, row.refused,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def _refusals(connection: sa.Connection, campaign_id: int) -> tuple[Counted, ...]:
    count = sa.func.count().label("count")
    query = (
        sa.select(refused_rows.c.why, count)
        .join(imports, imports.c.id == refused_rows.c.import_id)
        .where(imports.c.campaign_id == campaign_id)
        .group_by(refused_rows.c.why)
        .order_by(count.desc(), refused_rows.c.why)
    )
    return tuple(Counted(why, number) for why, number in connection.execute(query))


def _in_several_lists(connection: sa.Connection, campaign_id: int) -> int:
    several = (
        sa.select(sightings.c.message_id)
        .join(messages, messages.c.id == sightings.c.message_id)
        .where(messages.c.campaign_id == campaign_id)
        .group_by(sightings.c.message_id)
        .having(sa.func.count(sa.distinct(sightings.c.import_id)) > 1)
        .subquery()
    )
    return int(connection.execute(sa.select(sa.func.count()).select_from(several)).scalar_one())


def _texts(connection: sa.Connection, campaign_id: int) -> tuple[TextUsed, ...]:
    count = sa.func.count().label("count")
    query = (
        sa.select(texts.c.id, texts.c.campaign_id, texts.c.body, texts.c.segments, count)
        .select_from(messages.outerjoin(fallbacks, carried.OF_MESSAGE).join(texts, texts.c.id == carried.TEXT))
        .where(
            messages.c.campaign_id == campaign_id,
            messages.c.state.not_in((State.SUPPRESSED.value, State.CANCELLED.value)),
        )
        .group_by(texts.c.id, texts.c.campaign_id, texts.c.body, texts.c.segments)
        .order_by(count.desc(), texts.c.id)
        .limit(3)
    )
    vault = vault_of(connection)
    return tuple(
        TextUsed(wording.opened(vault, text_id, whose, body), segments, number)
        for text_id, whose, body, segments, number in connection.execute(query)
    )


def _replies(connection: sa.Connection, campaign_id: int, children: Sequence[int]) -> tuple[Answer, ...]:
    """Replies to the campaign or its acknowledgements, oldest first; none that was on the SIM before it."""
    query = (
        sa.select(replies.c.flag, replies.c.words, replies.c.seen_by, inbound)
        .join(inbound, inbound.c.id == replies.c.inbound_id)
        .where(replies.c.campaign_id.in_([campaign_id, *children]))
        .order_by(inbound.c.arrived_at_s, replies.c.id)
    )
    found, vault = [], vault_of(connection)
    for row in connection.execute(query).all():
        flags = frozenset(row.flag.split())
        if "old" not in flags:
            first = next(received.opened(vault, [row]))
            words = vault.open(row.campaign_id, received.words_of(row.id), row.words)
            body = _joined(connection, first)
            found.append(Answer(row.arrived_at_s, first.sender, body, flags, words, row.seen_by))
    return tuple(found)


def _joined(connection: sa.Connection, first: received.Part) -> str:
    """The whole text of which this is the first part."""
    if not first.concat_total or first.concat_total < 2:
        return first.text
    values = {
        "who": first.sender_digest, "line": first.line_id, "reference": first.concat_reference,
        "total": first.concat_total,
    }  # fmt: skip
    parts = connection.execute(received.ITS_PARTS.where(inbound.c.id >= first.id), values).all()
    return next(joined(received.opened(vault_of(connection), parts))).text


def _approvals(connection: sa.Connection, campaign_id: int) -> tuple[Signed, ...]:
    query = (
        sa.select(
            officers.c.name, approvals.c.login, approvals.c.at_s, approvals.c.voided_at_s, approvals.c.voided_why
        )
        .join(officers, officers.c.id == approvals.c.officer_id)
        .where(approvals.c.campaign_id == campaign_id)
        .order_by(approvals.c.at_s, approvals.c.id)
    )
    return tuple(
        Signed(row.name, row.login, row.at_s, "" if row.voided_at_s is None else row.voided_why or "withdrawn")
        for row in connection.execute(query)
    )


def _decisions(connection: sa.Connection, campaign_id: int) -> tuple[Decided, ...]:
    query = (
        sa.select(decisions)
        .outerjoin(messages, messages.c.id == decisions.c.message_id)
        .where(sa.or_(decisions.c.campaign_id == campaign_id, messages.c.campaign_id == campaign_id))
        .order_by(decisions.c.at_s, decisions.c.id)
    )
    vault = vault_of(connection)
    return tuple(
        Decided(
            row.at_s, row.person, row.what,
            free_words.reason_of(vault, row.person, row.what, row.reason), row.message_id,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def _visits(connection: sa.Connection, campaign: str) -> list[VisitDay]:
    newest = (
        sa.select(sa.func.max(visits.c.id))
        .join(campaigns, campaigns.c.id == visits.c.campaign_id)
        .where(campaigns.c.name == campaign)
        .group_by(visits.c.day, visits.c.source)
    )
    columns = (visits.c.day, visits.c["count"], visits.c.source, visits.c.person, visits.c.at_s)
    query = sa.select(*columns).where(visits.c.id.in_(newest)).order_by(visits.c.day, visits.c.source)
    return [VisitDay(*row) for row in connection.execute(query)]
