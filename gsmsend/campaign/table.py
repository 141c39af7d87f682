"""Rows of one CSV file by themselves: each a message to queue or a refusal with its row number and reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from gsmsend.campaign.judging import LeftOut, Terms, judge, segments_of
from gsmsend.campaign.layout import Layout, inspect
from gsmsend.campaign.numbers import known_region
from gsmsend.campaign.sources.delimited import open_delimited
from gsmsend.campaign.sources.row import Choice, Source
from gsmsend.contract.imports import NewMessage, Refused
from gsmsend.errors import UsageError

__all__ = ["check_region", "check_text", "digest_of", "rows", "segments_of"]


def rows(
    path: Path,
    *,
    default_text: str | None,
    region: str,
    drama_allowed: bool,
    national: bool = True,
    layout: Layout | None = None,
) -> Iterator[NewMessage | Refused]:
    """Read a table: all that can be known of the whole file is checked before the first row is given.

    Raises UsageError: the file cannot be read, is no text, has no column of numbers, has no text for anybody, or
    has a quotation mark that is never closed. Memory stays flat.
    """
    check_region(region)
    terms = Terms(region, default_text, drama_allowed, national)
    layout = layout or inspect(path, region)
    check_text(str(path), terms, texts=layout.columns.text is not None)
    source = open_delimited(path, Choice(region), layout)
    return (told for told in judge(source.rows(), terms) if not isinstance(told, LeftOut))


def check_text(where: str, terms: Terms, *, texts: bool) -> None:
    """Raise UsageError unless there is a text to send; `texts`: rows may have their own."""
    if terms.default_text is not None:
        if isinstance(counted := segments_of(terms.default_text, national=terms.national), str):
            raise UsageError(f"the text given cannot be sent: {counted}")
    elif not texts:
        raise UsageError(
            f"{where} has no text column, and no text was given for all",
            remedy="Give one with --text or --text-file, or add a column with the header `text`.",
        )


def digest_of(
    source: Source | Layout,
    *,
    default_text: str | None,
    region: str,
    drama_allowed: bool,
    more: Iterable[str] = (),
) -> str:
    """Hex SHA-256 of all that decides what an import queues: a second one of the same adds nothing.

    `more` is what was chosen beyond the text and the region: filters, a sheet, a column, a line.
    """
    content = source.examined.digest if isinstance(source, Layout) else source.digest
    parts = (content, default_text or "", region, str(drama_allowed), *more)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def check_region(region: str) -> None:
    """Raise UsageError unless phonenumbers knows the country."""
    if not known_region(region):
        hint = "; the United Kingdom is GB" if region == "UK" else ""
        raise UsageError(f"{region} is not a country whose numbers are known: expected a code such as GB{hint}")
