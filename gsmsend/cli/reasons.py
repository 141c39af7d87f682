"""Reasons that people give are kept as they stand, in clear: they must not hold anybody's phone number."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gsmsend import config
from gsmsend.errors import GsmsendError, UsageError

_FEWEST = 6
"""Digits in a phone number that is worth a look."""
_DRAMA = re.compile(r"(?<!\d)(?:(?:\+|00)?44[\s().-]*|0)7700[\s().-]*900(?:[\s.-]*\d){3}(?!\d)")
"""Ofcom's numbers for drama, which no list of valid numbers has."""


def checked(context: click.Context, parameter: click.Parameter, words: str | None) -> str | None:
    """Callback of --because and --reason. Raises UsageError."""
    if words:
        refuse_number(words, parameter.opts[0], _region(context))
    return words


def refuse_number(words: str, option: str, region: str) -> None:
    """Raise UsageError if there is a phone number in these words, as people of this region write them."""
    if sum(sign.isdigit() for sign in words) >= _FEWEST and _has_number(words, region):
        raise UsageError(
            f"{option} has a phone number in it, and a reason is kept and shown as it stands",
            remedy="Name the text instead by its id, as 'gsmsend messages' and 'gsmsend inbox' show it.",
        )


def _has_number(words: str, region: str) -> bool:
    if _DRAMA.search(words):
        return True
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415 - a tenth of a second, seldom needed

    return PhoneNumberMatcher(words, region, leniency=Leniency.VALID).has_next()


def _region(context: click.Context) -> str:
    """The operation's, as far as it can be read; the command itself says what is wrong with it."""
    folder = context.params.get("folder")
    try:
        return config.load(folder if isinstance(folder, Path) else Path()).region
    except (GsmsendError, OSError):
        return "GB"
