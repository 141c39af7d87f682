"""`gsmsend preview`."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from gsmsend import guarding, wiring
from gsmsend.audit import Kind, canonical
from gsmsend.campaign.content import content, digest_of
from gsmsend.campaign.fallback import digest_of_wording
from gsmsend.campaign.preview import Preview, preview
from gsmsend.campaign.standing import standing
from gsmsend.cli import fall_view, options, unlocking
from gsmsend.cli.operation import numbers_shown, person, settings_of, tell_older
from gsmsend.config import Settings
from gsmsend.contract import CampaignFacts, Store, StoreView, TrialRow
from gsmsend.engine.identifying import line_without_number
from gsmsend.errors import GsmsendError, GuardStop, StoreError, UsageError, reason

EXIT_GUARD = GuardStop.exit_code


@click.command("preview")
@options.campaign
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a page to show."
)
@click.option(
    "--lines", "lines", type=click.IntRange(min=1), metavar="N",
    help="How many SIMs will send what any line may send.  [default: as many as the operation knows]",
)  # fmt: skip
@options.unmask
@options.operation
@unlocking.unlocks
@options.as_json
def preview_(
    campaign: str, html: Path | None, lines: int | None, folder: Path, *, unmask: bool, as_json: bool
) -> int:
    """What each kind of recipient will see, what it costs, when it will be done, and what is wrong with it.

    Changes nothing but the audit log. Exits with 5 if a check failed that keeps the campaign from being approved.
    """
    from gsmsend.cli.preview_view import view  # noqa: PLC0415 - only this command needs it

    settings, now_s = settings_of(folder), time.time()
    wiring.check_accounts(settings)
    with numbers_shown(folder, unmask=unmask, what="preview") as (store, show):
        for words in fall_view.unmatched(settings, store):
            options.say(words)
        facts = facts_of(store, campaign, options.where(folder))
        found = look(settings, store, facts, now_s, lines=lines)
        judged = standing(settings, facts) if settings.approval.required else None
        trial, silent = trial_of(settings, store, campaign), unnumbered(settings, store, campaign)
        values = view(settings, found, judged, show, now_s, trial, silent)
    _on_record(settings, facts, now_s)
    if html is not None:
        from gsmsend.cli.preview_page import page  # noqa: PLC0415 - jinja2 costs a tenth of a second

        _write(html, page(values, unmasked=unmask))
    if as_json:
        click.echo(json.dumps({**values, "older": show.older or None}))
    else:
        from gsmsend.cli.preview_words import lines_of  # noqa: PLC0415 - as above

        tell_older(show.older)
        for line in lines_of(values, options.where(folder)):
            options.tell(line)
    if html is not None:
        full = " It has numbers in full in it: treat it as the list itself." if unmask else ""
        options.say(f"The page to show is {html}.{full}")
    return EXIT_GUARD if found.blocked_by else 0


def trial_of(settings: Settings, store: StoreView, campaign: str) -> TrialRow | None:
    """The newest trial text of the campaign's fallback as it is set up now."""
    terms = settings.fallbacks.get(campaign)
    return store.trial(campaign, digest_of_wording(settings, terms)) if terms is not None else None


def unnumbered(settings: Settings, store: StoreView, campaign: str) -> str:
    """A line that may have the number which the fallback sends under, for all that is known; "" if none may."""
    terms = settings.fallbacks.get(campaign)
    return line_without_number(settings, store.lines(), f"{terms.route} from {terms.sender}") if terms else ""


def _on_record(settings: Settings, facts: CampaignFacts, now_s: float) -> None:
    """Put into the audit log who saw which content; what nobody may write to can be looked at all the same."""
    if not settings.store_is_writable or not os.access(settings.folder, os.W_OK):
        return
    with suppress(StoreError):
        store = wiring.open_store(settings, older_stops=False)
        try:
            begin_log(store, now_s)
            seen = replace(facts, operation_id=store.operation_id())
            digest = digest_of(canonical(content(settings, seen)))
            data = {"campaign": facts.campaign_id, "person": person(), "digest": digest}
            store.record_now(Kind.PREVIEW, data, now_s)
        finally:
            store.close()


def begin_log(store: Store, now_s: float) -> None:
    """See that the audit log has the entry by which contents name the operation; an older store lacks it."""
    if not store.operation_id():
        said = {"what": "log", "reason": "the audit log begins", "message": None, "campaign": None}
        store.record_now(Kind.NOTE, {"person": person(), **said}, now_s)


def facts_of(store: StoreView, campaign: str, where: str) -> CampaignFacts:
    """All about a campaign. Raises UsageError if there is none of that name, or nobody in it."""
    facts = store.campaign_facts(campaign)
    if facts is None or not facts.recipients:
        raise UsageError(
            f"there is no campaign {campaign} in this operation"
            if facts is None
            else f"there is nobody in the campaign {campaign}",
            remedy=f"Import its recipients first: gsmsend import{where} people.csv --text-file message.txt",
        )
    if any(one.forgotten_at_s is not None for one in store.last_acts() if one.name == campaign):
        raise UsageError(
            f"the campaign {campaign} was forgotten: its numbers and texts are gone",
            remedy=f"Its totals are in: gsmsend report{where}{options.of(campaign)}",
        )
    return facts


def look(
    settings: Settings, store: StoreView, facts: CampaignFacts, now_s: float, *, lines: int | None = None
) -> Preview:
    """The preview of a campaign, with as many lines as are known to share what any line may send."""
    known = len(settings.sims) or len(store.lines()) or len(settings.ports)
    names = [row.name for row in store.campaigns()]
    return preview(settings, facts, now_s, others=lines or max(1, known), campaigns=names)


def _write(file: Path, text: str) -> None:
    """Where only this user can read it: there are texts in it, and with --unmask numbers."""
    try:
        guarding.replaced(file, text.encode("utf-8"))
    except OSError as error:
        raise _not_written(file, error) from None


def _not_written(file: Path, error: OSError) -> GsmsendError:
    return UsageError(
        f"{file} cannot be written: {reason(error)}",
        remedy="Name a file in a folder that is there and that you may write to.",
    )
