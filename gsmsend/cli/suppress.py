"""`gsmsend suppress`: people who must not be texted, kept as keyed hashes of their numbers."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import looked_at, opened, person
from gsmsend.cli.words import count, plain
from gsmsend.config import Settings
from gsmsend.contract import Suppression
from gsmsend.contract.imports import Refused
from gsmsend.errors import UsageError
from gsmsend.masking import mask_number

_SHOWN = 20
_LARGEST = 1 << 20
_WORDS = {Suppression.NEVER: "never contact", Suppression.OPT_OUT: "opted out"}
_who = click.option("--person", "who", help="Who decides.  [default: your user name]")


@click.group()
def suppress() -> None:
    """People who must not be texted: victims, witnesses, officers, children known to services, and opt-outs.

    Numbers on a command line can be seen by others on this computer while it runs: give - to type or pipe them in.
    """


@suppress.command()
@click.argument("number", required=False, metavar="NUMBER|-")
@click.option(
    "--file", "file", metavar="FILE", type=click.Path(path_type=Path),
    help="A list of numbers, in any form that 'gsmsend import' reads.",
)  # fmt: skip
@click.option("--reason", required=True, help="Why, in a few words without names: it is shown in the list.")
@click.option("--opted-out", is_flag=True, help="They asked for it themselves, by telephone for instance.")
@_who
@options.operation
@unlocking.unlocks
@options.as_json
def add(
    number: str | None,
    file: Path | None,
    reason: str,
    who: str | None,
    folder: Path,
    *,
    opted_out: bool,
    as_json: bool,
) -> None:
    """Never text these people, in no campaign.

    Texts that wait for them are not sent. NUMBER is one number, or - for a list on standard input. Their numbers
    are not kept, only hashes of them.
    """
    kind = Suppression.OPT_OUT if opted_out else Suppression.NEVER
    why, by = _reason(reason), _person(who)
    with opened(folder) as (settings, store):
        numbers, refused = _given(settings, number, file)
        done = store.suppress(numbers, kind, why, by, time.time()) if numbers else None
    if as_json:
        options.emit(
            {
                "kind": kind.value, "added": done.added if done else 0, "known": done.known if done else 0,
                "stopped": done.stopped if done else 0, "halfway": done.halfway if done else 0,
                "refused": [{"row": row.row, "why": row.why} for row in refused],
            }
        )  # fmt: skip
    elif done:
        for line in _told(done.added, done.known, done.stopped, done.halfway):
            options.tell(line)
    if refused:
        for row in refused[:_SHOWN] if not as_json else ():
            options.say(f"  row {row.row}: {mask_number(_digits(row.value))}: {row.why}")
        raise UsageError(
            f"{count(len(refused), 'row')} could not be read: these people are NOT protected",
            remedy="Correct the rows and add the list again; who is on it already stays on it.",
        )


def _told(added: int, known: int, stopped: int, halfway: int) -> Iterator[str]:
    before = f", {known:,} were on the list before" if known else ""
    yield f"{count(added, 'person', 'people')} added{before}."
    if stopped:
        yield f"{count(stopped, 'text')} to them will not be sent."
    if halfway:
        yield f"{count(halfway, 'text')} had gone out in part or may be on air now: see gsmsend messages."


@suppress.command("list")
@options.operation
@options.as_json
def list_(folder: Path, *, as_json: bool) -> None:
    """How many people are on the list, and why.

    Their numbers are not kept and cannot be shown.
    """
    with looked_at(folder) as (_, store):
        found = store.suppressions()
    if as_json:
        rows = [
            {"kind": it.kind.value, "reason": it.reason, "people": it.people, "newest": options.iso(it.newest_s)}
            for it in found
        ]
        click.echo(json.dumps({"people": sum(it.people for it in found), "reasons": rows}))
        return
    for it in found:
        options.tell(f"{it.people:>7,}  {_WORDS[it.kind]:<14} {plain(it.reason)}")
    if found:
        options.say("Only hashes of the numbers are kept, so they cannot be shown. To ask about one:")
        options.say(f"  gsmsend suppress check{options.where(folder)} -")
    else:
        options.say("Nobody is on the list.")


@suppress.command()
@click.argument("number", metavar="NUMBER|-")
@options.operation
@unlocking.unlocks
@options.as_json
def check(number: str, folder: Path, *, as_json: bool) -> None:
    """Whether a person must not be texted.

    NUMBER is one number, or - for a list on standard input.
    """
    with looked_at(folder) as (settings, store):
        numbers, refused = _given(settings, number, None)
        listed = store.suppressed(numbers)
    for one in numbers:
        kind = listed.get(one)
        if as_json:
            options.emit({"number": mask_number(one), "suppressed": kind.value if kind else None})
        else:
            options.tell(f"{mask_number(one):<16} {_WORDS[kind] if kind else 'may be texted'}")
    if refused:
        raise UsageError(
            f"{count(len(refused), 'row')} could not be read as a number: {refused[0].why}",
            remedy="Correct it and ask again.",
        )


@suppress.command()
@click.argument("number", metavar="NUMBER|-")
@click.option("--reason", required=True, help="Why this person may be texted again: it goes on record.")
@click.option(
    "--asked-by-person", is_flag=True,
    help="End an opt-out, as the person themselves asked for it; --reason says when and how they did.",
)  # fmt: skip
@_who
@options.operation
@unlocking.unlocks
@options.as_json
def remove(
    number: str, reason: str, who: str | None, folder: Path, *, asked_by_person: bool, as_json: bool
) -> None:
    """Take a person off the never-contact list.

    An opt-out stays unless they themselves asked to end it.

    Texts that were stopped stay stopped: who is to be texted after all is imported again.
    """
    kind = Suppression.OPT_OUT if asked_by_person else Suppression.NEVER
    why, by = _reason(reason), _person(who)
    with opened(folder) as (settings, store):
        numbers, refused = _given(settings, number, None)
        if refused or len(numbers) != 1:
            raise UsageError(
                "expected one number", remedy="Take people off the list one by one, each with a reason."
            )
        ended = store.unsuppress(numbers[0], kind, why, by, time.time())
        left = store.suppressed(numbers).get(numbers[0])
    shown = mask_number(numbers[0])
    if as_json:
        options.emit({"number": shown, "removed": ended, "suppressed": left.value if left else None})
    if not ended:
        if left is Suppression.OPT_OUT:
            raise UsageError(
                f"{shown} opted out; that ends only when they ask for it themselves",
                remedy="If they did, say so: --asked-by-person --reason 'when and how they asked'.",
            )
        raise UsageError(
            f"{shown} is not on that list", remedy="Ask about the number with: gsmsend suppress check -"
        )
    if not as_json:
        still = f"; still not texted: {_WORDS[left]}" if left else ""
        options.tell(f"{shown} is off the list ({_WORDS[kind]}), by {by}{still}.")


def _given(settings: Settings, number: str | None, file: Path | None) -> tuple[list[str], Sequence[Refused]]:
    """The numbers that were named, in E.164, and what could not be read. Raises UsageError."""
    if (number is None) == (file is None):
        raise UsageError(
            "expected a number, - for standard input, or --file FILE", remedy="Such as: gsmsend suppress add -"
        )
    from gsmsend.campaign.judging import LeftOut, Terms, judge  # noqa: PLC0415 - imports phonenumbers
    from gsmsend.campaign.sources.finding import open_source  # noqa: PLC0415
    from gsmsend.campaign.sources.row import Choice, SourceRow  # noqa: PLC0415

    terms = Terms(settings.region, "-", drama_allowed=True, national=settings.national_tables)
    if file is not None:
        told = list(judge(open_source(file, Choice(settings.region)).rows(), terms))
    else:
        lines = _standard_input() if number == "-" else [number or ""]
        rows = [SourceRow(place, line.strip()) for place, line in enumerate(lines, 1) if line.strip()]
        told = list(judge(rows, terms))
    refused = [row for row in told if isinstance(row, Refused)]
    numbers = [row.number for row in told if not isinstance(row, Refused | LeftOut)]
    if not numbers and not refused:
        raise UsageError("no number was given", remedy="Give one number a line.")
    return list(dict.fromkeys(numbers)), refused


def _standard_input() -> list[str]:
    if sys.stdin.isatty():
        options.say("Type one number a line; end with Ctrl-D.")
    return sys.stdin.read(_LARGEST).splitlines()


def _digits(value: str) -> str:
    return "".join(sign if sign.isdigit() or sign == "+" else "*" for sign in value[:40])


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("--reason is empty: expected why, in a few words")
    if sum(sign.isdigit() for sign in reason) >= len("0770090"):
        raise UsageError(
            "--reason has a long number in it; it is kept and shown as it stands",
            remedy="Say why in words, without numbers or names of people.",
        )
    return reason.strip()


def _person(who: str | None) -> str:
    name = (who or person()).strip()
    if not name:
        raise UsageError("--person is empty: expected the name of the person who decides")
    return name
