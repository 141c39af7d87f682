"""Septets, GSM 7 bit tables, semi-octets: python-gsmmodem-new's primitives with their slips mended.

The only module that touches that library; docs/adr/0003-codec-primitives.md says which slip is mended and
why. Importing the library pulls in its modem class and pyserial, so it is imported at the first call, once.
"""

from __future__ import annotations

import warnings
from functools import cache
from types import ModuleType

from gsmsend.errors import SmsError

ESCAPE = 0x1B
"""The septet that announces one character of the extension or single shift table (TS 23.038 6.2.1)."""

DIGITS = frozenset("0123456789*#abc")
"""What a semi-octet of an address can say (TS 23.040 9.1.2.3)."""

_TO_LIBRARY = str.maketrans("*#abc", "ABCDE")
_FROM_LIBRARY = str.maketrans("abcde", "*#abc")
_FILLER = "f"


@cache
def _library() -> ModuleType:
    # Its sources of 2021 have invalid escapes, about which a first import without compiled files would warn.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gsmmodem import pdu  # noqa: PLC0415 - 17 ms and pyserial, wanted only by those who code a PDU

    return pdu  # type: ignore[no-any-return]


@cache
def default_alphabet() -> tuple[str, ...]:
    """The 128 characters of the GSM 7 bit default alphabet (TS 23.038 6.2.1); "" at the escape."""
    table = list(_library().GSM7_BASIC)
    table[0x5F] = "\u00a7"  # the library has a backtick there, which the alphabet lacks
    table[ESCAPE] = ""
    return tuple(table)


@cache
def default_extension() -> dict[int, str]:
    """Code to character of the default extension table (TS 23.038 6.2.1.1)."""
    table = {ord(code): char for char, code in _library().GSM7_EXTENDED.items() if isinstance(code, str)}
    table[0x0A] = "\f"  # the library has U+00FF there, under a number that equals none of its codes
    return table


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack septets (one a byte, 0..127) into octets after `fill_bits` (0..6) zero bits (TS 23.038 6.1.2.1.1).

    The fill bits bring the text behind a header to a septet boundary (TS 23.040 9.2.3.24).
    Raises SmsError for a septet above 127.
    """
    if max(septets, default=0) > 127:
        raise SmsError("has a septet above 127", field="TP-UD")
    # The library counts what the first octet has room for, not what is filled; an empty text then grows by
    # one octet unless there are fill bits to carry.
    pad_bits = 7 - fill_bits if fill_bits else 0
    return bytes(_library().packSeptets(bytearray(septets), pad_bits))


def unpack(octets: bytes, count: int) -> bytes:
    """Unpack exactly `count` septets, one a byte (TS 23.038 6.1.2.1.1). Raises SmsError if octets are short."""
    needed = (count * 7 + 7) // 8
    if len(octets) < needed:
        message = f"{count} septets need {needed} octets, there are {len(octets)}"
        raise SmsError(message, field="TP-UD")
    septets = bytes(_library().unpackSeptets(bytearray(octets[:needed])))
    # The library drops an eighth septet of zero (@) and adds one made of the last octet's spare bits.
    return septets[:count].ljust(count, b"\0")


def semi_octets(number: str, field: str) -> bytes:
    """Encode digits, two an octet, low half first, filled up with 1111 (TS 23.040 9.1.2.3).

    Raises SmsError for anything but 0-9 * # a b c.
    """
    if not DIGITS.issuperset(number):
        raise SmsError("has a character that is not a digit, *, #, a, b or c", field=field)
    return bytes(_library().encodeSemiOctets(number.translate(_TO_LIBRARY)))


def digits(octets: bytes, count: int | None = None) -> str:
    """Decode semi-octets into at most `count` digits (TS 23.040 9.1.2.3). A filler 1111 ends the number."""
    text: str = _library().decodeSemiOctets(bytearray(octets))
    return text[:count].partition(_FILLER)[0].translate(_FROM_LIBRARY)
