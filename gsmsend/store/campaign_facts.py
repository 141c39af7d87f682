"""Questions about one campaign as a whole: what is in it, who prepared it, who approved it."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.contract.approvals import (
    ApprovalRow,
    CampaignFacts,
    ChildCampaign,
    ImportFacts,
    Recipient,
    TextBody,
)
from gsmsend.model import State
from gsmsend.store import free_words
from gsmsend.store import officers as officer_rows
from gsmsend.store import texts as wording
from gsmsend.store.campaign_rows import TOOK_UP
from gsmsend.store.gates import CANCELLED
from gsmsend.store.schema import approvals, campaigns, decisions, imports, messages, officers, texts
from gsmsend.store.vault import number_of, vault_of

REWORDED = "reworded the campaign"
"""What the decision of a person who changed the text is called."""
_MAY_LEAVE = (State.DRAFT, State.QUEUED, State.SENDING, State.HELD)


def facts(connection: sa.Connection, name: str) -> CampaignFacts | None:
    """All about a campaign."""
    row = connection.execute(sa.select(campaigns).where(campaigns.c.name == name)).first()
    if row is None:
        return None
    lines, kept = _imports(connection, row.id)
    states = {state.value: state for state in State}
    vault, whose = vault_of(connection), vault_of(connection).root(row.id)
    recipients = tuple(
        Recipient(
            vault.open(whose, number_of(message_id), number), text_id, lines.get(import_id, ""), states[state]
        )
        for message_id, number, text_id, import_id, state in connection.execute(
            sa.select(messages.c.id, messages.c.number, messages.c.text_id, messages.c.import_id, messages.c.state)
            .where(messages.c.campaign_id == row.id)
            .order_by(messages.c.id)
        )
    )
    standing, voided_why = _approvals(connection, row.id)
    return CampaignFacts(
        row.id, row.name, row.parent_id, row.released_at_s, _texts(connection, row.id), recipients, kept,
        _preparers(connection, row.id, kept), standing, _children(connection, row.id), voided_why,
        officer_rows.operation_id(connection), vault.approval_salt(whose),
    )  # fmt: skip


def to_send(connection: sa.Connection) -> list[str]:
    """Campaigns with something that may leave; one that has it only in the answers to its replies counts too."""
    family = sa.func.coalesce(campaigns.c.parent_id, campaigns.c.id)
    busy = (
        sa.select(family)
        .join(messages, messages.c.campaign_id == campaigns.c.id)
        .where(messages.c.state.in_([state.value for state in _MAY_LEAVE]))
    )
    query = sa.select(campaigns.c.name).where(campaigns.c.id.in_(busy)).order_by(campaigns.c.id)
    return list(connection.execute(query).scalars())


def _imports(connection: sa.Connection, campaign_id: int) -> tuple[dict[int, str], tuple[ImportFacts, ...]]:
    """The wanted line of each import by its id, and the imports in order."""
    found = connection.execute(
        sa.select(imports).where(imports.c.campaign_id == campaign_id).order_by(imports.c.id)
    ).all()
    vault = vault_of(connection)
    return {row.id: row.wanted_line for row in found}, tuple(
        ImportFacts(
            free_words.source_of(vault, row.digest, row.source), row.accepted, row.duplicates, row.refused,
            bool(row.complete), row.wanted_line, row.person, row.at_s,
        )
        for row in found
    )  # fmt: skip


def _texts(connection: sa.Connection, campaign_id: int) -> dict[int, TextBody]:
    used = sa.select(messages.c.text_id).where(messages.c.campaign_id == campaign_id)
    query = sa.select(texts).where(texts.c.id.in_(used)).order_by(texts.c.id)
    vault = vault_of(connection)
    return {
        row.id: TextBody(wording.opened(vault, row.id, row.campaign_id, row.body), row.segments)
        for row in connection.execute(query)
    }


def _preparers(connection: sa.Connection, campaign_id: int, kept: tuple[ImportFacts, ...]) -> frozenset[str]:
    query = sa.select(decisions.c.person).where(
        decisions.c.campaign_id == campaign_id, decisions.c.what.in_((REWORDED, TOOK_UP))
    )
    return frozenset({row.person for row in kept} | set(connection.execute(query).scalars())) - {""}


def _approvals(connection: sa.Connection, campaign_id: int) -> tuple[tuple[ApprovalRow, ...], str]:
    """Those that are not void, and what voided the newest of the others."""
    of_officer = officer_rows.columns()
    c = approvals.c
    own = (c.id, c.digest, c.content, c.signature, c.login, c.at_s, c.voided_at_s, c.voided_why)
    query = (
        sa.select(*own, *of_officer)
        .join(officers, officers.c.id == c.officer_id)
        .where(c.campaign_id == campaign_id)
        .order_by(c.id)
    )
    vault, whose = vault_of(connection), vault_of(connection).root(campaign_id)
    found = [
        ApprovalRow(
            row[0], officer_rows.of_row(row[len(own) :]), row[1],
            vault.open(whose, content_of(campaign_id, row[len(own)], row[1]), row[2]), *row[3 : len(own)],
        )
        for row in connection.execute(query)
    ]  # fmt: skip
    voided = [row for row in found if row.voided_at_s is not None]
    standing = tuple(row for row in found if row.voided_at_s is None)
    return standing, voided[-1].voided_why if voided else ""


def content_of(campaign_id: int, officer_id: int, digest: str) -> str:
    """The label of what an officer signed: it fits no approval of another officer, or of another campaign."""
    return f"approvals.content {campaign_id} {officer_id} {digest}"


def _children(connection: sa.Connection, campaign_id: int) -> tuple[ChildCampaign, ...]:
    query = sa.select(campaigns.c.id, campaigns.c.name).where(campaigns.c.parent_id == campaign_id)
    return tuple(
        ChildCampaign(child_id, name, _may_leave(connection, child_id))
        for child_id, name in connection.execute(query.order_by(campaigns.c.id)).all()
    )


def _may_leave(connection: sa.Connection, campaign_id: int) -> frozenset[str]:
    """Texts of messages that are not over: what was sent before an answer was changed is approved no more."""
    states = [state.value for state in (*_MAY_LEAVE, State.UNCERTAIN)]
    used = sa.select(messages.c.text_id).where(
        messages.c.campaign_id == campaign_id, messages.c.state.in_(states), messages.c.stop != CANCELLED
    )
    vault = vault_of(connection)
    found = connection.execute(sa.select(texts).where(texts.c.id.in_(used))).all()
    return frozenset(wording.opened(vault, row.id, row.campaign_id, row.body) for row in found)
