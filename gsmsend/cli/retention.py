"""When numbers and texts are due to be forgotten, for `status`, `doctor`, `report` and `forget`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gsmsend.campaign.retention import AFTER, Due, Retention, due
from gsmsend.cli import options
from gsmsend.cli.standing import ALONE
from gsmsend.cli.words import count
from gsmsend.config import Settings
from gsmsend.contract import Act, StoreView
from gsmsend.window import Window

_MOST = 5
"""Campaigns named one by one; the rest is counted."""


def found_in(settings: Settings, store: StoreView, now_s: float) -> list[Due]:
    """How it stands with each campaign that has any text."""
    return due((act for act in store.last_acts() if act.texts), settings.retention_days, now_s)


def day(settings: Settings, at_s: float) -> str:
    """`3 March 2027`, by the operation's clocks."""
    local = datetime.fromtimestamp(at_s, ZoneInfo((settings.window or Window()).zone))
    return f"{local.day} {local:%B %Y}"


def collect(settings: Settings, store: StoreView, now_s: float) -> dict[str, Any]:
    """The field `retention` of `status --json`."""
    rows = found_in(settings, store, now_s)
    return {
        "retention": {
            "days": settings.retention_days or None, "unwiped": store.unwiped(),
            "campaigns": [_row(settings, one) for one in rows],
        }
    }  # fmt: skip


def _row(settings: Settings, one: Due) -> dict[str, Any]:
    act = one.act
    return {
        "name": act.name,
        "state": one.state.value,
        "last": options.iso(act.last_s),
        "what": act.what.value,
        "due": options.iso(one.due_s) if one.due_s is not None else None,
        "due_day": day(settings, one.due_s) if one.due_s is not None else None,
        "waiting": act.waiting,
        "forgotten": options.iso(act.forgotten_at_s) if act.forgotten_at_s is not None else None,
        "forgotten_day": day(settings, act.forgotten_at_s) if act.forgotten_at_s is not None else None,
    }


def lines_of(found: dict[str, Any], operation: str) -> Iterator[str]:
    """The same for people: what is overdue first and in full, then what was forgotten, then what is due next."""
    if found["retention"]["unwiped"]:
        yield options.loud(unwiped_words(operation))
    yield from map(options.loud, overdue_lines(found, operation))
    days, rows = found["retention"]["days"], found["retention"]["campaigns"]
    forgotten = [row for row in rows if row["state"] == Retention.FORGOTTEN]
    for row in forgotten[:_MOST]:
        yield (
            f"Campaign {row['name']} was forgotten on {row['forgotten_day']}: its numbers and texts are gone, its "
            "totals and the log stay"
        )
    if len(forgotten) > _MOST:
        yield f"and {count(len(forgotten) - _MOST, 'more campaign')} forgotten before"
    coming = sorted((row for row in rows if row["state"] == Retention.DUE), key=lambda row: str(row["due"]))
    if coming:
        row = coming[0]
        more = f"; {count(len(coming) - 1, 'other')} later" if len(coming) > 1 else ""
        yield f"Campaign {row['name']} is due to be forgotten on {row['due_day']}, {_after(days, row)}{more}"


def overdue_lines(found: dict[str, Any], operation: str) -> Iterator[str]:
    """What is overdue, with what to type."""
    days, rows = found["retention"]["days"], found["retention"]["campaigns"]
    overdue = [row for row in rows if row["state"] == Retention.OVERDUE]
    several = [row for row in overdue if not row["name"].startswith(ALONE)]
    for row in several[:_MOST]:
        yield _overdue(row, days, operation)
    if len(several) > _MOST:
        yield f"and {count(len(several) - _MOST, 'more campaign')} due to be forgotten"
    single = [row["name"] for row in overdue if row["name"].startswith(ALONE)]
    if single:
        yield (
            f"{count(len(single), 'single text')} (gsmsend send) due to be forgotten, each by its name: "
            f"gsmsend forget{operation} {shlex.quote(single[0])}"
        )


def unwiped_words(operation: str) -> str:
    """That the store's files must still be wiped, and what does it."""
    return (
        "The store's files still hold, beside its tables, what was forgotten: wiping them was cut off, or another "
        f"program has the store open. End that program, then: gsmsend forget{operation} CAMPAIGN   (one that was "
        "forgotten; it finishes that)"
    )


def _after(days: int, row: dict[str, Any]) -> str:
    return f"{count(days, 'day')} after {AFTER[Act(row['what'])]}"


def _overdue(row: dict[str, Any], days: int, operation: str) -> str:
    words = f"Campaign {row['name']} was due to be forgotten on {row['due_day']}, {_after(days, row)}: "
    if row["waiting"]:
        texts = count(row["waiting"], "text")
        return f"{words}{texts} of it still to send or to settle. Cancel it or settle them first"
    return f"{words}gsmsend forget{operation} {shlex.quote(row['name'])}"


def of_campaign(settings: Settings, rows: Sequence[Due], name: str) -> str:
    """One sentence about one campaign for its report; nothing where no date is set."""
    for one in rows:
        if one.act.name != name:
            continue
        if one.act.forgotten_at_s is not None:
            return (
                "The numbers and texts of this campaign were forgotten on "
                f"{day(settings, one.act.forgotten_at_s)}; its totals and the log stay."
            )
        if one.due_s is not None:
            verb = "were" if one.state is Retention.OVERDUE else "are"
            return f"Its numbers and texts {verb} due to be forgotten on {day(settings, one.due_s)}."
    return ""
