"""What a store knows of a campaign before it is sent: its content, who prepared it, which officers approved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gsmsend.model import State


class Role(StrEnum):
    """What an officer may do; each role may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"

    def covers(self, least: Role) -> bool:
        """Whether this role may do what needs `least`."""
        order = list(Role)
        return order.index(self) >= order.index(least)


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """Somebody who works here. `public_key` is 64 hex digits (Ed25519, RFC 8032); `login` their user name.

    Only those whose role is approver may approve. `unmask` is the right to see numbers in full.
    """

    officer_id: int
    name: str
    public_key: str
    login: str
    added_by: str
    added_at_s: float
    removed_at_s: float | None = None
    role: Role = Role.APPROVER
    unmask: bool = False

    @property
    def may_approve(self) -> bool:
        """Whether what this officer signs counts."""
        return self.removed_at_s is None and self.role is Role.APPROVER


@dataclass(frozen=True, slots=True)
class NewApproval:
    """An officer's signature to keep. `digest` is the hex SHA-256 of `content`; `signature` is hex."""

    campaign_id: int
    officer_id: int
    digest: str
    content: str
    signature: str
    login: str
    at_s: float


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A signature as it was kept, with the officer as they are now. Void once `voided_at_s` is set."""

    approval_id: int
    officer: OfficerRow
    digest: str
    content: str
    signature: str
    login: str
    at_s: float
    voided_at_s: float | None = None
    voided_why: str = ""


@dataclass(frozen=True, slots=True)
class TextBody:
    """A text of a campaign. It stays out of `repr`."""

    body: str = field(repr=False)
    segments: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """One message of a campaign. `line` is the name of the line it must leave from, "" for any."""

    number: str = field(repr=False)
    text_id: int
    line: str
    state: State


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """An import as it is on record. `complete` is False for one that was cut off."""

    source: str
    accepted: int
    duplicates: int
    refused: int
    complete: bool
    line: str
    person: str
    at_s: float


@dataclass(frozen=True, slots=True)
class ChildCampaign:
    """Answers to replies: a campaign that another one's approval covers.

    `bodies` are its texts that may still leave.
    """

    campaign_id: int
    name: str
    bodies: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """All that preview and approval look at, as it was at one moment.

    `texts` by text_id. `preparers` are the user names of those who imported or reworded. `approvals` are those
    not void, oldest first; `voided_why` says what voided the newest void one, "" if there is none. `operation_id`
    is as `ApprovalsView.operation_id` has it. `salt` goes into hashes of the people and is gone once they are
    forgotten; like their numbers it stays out of `repr`.
    """

    campaign_id: int
    name: str
    parent_id: int | None
    released_at_s: float | None
    texts: Mapping[int, TextBody]
    recipients: tuple[Recipient, ...]
    imports: tuple[ImportFacts, ...]
    preparers: frozenset[str]
    approvals: tuple[ApprovalRow, ...]
    children: tuple[ChildCampaign, ...] = ()
    voided_why: str = ""
    operation_id: str = ""
    salt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reworded:
    """`changed` drafts have the new text; `left` messages keep what they had, `tried` of them drafts."""

    changed: int
    left: int
    tried: int


class ApprovalsView(Protocol):
    """What can be asked about campaigns and approvals; each one snapshot."""

    def officers(self) -> list[OfficerRow]:
        """Every officer that was ever added, oldest first."""
        ...

    def operation_id(self) -> str:
        """What tells this operation from any other, by the audit log's first entry; "" before there is one."""
        ...

    def campaign_facts(self, name: str) -> CampaignFacts | None:
        """All about the campaign of this name, None if there is none."""
        ...

    def not_as_logged(self) -> tuple[str, ...]:
        """Where officers, approvals and the lists of who must not be texted are not as the audit log tells them.

        A sentence each; empty if they are. Raises LogStop if entries were not written with the operation's key.
        """
        ...

    def campaigns_to_send(self) -> list[str]:
        """Names of campaigns (no answers to replies) with drafts, or with texts that may leave; oldest first."""
        ...


class Approvals(ApprovalsView, Protocol):
    """What changes officers, approvals and drafts; each one transaction."""

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
        """Register a key. Raises UsageError if the name or the key is registered already."""
        ...

    def change_officer(
        self, name: str, role: Role | None, changed_by: str, now_s: float, *, unmask: bool | None = None
    ) -> OfficerRow:
        """Another role, or the right to see numbers in full, given or taken; None leaves it. Raises UsageError."""
        ...

    def sign_in(self, officer: str, login: str, until_s: float, now_s: float) -> str:
        """Put on record that an officer signed in, and until when; the operation's id."""
        ...

    def remove_officer(self, name: str, removed_by: str, now_s: float) -> OfficerRow:
        """An officer may approve no more, and what they approved no longer counts. Raises UsageError."""
        ...

    def approve(self, approval: NewApproval) -> int:
        """Keep a signature; its id. Raises GuardStop if that officer's approval stands already."""
        ...

    def void_approvals(self, campaign_id: int, why: str, now_s: float) -> int:
        """The campaign changed: its approvals count no more. How many did."""
        ...

    def reword(self, campaign_id: int, texts: Mapping[int, TextBody], person: str, now_s: float) -> Reworded:
        """Give drafts of which nothing was ever tried another text, by text_id, parts made anew.

        Voids the approvals. Raises UsageError if one person would get the same text twice.
        """
        ...
