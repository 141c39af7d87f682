"""`gsmsend fallback`: a campaign's other way out; `fallback trial` tries it on an officer's phone."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.campaign.fallback import digest_of_wording, number_of, reading_of, trial_name, wish_of
from gsmsend.campaign.numbers import NotTextable, normalise
from gsmsend.cli import fall_view, options, unlocking
from gsmsend.cli.confirming import confirm
from gsmsend.cli.operation import looked_at, opened, person
from gsmsend.cli.preview_words import quoted
from gsmsend.cli.words import count
from gsmsend.config import FILE, FallbackTerms, Settings
from gsmsend.contract import ImportSource, NewMessage, Store
from gsmsend.errors import GuardStop, UsageError
from gsmsend.masking import mask_number
from gsmsend.model import State

_OPEN = (State.DRAFT, State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN)
_IN_WORDS = {State.DRAFT: "waiting for approval", State.QUEUED: "queued", State.SENT: "sent, not delivered yet"}


@click.group(invoke_without_command=True)
@options.operation
@options.as_json
@click.pass_context
def fallback(context: click.Context, folder: Path, *, as_json: bool) -> None:
    """What goes another way when a campaign's line is cut, and whether it may.

    It is set up in gsmsend.toml, under [fallback.CAMPAIGN], and approved with the campaign.
    """
    if context.invoked_subcommand is not None:
        context.obj = folder
        return
    with looked_at(folder) as (settings, store):
        wiring.check_accounts(settings)
        found = fall_view.collect(settings, store, time.time())
    if as_json:
        click.echo(json.dumps({"fallbacks": found}))
        return
    for words in fall_view.lines_of(found, whole=True):
        options.tell(words)
    if not found:
        options.tell("No campaign has a fallback: there is no [fallback.CAMPAIGN] in gsmsend.toml.")


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial text that was queued: its message and campaign; `draft`: it waits for approval."""

    message_id: int
    campaign: str
    draft: bool


@fallback.command()
@options.campaign
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.operation
@unlocking.unlocks
@options.as_json
@click.pass_context
def trial(context: click.Context, campaign: str, folder: Path, *, yes: bool, as_json: bool) -> None:
    """Queue the fallback's text to the phone that gsmsend.toml names for it.

    Only once it was delivered may the fallback carry others; with another wording, sender, route, account or phone
    a new one is needed. It is a campaign of its own, approved like any other; the next run sends it.
    """
    folder = context.obj if folder == Path() and context.obj is not None else folder
    with opened(folder) as (settings, store):
        terms = settings.fallbacks.get(campaign)
        if terms is None:
            raise UsageError(
                f"campaign {campaign} has no fallback: there is no [fallback.{campaign}] in "
                f"{settings.folder / FILE}",
                remedy="Add one (docs/fallback.md), or name another campaign with --campaign.",
            )
        wiring.check_accounts(settings)
        _not_twice(settings, store, terms, options.where(folder))
        if not yes:
            for words in _about(settings, terms):
                options.say(words)
            confirm("Queue this trial text")
        made = queue(settings, store, terms, time.time())
    if as_json:
        options.emit({"campaign": made.campaign, "message": made.message_id, "approved": not made.draft})
        return
    options.tell(f"A trial text to {mask_number(terms.trial)} is queued as campaign {made.campaign}.")
    where, named = options.where(folder), options.of(made.campaign)
    if made.draft:
        options.tell(f"Next: gsmsend preview{where}{named}, then each officer: gsmsend approve{where}{named}")
    options.tell(f"The next run sends it: gsmsend run{where}")


def _about(settings: Settings, terms: FallbackTerms) -> Iterator[str]:
    segments = reading_of(terms).segments
    yield (
        f"To {mask_number(terms.trial)} over {terms.route}, from {terms.sender}, {count(segments, 'segment')} at "
        f"{terms.segment} {settings.prices.currency}:"
    )
    yield from (f"  | {row}" for row in quoted(terms.text))


def _not_twice(settings: Settings, store: Store, terms: FallbackTerms, where: str) -> None:
    """Raise GuardStop if a recipient would get it, or one of this very wording was delivered, or may be yet."""
    facts, number = store.campaign_facts(terms.campaign), number_of(terms, settings.region)
    if facts is not None and any(who.number == number for who in facts.recipients):
        raise GuardStop(
            f"the phone for the trial text ({mask_number(terms.trial)}) is that of a recipient of campaign "
            f"{terms.campaign}, who would be texted twice; nothing was queued",
            remedy=f"Name the phone of an officer as trial under [fallback.{terms.campaign}] in gsmsend.toml.",
        )
    known = store.trial(terms.campaign, digest_of_wording(settings, terms))
    if known is not None and known.state is State.DELIVERED:
        raise GuardStop(
            f"a trial text of this wording was delivered (message {known.message_id}); nothing was queued",
            remedy=f"The fallback may carry others: see gsmsend fallback{where}",
        )
    if known is not None and known.state in _OPEN:
        raise GuardStop(
            f"a trial text of this wording is {_IN_WORDS.get(known.state, known.state)} "
            f"(message {known.message_id}); nothing was queued",
            remedy=f"See what it waits for: gsmsend status{where}",
        )


def queue(settings: Settings, store: Store, terms: FallbackTerms, now_s: float) -> Trial:
    """Queue a trial text, in a campaign of its own. Raises UsageError for a number that cannot be texted."""
    number = normalise(terms.trial, settings.region, drama_allowed=True)
    if isinstance(number, NotTextable):
        raise UsageError(
            f"{mask_number(terms.trial)} cannot be texted: {number.why}",
            remedy=f"Correct trial under [fallback.{terms.campaign}] in gsmsend.toml.",
        )
    names = {row.name for row in store.campaigns()}
    name = next(one for one in (trial_name(terms.campaign, n) for n in range(1, 10_000)) if one not in names)
    draft = settings.approval.required
    wording = digest_of_wording(settings, terms)
    source = ImportSource(
        "gsmsend fallback trial", f"{name} {uuid.uuid4()}", name, now_s, person(), line=wish_of(terms.route),
        draft=draft,
    )  # fmt: skip
    message = NewMessage(number.e164, terms.text, 1, reading_of(terms).segments)
    found = store.add(source, [message])
    if found.first_id is None:  # nobody else is in a campaign that was not there
        raise UsageError("the trial text was not queued", remedy="Give the same command again.")
    store.keep_trial(terms.campaign, wording, found.first_id, person(), now_s)
    return Trial(found.first_id, name, draft)
