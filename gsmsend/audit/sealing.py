"""What an entry of each kind must have sealed, and under which campaign's key as far as the log tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gsmsend.audit.chain import Kind
from gsmsend.audit.owners import Owners

OWN = 0
"""The key of what belongs to no campaign."""
MUST: Mapping[str, frozenset[str]] = {
    Kind.CONFIG: frozenset({"toml"}),
    Kind.IMPORT: frozenset({"digest"}),
    Kind.ROWS: frozenset({"rows", "texts"}),
    Kind.SUPPRESS: frozenset({"numbers"}),
    Kind.SUPPRESS_END: frozenset({"numbers"}),
    Kind.APPROVE: frozenset({"content", "salt"}),
    Kind.REWORD: frozenset({"texts"}),
    Kind.FALLBACK: frozenset({"texts"}),
    Kind.ATTEMPT: frozenset({"pdu"}),
    Kind.REPORT: frozenset({"pdu", "recipient"}),
    Kind.INBOUND: frozenset({"sender", "text", "pdu"}),
    Kind.ANSWER: frozenset({"number", "text"}),
}
"""Names of what is sealed; there may be more."""
_BY_CAMPAIGN = frozenset({Kind.IMPORT, Kind.ROWS, Kind.APPROVE, Kind.REWORD, Kind.FALLBACK})
_BY_MESSAGE = frozenset({Kind.ATTEMPT, Kind.REPORT, Kind.INBOUND})
_OWN = frozenset({Kind.CONFIG, Kind.SUPPRESS_END})


def lacking(made: Mapping[str, Any]) -> frozenset[str]:
    """What an entry must have sealed and has not."""
    there: frozenset[str] = frozenset(made.get("sealed", ()))
    return MUST.get(made["kind"], frozenset()) - there


def owner(made: Mapping[str, Any], owners: Owners) -> int | None:
    """The campaign (a root one) whose key seals what an entry hides; None if the log does not say."""
    kind, data = made["kind"], made["data"]
    if kind in _BY_CAMPAIGN:
        campaign_id = data.get("campaign")
        return owners.root(campaign_id) if isinstance(campaign_id, int) else None
    if kind in _BY_MESSAGE or kind == Kind.ANSWER:
        message_id = data.get("to" if kind == Kind.ANSWER else "message")
        return owners.of(message_id) if isinstance(message_id, int) else OWN
    return OWN if kind in _OWN else None


def learn(made: Mapping[str, Any], owners: Owners, *, found: bool) -> None:
    """Take from an entry which messages are of which campaign. `found`: it tells of what is older than the log."""
    kind, data = made["kind"], made["data"]
    campaign_id = data.get("campaign")
    if not isinstance(campaign_id, int):
        return
    if kind == Kind.ROWS:
        _put(owners, data.get("messages"), campaign_id)
    elif kind == Kind.ANSWER:
        parent_id = owner(made, owners)
        if parent_id is not None:
            owners.answers(campaign_id, parent_id)
        _put(owners, [data.get("message")] * 2, campaign_id)
    elif found:
        if isinstance(parent := data.get("parent"), int):
            owners.answers(campaign_id, parent)
        for item in data.get("messages") or ():
            _put(owners, item if isinstance(item, list) else [item, item], campaign_id)


def _put(owners: Owners, span: object, campaign_id: int) -> None:
    match span:
        case [int(first), int(last)]:
            owners.put(first, last, campaign_id)
