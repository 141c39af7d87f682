"""`gsmsend messages`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import NumberView, numbers_shown, tell_older
from gsmsend.cli.options import say
from gsmsend.cli.sources import source_lines, source_object
from gsmsend.cli.words import STATE_WORDS
from gsmsend.contract import MessageRow, PartRow
from gsmsend.inert import line
from gsmsend.model import State


@click.command()
@options.operation
@unlocking.unlocks
@options.as_json
@options.unmask
@click.option(
    "--state",
    "states",
    metavar="STATE",
    multiple=True,
    type=click.Choice([state.value for state in State]),
    help="Only texts in this state, such as failed; again for more.",
)
@click.option("--id", "message_id", metavar="N", type=int, help="Only this text, and where its number was found.")
def messages(
    folder: Path, states: tuple[str, ...], message_id: int | None, *, as_json: bool, unmask: bool
) -> None:
    """Every text with its state, parts and delivery reports."""
    with numbers_shown(folder, unmask=unmask, what="messages") as (store, view):
        shown = 0
        if not as_json:
            tell_older(view.older)
        for row in store.messages(*map(State, states), message_id=message_id):
            shown += 1
            seen = store.sightings(message_id) if message_id is not None else []
            if as_json:
                found = message_object(row, view)
                if view.older:
                    found["older"] = view.older
                if message_id is not None:
                    found["sources"] = [source_object(one, view) for one in seen]
                click.echo(json.dumps(found))
                continue
            if shown == 1:
                click.echo(f"{'id':>7}  {'number':<16} {'state':<12} {'parts':<6} why")
            click.echo(line(_message_line(row, view(row.number))))
            for found_at in source_lines(seen, view):
                options.tell(found_at)
    if not shown:
        say("There are no texts in this state." if states else "There are no texts yet.")


def message_object(row: MessageRow, view: NumberView) -> dict[str, object]:
    """One object of `messages --json`."""
    return {
        "id": row.message_id,
        "number": view(row.number),
        "state": row.state.value,
        "why": row.why,
        "route": "fallback" if row.fallback else "line",
        "parts": [_part(part) for part in row.parts],
    }


def _part(part: PartRow) -> dict[str, object]:
    return {
        "seq": part.seq,
        "line": part.line,
        "reference": part.reference,
        "outcome": part.outcome,
        "cms_error": part.cms_error,
        "report": part.report,
        "tp_status": part.given_status,
        "attempts": part.attempts,
        "handle": part.handle,
        "said": part.said,
    }


def _message_line(row: MessageRow, number: str) -> str:
    sent = sum(part.outcome == "accepted" for part in row.parts)
    why = (row.why or STATE_WORDS[row.state]) + (" (over the fallback)" if row.fallback else "")
    return f"{row.message_id:>7}  {number:<16} {row.state.value:<12} {f'{sent}/{len(row.parts)}':<6} {why}"
