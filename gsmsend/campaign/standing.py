"""Whether a campaign may be sent: its approvals checked, counted, and held against what it is now. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gsmsend.audit import canonical
from gsmsend.campaign.changes import changes
from gsmsend.campaign.content import Content, content, digest_of
from gsmsend.config import ApprovalPolicy, Settings
from gsmsend.contract import ApprovalRow, CampaignFacts
from gsmsend.errors import GuardStop

TAMPERED = (
    "Nothing is sent. Somebody or something changed the store by other means than gsmsend: keep a copy of the "
    "operation's folder as it is, and tell whoever is in charge of it."
)
"""What to do when the store, or what is signed in it, was changed by something else than gsmsend."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`counted` approvals stand; `changed` says what is not as it was approved; `missing` what is still needed.

    `removed` names officers whose approval no longer counts: they were removed, or are approvers no more.
    """

    counted: tuple[ApprovalRow, ...]
    changed: tuple[str, ...] = ()
    missing: str = ""
    removed: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it may be sent."""
        return not self.changed and not self.missing


def standing(settings: Settings, facts: CampaignFacts) -> Standing:
    """Judge a campaign. Raises GuardStop if a signature, or an answer to a reply, is not as it was approved."""
    for row in facts.approvals:
        _verify(row, facts.name)
    counted = tuple(row for row in facts.approvals if row.officer.may_approve)
    removed = tuple(row.officer.name for row in facts.approvals if not row.officer.may_approve)
    if counted:
        now = content(settings, facts, accepted_in(facts))
        for row in counted:
            if row.digest != digest_of(canonical(now)):
                return Standing(counted, changes(_parsed(row), now), removed=removed)
    _check_answers(settings, facts)
    return Standing(counted, missing=missing(settings.approval, facts, counted), removed=removed)


def accepted_in(facts: CampaignFacts) -> tuple[str, ...]:
    """The failed checks that the officers who approved so far accepted."""
    for row in facts.approvals:
        return tuple(str(name) for name in _parsed(row).get("accepted") or ())
    return ()


def missing(policy: ApprovalPolicy, facts: CampaignFacts, counted: tuple[ApprovalRow, ...]) -> str:
    """What these approvals lack, in words that follow the campaign's name; empty if nothing."""
    have = len({row.officer.officer_id for row in counted})
    if have < policy.officers:
        who = f" ({', '.join(row.officer.name for row in counted)})" if counted else ""
        needed = "officer" if policy.officers == 1 else "officers"
        return f"is not approved: {have} of {policy.officers} {needed} approved it{who}"
    if policy.independent and all(prepared(facts, row.officer.login) for row in counted):
        who = " and ".join(row.officer.name for row in counted)
        return f"is not approved: {who} prepared it, and an officer who did not must approve it too"
    return ""


def prepared(facts: CampaignFacts, login: str) -> bool:
    """Whether the person of this user name imported recipients or changed the text."""
    return login.casefold() in {name.casefold() for name in facts.preparers}


def _verify(row: ApprovalRow, campaign: str) -> None:
    from gsmsend.campaign.signing import Statement, verified  # noqa: PLC0415 - cryptography takes a while

    statement = Statement(row.digest, row.officer.name, row.login, round(row.at_s * 1000))
    if not row.content.isascii() or digest_of(row.content) != row.digest:
        raise GuardStop(
            f"what {row.officer.name} approved of the campaign {campaign} is not what is on record",
            remedy=TAMPERED,
        )
    if not verified(row.officer.public_key, row.signature, statement):
        raise GuardStop(
            f"the approval of the campaign {campaign} by {row.officer.name} is not signed with that officer's key",
            remedy=TAMPERED,
        )


def _check_answers(settings: Settings, facts: CampaignFacts) -> None:
    approved = {settings.replies.acknowledge, settings.replies.acknowledge_stop}
    for child in facts.children:
        if child.bodies - approved:
            raise GuardStop(
                f"the campaign {child.name} has a text that is not the approved answer to replies",
                remedy="If somebody changed the answers in gsmsend.toml: put them back, or cancel those that wait "
                f"with: gsmsend cancel --campaign '{child.name}'\nIf nobody did: {TAMPERED}",
            )


def _parsed(row: ApprovalRow) -> Content:
    found: Content = json.loads(row.content)
    return found
