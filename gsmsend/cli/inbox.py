"""`gsmsend inbox`: what came in, what it answers, what a person must look at; `inbox seen` says who has."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import click

from gsmsend import config
from gsmsend.cli import options, unlocking
from gsmsend.cli.line_names import titles
from gsmsend.cli.operation import NumberView, numbers_shown, opened, person, tell_older
from gsmsend.cli.options import say
from gsmsend.cli.reasons import checked
from gsmsend.cli.words import count, plain
from gsmsend.contract import Flag, ReplyRow, Store
from gsmsend.errors import UsageError
from gsmsend.inert import line

_DANGER = "DANGER TO LIFE?"
FLAG_WORDS = {
    Flag.DANGER: _DANGER,
    Flag.STOP: "opted out: gets no more texts",
    Flag.DOUBTFUL: "not certain: is that what they want?",
    Flag.OLD: "from before the first text of this operation: no reply",
}


@click.group(invoke_without_command=True)
@options.operation
@unlocking.unlocks
@options.as_json
@options.unmask
@click.option("--flagged", is_flag=True, help="Only those that a person must look at: danger, doubtful opt-outs.")
@click.pass_context
def inbox(context: click.Context, folder: Path, *, as_json: bool, unmask: bool, flagged: bool) -> None:
    """Texts that came in, and what they answer: danger first, then what nobody has seen, then oldest first.

    To say that you have looked at one: gsmsend inbox seen ID --because 'what was done'
    """
    if context.invoked_subcommand is not None:
        context.obj = folder
        return
    with numbers_shown(folder, unmask=unmask, what="inbox") as (store, view):
        if not as_json:
            tell_older(view.older)
        found = [row for row in store.replies() if not flagged or asks_for_a_person(row)]
        called = titles(config.load(folder), store.lines())
        for row in found:
            if as_json:
                click.echo(json.dumps(_as_object(row, view)))
                continue
            for words in _lines(row, view, called.get(row.line, row.line)):
                options.tell(words, hang=2 if words.startswith("  ") else 4)
    if not found:
        say("No text needs a person now." if flagged else "No text has come in.")
    elif not as_json and any(asks_for_a_person(row) for row in found):
        say(
            f"When you have dealt with one: gsmsend inbox{options.where(folder)} seen ID --because 'what was done'"
        )


@inbox.command()
@click.argument("reply", type=click.IntRange(min=1), metavar="ID")
@click.option(
    "--because", "reason", required=True, callback=checked, help="What was done about it: it goes on record."
)
@click.option("--person", "who", help="Who has looked.  [default: your user name]")
@options.operation
@unlocking.unlocks
@options.as_json
@click.pass_context
def seen(context: click.Context, reply: int, reason: str, who: str | None, folder: Path, *, as_json: bool) -> None:
    """Say that a person has looked at a text.

    It goes on record who, and what they did about the text ID.
    """
    if folder == Path() and isinstance(context.obj, Path):
        folder = context.obj
    if not reason.strip():
        raise UsageError("--because is empty: expected what was done about this text")
    by = (who or person()).strip()
    if not by:
        raise UsageError("--person is empty: expected the name of the person who has looked")
    with opened(folder) as (_, store):
        left = looked_at_by(store, reply, reason, by, time.time(), options.where(folder))
    if as_json:
        options.emit({"id": reply, "seen_by": by, "dangers_left": left})
        return
    rest = f" {count(left, 'more')} suggests danger" if left == 1 else f" {left:,} more suggest danger"
    more = f"{rest}: gsmsend inbox{options.where(folder)} --flagged" if left else ""
    options.tell(f"Text {reply} was looked at by {by}.{more}")


def looked_at_by(store: Store, reply: int, reason: str, by: str, now_s: float, where: str = "") -> int:
    """Put on record who looked at a reply; how many more suggest danger. Raises UsageError."""
    if not store.mark_seen(reply, reason.strip(), by, now_s):
        raise UsageError(f"there is no text {reply} in the inbox", remedy=f"List them with: gsmsend inbox{where}")
    return store.unseen_dangers()


def asks_for_a_person(row: ReplyRow) -> bool:
    """Whether nobody has looked at it yet and somebody must."""
    return not row.seen_by and (Flag.DANGER in row.flags or Flag.DOUBTFUL in row.flags)


def _as_object(row: ReplyRow, view: NumberView) -> dict[str, object]:
    return {
        "at": options.iso(row.received_at_s),
        "line": row.line,
        "from": view(row.sender),
        "text": row.text,
        "parts": row.parts,
        "complete": row.complete,
        "id": row.reply_id,
        "campaign": row.campaign,
        "message": row.message_id,
        "recipient": view(row.recipient) if row.recipient is not None else None,
        "flags": [flag.value for flag in row.flags],
        "words": row.words,
        "seen_by": row.seen_by or None,
        "seen_at": options.iso(row.seen_at_s) if row.seen_at_s is not None else None,
    }


def _lines(row: ReplyRow, view: NumberView, on: str) -> Iterator[str]:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.received_at_s))
    missing = "" if row.complete else f"  ({count(row.parts, 'part')} so far, more to come)"
    yield f"{row.reply_id}  {at}  from {line(view(row.sender))}  on {line(on)}{missing}"
    if row.message_id is not None:
        yield f"  answers message {row.message_id} of {line(row.campaign or '')}"
    for flag in row.flags:
        found = f" ({line(row.words)})" if flag is Flag.DANGER and row.words else ""
        yield options.loud(f"  {FLAG_WORDS[flag]}{found}", "red" if flag is Flag.DANGER else "yellow")
    if row.seen_by:
        yield f"  seen by {line(row.seen_by)}"
    yield from (f"  | {words}" for words in plain(row.text).split("\n")) if row.text else ["  | (empty)"]
