"""`gsmsend import`, and how `run --to` brings a file in."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click

from gsmsend import wiring
from gsmsend.campaign.layout import inspect
from gsmsend.campaign.table import check_region, digest_of, rows
from gsmsend.cli import options
from gsmsend.cli.operation import CAMPAIGN, opened
from gsmsend.cli.options import say
from gsmsend.cli.text import option_text, text_options
from gsmsend.config import Settings
from gsmsend.contract import ImportResult, ImportSource, NewMessage, Refused, Store
from gsmsend.errors import GuardStop, UsageError
from gsmsend.masking import mask_number

SHOWN = 20
"""Refused rows that are shown; all are in the file."""


@dataclass(slots=True)
class Refusals:
    """The refused rows of one import: the first on the screen, all in a CSV file, values masked."""

    path: Path
    first: list[Refused] = field(default_factory=list)
    count: int = 0
    _stream: TextIO | None = None

    def pick(self, found: Iterable[NewMessage | Refused]) -> Iterator[NewMessage | Refused]:
        """Pass all rows on, keeping the refused ones."""
        for row in found:
            if isinstance(row, Refused):
                self.keep(row)
            yield row

    def close(self) -> None:
        """No more will come."""
        if self._stream is not None:
            with self._naming_the_file():
                self._stream.close()

    def keep(self, row: Refused) -> None:
        """One refused row."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(row)
        with self._naming_the_file():
            if self._stream is None:
                handle = os.open(self.path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
                self._stream = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
                csv.writer(self._stream).writerow(["row", "value", "why"])
            csv.writer(self._stream).writerow([row.row, shown(row.value), row.why])

    @contextmanager
    def _naming_the_file(self) -> Iterator[None]:
        """An error of writing does not say by itself where."""
        try:
            yield
        except OSError as error:
            error.filename = error.filename or str(self.path)
            raise


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    file: Path
    layout: str
    result: ImportResult
    refusals: Refusals

    @property
    def fruitless(self) -> bool:
        """Whether there were rows and not one was accepted."""
        return (
            not self.result.repeated
            and not self.result.accepted + self.result.duplicates
            and self.result.refused > 0
        )


def bring_in(
    settings: Settings, store: Store, file: Path, *, text: str | None, drama_allowed: bool, again: bool = False
) -> Imported:
    """Queue the rows of a file. Raises UsageError if nothing of it can be used; then nothing was queued.

    People who have another text in this operation are refused, except on a lab bench or if `again` is wanted.
    """
    check_region(settings.region)
    layout = inspect(file, settings.region)
    found = rows(
        file,
        default_text=text,
        region=settings.region,
        drama_allowed=drama_allowed,
        national=settings.national_tables,
        layout=layout,
    )
    digest = digest_of(layout, default_text=text, region=settings.region, drama_allowed=drama_allowed)
    refusals = Refusals(settings.folder / f"refused-{file.stem}-{digest[:8]}.csv")
    source = ImportSource(file.name, digest, CAMPAIGN, time.time())
    picked = refusals.pick(found)
    try:
        once = not (settings.lab or again)
        result = store.add(source, picked, one_text_each=once, refuse=refusals.keep)
    finally:
        refusals.close()
    return Imported(file, layout.describe(), result, refusals)


def shown(value: str) -> str:
    """A refused value as it may be shown: masked where it has digits, else not at all."""
    value = value.strip()
    if not value:
        return "(empty)"
    if not any(c.isdigit() for c in value):
        return "(no digits)"
    return mask_number("".join(c if c.isdigit() or c in "+ ()-./" else "*" for c in value[:40]))


def describe(imported: Imported) -> Iterator[str]:
    """Lines for people: what became of the file, and its refused rows."""
    result = imported.result
    name = imported.file.name
    if result.repeated:
        yield f"{name}: imported before; nothing is queued twice."
        return
    yield (
        f"{name}: {result.accepted} queued"
        + (f", {result.duplicates} queued before (same number and text)" if result.duplicates else "")
        + (f", {result.refused} refused" if result.refused else "")
        + "."
    )
    yield f"  {imported.layout}"
    for row in imported.refusals.first:
        yield f"  row {row.row}: {shown(row.value)}: {row.why}"
    rest = result.refused - len(imported.refusals.first)
    if rest > 0:
        yield f"  and {rest} more: see {imported.refusals.path}"
    elif result.refused:
        yield f"  The refused rows are also in {imported.refusals.path}"
    if result.other_text:
        yield f"  {others(result.other_text)} To text them as well: the same command with --again."
    if imported.fruitless:
        yield "  No row was accepted, so nothing was queued."


def others(number: int) -> str:
    """That so many rows were for people who have another text."""
    who = "1 row is for a person who has" if number == 1 else f"{number:,} rows are for people who have"
    return f"{who} another text in this operation."


def as_object(imported: Imported) -> dict[str, Any]:
    """The same for scripts."""
    result = imported.result
    return {
        "file": str(imported.file),
        "accepted": result.accepted,
        "duplicates": result.duplicates,
        "refused": result.refused,
        "other_text": result.other_text,
        "repeated": result.repeated,
        "read_as": imported.layout,
        "refused_rows": [
            {"row": row.row, "value": shown(row.value), "why": row.why} for row in imported.refusals.first
        ],
        "refused_file": str(imported.refusals.path) if imported.refusals.count else None,
    }


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@text_options
@options.again
@options.operation
@options.as_json
def import_(
    files: tuple[Path, ...], text: str | None, text_file: Path | None, folder: Path, *, again: bool, as_json: bool
) -> None:
    """Queue the recipients of CSV files: a column `number` and, if texts differ, a column `text`.

    Any usual encoding and delimiter. Rows that cannot be used are listed with the reason, the rest is queued.
    A file that was imported before changes nothing. Nobody gets two texts: rows for people who have another
    text in this operation are refused, unless --again is given or it is a lab operation.
    """
    given = option_text(text, text_file)
    fruitless, turned_away = False, 0
    with opened(folder) as (settings, store):
        drama = wiring.drama_allowed(wiring.endpoints(settings) if settings.ports else None)
        for file in files:
            imported = bring_in(settings, store, file, text=given, drama_allowed=drama, again=again)
            fruitless = fruitless or imported.fruitless
            turned_away += imported.result.other_text
            if as_json:
                options.emit(as_object(imported))
            else:
                for line in describe(imported):
                    options.tell(line)
    if fruitless and turned_away:
        raise GuardStop(
            f"no row of a file was queued: {others(turned_away)}",
            remedy="Nobody gets two texts unless you say so: the same command with --again.",
        )
    if fruitless:
        raise UsageError("no row of a file was accepted", remedy="Correct the rows listed above and import again.")
    if not as_json:
        say(f"Next: gsmsend run{options.where(folder)}")
