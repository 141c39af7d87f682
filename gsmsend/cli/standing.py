"""What holds texts back, for `status`: the window, the pace, campaigns and their first texts, missing lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gsmsend.cli import options
from gsmsend.cli.line_names import known_as
from gsmsend.cli.words import count
from gsmsend.config import Settings
from gsmsend.contract import FALLBACK, CampaignRow, FirstTexts, LineRow, StoreView
from gsmsend.engine.pace import DAY_S, PaceKeeper
from gsmsend.model import State
from gsmsend.window import when

ALONE = "send "
"""Texts of `gsmsend send` have a campaign each, which begins so."""


def collect(settings: Settings, store: StoreView, now_s: float) -> dict[str, Any]:
    """The fields `campaigns`, `window`, `pace` and `missing_lines` of `status --json`."""
    return {
        "campaigns": campaigns(store),
        "window": window_of(settings, now_s),
        "pace": _pace(settings, store, now_s),
        "missing_lines": [
            {"name": wanted.name, "waiting": wanted.waiting} for wanted in store.wanted_lines() if wanted.waiting
        ],
    }


def campaigns(store: StoreView) -> list[dict[str, Any]]:
    """The field `campaigns` of `status --json`."""
    first = {found.campaign_id: found for found in store.first_texts()}
    rows = [row for row in store.campaigns() if not row.name.startswith(ALONE)]
    return [_campaign(row, store, first.get(row.campaign_id)) for row in rows]


def _campaign(row: CampaignRow, store: StoreView, first: FirstTexts | None) -> dict[str, Any]:
    totals = store.campaign_totals(row.campaign_id)
    waiting = {"wanted": first.wanted, "delivered": first.delivered, "out": first.out, "lost": first.lost,
               "waiting": first.rest} if first is not None else None  # fmt: skip
    return {
        "name": row.name,
        "state": _state(row, totals, waits=first is not None),
        "totals": {state.value: number for state, number in totals.items() if number},
        "paused": row.paused or None,
        "cancelled": row.cancelled or None,
        "released": options.iso(row.released_at_s) if row.released_at_s is not None else None,
        "first_texts": waiting,
        "first_texts_passed": row.canary_passed or None,
    }


def _state(row: CampaignRow, totals: dict[State, int], *, waits: bool) -> str:
    """One of: cancelled, paused, first texts, draft, sending, done."""
    if row.cancelled:
        return "cancelled"
    if row.paused:
        return "paused"
    if waits:
        return "first texts"
    if totals[State.DRAFT]:
        return "draft"
    return "sending" if totals[State.QUEUED] + totals[State.SENDING] else "done"


def window_of(settings: Settings, now_s: float) -> dict[str, Any] | None:
    """The field `window` of `status --json`; None where texts may leave at any time."""
    window = settings.window
    if window is None:
        return None
    opening = window.opening(now_s)
    is_open = opening is not None and opening.holds(now_s)
    return {
        "words": window.words,
        "open": is_open,
        "opens": options.iso(opening.opens_s) if opening is not None and not is_open else None,
        "closes": options.iso(opening.closes_s) if opening is not None and is_open else None,
        "until": _until(settings, opening.closes_s if is_open else opening.opens_s, now_s) if opening else None,
    }


def _until(settings: Settings, at_s: float, now_s: float) -> str:
    return when(at_s, settings.window.zone if settings.window is not None else "", now_s=now_s)


def _pace(settings: Settings, store: StoreView, now_s: float) -> dict[str, Any] | None:
    pace = settings.pace
    if pace.per_minute is None and pace.per_hour is None and pace.per_day is None:
        return None
    limits = {"per_minute": pace.per_minute, "per_hour": pace.per_hour, "per_day": pace.per_day}
    return {**limits, "lines": [_line(settings, store, line, now_s) for line in store.lines()]}


def _line(settings: Settings, store: StoreView, line: LineRow, now_s: float) -> dict[str, Any]:
    sent_s = store.sent_times(line.line_id, now_s - DAY_S)
    ready_s = PaceKeeper(settings.pace, sent_s).ready_at(now_s)
    waits = ready_s > now_s
    return {
        "name": line.name,
        "known_as": known_as(settings, line) or None,
        "sent_in_a_day": len(sent_s),
        "waits_until": options.iso(ready_s) if waits else None,
        "until": _until(settings, ready_s, now_s) if waits else None,
    }


def lines_of(found: dict[str, Any], operation: str) -> Iterator[str]:
    """The same for people, as far as it holds anything back."""
    for row in found["campaigns"]:
        yield from _campaign_lines(row, operation, only=len(found["campaigns"]) == 1)
    waiting = any(found["totals"][state] for state in ("draft", "queued", "sending"))
    window = found["window"]
    if window is not None and waiting:
        if window["until"] is None:
            yield f"No text may ever leave: the window ({window['words']}) never opens in a year."
        else:
            verb = "may leave until" if window["open"] else "may not leave now, but again"
            yield f"Texts {verb} {window['until']} ({window['words']})"
    for line in (found["pace"] or {"lines": ()})["lines"]:
        if line["until"] and waiting:
            yield f"{line['known_as'] or line['name']} keeps the pace: its next text may leave {line['until']}"
    for line in found["missing_lines"]:
        texts, name = count(line["waiting"], "text"), line["name"]
        if name.startswith(FALLBACK):
            yield f"{texts} to leave over {name.removeprefix(FALLBACK)}, with the next run: gsmsend run{operation}"
        else:
            yield f"{texts} must leave over [line.{name}], which was not plugged in yet"


def _campaign_lines(row: dict[str, Any], operation: str, *, only: bool) -> Iterator[str]:
    named = options.of(row["name"])
    if row["state"] == "cancelled":
        yield f"Campaign {row['name']} was cancelled {row['cancelled']}"
    elif row["state"] == "paused":
        yield f"Campaign {row['name']} is paused {row['paused']}. To go on: gsmsend resume{operation}{named}"
    elif row["state"] == "first texts":
        first = row["first_texts"]
        yield (
            f"Campaign {row['name']}: of its first {count(first['wanted'], 'text')} {first['delivered']} are "
            f"delivered; the other {first['waiting']:,} wait for that"
        )
    elif row["state"] == "draft":
        yield (
            f"Campaign {row['name']} is not released: gsmsend preview{operation}{named} says what it lacks. "
            f"Once it is approved: gsmsend run{operation}"
        )
    elif not only:
        number = sum(row["totals"].values())
        yield f"Campaign {row['name']}: {row['state']}, {count(number, 'text')}"
