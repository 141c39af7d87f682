"""A text cut into segments in the cheapest encoding (TS 23.038 clause 4, TS 23.040 9.2.3.24)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from gsmsend.errors import SmsError
from gsmsend.sms.alphabet import alphabet, locking_languages, locking_table, single_table
from gsmsend.sms.userdata import MAX_OCTETS
from gsmsend.sms.values import Encoding, Language, Segment, Segmentation

_CONCATENATION_8, _CONCATENATION_16, _LANGUAGE = 5, 6, 3  # octets of each element, with its own two

_ZERO_WIDTH_JOINER = "\u200d"


class _Plan(NamedTuple):
    """One way to code the whole text. `costs`: units of each character; limits are units of one segment."""

    encoding: Encoding
    locking: Language
    single: Language
    costs: Sequence[int]
    alone: int
    joined: int

    @property
    def surprise(self) -> tuple[int, int]:
        """What decides between plans with equally many segments: how rare the tables are, then the units."""
        if not (self.locking or self.single):
            return 0, 0
        if not self.locking:
            rank = 1
        elif not self.single:
            rank = 2
        else:
            rank = 3 if self.locking is self.single else 4
        return rank, sum(self.costs)


class _Piece(NamedTuple):
    start: int
    end: int
    units: int


@lru_cache(maxsize=1024)
def split(
    text: str, *, national: bool = True, wide_reference: bool = False, max_segments: int = 255
) -> Segmentation:
    """Cut a text into as few segments as any encoding allows; an empty text is one empty segment.

    Encodings that need equally many are preferred in this order, by how surely old handsets show them: GSM 7
    bit default alphabet, UCS-2, a national single shift table, a locking one, both of one language, both of
    two. `national` False leaves out all but the first two. `wide_reference` reckons with 16-bit concatenation
    references, one octet longer.
    Surrogate pairs and escape pairs are never split; grapheme clusters (emoji sequences, letters with
    combining marks, CR LF) only where keeping them whole would cost another segment.
    Raises SmsError if more than `max_segments` are needed, or the text has half a surrogate pair.
    """
    try:
        text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        message = f"character {error.start + 1} of the text is half a surrogate pair"
        raise SmsError(message, field="TP-UD") from None
    default = alphabet().codes
    forcing = tuple(char for char in dict.fromkeys(text) if char not in default)
    concatenation = _CONCATENATION_16 if wide_reference else _CONCATENATION_8

    plan, pieces = _cheapest(text, concatenation, default=not forcing, national=national)
    if len(pieces) > max_segments:
        message = f"the text needs {len(pieces)} segments; expected at most {max_segments}. Shorten it"
        raise SmsError(message, field="TP-UD")
    pieces = _kept_whole(text, plan, pieces)
    segments = tuple(
        Segment(text[piece.start : piece.end], plan.encoding, plan.locking, plan.single, piece.units)
        for piece in pieces
    )
    limit = plan.alone if len(pieces) == 1 else plan.joined
    return Segmentation(
        plan.encoding,
        segments,
        limit - pieces[-1].units,
        () if plan.encoding is Encoding.GSM7 and not (plan.locking or plan.single) else forcing,
    )


def _cheapest(text: str, concatenation: int, *, default: bool, national: bool) -> tuple[_Plan, list[_Piece]]:
    # Even of nothing but escapes a segment of GSM 7 bit takes 76, of UCS-2 67: where it can, it is cheaper.
    if default:
        best = _gsm7_plan(text, Language.DEFAULT, Language.DEFAULT, concatenation)
    else:
        best = _ucs2_plan(text, concatenation)
    pieces = _cut(best)
    if national and len(pieces) > _fewest_national(len(text), concatenation):
        for locking, single in _pairings(text):
            plan = _gsm7_plan(text, locking, single, concatenation)
            cut = _cut(plan)
            if (len(cut), *plan.surprise) < (len(pieces), *best.surprise):
                best, pieces = plan, cut
    return best, pieces


def _fewest_national(characters: int, concatenation: int) -> int:
    if characters <= _septets(_LANGUAGE):
        return 1
    return ceil(characters / _septets(_LANGUAGE + concatenation))


def _gsm7_plan(text: str, locking: Language, single: Language, concatenation: int) -> _Plan:
    codes = alphabet(locking, single).codes
    languages = _LANGUAGE * (bool(locking) + bool(single))
    return _Plan(
        Encoding.GSM7,
        locking,
        single,
        [len(codes[char]) for char in text],
        _septets(languages),
        _septets(languages + concatenation),
    )


def _ucs2_plan(text: str, concatenation: int) -> _Plan:
    joined = (MAX_OCTETS - 1 - concatenation) // 2 * 2
    costs = [2 if char <= "\uffff" else 4 for char in text]
    return _Plan(Encoding.UCS2, Language.DEFAULT, Language.DEFAULT, costs, MAX_OCTETS, joined)


def _septets(elements: int) -> int:
    header = elements + 1 if elements else 0
    return (MAX_OCTETS - header) * 8 // 7


def _pairings(text: str) -> Iterator[tuple[Language, Language]]:
    """The pairings of tables, one at least national, that can carry the text."""
    wanted = set(text)
    singles = {language: set(single_table(language).values()) for language in Language}
    for locking in (Language.DEFAULT, *locking_languages()):
        rest = wanted.difference(locking_table(locking).values())
        for single, shifted in singles.items():
            if (locking or single) and rest <= shifted:
                yield locking, single


def _cut(plan: _Plan, glued: frozenset[int] = frozenset()) -> list[_Piece]:
    """Fill each segment in turn; a cut before a `glued` character moves back to the last free place."""
    costs = plan.costs
    total = sum(costs)
    if total <= plan.alone:
        return [_Piece(0, len(costs), total)]
    pieces = []
    start = units = 0
    free, free_units = 0, 0
    at = 0
    while at < len(costs):
        if at not in glued:
            free, free_units = at, units
        if units + costs[at] <= plan.joined:
            units += costs[at]
            at += 1
            continue
        if free > start:
            at, units = free, free_units
        pieces.append(_Piece(start, at, units))
        start, units = at, 0
    pieces.append(_Piece(start, at, units))
    return pieces


def _kept_whole(text: str, plan: _Plan, pieces: list[_Piece]) -> list[_Piece]:
    if len(pieces) == 1:
        return pieces
    whole = _cut(plan, _glued(text))
    return whole if len(whole) == len(pieces) else pieces


def _glued(text: str) -> frozenset[int]:
    """Offsets of characters that belong to the one before: the useful part of UAX 29 grapheme clusters."""
    glued = set()
    flags = 0  # regional indicators in a row: two of them are one flag
    for at in range(1, len(text)):
        before, char = text[at - 1], text[at]
        flags = flags + 1 if _regional(before) else 0
        if (
            unicodedata.category(char) in ("Mn", "Mc", "Me")
            or _ZERO_WIDTH_JOINER in (before, char)
            or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
            or "\U000e0020" <= char <= "\U000e007f"  # tags
            or (before, char) == ("\r", "\n")
            or (_regional(char) and flags % 2 == 1)
        ):
            glued.add(at)
    return frozenset(glued)


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
