"""Text to septets and back, in the default alphabet or a national one (TS 23.038 6.2.1 and annex A)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gsmsend.errors import SmsError
from gsmsend.sms.primitives import ESCAPE, default_alphabet, default_extension
from gsmsend.sms.values import Language

_ABSENT = "...."


class Alphabet:
    """One pairing of a locking and a single shift table.

    `codes` maps each character to its septets: one, or the escape and one. Where both tables have a
    character the locking table wins, as it is shorter; where a table has it twice the lower code wins.
    """

    __slots__ = ("_main", "_shifted", "codes")

    def __init__(self, main: Mapping[int, str], shifted: Mapping[int, str]) -> None:
        self.codes = {char: bytes((ESCAPE, code)) for code, char in sorted(shifted.items(), reverse=True)}
        self.codes.update({char: bytes((code,)) for code, char in sorted(main.items(), reverse=True)})
        # A code with no character is shown as a space (TS 23.038 6.2.1), here as for the escape itself.
        self._main = [main.get(code, " ") for code in range(128)]
        self._shifted = [shifted.get(code, self._main[code]) for code in range(128)]

    def encode(self, text: str) -> bytes:
        """Septets, one a byte. Raises SmsError for a character that neither table has."""
        codes = self.codes
        try:
            return b"".join([codes[char] for char in text])
        except KeyError:
            at = next(index for index, char in enumerate(text) if char not in codes)
            message = f"character {at + 1} of the text is not in the alphabet; choose another encoding"
            raise SmsError(message, field="TP-UD") from None

    def decode(self, septets: bytes) -> str:
        """Text of septets, one a byte. Every sequence has a reading.

        After an escape: the single shift table's character, else the locking table's; a second escape is
        reserved and shown, with the first, as one space (TS 23.038 6.2.1.1); so is a last, lone escape.
        """
        main = self._main
        if ESCAPE not in septets:
            return "".join([main[code] for code in septets])
        shown: list[str] = []
        following = iter(septets)
        for code in following:
            if code != ESCAPE:
                shown.append(main[code])
            else:
                shown.append(self._shifted[next(following, ESCAPE)])
        return "".join(shown)


@cache
def alphabet(locking: Language = Language.DEFAULT, single: Language = Language.DEFAULT) -> Alphabet:
    """The alphabet of two tables. A language without a table of that kind means the default one."""
    return Alphabet(locking_table(locking), single_table(single))


@cache
def locking_languages() -> tuple[Language, ...]:
    """The languages that have a locking shift table of their own; Spanish has none (TS 23.038 A.3.2)."""
    from gsmsend.sms.national_locking import LOCKING_SHIFT  # noqa: PLC0415 - most texts never need it

    return tuple(LOCKING_SHIFT)


@cache
def locking_table(language: Language) -> Mapping[int, str]:
    """Code to character of a locking shift table (TS 23.038 annex A.3)."""
    if language is not Language.DEFAULT:
        from gsmsend.sms.national_locking import LOCKING_SHIFT  # noqa: PLC0415 - most texts never need it

        if language in LOCKING_SHIFT:
            return _read(LOCKING_SHIFT[language])
    return {code: char for code, char in enumerate(default_alphabet()) if char}


@cache
def single_table(language: Language) -> Mapping[int, str]:
    """Code to character of a single shift table (TS 23.038 annex A.2)."""
    if language is Language.DEFAULT:
        return default_extension()
    from gsmsend.sms.national_single import SINGLE_SHIFT  # noqa: PLC0415 - most texts never need it

    return _read(SINGLE_SHIFT[language])


def _read(grid: str) -> dict[int, str]:
    _clause, _newline, cells = grid.partition("\n")
    return {code: chr(int(cell, 16)) for code, cell in enumerate(cells.split()) if cell != _ABSENT}
