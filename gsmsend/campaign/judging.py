"""From a row of a source to a message to queue, a refusal with its reason, or a row that a filter left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from gsmsend.campaign.filters import Counts, Filters
from gsmsend.campaign.numbers import NotTextable, Number, normalise, several
from gsmsend.campaign.sources.row import SourceRow
from gsmsend.contract.imports import NewMessage, Refused
from gsmsend.errors import SmsError
from gsmsend.sms import split

_LONGEST_TEXT = 255 * 153  # septets in 255 segments, TS 23.040 9.2.3.24.1
_KEPT = 100  # characters of a value as it stood in its source
_REMEMBERED = 8192  # numbers: logs of calls say the same ones again and again
_TOO_LONG = "this text is too long: it needs more than 255 parts"
NO_TEXT = "there is no text in this row, and none was given for all"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a row is judged by. `default_text` is for rows without one of their own, None if there is none.

    `national` allows national letter tables when segments are counted.
    """

    region: str
    default_text: str | None = None
    drama_allowed: bool = False
    national: bool = True
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that a filter left out, and why."""

    place: str
    why: str


Told = NewMessage | Refused | LeftOut
_Read = tuple[tuple[Number | NotTextable, str], ...]
"""What each number of a cell is, with why a filter leaves it out."""


@lru_cache(maxsize=256)  # most campaigns have one text; a bounded cache keeps memory flat
def segments_of(text: str, *, national: bool = True) -> int | str:
    """How many segments a text needs, or why it cannot be sent."""
    if not text.strip():
        return "the text is empty"
    for c in text:
        if (c < " " and c not in "\n\r\t\f") or c == "\x7f":
            return f"the text has a control character in it (U+{ord(c):04X})"
        if "\ud800" <= c <= "\udfff":
            return "the text has a broken character in it"
    if len(text) > _LONGEST_TEXT:
        return _TOO_LONG
    try:
        count = len(split(text, national=national).segments)
    except SmsError:
        return _TOO_LONG
    return count if count <= 255 else _TOO_LONG


def count_seen(rows: Iterable[SourceRow], terms: Terms, counts: Counter[str]) -> None:
    """Add up how often each number was seen in the rows that are wanted."""
    read = _reader(terms)
    for row in rows:
        if row.why or terms.filters.kind(row) or terms.filters.time(row):
            continue
        for number, out in read(row.number or row.original):
            if isinstance(number, Number) and not out:
                counts[number.e164] += row.seen


def judge(rows: Iterable[SourceRow], terms: Terms, counts: Counts | None = None) -> Iterator[Told]:
    """Judge rows one by one; a cell with several full numbers gives one each.

    `counts` is needed where a filter asks how often a number was seen.
    """
    read, filters = _reader(terms), terms.filters
    chosen, rare = bool(filters), filters.seen_at_least > 1 and counts is not None
    for row in rows:
        if chosen and (out := filters.kind(row)):
            yield LeftOut(row.place, out)
            continue
        if row.why:
            yield Refused(row.row, row.original[:_KEPT], row.why, row.place)
            continue
        if chosen and (out := filters.time(row)):
            yield LeftOut(row.place, out)
            continue
        for number, out in read(row.number or row.original):
            if isinstance(number, NotTextable):
                told = Refused(row.row, row.original[:_KEPT], number.why, row.place)
                yield LeftOut(row.place, out) if out else told
            elif out or (out := filters.seen(counts[number.e164]) if rare and counts is not None else ""):
                yield LeftOut(row.place, out)
            else:
                yield _message(row, number, terms)


def _reader(terms: Terms) -> Callable[[str], _Read]:
    region, drama, filters = terms.region, terms.drama_allowed, terms.filters

    @lru_cache(maxsize=_REMEMBERED)
    def read(original: str) -> _Read:
        number = normalise(original, region, drama_allowed=drama)
        found: tuple[Number | NotTextable, ...] = (number,)
        if isinstance(number, NotTextable):
            found = several(original, region, drama_allowed=drama) or found
        return tuple((one, filters.number(one)) for one in found)

    return read


def _message(row: SourceRow, number: Number, terms: Terms) -> NewMessage | Refused:
    text = row.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        if terms.default_text is None:
            return Refused(row.row, row.original[:_KEPT], NO_TEXT, row.place)
        text = terms.default_text
    text = text.rstrip()  # a blank at the end would make another text of it, and the person be texted twice
    counted = segments_of(text, national=terms.national)
    if isinstance(counted, str):
        return Refused(row.row, row.original[:_KEPT], counted, row.place)
    return NewMessage(
        number.e164, text, row.row, counted, row.place, row.original[:_KEPT], row.kind, row.seen, row.at_s
    )  # fmt: skip
