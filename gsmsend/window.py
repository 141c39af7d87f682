"""The hours in which texts may leave: days of the week, from when to when, where, and bank holidays. Pure.

An opening is a stretch of time from its first moment on until just before its last. Where the clocks change at
night and a time of day comes twice or never, an opening begins at the later of the two moments that may be meant
and ends at the earlier one: nothing leaves that could be thought outside (PEP 495).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gsmsend.errors import ConfigError

if TYPE_CHECKING:
    from holidays import HolidayBase

EVERY_DAY = frozenset(range(7))
MIDNIGHT = time.max
"""The time of closing that people write as 24:00."""
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_AHEAD = 366
"""Days that are looked through for the next opening."""
_DAY = timedelta(days=1)
_FAR_S = 120 * 86_400.0
"""A day that is further away is named with its year."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of time in which texts may leave, in epoch seconds: from `opens_s` on, before `closes_s`."""

    opens_s: float
    closes_s: float

    def holds(self, at_s: float) -> bool:
        """Whether that moment lies within."""
        return self.opens_s <= at_s < self.closes_s


@dataclass(frozen=True, slots=True)
class Window:
    """Local times of `zone` (an IANA name). `days` count from 0, Monday; `closes` may be MIDNIGHT.

    `holidays` is the country, or country and part, whose bank holidays are left out, such as `GB-ENG`; or empty.
    """

    days: frozenset[int] = frozenset(range(6))
    opens: time = time(10)
    closes: time = time(19)
    zone: str = "Europe/London"
    holidays: str = "GB-ENG"

    def opening(self, at_s: float) -> Opening | None:
        """The opening in which that moment lies, else the next one; None if there is none within a year.

        Openings that follow each other without a break are one. Raises ConfigError if no bank holidays are known
        for `holidays`.
        """
        found: Opening | None = None
        for opening in self._openings(at_s):
            if found is None:
                found = opening
            elif opening.opens_s <= found.closes_s:
                found = Opening(found.opens_s, opening.closes_s)
            else:
                break
        return found

    def _openings(self, at_s: float) -> Iterator[Opening]:
        """Day by day, those that end after that moment."""
        zone = ZoneInfo(self.zone)
        # A day may begin and end up to 26 hours away from UTC's; yesterday's opening may not have ended.
        day = datetime.fromtimestamp(at_s, UTC).astimezone(zone).date() - _DAY
        for _ in range(_AHEAD + 2):
            if day.weekday() in self.days and not self.is_holiday(day):
                opens_s = max(_moments(day, self.opens, zone))
                closes_s = min(_moments(day + _DAY, time(0), zone) if self.closes == MIDNIGHT
                               else _moments(day, self.closes, zone))  # fmt: skip
                if max(opens_s, at_s) < closes_s:
                    yield Opening(opens_s, closes_s)
            day += _DAY

    def is_open(self, at_s: float) -> bool:
        """Whether texts may leave at that moment."""
        opening = self.opening(at_s)
        return opening is not None and opening.holds(at_s)

    def is_holiday(self, day: date) -> bool:
        """Whether no text leaves on that day because it is a bank holiday. Raises ConfigError."""
        return bool(self.holidays) and day in bank_holidays(self.holidays)

    @property
    def words(self) -> str:
        """`Mon to Sat, 10:00 to 19:00, Europe/London, not on bank holidays (GB-ENG)`."""
        closes = "24:00" if self.closes == MIDNIGHT else f"{self.closes:%H:%M}"
        holidays = f", not on bank holidays ({self.holidays})" if self.holidays else ""
        return f"{_days(self.days)}, {self.opens:%H:%M} to {closes}, {self.zone}{holidays}"


@lru_cache(maxsize=8)
def bank_holidays(where: str) -> HolidayBase:
    """The bank holidays of a country, or of a part of one. Raises ConfigError if none are known for it."""
    import holidays  # noqa: PLC0415 - a third of a second, which only those who ask for it wait

    country, _, part = where.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise ConfigError(
            f'window.holidays = "{where}" in gsmsend.toml: no bank holidays are known for it',
            remedy='Give a country, or a country and a part of it, such as "GB-ENG"; "" for no bank holidays.',
        ) from None


def when(at_s: float, zone: str = "", *, now_s: float | None = None) -> str:
    """A moment for people: `Mon 23 Nov 10:00`, by the clocks of `zone`, or of this computer.

    With `now_s` the year is named where it is not the same one, or where the day is months away: `Wed 24 Nov 2027
    00:00` must not be read as the day after tomorrow.
    """
    local = datetime.fromtimestamp(at_s, ZoneInfo(zone) if zone else UTC)
    local = local if zone else local.astimezone()
    year = ""
    if now_s is not None:
        this_year = datetime.fromtimestamp(now_s, local.tzinfo).year
        year = f"{local.year} " if local.year != this_year or abs(at_s - now_s) > _FAR_S else ""
    return f"{DAY_NAMES[local.weekday()]} {local.day} {local:%b} {year}{local:%H:%M}"


def _moments(day: date, clock: time, zone: ZoneInfo) -> tuple[float, float]:
    """The two moments that a local time may mean; nearly always the same one."""
    first = datetime.combine(day, clock, zone)
    return first.timestamp(), first.replace(fold=1).timestamp()


def _days(days: frozenset[int]) -> str:
    if days == EVERY_DAY:
        return "every day"
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{DAY_NAMES[ordered[0]]} to {DAY_NAMES[ordered[-1]]}"
    return ", ".join(DAY_NAMES[day] for day in ordered) or "on no day"
