"""Times for people: local hours and days, safe when the clocks change; how long delivery took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gsmsend.campaign.report.values import FEW, Bars, Delivery, Terms
from gsmsend.contract.results import SentAt, VisitDay

_MOST_HOURS = 60
"""More bars than this cannot be told apart on a page: then a bar is a day."""
_MARKS = (
    (10, "10 s"), (30, "30 s"), (60, "1 min"), (300, "5 min"), (1800, "30 min"), (3600, "1 h"), (21_600, "6 h"),
    (86_400, "24 h"),
)  # fmt: skip
_ASKED = (60, 300, 1800, 3600, 86_400)
_ENOUGH = 20
"""Below this many texts a redacted curve would show single people's phones."""


def local(at_s: float, zone: str) -> datetime:
    """The local time there."""
    return datetime.fromtimestamp(at_s, ZoneInfo(zone))


def when(at_s: float, zone: str) -> str:
    """`Mon 23 Nov 2026 10:00`."""
    at = local(at_s, zone)
    return f"{at:%a} {at.day} {at:%b %Y %H:%M}"


def day(at: date) -> str:
    """`23 November 2026`."""
    return f"{at.day} {at:%B %Y}"


def days(first_s: float, last_s: float, zone: str) -> str:
    """`on 23 November 2026`, or `from ... to ...`."""
    first, last = local(first_s, zone).date(), local(last_s, zone).date()
    return f"on {day(first)}" if first == last else f"from {day(first)} to {day(last)}"


def duration(seconds: float) -> str:
    """`8 s`, `2 min 10 s`, `3 h 5 min`; never less than a second, since reports are no more exact."""
    whole = round(seconds)
    if whole < 60:
        return f"{max(1, whole)} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def hours(sent: Sequence[SentAt], titles: Mapping[int, str], terms: Terms) -> Bars:
    """Texts by local hour and line, or by day where there are too many hours; with the quiet hours of a day."""
    if not sent:
        return Bars((), (), (), "hour")
    counts: Counter[tuple[float, str]] = Counter()
    for one in sent:
        counts[_hour_s(one.quarter_s, terms.zone), titles[one.line_id]] += one.texts
    starts = _filled(sorted({start for start, _ in counts}), terms.zone)
    if len(starts) > _MOST_HOURS:
        return _by_day(counts, titles, terms)
    said = [_hour_words(start, starts, terms.zone) for start in starts]
    axis = [f"{local(start, terms.zone):%H}" for start in starts]
    for index, start in enumerate(starts):
        if index == 0 or local(start, terms.zone).date() != local(starts[index - 1], terms.zone).date():
            axis[index] = f"{local(start, terms.zone):%a} {local(start, terms.zone).day}, {axis[index]}:00"
    return _bars(said, axis, starts, counts, titles, "hour", terms)


def _hour_s(at_s: float, zone: str) -> float:
    """Where the local hour begins; an hour that comes twice when clocks go back is two hours."""
    return local(at_s, zone).replace(minute=0, second=0, microsecond=0).timestamp()


def _filled(starts: Sequence[float], zone: str) -> list[float]:
    found = list(starts[:1])
    for start in starts[1:]:
        if local(start, zone).date() == local(found[-1], zone).date():
            while start - found[-1] > 3600:
                found.append(found[-1] + 3600)
        found.append(start)
    return found


def _hour_words(start: float, starts: Sequence[float], zone: str) -> str:
    at = local(start, zone)
    twice = [one for one in starts if local(one, zone).replace(tzinfo=None) == at.replace(tzinfo=None)]
    name = f" {at.tzname()}" if len(twice) > 1 else ""
    return f"{at:%a} {at.day} {at:%b %H:%M}{name}"


def _by_day(counts: Counter[tuple[float, str]], titles: Mapping[int, str], terms: Terms) -> Bars:
    by_day: Counter[tuple[float, str]] = Counter()
    for (start, title), number in counts.items():
        midnight = local(start, terms.zone).replace(hour=0, minute=0, second=0)
        by_day[midnight.timestamp(), title] += number
    starts = sorted({start for start, _ in by_day})
    said = [f"{at:%a} {at.day} {at:%b}" for at in (local(start, terms.zone) for start in starts)]
    return _bars(said, said, starts, by_day, titles, "day", terms)


def _bars(
    said: Sequence[str], axis: Sequence[str], starts: Sequence[float], counts: Counter[tuple[float, str]],
    titles: Mapping[int, str], by: str, terms: Terms,
) -> Bars:  # fmt: skip
    series, withheld = [], False
    for title in dict.fromkeys(titles.values()):
        values = [counts[start, title] for start in starts]
        if terms.rounds:
            withheld = withheld or any(0 < value < FEW for value in values)
            values = [terms.rounded(value) for value in values]
        series.append((title, tuple(values)))
    return Bars(tuple(said), tuple(axis), tuple(series), by, withheld, terms.rounds)


def delivery(delays: Sequence[tuple[int, int]], left: int, terms: Terms) -> Delivery | None:
    """The median, and the share of the texts that left which were delivered by each mark. None without any."""
    arrived = sum(texts for _, texts in delays)
    if not arrived or (terms.rounds and arrived < _ENOUGH):
        return None
    median_s = seen = 0
    for seconds, texts in delays:
        seen += texts
        if 2 * seen >= arrived:
            median_s = seconds
            break
    base = max(left, arrived)
    marks = [(mark_s, words) for mark_s, words in _MARKS if not terms.rounds or mark_s in _ASKED]
    within = tuple(
        (mark_s, words, _percent(sum(texts for seconds, texts in delays if seconds <= mark_s), base, terms))
        for mark_s, words in marks
    )
    return Delivery(terms.count(arrived), median_s, duration(median_s), within)


def _percent(part: int, whole: int, terms: Terms) -> int:
    """Whole percent; 100 only if it is all of them. To the nearest 5 where counts are: or it gives them away."""
    step = FEW if terms.rounds else 1
    return 100 if part >= whole else min(100 - step, step * round(100 * part / whole / step))


def visits(found: Sequence[VisitDay], terms: Terms) -> Bars:
    """Link visits by day, all sources together, with the days between."""
    if not found:
        return Bars((), (), (), "day")
    counts: Counter[date] = Counter()
    for one in found:
        counts[date.fromisoformat(one.day)] += one.count
    first, last = min(counts), max(counts)
    if (last - first).days <= _MOST_HOURS:
        all_days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    else:
        all_days = sorted(counts)
    values = [counts[one] for one in all_days]
    withheld = terms.rounds and any(0 < value < FEW for value in values)
    values = [terms.rounded(value) for value in values]
    said = tuple(f"{one:%a} {one.day} {one:%b}" for one in all_days)
    axis = tuple(f"{one.day} {one:%b}" for one in all_days)
    return Bars(said, axis, (("visits", tuple(values)),), "day", withheld, terms.rounds)
