"""A head of the audit log in a form that a person writes into a notebook: `1042 7KQX-93MB-TT2P-0A4C`.

The number of the entry, then the first 80 bits of its hash in Crockford's base 32. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O and U, which are taken for other signs."""
_SIGNS = 16
_GROUP = 4
_HEX = _SIGNS * 5 // 4
_READ_AS = str.maketrans("OILoil", "011011")
_BETWEEN = str.maketrans(dict.fromkeys(" \t\r\n-\u2013\u2014.,:;/'\"", None))


@dataclass(frozen=True, slots=True)
class Noted:
    """A head as somebody noted it: the entry's number, and the first 20 hex digits of its hash."""

    number: int
    begins: str

    def fits(self, found: str) -> bool:
        """Whether an entry with this hash is the one that was noted."""
        return found.startswith(self.begins)


def short(number: int, found: str) -> str:
    """The short form of an entry's number and hash (64 hex digits)."""
    bits = int(found[:_HEX], 16)
    signs = "".join(_DIGITS[bits >> 5 * place & 31] for place in reversed(range(_SIGNS)))
    return f"{number} " + "-".join(signs[at : at + _GROUP] for at in range(0, _SIGNS, _GROUP))


def read_short(words: str) -> Noted:
    """Read a short form as people type it: any case, O for 0, I and L for 1, blanks and dashes anywhere.

    Raises ValueError in plain English.
    """
    signs = words.translate(_BETWEEN).translate(_READ_AS).upper()
    number, code = signs[:-_SIGNS], signs[-_SIGNS:]
    wrong = sorted(set(code) - set(_DIGITS))
    if wrong:
        raise ValueError(f"{wrong[0]!r} is in it, which no short form has")
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"expected a number and {_SIGNS} signs, such as 1042 7KQX-93MB-TT2P-0A4C")
    if len(number) > _SIGNS or not int(number):
        raise ValueError("no entry has that number; expected one such as 1042")
    bits = 0
    for sign in code:
        bits = bits << 5 | _DIGITS.index(sign)
    return Noted(int(number), f"{bits:0{_HEX}x}")
