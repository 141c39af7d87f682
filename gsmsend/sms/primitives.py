"""Septets, GSM 7 bit tables, semi-octets and UCS-2: python-gsmmodem-new's primitives with their slips mended.

The only module that touches that library (docs/adr/0003-codec-primitives.md says which slip is mended
where). Importing it pulls in its modem class and pyserial, so it is imported at the first call, once.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from gsmsend.errors import SmsError

ESCAPE = 0x1B
"""Septet that announces one character of the extension (or single shift) table, TS 23.038 6.2.1."""

_SEMI_OCTET_DIGITS = "0123456789*#abc"
_TO_LIBRARY = str.maketrans("*#abc", "abcde")
_FROM_LIBRARY = str.maketrans("abcde", "*#abc")


@cache
def _library() -> ModuleType:
    from gsmmodem import pdu  # noqa: PLC0415 - 17 ms and pyserial, wanted only by those who code a PDU

    return pdu  # type: ignore[no-any-return]


@cache
def default_alphabet() -> tuple[str, ...]:
    """The 128 characters of the GSM 7 bit default alphabet (TS 23.038 6.2.1); "" at the escape code."""
    table = list(_library().GSM7_BASIC)
    table[0x5F] = "\u00a7"  # the library has a backtick, which the alphabet lacks
    table[ESCAPE] = ""
    return tuple(table)


@cache
def default_extension() -> dict[int, str]:
    """Code to character of the default extension table (TS 23.038 6.2.1.1)."""
    extension = {ord(code): char for char, code in _library().GSM7_EXTENDED.items() if isinstance(code, str)}
    extension[0x0A] = "\f"  # the library has U+00FF, with its code as a number that never compares equal
    return extension
