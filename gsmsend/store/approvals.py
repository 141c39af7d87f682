"""The part of the store about approval: officers, their signatures, and the campaign as they see it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract.approvals import CampaignFacts, NewApproval, OfficerRow, Reworded, Role, TextBody
from gsmsend.errors import GuardStop
from gsmsend.store import campaign_facts, officers, rewording, schema
from gsmsend.store.base import Changer, Reader
from gsmsend.store.journal import enter
from gsmsend.store.schema import approvals, decisions
from gsmsend.store.vault import vault_of


class ApprovalViews(Reader):
    """contract.ApprovalsView."""

    def officers(self) -> list[OfficerRow]:
        """Every officer that was ever added."""
        with self._reading() as connection:
            return officers.rows(connection)

    def operation_id(self) -> str:
        """What tells this operation from any other."""
        with self._reading() as connection:
            return officers.operation_id(connection)

    def campaign_facts(self, name: str) -> CampaignFacts | None:
        """All about a campaign, in one snapshot."""
        with self._reading() as connection:
            return campaign_facts.facts(connection, name)

    def campaigns_to_send(self) -> list[str]:
        """Campaigns with drafts or texts that may leave."""
        with self._reading() as connection:
            return campaign_facts.to_send(connection)


class ApprovalChanges(Changer):
    """contract.Approvals."""

    def add_officer(
        self,
        name: str,
        public_key: str,
        login: str,
        added_by: str,
        now_s: float,
        role: Role = Role.APPROVER,
        *,
        unmask: bool = False,
    ) -> OfficerRow:
        """Register a key."""
        row: OfficerRow = self._writer.submit(
            lambda c: officers.add(c, name, public_key, login, added_by, now_s, role, unmask=unmask)
        ).result()
        return row

    def change_officer(
        self, name: str, role: Role | None, changed_by: str, now_s: float, *, unmask: bool | None = None
    ) -> OfficerRow:
        """Another role, or the right to see numbers in full."""
        row: OfficerRow = self._writer.submit(
            lambda c: officers.change(c, name, role, changed_by, now_s, unmask=unmask)
        ).result()
        return row

    def sign_in(self, officer: str, login: str, until_s: float, now_s: float) -> str:
        """Put a sign-in on record."""
        self._writer.submit(lambda c: officers.sign_in(c, officer, login, until_s, now_s)).result()
        with self._reading() as connection:
            return officers.operation_id(connection)

    def remove_officer(self, name: str, removed_by: str, now_s: float) -> OfficerRow:
        """An officer counts no more."""
        row: OfficerRow = self._writer.submit(lambda c: officers.remove(c, name, removed_by, now_s)).result()
        return row

    def approve(self, approval: NewApproval) -> int:
        """Keep a signature."""
        approval_id: int = self._writer.submit(lambda c: _keep(c, approval)).result()
        return approval_id

    def void_approvals(self, campaign_id: int, why: str, now_s: float) -> int:
        """The campaign changed."""
        count: int = self._writer.submit(lambda c: rewording.void(c, campaign_id, why, now_s)).result()
        return count

    def reword(self, campaign_id: int, texts: Mapping[int, TextBody], person: str, now_s: float) -> Reworded:
        """Give drafts another text."""
        changes = dict(texts)
        found: Reworded = self._writer.submit(
            lambda c: rewording.reword(c, campaign_id, changes, person, now_s)
        ).result()
        return found


def _keep(connection: sa.Connection, approval: NewApproval) -> int:
    c = approvals.c
    standing = sa.select(c.id).where(
        c.campaign_id == approval.campaign_id, c.officer_id == approval.officer_id, c.voided_at_s.is_(None)
    )
    if connection.execute(standing).first() is not None:
        raise GuardStop(
            "this officer has approved the campaign already; one officer counts once",
            remedy="Another officer must approve it.",
        )
    vault = vault_of(connection)
    whose = vault.root(approval.campaign_id)
    label = campaign_facts.content_of(approval.campaign_id, approval.officer_id, approval.digest)
    made = connection.execute(
        sa.insert(approvals).values(
            campaign_id=approval.campaign_id, officer_id=approval.officer_id, digest=approval.digest,
            content=vault.seal(whose, label, approval.content),
            signature=approval.signature, login=approval.login, at_s=approval.at_s, voided_why="",
        )
    )  # fmt: skip
    connection.execute(
        sa.insert(decisions).values(
            at_s=approval.at_s, person=approval.login, what="approved the campaign",
            reason=f"content {approval.digest}", campaign_id=approval.campaign_id,
        )
    )  # fmt: skip
    named = sa.select(schema.officers.c.name).where(schema.officers.c.id == approval.officer_id)
    officer = connection.execute(named).scalar_one()
    data = {
        "campaign": approval.campaign_id, "officer": officer, "login": approval.login,
        "digest": approval.digest, "signature": approval.signature, "at_ms": round(approval.at_s * 1000),
    }  # fmt: skip
    sealed = {"content": approval.content, "salt": vault.approval_salt(whose)}
    enter(connection, Kind.APPROVE, approval.at_s, data, sealed=sealed, campaign_id=whose)
    return int(made.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has one
