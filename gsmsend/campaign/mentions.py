"""Links and phone numbers in a text, as the phones of those who get it will find them.

Links by linkify-it-py, which finds what phones make clickable, with and without `https://`; phone numbers by the
matcher of phonenumbers, short numbers (116 123, 101) and numbers kept for drama among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher, shortnumberinfo

_MORE_ENDS = (
    "app", "blog", "care", "center", "centre", "charity", "click", "clinic", "cloud", "community", "dev",
    "digital", "direct", "foundation", "health", "help", "ink", "life", "link", "live", "london", "ngo", "one",
    "online", "page", "rest", "scot", "shop", "site", "social", "space", "store", "support", "tech", "today",
    "top", "wales", "website", "wiki", "works", "world", "xyz", "cymru",
)  # fmt: skip
"""Top-level domains beyond the library's own list, which has the countries' and the oldest."""
_SHORT = re.compile(r"(?<![\d+\u00a3$\u20ac])\d(?:[ -]?\d){2,5}(?![\d%])")
# Ofcom, "Telephone numbers for use in TV and radio drama programmes": those that the metadata marks as not in use.
_DRAMA = re.compile(
    r"\+44(7700900\d{3}|1632960\d{3}|8081570\d{3}|9098790\d{3}|3069990\d{3}|2079460\d{3}|1\d{2}4960\d{3})"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands in the text, and where it leads. `host` is in lower case, in its ASCII form."""

    words: str
    host: str
    secure: bool
    odd: bool
    """Its address is written so that it could be taken for another one."""


def links(text: str) -> tuple[Link, ...]:
    """The links of a text, e-mail addresses left out, in order."""
    return tuple(
        _link(match) for match in _finder().match(text) or () if match.schema in ("", "http:", "https:", "//")
    )


@cache
def _finder() -> Any:
    from linkify_it import LinkifyIt  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types; lazy

    return LinkifyIt().tlds(list(_MORE_ENDS), keep_old=True)


def _link(match: Any) -> Link:
    parts = urlsplit(match.url)
    host = (parts.hostname or "").rstrip(".").lower()
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        plain = host
    odd = "@" in parts.netloc or plain != host or "xn--" in host or re.fullmatch(r"[\d.]+", host) is not None
    return Link(match.raw, plain, match.schema != "http:", odd)


def phones(text: str, region: str, without: Iterable[Link] = ()) -> tuple[str, ...]:
    """The phone numbers of a text as they stand in it; digits of the links `without` do not count."""
    rest = text
    for link in without:
        rest = rest.replace(link.words, " ")
    found = []
    for match in PhoneNumberMatcher(rest, region, leniency=Leniency.POSSIBLE):
        e164 = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(match.number) or _DRAMA.fullmatch(e164):
            found.append(match.raw_string)
    for number in found:
        rest = rest.replace(number, " ")
    return (*found, *_short_numbers(rest, region))


def _short_numbers(text: str, region: str) -> Iterator[str]:
    for match in _SHORT.finditer(text):
        try:
            number = phonenumbers.parse(match.group(), region)
        except phonenumbers.NumberParseException:
            continue
        if shortnumberinfo.is_valid_short_number_for_region(number, region):
            yield match.group()
