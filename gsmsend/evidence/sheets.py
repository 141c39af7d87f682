"""The tables of a pack: recipients, wordings, PDUs and received texts, as the log has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gsmsend.audit import Kind, canonical
from gsmsend.errors import SmsError
from gsmsend.evidence.entries import Entry, of_kind
from gsmsend.evidence.spelling import decoded
from gsmsend.evidence.story import Recipient, Story, reference
from gsmsend.evidence.tables import Sheet
from gsmsend.evidence.terms import HIDDEN, Terms
from gsmsend.masking import FORGOTTEN
from gsmsend.sms import tp_status

Shown = Mapping[int, Mapping[str, Sequence[Any]]]
_PDU_KINDS = {Kind.ATTEMPT: "handed over", Kind.REPORT: "report received", Kind.INBOUND: "text received"}


def chosen(story: Story, terms: Terms) -> list[Recipient]:
    """Recipients of the campaigns that the pack is about, in order of import."""
    return [one for _, one in sorted(story.recipients.items()) if one.campaign in terms.campaigns]


def totals(story: Story, terms: Terms) -> dict[str, dict[str, int]]:
    """Messages by campaign id and state."""
    found: dict[str, dict[str, int]] = {str(campaign): {} for campaign in sorted(terms.campaigns)}
    for (campaign, state), count in Counter((one.campaign, one.state) for one in chosen(story, terms)).items():
        found[str(campaign)][state] = count
    return found


def recipients(story: Story, terms: Terms) -> Sheet:
    """One row a message."""
    heads = (
        "reference", "message", "campaign", "number", "state", "why", "line", "parts", "attempts",
        "first attempt", "taken by the network", "TP-MR", "last report", "TP-Status", "text",
    )  # fmt: skip
    rows = []
    for one in chosen(story, terms):
        row = (
            one.reference, one.message, story.names.get(one.campaign, ""), terms.number(one.number), one.state,
            "" if terms.redacted else one.why, one.line, len(one.parts) or None, one.attempts, one.first_attempt,
            one.accepted, " ".join(map(str, one.references)), one.reported, _status(one.status),
            f"T{one.text}" if one.text is not None else "",
        )  # fmt: skip
        rows.append(row if terms.redacted else (*row, one.source, terms.words(one.place)))
    return Sheet("recipients", heads if terms.redacted else (*heads, "list", "place in it"), rows)


def _status(status: int | None) -> str:
    if status is None:
        return ""
    try:
        return f"0x{status:02X} {tp_status(status).name}"
    except SmsError:
        return str(status)


def texts(story: Story, terms: Terms, shown: Shown) -> Sheet:
    """The wordings; those that are shown, as `secrets.jsonl` has them."""
    bodies: dict[int, str] = {}
    for entry in of_kind(story.entries, Kind.ROWS, Kind.REWORD):
        if "texts" in shown.get(entry.number, {}):
            bodies |= {int(text_id): str(body) for text_id, body in shown[entry.number]["texts"][1].items()}
    uses = Counter(one.text for one in chosen(story, terms) if one.text is not None)
    rows = [
        (f"T{text}", count, bodies.get(text, HIDDEN if text in story.texts else FORGOTTEN))
        for text, count in sorted(uses.items())
    ]
    return Sheet("texts", ("text", "recipients", "wording"), rows)


def pdus(story: Story, terms: Terms, shown: Shown) -> Sheet:
    """Every PDU, what it says beside its octets; where it may not be shown, that there was one."""
    rows = []
    for entry in of_kind(story.entries, *_PDU_KINDS):
        message = entry.data.get("message")
        if not _concerns(entry, message, story, terms):
            continue
        pdu = shown.get(entry.number, {}).get("pdu", (None, None))[1]
        instead = FORGOTTEN if entry.forgotten else HIDDEN
        rows.append(
            (
                entry.number, entry.at, _PDU_KINDS[Kind(entry.kind)], reference(message), entry.data.get("part"),
                entry.data.get("line"), instead if pdu is None else _said(entry, str(pdu)),
                instead if pdu is None else str(pdu),
            )
        )  # fmt: skip
    heads = ("entry", "time", "what", "reference", "part", "line", "it says", "octets (hexadecimal)")
    return Sheet("pdus", heads, rows)


def _said(entry: Entry, pdu: str) -> str:
    return decoded(pdu, "to_network" if entry.kind == Kind.ATTEMPT else "from_network")


def _concerns(entry: Entry, message: int | None, story: Story, terms: Terms) -> bool:
    if message is None:
        return terms.whole or entry.campaign_id in terms.campaigns
    found = story.recipients.get(message)
    return found is not None and found.campaign in terms.campaigns


def received(story: Story, terms: Terms) -> Sheet:
    """Texts that came in, each part as it came."""
    rows = []
    for entry in of_kind(story.entries, Kind.INBOUND):
        message = entry.data.get("message")
        if not _concerns(entry, message, story, terms):
            continue
        sender, text = entry.secret("sender"), entry.secret("text")
        rows.append(
            (
                entry.number, entry.at, entry.data.get("reply"), reference(message), entry.data.get("line"),
                FORGOTTEN if sender is None else terms.number(sender),
                FORGOTTEN if text is None else terms.words(text), ", ".join(entry.data.get("flags") or ()),
            )
        )  # fmt: skip
    heads = ("entry", "time", "reply", "answers", "line", "sender", "text", "flags")
    return Sheet("received", heads, rows)


def timeline(story: Story) -> Sheet:
    """Every entry of the log in a row, for reading."""
    rows = [(one.number, one.at, one.kind, canonical(one.data)) for one in story.entries]
    return Sheet("timeline", ("entry", "time", "what", "facts"), rows)
