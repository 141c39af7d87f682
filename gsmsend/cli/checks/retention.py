"""How long data is kept: what is due to be forgotten, and what is overdue."""

from __future__ import annotations

import time
from collections.abc import Iterator

from gsmsend import wiring
from gsmsend.campaign.retention import Retention
from gsmsend.cli import options, retention
from gsmsend.cli.checks import Finding, Level
from gsmsend.cli.words import count
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError


def due(settings: Settings) -> Iterator[Finding]:
    """What is overdue is BAD: it stops no text, but somebody must act. No store, no word."""
    if not settings.may_have_store:
        return
    try:
        store = wiring.open_view(settings)
        try:
            found = retention.collect(settings, store, time.time())
        finally:
            store.close()
    except GsmsendError:
        return  # the check of the store says so
    rows, where = found["retention"]["campaigns"], options.where(settings.folder)
    if found["retention"]["unwiped"]:
        yield Finding(Level.BAD, "forgetting", "it was cut off before its end", retention.unwiped_words(where))
    overdue = [row for row in rows if row["state"] == Retention.OVERDUE]
    if overdue:
        words = (
            f"{count(len(overdue), 'campaign')} past the day on which numbers and texts are due to be forgotten"
        )
        yield Finding(Level.BAD, "retention", words, "\n".join(retention.overdue_lines(found, where)))
    elif settings.retention_days:
        coming = sorted((row["due"], row["due_day"]) for row in rows if row["state"] == Retention.DUE)
        after = f", the first campaign on {coming[0][1]}" if coming else ""
        yield Finding(
            Level.OK, "retention", f"due to be forgotten after {count(settings.retention_days, 'day')}{after}"
        )
    elif rows and not settings.lab:
        yield Finding(
            Level.NOTE,
            "retention",
            "no retention date is set: numbers and texts are kept until somebody forgets them",
            "Ask who answers for data protection how long, and set it: [retention] days in gsmsend.toml",
        )
