"""`gsmsend resolve`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import opened, person
from gsmsend.cli.reasons import checked
from gsmsend.contract import Decision, Store
from gsmsend.errors import UsageError
from gsmsend.model import State

_NEXT = {
    State.SENT: "It counts as sent; a delivery report may still come.",
    State.QUEUED: "It is queued again; the next `gsmsend run` sends it.",
    State.DELIVERED: "Its delivery reports are all there: delivered.",
    State.UNDELIVERED: "Its delivery report says that it did not arrive.",
}


@click.command()
@click.argument("message", type=click.IntRange(min=1))
@click.option("--as", "verdict", type=click.Choice(["sent", "not-sent"]), required=True, help="What became of it.")
@click.option("--because", "reason", required=True, callback=checked, help="How you know: it goes on record.")
@click.option("--person", "who", help="Who decides.  [default: your user name]")
@options.operation
@unlocking.unlocks
def resolve(message: int, verdict: str, reason: str, who: str | None, folder: Path) -> None:
    """Settle MESSAGE (its id), which may or may not have gone out.

    "not-sent" queues it again, so make sure: ask the recipient, or look at the SIM's bill.
    """
    if not reason.strip():
        raise UsageError("--because is empty: expected how you know what became of the text")
    decided_by = (who or person()).strip()
    if not decided_by:
        raise UsageError("--person is empty: expected the name of the person who decides")
    with opened(folder) as (_, store):
        told = settle(store, Decision(message, verdict == "sent", reason.strip(), decided_by, time.time()))
    options.tell(told)


def settle(store: Store, decision: Decision) -> str:
    """Settle it; what a person is told then. Raises UsageError."""
    state = store.resolve(decision)
    verdict = "sent" if decision.as_sent else "not-sent"
    follows = _NEXT.get(state, f"It is {state} now.")
    return f"Message {decision.message_id} is settled as {verdict} by {decision.person}. {follows}"
