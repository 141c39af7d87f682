"""`gsmsend pause` and `gsmsend resume`: they work at once, also on a run in another terminal."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import opened, opened_anyway, person, run_going_on
from gsmsend.cli.reasons import checked, refuse_number
from gsmsend.cli.words import count
from gsmsend.contract import Store
from gsmsend.errors import UsageError

because = click.option(
    "--because",
    "reason",
    default="",
    metavar="TEXT",
    callback=checked,
    help="Why, with no names: it goes on record as it stands.",
)


@click.command()
@options.campaign
@because
@options.operation
@options.as_json
def pause(campaign: str, reason: str, folder: Path, *, as_json: bool) -> None:
    """Let no further text of a campaign leave, until it is resumed.

    The text that is on the air at this moment is finished; no other begins, nor a further part of the same one.
    Reports and replies are still received.
    """
    with opened_anyway(folder) as (settings, store):
        changed = stop(store, campaign, person(), reason, time.time())
        row = store.campaign(campaign)
        running = run_going_on(settings, store)
    words = row.paused if row is not None else ""
    if as_json:
        options.emit({"campaign": campaign, "paused": words, "changed": changed})
        return
    where = options.where(folder)
    if changed:
        waits = " The run that is going on waits." if running else ""
        options.tell(f"Campaign {campaign} is paused {words}. Nothing of it leaves now.{waits}")
    else:
        options.tell(f"Campaign {campaign} was paused before, {words}.")
    options.tell(f"To go on: gsmsend resume{where}{options.of(campaign)}")


@click.command()
@options.campaign
@click.option("--go-on", is_flag=True, help="Let the rest follow although not all first texts were delivered.")
@because
@options.operation
@unlocking.unlocks
@options.as_json
def resume(campaign: str, reason: str, folder: Path, *, go_on: bool, as_json: bool) -> None:
    """Let a campaign go on that was paused, or that waits for its first texts (--go-on).

    A few first texts leave alone, and the rest follows once all of these are reported delivered. --go-on lets it
    follow all the same; who said so, and why (--because), goes on record.
    """
    reason = reason.strip()
    with opened(folder) as (settings, store):
        _not_cancelled(store, campaign)
        if go_on:
            _may_go_on(store, campaign)
            reason = _asked(reason, settings.region)
        resumed, freed = go(store, campaign, person(), reason, time.time(), all_of_it=go_on)
        waiting = [found for found in store.first_texts() if found.name == campaign]
        running = run_going_on(settings, store)
    if as_json:
        options.emit({"campaign": campaign, "resumed": resumed, "released": freed})
        return
    where = options.where(folder)
    if resumed:
        options.tell(f"Campaign {campaign} goes on.")
    if go_on:
        options.tell(f"The rest of campaign {campaign} may leave: {count(freed, 'text')} more.")
    elif not resumed:
        options.tell(f"Campaign {campaign} is not paused.")
    for found in waiting:
        wait = f"{found.delivered} are delivered; the other {found.rest:,} wait for that"
        options.tell(
            f"Of its first {count(found.wanted, 'text')} {wait}. To let them go all the same: "
            f"gsmsend resume{where}{options.of(campaign)} --go-on --because 'why'"
        )
    if not running:
        options.tell(f"Next: gsmsend run{where}")


def stop(store: Store, campaign: str, who: str, reason: str, now_s: float) -> bool:
    """Pause a campaign; False if it was paused. Raises UsageError."""
    _not_cancelled(store, campaign)
    return store.pause(campaign, who, reason.strip(), now_s)


def go(store: Store, campaign: str, who: str, reason: str, now_s: float, *, all_of_it: bool) -> tuple[bool, int]:
    """Resume a campaign: whether it was paused, and how many more may leave now. Raises UsageError.

    With `all_of_it` also those that wait for the first texts; that needs a reason.
    """
    _not_cancelled(store, campaign)
    reason = reason.strip()
    if not all_of_it:
        return store.resume(campaign, who, reason, now_s), 0
    _may_go_on(store, campaign)
    if not reason:
        raise _unexplained()
    resumed = store.resume(campaign, who, reason, now_s)
    return resumed, store.pass_canary(campaign, f"{who} said go on: {reason}", now_s, who)


def _unexplained() -> UsageError:
    return UsageError("--because is missing: expected why the rest may leave; it goes on record")


def _not_cancelled(store: Store, campaign: str) -> None:
    """Raise UsageError for a campaign that has ended."""
    row = store.campaign(campaign)
    if row is not None and row.cancelled:
        raise UsageError(
            f"campaign {campaign} was cancelled {row.cancelled}; that is for good",
            remedy="Begin another one: gsmsend import FILE --campaign NAME",
        )


def _may_go_on(store: Store, campaign: str) -> None:
    """Raise UsageError unless first texts of the campaign hold back the rest."""
    row = store.campaign(campaign)
    if row is None or any(found.name == campaign for found in store.first_texts()):
        return  # an unknown name is told by the store
    raise UsageError(
        f"no first texts of campaign {campaign} hold back others: there is nothing to let go on",
        remedy="See gsmsend status for what it waits for.",
    )


def _asked(reason: str, region: str) -> str:
    if not reason and sys.stdin.isatty():
        reason = str(click.prompt("Why may the rest leave (with no names)", err=True)).strip()
        refuse_number(reason, "the reason", region)
    if not reason:
        raise _unexplained()
    return reason
