"""`gsmsend forget`: the end of a campaign's retention."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.campaign.retention import Due, Retention
from gsmsend.cli import access, options, retention, unlocking
from gsmsend.cli.confirming import on_terminal
from gsmsend.cli.operation import looked_at, opened, person, settings_of
from gsmsend.cli.progress import head_words
from gsmsend.cli.reasons import checked
from gsmsend.cli.words import count, plain
from gsmsend.config import Settings
from gsmsend.contract import Forgot, LastExport, Store
from gsmsend.contract.heads import HeadRow
from gsmsend.errors import GsmsendError, GuardStop, UsageError

AT_THE_END = "the end of its retention"
"""The reason on record where none is given and the date has come."""


@click.command()
@click.argument("campaign")
@click.option(
    "--because", "reason", default="", metavar="TEXT", callback=checked, help="Why: it goes on record, sealed."
)
@click.option("--early", is_flag=True, help="Before its date; say why with --because.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@unlocking.unlocks
@options.operation
@options.as_json
def forget(campaign: str, reason: str, folder: Path, *, early: bool, yes: bool, as_json: bool) -> None:
    """Make the numbers, names and texts of CAMPAIGN unreadable for good, to everybody.

    Its totals, its lines, the log with who decided what, and who must not be texted stay. It cannot be undone.
    """
    left_over = _left_over(folder)
    with opened(folder) as (settings, store):
        found = _found(settings, store, campaign)
        if found.state is Retention.FORGOTTEN:
            _finished(settings, store, found, options.where(folder), left_over=left_over, as_json=as_json)
            return
        _refuse(settings, found, reason.strip(), options.where(folder), early=early)
        sources = _sources(store, campaign)
        if not yes:
            _ask(settings, store, found, options.where(folder))
        done = store.forget(campaign, access.signed_in() or person(), reason.strip() or AT_THE_END, time.time())
        exported = store.last_export()
        head, problem = _signed(settings, store)
    if as_json:
        found_head = {"n": head.n, "short": head.short} if head is not None else None
        told = {"campaign": campaign, "messages": done.messages, "replies": done.replies, "wiped": done.wiped}
        options.emit({**told, "head": found_head})
        return
    for line in _done(done, options.where(folder)):
        options.tell(line)
    for line in _elsewhere(settings, sources, exported):
        options.tell(line)
    if head is not None and not settings.lab:
        options.tell(head_words(head.short))
    if problem:
        options.say(problem)


def _signed(settings: Settings, store: Store) -> tuple[HeadRow | None, str]:
    """A signed head that has the forgetting in it; or none, and why: the forgetting itself is done by then."""
    now_s = time.time()
    try:
        head = store.sign_head(now_s)
        problems = wiring.head_kept(settings, store)(head, now_s) if head is not None else ()
    except GsmsendError as problem:
        return None, f"No head of the log was signed after it: {problem}"
    return head, " ".join(problems)


def _left_over(folder: Path) -> bool:
    """Whether an earlier forgetting was cut off before the files were wiped: who opens the store finishes that."""
    if not settings_of(folder).may_have_store:
        return False
    with looked_at(folder) as (_, view):
        return view.unwiped()


def _finished(settings: Settings, store: Store, found: Due, where: str, *, left_over: bool, as_json: bool) -> None:
    """Say of a campaign that was forgotten before that its end was made good. Raises UsageError, GuardStop."""
    name, day = found.act.name, retention.day(settings, found.act.forgotten_at_s or 0.0)
    if store.unwiped():
        raise GuardStop(
            f"campaign {name} was forgotten on {day}, but the store's files could not be wiped",
            remedy=retention.unwiped_words(where),
        )
    if not left_over:
        raise UsageError(f"campaign {name} was forgotten before, on {day}")
    if as_json:
        options.emit({"campaign": name, "messages": 0, "replies": 0, "wiped": True, "head": None})
    else:
        options.tell(f"Campaign {name} was forgotten on {day}. The store's files are wiped now too.")


def _found(settings: Settings, store: Store, campaign: str) -> Due:
    rows = retention.found_in(settings, store, time.time())
    for row in rows:
        if row.act.name == campaign:
            return row
    known = ", ".join(row.act.name for row in rows[-5:]) or "none yet"
    raise UsageError(
        f"there is no campaign {campaign} that could be forgotten; there is {known}",
        remedy="Texts that answer replies are forgotten with the campaign that they belong to.",
    )


def _refuse(settings: Settings, found: Due, reason: str, where: str, *, early: bool) -> None:
    """Raise UsageError while anything of it is open, GuardStop before its date."""
    name = shlex.quote(found.act.name)
    if found.act.waiting:
        raise UsageError(
            f"campaign {found.act.name} is not over: {count(found.act.waiting, 'text')} still to send or to "
            "settle; nothing was forgotten",
            remedy=f"See gsmsend status{where}. To end it: gsmsend cancel{where} --campaign {name}   To settle "
            "what is uncertain: gsmsend resolve",
        )
    if early and not reason:
        raise UsageError("--early without a reason; nothing was forgotten", remedy='Say why: --because "..."')
    if found.state is Retention.DUE and found.due_s is not None and not early:
        raise GuardStop(
            f"campaign {found.act.name} is due to be forgotten on {retention.day(settings, found.due_s)}, not "
            "before; nothing was forgotten",
            remedy=f'If it must be now: gsmsend forget{where} {name} --early --because "..."',
        )
    if found.state is Retention.KEPT and not reason and not settings.lab:
        raise GuardStop(
            f"no retention date is set in gsmsend.toml, so campaign {found.act.name} is not due; nothing was "
            "forgotten",
            remedy=f"Set one ([retention] days), or say why it must be now: gsmsend forget{where} {name} "
            '--because "..."',
        )


def _sources(store: Store, campaign: str) -> tuple[str, ...]:
    results = store.results(campaign)
    return tuple(dict.fromkeys(one.source for one in results.imports)) if results is not None else ()


def _ask(settings: Settings, store: Store, found: Due, where: str) -> None:
    """Say what goes and what stays; the campaign's name must be typed. Raises UsageError, click.Abort."""
    lines = list(_plan(settings, store, found, where))
    if not on_terminal():
        raise UsageError(
            f"nothing was forgotten, since there is no terminal to ask at. {' '.join(lines)}",
            remedy="To do it: add --yes",
        )
    for line in lines:
        options.say(line)
    typed = click.prompt("Type the campaign's name to forget it", default="", show_default=False, err=True)
    if typed.strip() != found.act.name:
        raise UsageError(f"that is not {found.act.name}; nothing was forgotten")


def _plan(settings: Settings, store: Store, found: Due, where: str) -> Iterator[str]:
    name = found.act.name
    texts = count(found.act.texts, "text")
    if found.due_s is not None:
        yield f"Campaign {name} has {texts}; it is due to be forgotten on {retention.day(settings, found.due_s)}."
    else:
        yield f"Campaign {name} has {texts}."
    yield (
        "Gone for good will be: every number, name and text in it, the replies to it, the PDUs and reports in the "
        "log, and the lists as they were read. Nobody can read them again, with no key."
    )
    yield (
        "What stays: its totals, when and over which line its texts left, the log (it still verifies), who "
        "approved and decided what, and who must not be texted."
    )
    yield "gsmsend will no longer know whom this campaign texted: a later one may text the same people again."
    if store.last_export().changed:
        yield f"No evidence pack has been made since its last change. To make one first: gsmsend export{where}"
    yield "This cannot be undone."


def _done(done: Forgot, where: str) -> Iterator[str]:
    replies = f" and {count(done.replies, 'reply', 'replies')}" if done.replies else ""
    gone = f"{count(done.messages, 'text')}{replies}"
    yield f"Campaign {done.campaign} is forgotten: {gone}. Its totals and the log stay."
    if not done.wiped:
        yield options.loud(
            "Its key is destroyed, but another program has the store open, so the file is not wiped yet. End that "
            f"program; the next run, import or forget wipes it: gsmsend run{where}"
        )


def _elsewhere(settings: Settings, sources: tuple[str, ...], exported: LastExport) -> Iterator[str]:
    """What else holds such data, out of this command's reach."""
    yield "What gsmsend cannot reach, and you must see to:"
    if sources:
        named = ", ".join(map(plain, sources[:3])) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")
        yield f"  the lists that it was imported from: {named}"
    if exported.packs:
        kept = settings.folder / "exports"
        where = f"; see {kept}" if kept.is_dir() else ""
        yield f"  evidence packs: {count(exported.packs, 'was', 'were')} made from this operation{where}"
    yield "  backups and copies of the operation's folder: with the operation's key they can still be read"
    yield "  pages made with report and preview, and what was printed, copied or sent"
    if settings.transcript_folder.is_dir():
        yield "The transcripts of the modems stay: numbers and texts are masked in them."
