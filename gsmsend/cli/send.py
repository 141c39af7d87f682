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
from gsmsend.cli import options, timekeeping, unlocking
from gsmsend.cli.asking import number_and_text
from gsmsend.cli.messages import message_object
from gsmsend.cli.operation import NumberView, settings_of
from gsmsend.cli.run import Wish, execute
from gsmsend.cli.words import STATE_WORDS, count
from gsmsend.config import Settings
from gsmsend.contract import ImportSource, MessageRow, NewMessage, Store
from gsmsend.errors import GuardStop, UsageError
from gsmsend.masking import mask_number
from gsmsend.model import State

_EXIT = {
    State.FAILED: 3, State.UNDELIVERED: 3, State.UNCERTAIN: 4, State.HELD: 4,
    State.SUPPRESSED: 5, State.CANCELLED: 5,
}  # fmt: skip


@click.command()
@click.argument("number", required=False)
@click.argument("text", required=False)
@options.again
@options.operation
@unlocking.unlocks
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
    number: str | None,
    text: str | None,
    folder: Path,
    port: str | None,
    wait_reports_s: float | None,
    *,
    again: bool,
    as_json: bool,
) -> int:
    r"""Send TEXT to NUMBER now, and say what became of it.

    Other users of this computer can see NUMBER and TEXT while they are on the command line. Leave them out to
    be asked for them, or give - to take them from standard input: the number from its first line, the text
    from the rest.

    \b
      gsmsend send - - < file          number in line 1, text below it
      gsmsend send "07700 900123" - < message.txt
    """
    number, text = number_and_text(number, text)
    settings = settings_of(folder)
    if settings.approval.required:
        raise GuardStop(
            "approval missing: nothing was sent. In this operation every text belongs to a campaign that officers "
            "have approved, and this one does not",
            remedy="Import its recipient as a campaign, look at it with gsmsend preview, and have it approved: "
            "gsmsend import FILE --campaign NAME --text '...'\n"
            "To try a modem, make an operation for tests: gsmsend init DIR --lab",
        )
    wish = Wish(folder, (port,) if port else (), wait_reports_s=wait_reports_s)
    with ExitStack() as stack:
        stack.enter_context(wiring.operation_lock(settings))
        routes = wiring.endpoints(settings, wish.ports)
        message = new_message(settings, number, text, drama_allowed=wiring.drama_allowed(routes))
        store = wiring.open_store(settings)
        stack.callback(store.close)
        timekeeping.mind(store)
        _alone(store, options.where(folder))
        message_id = queue(store, message, one_text_each=not (settings.lab or again))
        finished, _ = execute(settings, store, routes, wish, quiet=as_json)
        (row,) = store.messages(message_id=message_id)
        found = message_object(row, NumberView(full=False))
    if as_json:
        click.echo(json.dumps(found))
    else:
        options.tell(_words(row, options.where(folder)))
    if row.state in (State.QUEUED, State.SENDING):
        if not as_json:
            options.say(f"Stopped: {finished.why}")
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
        others, they = ("1 other text is", "it") if waiting == 1 else (f"{waiting:,} other texts are", "they")
        raise GuardStop(
            f"{others} queued in this operation and would go out first; nothing was sent, and this text was not "
            "queued",
            remedy=f"If {they} may go out now: gsmsend run{operation}, and then this command again.\n"
            f"If not, send this text from another operation: gsmsend init DIR, then --operation DIR.",
        )


def queue(store: Store, message: NewMessage, *, one_text_each: bool) -> int:
    """Queue one text by itself; its id. Raises GuardStop if this person has a text already.

    Without `one_text_each` the same words to the same number again are meant.
    """
    name = f"send {uuid.uuid4()}"
    source = ImportSource("gsmsend send", name, name, time.time())
    result = store.add(source, [message], one_text_each=one_text_each)
    if result.first_id is None:
        raise GuardStop(
            f"{mask_number(message.number)} has a text in this operation already; nothing was sent",
            remedy="To text this person once more: the same command with --again.\n"
            "What became of the other text: gsmsend messages",
        )
    return result.first_id


def _words(row: MessageRow, operation: str) -> str:
    parts = count(len(row.parts), "part")
    words = f"Message {row.message_id} to {mask_number(row.number)} ({parts}): {row.state.value}"
    words += ", sent in part only." if row.sent_in_part else f", {STATE_WORDS[row.state]}."
    if row.why:
        words += f"\n{row.why}"
    if row.state is State.UNCERTAIN:
        words += (
            f"\nFind out, then: gsmsend resolve{operation} {row.message_id} --as sent|not-sent --because '...'"
        )
    return words
