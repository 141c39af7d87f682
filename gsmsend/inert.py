"""Strangers' words made inert: shown, they control no terminal, reverse no line, and are no formula in a table.

Only what is shown changes; the store keeps every text as it came.
"""

from __future__ import annotations

import unicodedata

_KEPT = frozenset("\n\t\u200c\u200d")
"""Line ends and tabs; the joiners that emoji and Arabic are written with."""
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAGS = range(0xE0020, 0xE0080)  # flags of England, Scotland and Wales
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARKS = 4
"""So many accents on one letter are writing; more are there to cover the lines above."""


def plain(text: str) -> str:
    """The text with each sign that is not seen but acts written out: ESC is `<U+001B>`, right-to-left `<U+202E>`.

    Line ends and tabs stay. Accents piled on one letter are cut off after a few.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        marks = marks + 1 if category == "Mn" else 0
        if marks > _MARKS:
            continue
        unsafe = category in _UNSAFE and sign not in _KEPT and ord(sign) not in _TAGS
        shown.append(f"<U+{ord(sign):04X}>" if unsafe else sign)
    return "".join(shown)


def line(text: str) -> str:
    """The same on one line: a line end in it is written out, too, so that it cannot pretend to be the next one."""
    return plain(text).replace("\n", "<U+000A>").replace("\t", " ")


def cell(text: str) -> str:
    """The text for a cell of a CSV file or sheet: where a spreadsheet would take it for a formula, after a '."""
    shown = plain(text)
    return f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA) else shown
