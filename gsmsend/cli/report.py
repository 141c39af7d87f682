"""`gsmsend report`."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from gsmsend import guarding
from gsmsend.cli import options, retention, unlocking
from gsmsend.cli.operation import numbers_shown, settings_of, tell_older
from gsmsend.cli.words import plain
from gsmsend.contract import Results, StoreView
from gsmsend.errors import UsageError
from gsmsend.window import Window

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@options.operation
@unlocking.unlocks
@options.campaign
@click.option("--html", "html_file", metavar="FILE", type=FILE, help="Write a page that any browser shows.")
@click.option("--pdf", "pdf_file", metavar="FILE", type=FILE, help="Write the same page as PDF.")
@click.option("--redacted", is_flag=True, help="For partners: no number, name, message or small count in it.")
@click.option(
    "--at", "at", metavar="TIME", help="The time to write on it, such as 2026-11-26T09:00.  [default: now]"
)
@options.unmask
@options.as_json
def report(
    folder: Path,
    campaign: str,
    html_file: Path | None,
    pdf_file: Path | None,
    at: str | None,
    *,
    redacted: bool,
    unmask: bool,
    as_json: bool,
) -> None:
    """What came of a campaign: on the screen in short, in full as a page or a PDF.

    The page asks for nothing from outside and can be sent as a file. With --redacted it may go to a partner: no
    phone number, no name and no message is in it.
    """
    if redacted and unmask:
        raise UsageError(
            "--redacted and --unmask were both given", remedy="A redacted report has no numbers in it."
        )
    settings = settings_of(folder)
    zone = (settings.window or Window()).zone
    at_s = time.time() if at is None else _time(at, zone)
    with numbers_shown(folder, unmask=unmask, what=f"report of campaign {campaign}") as (store, view):
        results = _results(store, campaign)
        kept = retention.of_campaign(settings, retention.found_in(settings, store, at_s), campaign)
    from gsmsend.campaign.report import Terms, shape  # noqa: PLC0415 - only here
    from gsmsend.campaign.report.plain import as_object, lines  # noqa: PLC0415
    from gsmsend.campaign.report.render import IN_FULL, MASKED, html, pdf  # noqa: PLC0415

    other = settings.fallbacks.get(campaign)
    terms = Terms(
        settings.name, at_s, zone, settings.prices, redacted=redacted, number=view, kept=kept,
        over=other.segment if other is not None else None, sender=other.sender if other is not None else "",
    )  # fmt: skip
    page = shape(results, terms)
    note = IN_FULL if unmask else MASKED
    if pdf_file is not None:
        _write(pdf_file, pdf(page, note=note))
    if html_file is not None:
        _write(html_file, html(page, note=note).encode("utf-8"))
    if as_json:
        click.echo(json.dumps({**as_object(page, results.campaign), "older": view.older or None}))
        return
    tell_older(view.older)
    if html_file is None and pdf_file is None:
        for line in lines(page):
            options.tell(plain(line), hang=14 if line.startswith("  ") else 0)
        options.tell("")
        options.tell(f"As a page to look at: gsmsend report{options.where(folder)} --html report.html")
        return
    for file in (html_file, pdf_file):
        if file is not None:
            options.tell(f"Wrote {file}")
    if not redacted:
        options.say("It has replies and names in it: for a partner, make one with --redacted.")


def _results(store: StoreView, campaign: str) -> Results:
    found = store.results(campaign)
    if found is None:
        raise UsageError(
            f"there is no campaign {campaign!r} in this operation",
            remedy="See which there are with: gsmsend status. Nothing is there before the first import.",
        )
    return found


def _time(words: str, zone: str) -> float:
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        raise UsageError(f"--at {words!r} is no time; expected a day and time such as 2026-11-26T09:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).timestamp()


def _write(file: Path, content: bytes) -> None:
    """Write it whole or not at all, for its owner only. Raises UsageError, GuardStop."""
    try:
        guarding.replaced(file, content)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", remedy="Name a file where you may write."
        ) from None
