"""Counts of link visits from a CSV: a day and a count a row, all people together, and nothing else.

The link is the same for everybody, never one person's; a file that could tell who opened it is refused.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gsmsend.campaign.encodings import examine
from gsmsend.errors import UsageError

_DAYS = frozenset({"date", "day"})
_COUNTS = frozenset({"count", "visits", "clicks", "opens", "views", "total"})
_PERSONAL = {
    "ip", "user", "visitor", "name", "number", "phone", "mobile", "email", "mail", "id", "address", "device",
    "agent", "cookie", "session", "token", "person", "recipient", "client", "referrer", "referer", "location",
}  # fmt: skip
_LARGEST = 1 << 20
_MOST = 10_000_000
_FORMAT = "expected two columns, date and count, a day a row: 2026-11-24,141"


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often the link was opened on a day."""

    day: date
    count: int


def read_day(words: str, where: str, today: date) -> date:
    """A day, not later than today. Raises UsageError that names `where`."""
    try:
        found = date.fromisoformat(words.strip())
    except ValueError:
        raise UsageError(
            f"{where}: {words!r} is no day; expected year-month-day, such as 2026-11-24",
            remedy="Other ways to write a day are not guessed at: 03/04/2026 is March to some, April to others.",
        ) from None
    if found > today:
        raise UsageError(f"{where}: {found} has not come yet; expected a day up to {today}")
    return found


def read_count(words: str, where: str) -> int:
    """A whole number. Raises UsageError that names `where`."""
    text = words.strip()
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST:
        raise UsageError(f"{where}: {words!r} is no count; expected a whole number, such as 141")
    return int(text)


def read(file: Path, today: date) -> list[DayCount]:
    """The counts by day. Raises UsageError: no such file, or it could tell who opened the link."""
    if not file.is_file():
        raise UsageError(f"{file} is not there")
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"{file} is larger than a megabyte; {_FORMAT}", remedy="Is it the right file?")
    text = file.read_text(encoding=examine(file).encoding)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=_delimiter(text)) if any(map(str.strip, row))]
    if not rows:
        raise UsageError(f"{file} is empty; {_FORMAT}")
    day_column, count_column = _columns(file, rows[0])
    found: dict[date, DayCount] = {}
    for index, row in enumerate(rows[1:], 2):
        where = f"{file}, row {index}"
        if len(row) != len(rows[0]):
            raise UsageError(f"{where}: it has {len(row)} columns; {_FORMAT}")
        one = DayCount(read_day(row[day_column], where, today), read_count(row[count_column], where))
        if one.day in found:
            raise UsageError(
                f"{where}: {one.day} is there a second time; expected one row a day",
                remedy="A file with a row for each visit could tell who came: add the visits of a day up first.",
            )
        found[one.day] = one
    if not found:
        raise UsageError(f"{file} has no rows under its heading; {_FORMAT}")
    return [found[day] for day in sorted(found)]


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _columns(file: Path, head: Sequence[str]) -> tuple[int, int]:
    names = [name.strip().lower().lstrip("\ufeff") for name in head]
    others = [name for name in names if name not in _DAYS | _COUNTS]
    for name in others:
        if any(word in _PERSONAL for word in name.replace("_", " ").replace("-", " ").split()):
            raise UsageError(
                f"{file}: the column {name!r} could tell who opened the link, so the file was not read",
                remedy="Only counts by day are kept, all people together. Take that column out, add the visits of "
                "each day up, and give it again.",
            )
    days = [index for index, name in enumerate(names) if name in _DAYS]
    counts = [index for index, name in enumerate(names) if name in _COUNTS]
    if others or len(days) != 1 or len(counts) != 1:
        shown = ", ".join(repr(name) for name in names[:6])
        raise UsageError(f"{file}: its columns are {shown}; {_FORMAT}", remedy="Anything more is not taken.")
    return days[0], counts[0]
