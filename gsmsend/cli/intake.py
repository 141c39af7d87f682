"""Bringing a source into the store: what was asked for, and what became of it."""

from __future__ import annotations

import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gsmsend.campaign.filters import Counts, Filters
from gsmsend.campaign.filters import words as filter_words
from gsmsend.campaign.judging import Terms, count_seen, judge
from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice, Source, SourceRow
from gsmsend.campaign.table import check_region, check_text, digest_of
from gsmsend.cli.operation import CAMPAIGN, person
from gsmsend.cli.refusals import Refusals
from gsmsend.config import Settings
from gsmsend.contract import ImportResult, ImportSource, Store
from gsmsend.contract.replies import ANSWERS
from gsmsend.errors import ConfigError, UsageError
from gsmsend.masking import mask_name

QUEUED = "queued"
"""What becomes of rows that need no approval."""

_LARGE = 5000
"""Rows from which on a bar shows how far it has come."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an import was asked for. `text` is for rows without one of their own; `line` a [line.NAME]."""

    text: str | None = None
    drama_allowed: bool = False
    again: bool = False
    campaign: str = CAMPAIGN
    line: str = ""
    sheet: str | None = None
    column: str | None = None
    filters: Filters = field(default_factory=Filters)

    def choice(self, settings: Settings) -> Choice:
        """What to read of a source."""
        return Choice(settings.region, self.sheet, self.column)

    def terms(self, settings: Settings) -> Terms:
        """What to judge rows by."""
        return Terms(settings.region, self.text, self.drama_allowed, settings.national_tables, self.filters)

    def more(self) -> tuple[str, ...]:
        """What decides beyond the text what is queued; empty where nothing was asked for, as it always was."""
        chosen = (("sheet", self.sheet), ("column", self.column), ("line", self.line))
        return (*(f"{name} {value}" for name, value in chosen if value), *filter_words(self.filters))


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a source."""

    source: Source
    result: ImportResult
    refusals: Refusals
    state: str = QUEUED
    line: str = ""

    @property
    def barren(self) -> bool:
        """Whether there was no row at all."""
        found = self.result
        rows = found.accepted + found.duplicates + found.refused + self.refusals.left_out.total()
        return not found.repeated and not rows

    @property
    def fruitless(self) -> bool:
        """Whether there were rows and not one was accepted."""
        return (
            not self.result.repeated
            and not self.result.accepted + self.result.duplicates
            and self.result.refused > 0
        )


def check(settings: Settings, store: Store, wish: Wish) -> None:
    """Raise UsageError or ConfigError if what was asked for cannot be had, before any file is read."""
    check_region(settings.region)
    for region in wish.filters.regions:
        check_region(region)
    if wish.line and wish.line not in settings.lines:
        known = ", ".join(settings.lines) or "none"
        raise ConfigError(
            f"gsmsend.toml has no [line.{wish.line}]; the lines it names: {known}",
            remedy="Add the line with its iccid, imsi or number, or correct --line.",
        )
    if wish.campaign.endswith(f" {ANSWERS}"):
        raise UsageError(
            f"the name of a campaign cannot end in {ANSWERS!r}: such a one answers replies by itself",
            remedy="Choose another name with --campaign.",
        )
    campaign = store.campaign(wish.campaign)
    if campaign is not None and campaign.parent_id is not None:
        raise UsageError(
            f"the campaign {wish.campaign} answers replies by itself; nobody can be imported into it",
            remedy="Choose another name with --campaign.",
        )
    if campaign is not None and campaign.cancelled:
        raise UsageError(
            f"the campaign {wish.campaign} was cancelled: {campaign.cancelled}",
            remedy="Begin another one with --campaign NAME.",
        )


def opened(settings: Settings, files: Sequence[Path], wish: Wish) -> list[Source]:
    """Every file, read through once before a row of any is queued. Raises UsageError."""
    terms = wish.terms(settings)
    sources = []
    for file in files:
        source = open_source(file, wish.choice(settings))
        check_text(str(file), terms, texts=source.texts)
        sources.append(source)
    return sources


def seen(settings: Settings, sources: Sequence[Source], wish: Wish) -> Counts | None:
    """How often each number stands in all sources together, if a filter asks for it."""
    if wish.filters.seen_at_least <= 1:
        return None
    counts: Counter[str] = Counter()
    for source in sources:
        count_seen(source.rows(), wish.terms(settings), counts)
    return counts


def bring_in(
    settings: Settings, store: Store, file: Path, *, text: str | None, drama_allowed: bool, again: bool = False
) -> Imported:
    """Queue the rows of a file. Raises UsageError if nothing of it can be used; then nothing was queued.

    People who have another text in this campaign are refused, except on a lab bench or if `again` is wanted.
    """
    wish = Wish(text, drama_allowed, again)
    check(settings, store, wish)
    (source,) = opened(settings, [file], wish)
    return take_in(settings, store, source, wish)


def take_in(
    settings: Settings, store: Store, source: Source, wish: Wish, counts: Counts | None = None
) -> Imported:
    """Queue the rows of an opened source."""
    terms = wish.terms(settings)
    digest = digest_of(
        source, default_text=wish.text, region=settings.region, drama_allowed=wish.drama_allowed, more=wish.more()
    )
    name = mask_name(source.name)
    # Not by its digest: that of a short list could be tried.
    refusals = Refusals(settings.folder / f"refused-{Path(name).stem}-{secrets.token_hex(4)}.csv", name)
    draft = settings.approval.required or settings.canary > 0
    of = ImportSource(
        source.name, digest, wish.campaign, time.time(), person(), wish.line, draft, settings.gap_s
    )  # fmt: skip
    once = not (settings.lab or wish.again)
    try:
        with _watched(source) as rows:
            result = store.add(
                of, refusals.pick(judge(rows, terms, counts)), one_text_each=once, refuse=refusals.keep
            )
    finally:
        refusals.close()
    return Imported(source, result, refusals, "in the draft" if draft else QUEUED, wish.line)


@contextmanager
def _watched(source: Source) -> Iterator[Iterable[SourceRow]]:
    """The rows, and for a large source a bar that shows how far it has come, on a terminal."""
    if source.count < _LARGE or not sys.stderr.isatty():
        yield source.rows()
        return
    from rich.console import Console  # noqa: PLC0415 - a fifth of a second that small files need not wait
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar.track(source.rows(), total=source.count, description=source.name, update_period=0.2)
