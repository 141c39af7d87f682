"""What officers approve: a campaign's content as canonical JSON, and its digest.

Canonical: keys sorted, no blanks, ASCII with escapes, amounts as texts, so that the same content is always the
same octets. Version 2 has the keys of `content`; every one of them is compared, so any change is found.
Phone numbers are few enough to try them all, so the hashes of recipients have a salt that is not in the content:
nobody can guess them by the content or its digest, nor anybody at all once the campaign is forgotten.
What does not reach a recipient is no content: [key], [access], [evidence] and [retention] void no approval.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from gsmsend.audit import canonical
from gsmsend.campaign.fallback import content_of, prices_of
from gsmsend.config import Pace, Prices, Settings
from gsmsend.contract import CampaignFacts
from gsmsend.window import MIDNIGHT, Window

VERSION = 2
Content = Mapping[str, Any]


def content(settings: Settings, facts: CampaignFacts, accepted: Iterable[str] = ()) -> Content:
    """All that an approval covers. `accepted` names the failed checks that the officers accept."""
    digests = {text_id: _digest(text.body) for text_id, text in facts.texts.items()}
    uses = Counter(who.text_id for who in facts.recipients)
    rows = sorted((who.number, digests[who.text_id], who.line) for who in facts.recipients)
    return {
        "version": VERSION,
        "operation": settings.name,
        "operation_id": facts.operation_id,
        "campaign": facts.name,
        "texts": sorted(
            (
                {
                    "digest": digests[text_id], "text": text.body, "segments": text.segments,
                    "recipients": uses[text_id],
                }
                for text_id, text in facts.texts.items()
            ),
            key=lambda text: str(text["digest"]),
        ),
        "recipients": {
            "count": len(rows),
            "numbers": _digest(f"{facts.salt}:" + "\n".join(number for number, _, _ in rows)),
            "rows": _digest(f"{facts.salt}:{canonical(rows)}"),
        },
        "lines": _lines(settings, facts),
        "sims": sorted(settings.sims),
        "window": _window(settings.window),
        "pace": _pace(settings.pace),
        "first_texts": settings.canary,
        "validity_hours": f"{settings.validity_s / 3600:g}",
        "prices": _prices(prices_of(settings), facts),
        "answers": {
            "reply": settings.replies.acknowledge, "stop": settings.replies.acknowledge_stop,
        },
        "officers": {"needed": settings.approval.officers, "independent": settings.approval.independent},
        "accepted": sorted(set(accepted)),
        "fallback": content_of(settings, facts.name),
    }  # fmt: skip


def digest_of(text: str) -> str:
    """Hex SHA-256 of a canonical content."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _lines(settings: Settings, facts: CampaignFacts) -> dict[str, Any]:
    found = {}
    for name in sorted({who.line for who in facts.recipients}):
        terms = settings.lines.get(name)
        found[name] = {
            "iccid": terms.iccid if terms else None,
            "imsi": terms.imsi if terms else None,
            "number": terms.number if terms else None,
            "closes": terms.closes.isoformat() if terms and terms.closes else None,
        }
    return found


def _window(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    closes = "24:00" if window.closes == MIDNIGHT else f"{window.closes:%H:%M}"
    return {
        "days": sorted(window.days), "from": f"{window.opens:%H:%M}", "to": closes, "timezone": window.zone,
        "holidays": window.holidays,
    }  # fmt: skip


def _pace(pace: Pace) -> dict[str, Any]:
    return {
        "minute": pace.per_minute, "hour": pace.per_hour, "day": pace.per_day, "jitter": _percent(pace.jitter),
    }  # fmt: skip


def _percent(share: float) -> str:
    return f"{share * 100:g} %" if share else "0"


def _prices(prices: Prices, facts: CampaignFacts) -> dict[str, Any]:
    by_line = segments_by_line(facts)
    return {
        "segment": money(prices.segment),
        "currency": prices.currency,
        "lines": {name: money(prices.lines[name]) for name in by_line if name in prices.lines},
        "budget": money(prices.budget) if prices.budget is not None else None,
        "segments": sum(by_line.values()),
        "cost": money(cost(prices, by_line)),
    }


def segments_by_line(facts: CampaignFacts) -> dict[str, int]:
    """Segments of all messages of a campaign by the line they must leave from."""
    found: Counter[str] = Counter()
    for who in facts.recipients:
        found[who.line] += facts.texts[who.text_id].segments
    return dict(found)


def cost(prices: Prices, segments: Mapping[str, int]) -> Decimal:
    """What so many segments by line cost; a line without a price of its own costs the price of any."""
    return sum((prices.lines.get(name, prices.segment) * count for name, count in segments.items()), Decimal(0))


def money(amount: Decimal) -> str:
    """An amount with no more digits than it needs, but pence: `61.20`, `0.045`."""
    plain = format(amount.normalize(), "f")
    whole, _, part = plain.partition(".")
    return f"{whole}.{part:0<2}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
