"""What `gsmsend preview` shows, as plain values: the fields of `--json`; screen and page are made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gsmsend.campaign.changes import pace_words, window_words
from gsmsend.campaign.characters import Dear, Reading
from gsmsend.campaign.content import content, money
from gsmsend.campaign.fallback import wish_of
from gsmsend.campaign.forecast import Finish
from gsmsend.campaign.preview import Kind, Preview
from gsmsend.campaign.standing import Standing
from gsmsend.cli.operation import NumberView
from gsmsend.cli.options import iso
from gsmsend.config import Settings
from gsmsend.contract import TrialRow
from gsmsend.model import State
from gsmsend.sms import Encoding
from gsmsend.window import when

MOST_KINDS = 10
"""Texts that are shown; a list with a text for each person has as many as people."""


def view(
    settings: Settings,
    found: Preview,
    judged: Standing | None,
    show: NumberView,
    now_s: float,
    trial: TrialRow | None = None,
    unnumbered: str = "",
) -> dict[str, Any]:
    """The fields of `preview --json`. `judged` is None where no approval is required, `trial` the fallback's.

    `unnumbered`: the line whose number may be the one that the fallback sends under, since it is not known.
    """
    facts = found.facts
    terms = content(settings, facts)
    return {
        "operation": settings.name,
        "campaign": facts.name,
        "at": iso(now_s),
        "made": when(now_s, _zone(settings)),
        "texts": found.texts,
        "segments": found.segments,
        "cost": money(found.amount),
        "currency": found.currency,
        "budget": money(found.budget) if found.budget is not None else None,
        "totals": {state.value: found.states.get(state, 0) for state in State},
        "sources": [
            {
                "source": one.source, "accepted": one.accepted, "duplicates": one.duplicates,
                "refused": one.refused, "complete": one.complete, "line": one.line or None, "person": one.person,
            }
            for one in facts.imports
        ],
        "kinds": [_kind(one, settings, show) for one in found.kinds[:MOST_KINDS]],
        "more_kinds": max(0, len(found.kinds) - MOST_KINDS),
        "answers": [{"to": to, **_reading(reading)} for to, reading in found.answers],
        "lines": [
            {
                "line": one.line or None, "texts": one.texts, "segments": one.segments,
                "price": money(one.price), "cost": money(one.amount),
            }
            for one in found.costs
        ],
        "window": window_words(terms["window"]),
        "pace": pace_words(terms["pace"]),
        "first_texts": settings.canary,
        "finish": [_finish(one, settings, now_s) for one in found.finishes],
        "late": sum(one.late for one in found.finishes),
        "ends_at": iso(found.ends_s) if found.ends_s is not None else None,
        "ends": when(found.ends_s, _zone(settings), now_s=now_s) if found.ends_s is not None else None,
        "checks": [
            {"name": one.name, "blocks": one.blocks, "words": one.words, "remedy": one.remedy}
            for one in found.findings
        ],
        "blocked_by": list(found.blocked_by),
        "approval": _approval(settings, judged, facts.voided_why),
        "fallback": fallback_view(settings, found, show, trial, unnumbered, now_s),
    }  # fmt: skip


def fallback_view(
    settings: Settings,
    found: Preview,
    show: Callable[[str], str],
    trial: TrialRow | None,
    unnumbered: str,
    now_s: float,
) -> dict[str, Any] | None:
    """The campaign's fallback as officers approve it; None where it has none. `show` writes a number."""
    other = found.fallback
    if other is None:
        return None
    terms = other.terms
    return {
        "route": terms.route,
        "sender": terms.sender,
        "unnumbered_line": unnumbered or None,
        "rules": list(other.rules),
        "texts": other.texts,
        "price": money(terms.segment),
        "most_segments": other.most,
        "most_texts": other.most // other.reading.segments if other.most is not None else None,
        "cost": money(other.amount),
        "budget": money(terms.budget),
        "currency": found.currency,
        "trial": {
            "number": show(terms.trial),
            "state": trial.state.value if trial is not None else None,
            "delivered": trial is not None and trial.state is State.DELIVERED,
            "at": when(trial.changed_at_s, _zone(settings), now_s=now_s) if trial is not None else None,
        },
        **_reading(other.reading),
    }


def _kind(kind: Kind, settings: Settings, show: NumberView) -> dict[str, Any]:
    terms = settings.lines.get(kind.line)
    return {
        "texts": kind.texts,
        "sender": _sender(kind.line, settings)
        or (terms.number if terms else None)
        or kind.line
        or "the number they know",
        "line": kind.line or None,
        "examples": [show(number) for number in kind.examples],
        **_reading(kind.reading),
    }


def _sender(line: str, settings: Settings) -> str:
    """What the texts of a fallback's route bear; empty for a line."""
    return next((one.sender for one in settings.fallbacks.values() if wish_of(one.route) == line), "")


def _reading(reading: Reading) -> dict[str, Any]:
    found = reading.segmentation
    characters = found.units_left // 2 if found.encoding is Encoding.UCS2 else found.units_left
    return {
        "text": reading.text,
        "segments": [segment.text for segment in found.segments],
        "encoding": found.encoding.value,
        "encoded": reading.encoding_words,
        "room": characters,
        "dear": [_dear(one) for one in reading.dear],
        "swapped": None if reading.swap is None else {
            "segments": len(reading.swap.segments),
            "text": "".join(segment.text for segment in reading.swap.segments),
        },
    }  # fmt: skip


def _dear(one: Dear) -> dict[str, Any]:
    return {
        "character": one.char,
        "name": one.name,
        "places": [{"line": place.line, "character": place.column} for place in one.places],
        "takes": "two places" if one.double else "another encoding",
        "swap": one.swap,
    }


def _finish(one: Finish, settings: Settings, now_s: float) -> dict[str, Any]:
    zone = _zone(settings)

    def told(at_s: float | None) -> str | None:
        return when(at_s, zone, now_s=now_s) if at_s is not None else None

    return {
        "line": one.line or None, "texts": one.texts, "segments": one.segments, "late": one.late,
        "begins": told(one.begins_s), "ends": told(one.ends_s), "closes": told(one.closes_s),
        "ends_at": iso(one.ends_s) if one.ends_s is not None else None,
    }  # fmt: skip


def _approval(settings: Settings, judged: Standing | None, voided_why: str) -> dict[str, Any]:
    if judged is None:
        return {
            "required": False,
            "needed": 0,
            "given": [],
            "stands": True,
            "words": "not required (lab operation)",
        }
    if judged.changed:
        words = f"void, because {'; '.join(judged.changed)}"
    elif judged.missing:
        words = judged.missing.removeprefix("is ")
        if voided_why and not judged.counted:
            words += f"; the approval it had is void: {voided_why}"
    else:
        words = "approved"
    return {
        "required": True,
        "needed": settings.approval.officers,
        "given": [
            {
                "officer": row.officer.name,
                "at": datetime.fromtimestamp(row.at_s, UTC).isoformat(timespec="seconds"),
            }
            for row in judged.counted
        ],
        "stands": judged.stands,
        "words": words,
    }


def _zone(settings: Settings) -> str:
    return settings.window.zone if settings.window is not None else ""
