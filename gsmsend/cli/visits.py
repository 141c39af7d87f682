"""`gsmsend visits`: how often a campaign's link was opened, as counts by day."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from gsmsend.campaign.visits import DayCount, read, read_count, read_day
from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import looked_at, opened, person
from gsmsend.cli.words import count, plain
from gsmsend.config import Settings
from gsmsend.contract import VisitDay
from gsmsend.window import Window

_BY_HAND = "entered by hand"


@click.group()
def visits() -> None:
    """Count how often a campaign's link was opened, by day.

    The link is the same for everybody, and only counts are kept: nothing here can tell who opened it.
    """


@visits.command()
@click.argument("number", metavar="COUNT")
@click.option("--day", metavar="DATE", required=True, help="Which day, such as 2026-11-24.")
@click.option("--source", metavar="TEXT", default=_BY_HAND, show_default=True, help="Where the count is from.")
@options.campaign
@options.operation
@unlocking.unlocks
def add(number: str, day: str, source: str, campaign: str, folder: Path) -> None:
    """Enter the count of one day.

    A second count for the same day and source takes the place of the first; both stay on record.
    """
    with opened(folder) as (settings, store):
        one = DayCount(read_day(day, "--day", _today(settings)), read_count(number, "COUNT"))
        replaced = store.add_visits(campaign, _rows([one], source))
    took = " It takes the place of the count that was there." if replaced else ""
    options.tell(f"{one.day}: {count(one.count, 'visit')} ({plain(source)}).{took}")


@visits.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--source", metavar="TEXT", help="Where the counts are from.  [default: the file's name]")
@options.campaign
@options.operation
@unlocking.unlocks
def import_(file: Path, source: str | None, campaign: str, folder: Path) -> None:
    """Take counts from a CSV file with the columns date and count, a day a row.

    A file with anything in it that could tell who opened the link is refused.
    """
    with opened(folder) as (settings, store):
        found = read(file, _today(settings))
        replaced = store.add_visits(campaign, _rows(found, source or file.name))
    took = f"; {count(replaced, 'day')} had a count before, which it takes the place of" if replaced else ""
    total = sum(one.count for one in found)
    options.tell(f"{file.name}: {count(total, 'visit')} on {count(len(found), 'day')}{took}.")


@visits.command("list")
@options.campaign
@options.operation
@options.as_json
def list_(campaign: str, folder: Path, *, as_json: bool) -> None:
    """The counts by day."""
    with looked_at(folder) as (_, store):
        found = store.visits(campaign)
    for one in found:
        if as_json:
            row = {"day": one.day, "count": one.count, "source": one.source, "person": one.person}
            options.emit(row | {"at": options.iso(one.at_s)})
        else:
            options.tell(f"{one.day}  {one.count:>9,}  {plain(one.source)}  (by {one.person})")
    if not found:
        options.say(f"No visits are counted for {campaign}: gsmsend visits add 141 --day 2026-11-24")
    elif not as_json:
        options.tell(f"{'together':<10}  {sum(one.count for one in found):>9,}")


def _today(settings: Settings) -> date:
    return datetime.now(ZoneInfo((settings.window or Window()).zone)).date()


def _rows(found: list[DayCount], source: str) -> list[VisitDay]:
    who, now_s = person(), time.time()
    return [VisitDay(one.day.isoformat(), one.count, source, who, now_s) for one in found]
