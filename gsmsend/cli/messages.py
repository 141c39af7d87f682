"""`gsmsend messages` and `gsmsend inbox`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from gsmsend.cli import options
from gsmsend.cli.operation import NumberView, numbers_shown
from gsmsend.cli.options import say
from gsmsend.cli.sources import source_lines, source_object
from gsmsend.cli.words import STATE_WORDS, count, plain
from gsmsend.contract import InboundRow, MessageRow, PartRow
from gsmsend.model import State


@click.command()
@options.operation
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
        for row in store.messages(*map(State, states), message_id=message_id):
            shown += 1
            seen = store.sightings(message_id) if message_id is not None else []
            if as_json:
                found = message_object(row, view)
                if message_id is not None:
                    found["sources"] = [source_object(one, view) for one in seen]
                click.echo(json.dumps(found))
                continue
            if shown == 1:
                click.echo(f"{'id':>7}  {'number':<16} {'state':<12} {'parts':<6} why")
            click.echo(_message_line(row, view(row.number)))
            for line in source_lines(seen, view):
                options.tell(line)
    if not shown:
        say("There are no texts in this state." if states else "There are no texts yet.")


def message_object(row: MessageRow, view: NumberView) -> dict[str, object]:
    """One object of `messages --json`."""
    return {
        "id": row.message_id,
        "number": view(row.number),
        "state": row.state.value,
        "why": row.why,
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
        "tp_status": part.tp_status,
        "attempts": part.attempts,
    }


def _message_line(row: MessageRow, number: str) -> str:
    sent = sum(part.outcome == "accepted" for part in row.parts)
    why = row.why or STATE_WORDS[row.state]
    return f"{row.message_id:>7}  {number:<16} {row.state.value:<12} {f'{sent}/{len(row.parts)}':<6} {why}"


@click.command()
@options.operation
@options.as_json
@options.unmask
def inbox(folder: Path, *, as_json: bool, unmask: bool) -> None:
    """Texts that came in, oldest first."""
    with numbers_shown(folder, unmask=unmask, what="inbox") as (store, view):
        found = store.inbox()
        for row in found:
            click.echo(json.dumps(_inbound(row, view)) if as_json else _inbound_lines(row, view))
    if not found:
        say("No text has come in.")


def _inbound(row: InboundRow, view: NumberView) -> dict[str, object]:
    return {
        "at": options.iso(row.received_at_s),
        "line": row.line,
        "from": view(row.sender),
        "text": row.text,
        "parts": row.parts,
        "complete": row.complete,
    }


def _inbound_lines(row: InboundRow, view: NumberView) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.received_at_s))
    missing = "" if row.complete else f"  ({count(row.parts, 'part')} so far, more to come)"
    body = "\n".join(f"  {line}" for line in plain(row.text).splitlines()) or "  (empty)"
    return f"{at}  from {plain(view(row.sender))}  on {row.line}{missing}\n{body}"
