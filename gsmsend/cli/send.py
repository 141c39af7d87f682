"""`gsmsend send`: one text now."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.campaign.numbers import NotTextable, normalise
from gsmsend.campaign.table import check_region, segments_of
from gsmsend.cli import options
from gsmsend.cli.messages import message_object
from gsmsend.cli.operation import NumberView, settings_of
from gsmsend.cli.run import Wish, execute
from gsmsend.cli.words import STATE_WORDS, count
from gsmsend.config import Settings
from gsmsend.contract import ImportSource, MessageRow, NewMessage, Store
from gsmsend.errors import GuardStop, UsageError
from gsmsend.masking import mask_number
from gsmsend.model import State

_EXIT = {State.FAILED: 3, State.UNDELIVERED: 3, State.UNCERTAIN: 4, State.HELD: 4}


@click.command()
@click.argument("number")
@click.argument("text")
@options.operation
@click.option("--port", metavar="PATH", help="The modem's port.")
@click.option(
    "--wait-reports",
    "wait_reports_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long to wait for the delivery report.  [default: 120, or the config's]",
)
@options.as_json
def send(
    number: str, text: str, folder: Path, port: str | None, wait_reports_s: float | None, *, as_json: bool
) -> int:
    """Send TEXT to NUMBER now, and say what became of it."""
    settings = settings_of(folder)
    wish = Wish(folder, (port,) if port else (), wait_reports_s=wait_reports_s)
    with ExitStack() as stack:
        stack.enter_context(wiring.operation_lock(settings))
        routes = wiring.endpoints(settings, wish.ports)
        message = new_message(settings, number, text, drama_allowed=wiring.drama_allowed(routes))
        store = wiring.open_store(settings)
        stack.callback(store.close)
        _alone(store, options.where(folder))
        message_id = queue(store, message)
        finished, _ = execute(settings, store, routes, wish, quiet=as_json)
        (row,) = store.messages(message_id=message_id)
        found = message_object(row, NumberView(full=False))
    if as_json:
        click.echo(json.dumps(found))
    else:
        options.tell(_words(row, options.where(folder)))
    if row.state in (State.QUEUED, State.SENDING):
        if not as_json:
            click.echo(f"Stopped: {finished.why}", err=True)
        return finished.exit_code
    return _EXIT.get(row.state, 0)


def new_message(settings: Settings, number: str, text: str, *, drama_allowed: bool) -> NewMessage:
    """Check number and text. Raises UsageError."""
    check_region(settings.region)
    found = normalise(number, settings.region, drama_allowed=drama_allowed)
    if isinstance(found, NotTextable):
        raise UsageError(f"{mask_number(number)} cannot be texted: {found.why}")
    counted = segments_of(text, national=settings.national_tables)
    if isinstance(counted, str):
        raise UsageError(f"the text cannot be sent: {counted}")
    return NewMessage(found.e164, text, 1, counted)


def _alone(store: Store, operation: str) -> None:
    """Raise GuardStop if other texts are waiting: a run sends all that is queued."""
    totals = store.totals()
    waiting = totals[State.QUEUED] + totals[State.SENDING]
    if waiting:
        raise GuardStop(
            f"{count(waiting, 'other text')} in this operation would go out as well; nothing was sent",
            remedy=f"Send them with gsmsend run{operation}, or use another operation for this text.",
        )


def queue(store: Store, message: NewMessage) -> int:
    """Queue one text by itself; the same words to the same number again are meant. Its id."""
    name = f"send {uuid.uuid4()}"
    result = store.add(ImportSource("gsmsend send", name, name, time.time()), [message])
    assert result.first_id is not None  # noqa: S101 - one new row in a new campaign is accepted
    return result.first_id


def _words(row: MessageRow, operation: str) -> str:
    parts = count(len(row.parts), "part")
    words = f"Message {row.message_id} to {mask_number(row.number)} ({parts}): {row.state.value}"
    words += f", {STATE_WORDS[row.state]}."
    if row.why:
        words += f"\n{row.why}"
    if row.state is State.UNCERTAIN:
        words += (
            f"\nFind out, then: gsmsend resolve{operation} {row.message_id} --as sent|not-sent --because '...'"
        )
    return words
