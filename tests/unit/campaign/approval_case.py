"""A campaign, its settings and its officers' signatures, put together by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend.audit import canonical
from gsmsend.campaign.content import Content, content, digest_of
from gsmsend.campaign.signing import Statement, new_key, public_hex, sign
from gsmsend.config import ApprovalPolicy, LineTerms, Pace, Prices, Replies, Settings
from gsmsend.contract import ApprovalRow, CampaignFacts, ImportFacts, OfficerRow, Recipient, TextBody
from gsmsend.model import State
from gsmsend.window import Window

NOW_S = 1_700_000_000.0
SETTINGS = Settings(
    Path("op"),
    "op",
    pace=Pace(6, 100, 400, 0.3),
    approval=ApprovalPolicy(),
    window=Window(),
    canary=5,
    lines={"red-phone": LineTerms("red-phone", "8944000000000000010", closes=datetime(2026, 12, 1, tzinfo=UTC))},
    prices=Prices(Decimal("0.04"), budget=Decimal(100)),
    replies=Replies(acknowledge="Thank you."),
)
LOGINS = {"DC Example": "pc1", "DS Other": "pc2", "PC Third": "pc3"}


def people(count: int, text_id: int = 1, line: str = "") -> tuple[Recipient, ...]:
    return tuple(Recipient(f"+447700900{n:03}", text_id, line, State.DRAFT) for n in range(count))


def facts(count: int = 3, *, line: str = "red-phone", body: str = "Help is here.") -> CampaignFacts:
    source = ImportFacts("a.csv", count, 0, 0, complete=True, line=line, person="pc1", at_s=NOW_S)
    return CampaignFacts(
        1, "main", None, None, {1: TextBody(body, 1)}, people(count, line=line), (source,), frozenset({"pc1"}), ()
    )  # fmt: skip


@cache
def key(name: str) -> Ed25519PrivateKey:
    return new_key()


def officer(name: str, *, removed_at_s: float | None = None) -> OfficerRow:
    index = list(LOGINS).index(name) + 1
    return OfficerRow(index, name, public_hex(key(name)), LOGINS[name], "pc9", NOW_S, removed_at_s)


def approved(found: CampaignFacts, *names: str, settings: Settings = SETTINGS) -> CampaignFacts:
    """The same campaign with genuine approvals of what it is now."""
    rows = tuple(signed(found, name, settings=settings) for name in names)
    return replace(found, approvals=(*found.approvals, *rows))


def signed(found: CampaignFacts, name: str, *, settings: Settings = SETTINGS) -> ApprovalRow:
    return _signed(content(settings, found), officer(name))


def resigned(row: ApprovalRow, other: Content) -> ApprovalRow:
    """The same officer's genuine approval of something else."""
    return _signed(other, row.officer)


def _signed(what: Content, who: OfficerRow) -> ApprovalRow:
    text = canonical(what)
    statement = Statement(digest_of(text), who.name, who.login, round(NOW_S * 1000))
    signature = sign(key(who.name), statement)
    return ApprovalRow(who.officer_id, who, statement.digest, text, signature, who.login, NOW_S)
