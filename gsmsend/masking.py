"""What may be shown of a recipient's number in logs, errors and screens."""

from __future__ import annotations

import re
from functools import lru_cache

SEALED = "(sealed)"
"""What stands for a number or words that were not opened, as that may need a passphrase."""
FORGOTTEN = "(forgotten)"
"""What stands for a number or words that were forgotten: there is nothing in it to mask."""

_LONG = re.compile(r"(?<!\d)\d(?:[ ().-]{0,2}\d){8,13}(?![ ().-]{0,2}\d)")
"""A telephone number in a name: 9 to 14 digits, however they are grouped; an IMSI or ICCID has more."""
_DIGITS = re.compile(r"(?<!\d)20\d\d-[01]\d-[0-3]\d(?!\d)|\d(?:(?:[^\w,;:\n]|_){0,3}\d){6,}")
"""The same in words, with whatever stands between its digits, however many follow each other; or a day."""
_DAY = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_DATE = re.compile(r"(?:19|20)\d\d[.-]?[01]\d[.-]?[0-3]\d")


def mask_number(number: str) -> str:
    """Mask a number as the design has it: `+447700900123` becomes `+447*****0123`.

    Keeps the first four and last four characters of ten or more; of fewer, only the last two. A number
    that was forgotten, or not opened, is shown as that.
    """
    if number in (FORGOTTEN, SEALED):
        return number
    if len(number) >= 10:
        return number[:4] + "*" * (len(number) - 8) + number[-4:]
    return "*" * max(len(number) - 2, 0) + number[-2:]


@lru_cache(maxsize=1000)
def mask_name(name: str) -> str:
    """The name of a file or sheet as it may be kept in clear: `07700 900123.csv` becomes `xxxxx xxxx23.csv`.

    A phone's list is often called by its number. Dates stay; all but the last two digits of a number are hidden.
    """
    return _LONG.sub(lambda found: found[0] if _DATE.match(found[0]) else _crossed_out(found[0]), name)


def mask_words(words: str) -> str:
    """Words of our own as they may leave this computer or stand in a log: each run of 7 digits or more is hidden.

    All but the last two digits, also of an ICCID; `2026-11-22` stays. Names and texts are not found by this:
    whoever writes words must not put them there.
    """
    return _DIGITS.sub(lambda found: found[0] if _DAY.fullmatch(found[0]) else _crossed_out(found[0]), words)


def _crossed_out(digits: str) -> str:
    return re.sub(r"\d", "x", digits[:-2]) + digits[-2:]
