"""When a number was seen, as phone-extraction tools and people write it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?")
_DAY_FIRST = re.compile(r"(\d\d?)[/.](\d\d?)[/.](\d{4})(?:,?\s+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?")
_ZONE = re.compile(r"\s*(?:Z|\(?(?:UTC|GMT)?\s*([+-]\d\d?)(?::?(\d\d))?\)?|\(?(?:UTC|GMT)\)?)?\s*")


def seen_at(text: str, *, month_first: bool = False) -> float | None:
    """A time in seconds since the epoch; None if it is none that can be told for sure.

    ISO 8601, `13/06/2021 20:55:00(UTC+3)`, `13.06.2021`. `month_first` is how dates with slashes are written
    in the USA. A time without its distance from UTC is taken as UTC: it serves to choose by the day.
    """
    text = text.strip()
    if found := _ISO.match(text):
        year, month, day = found[1], found[2], found[3]
    elif found := _DAY_FIRST.match(text):
        day, month, year = found[1], found[2], found[3]
        if month_first:
            day, month = month, day
    else:
        return None
    zone = _ZONE.fullmatch(text, found.end())
    if zone is None:
        return None
    hours, minutes = int(zone[1] or 0), int(zone[2] or 0)
    away = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    try:
        at = datetime(
            int(year), int(month), int(day), int(found[4] or 0), int(found[5] or 0), int(found[6] or 0),
            tzinfo=timezone(away),
        )  # fmt: skip
        return at.timestamp()
    except (ValueError, OverflowError):
        return None
