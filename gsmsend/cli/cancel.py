"""`gsmsend cancel`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from gsmsend.cli import options
from gsmsend.cli.operation import opened_anyway, person
from gsmsend.cli.pause import because
from gsmsend.cli.words import count
from gsmsend.contract import CancelCounts
from gsmsend.errors import UsageError


@click.command()
@options.campaign
@because
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.operation
@options.as_json
def cancel(campaign: str, reason: str, folder: Path, *, yes: bool, as_json: bool) -> None:
    """End a campaign for good: what was not sent yet is never sent.

    It works at once, also on a run in another terminal. Texts that are on the air are let be: what became of them
    is still recorded.
    """
    with opened_anyway(folder) as (_, store):
        planned = store.cancel_counts(campaign)
        row = store.campaign(campaign)
        if row is not None and row.cancelled:
            raise UsageError(f"campaign {campaign} was cancelled before, {row.cancelled}")
        if not planned.cancelled + planned.in_hand:
            raise UsageError(
                f"nothing of campaign {campaign} waits to be sent: there is nothing to cancel",
                remedy="See gsmsend status for what became of its texts.",
            )
        if not yes:
            _ask(campaign, planned)
        done = store.cancel(campaign, person(), reason.strip(), time.time())
    if as_json:
        options.emit(
            {"campaign": campaign, "cancelled": done.cancelled, "in_hand": done.in_hand, "over": done.over}
        )
        return
    options.tell(f"Campaign {campaign} is cancelled: {count(done.cancelled, 'text')} will not be sent.")
    if done.in_hand:
        options.tell(
            f"{count(done.in_hand, 'text')} may be on the air or sent in part; nothing more of them leaves. See "
            f"gsmsend status{options.where(folder)}"
        )


def _ask(campaign: str, planned: CancelCounts) -> None:
    """Say what would be done, and ask. Raises UsageError where nobody can be asked, click.Abort for no."""
    what = f"Campaign {campaign}: {count(planned.cancelled, 'text')} not sent yet will never be sent"
    if planned.in_hand:
        what += f"; {count(planned.in_hand, 'text')} being sent or in doubt are let be"
    what += f"; {planned.over:,} are over and stay as they are. This cannot be undone."
    if not sys.stdin.isatty():
        raise UsageError(
            f"nothing was cancelled, since there is no terminal to ask at. {what}", remedy="To do it: add --yes"
        )
    options.say(what)
    click.confirm("Cancel it", abort=True, err=True)
