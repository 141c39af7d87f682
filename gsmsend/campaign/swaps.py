"""Characters that word processors put in and plain texts lack, each with a plain one that reads the same.

A swap is offered and shown, never made by itself. Only signs are swapped, never a letter for another: `n` for
`ñ` would be another word. What is only another spelling of the same character (a letter and its accent as two
characters) is put together first (Unicode normalisation form C).
"""

from __future__ import annotations

import unicodedata
from types import MappingProxyType

TABLE = MappingProxyType(
    {
        # Quotation marks and apostrophes
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u02bc": "'", "`": "'",
        "\u00b4": "'", "\u2039": "'", "\u203a": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
        # Dashes and hyphens
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
        "\u00ad": "",  # a soft hyphen shows only where a line ends
        # Dots
        "\u2026": "...", "\u2022": "-", "\u00b7": "-", "\u2023": "-", "\u25cf": "-", "\u25aa": "-",
        # Blanks
        "\t": " ", "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2004": " ", "\u2005": " ", "\u2006": " ",
        "\u2007": " ", "\u2008": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\u205f": " ", "\u3000": " ",
        # Characters that show nothing
        "\u200b": "", "\u2060": "", "\ufeff": "",
        # Line ends
        "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
    }
)  # fmt: skip
"""Each key a single character, each value made of the GSM 7 bit default alphabet."""


def swapped(text: str) -> str:
    """The text with all swaps made."""
    plain = "".join(TABLE.get(char, char) for char in unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", plain)
