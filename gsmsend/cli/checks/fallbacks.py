"""Fallbacks: whether each could take over now, or what it lacks for that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from gsmsend import wiring
from gsmsend.campaign.fallback import TRIAL, digest_of_wording, findings, reading_of
from gsmsend.campaign.standing import standing
from gsmsend.cli import options
from gsmsend.cli.checks import Finding, Level
from gsmsend.cli.words import count
from gsmsend.config import FallbackTerms, Settings
from gsmsend.contract import StoreView
from gsmsend.engine.fallback import lacks, segments_left
from gsmsend.errors import GsmsendError


def complete(settings: Settings) -> Iterator[Finding]:
    """Wording, approval, trial text and budget of each. What one lacks stops no text of a line."""
    if not settings.fallbacks:
        return
    try:
        wiring.fallback_routes(settings)
    except GsmsendError as error:
        yield Finding(Level.BAD, "fallback", str(error), error.remedy)
    try:
        with closing(wiring.open_view(settings)) as view:
            for terms in settings.fallbacks.values():
                yield from _one(settings, view, terms)
    except GsmsendError as error:
        words = f"whether fallbacks could take over cannot be seen: {error}"
        yield Finding(Level.NOTE, "fallback", words, error.remedy)


def _one(settings: Settings, view: StoreView, terms: FallbackTerms) -> Iterator[Finding]:
    where = options.where(settings.folder)
    name, of = f"the fallback of {terms.campaign} ({terms.route})", options.of(terms.campaign)
    blocking = [one for one in findings(settings, terms) if one.blocks]
    for one in blocking:
        yield Finding(Level.BAD, "fallback", f"{name}: {one.words}", one.remedy)
    facts = view.campaign_facts(terms.campaign)
    if facts is None:
        words = f"{name}: there is no campaign {terms.campaign} yet"
        others = [row.name for row in view.campaigns() if row.name not in settings.fallbacks]
        alone = [one for one in others if not one.endswith(f" {TRIAL}")]
        if alone:
            words = f"{name}: there is no campaign {terms.campaign}, and {' and '.join(alone)} has no fallback"
        level = Level.BAD if alone else Level.NOTE
        yield Finding(level, "fallback", words, f"gsmsend import{where} FILE{of}, or correct [fallback.NAME]")
        return
    if settings.approval.required:
        judged = standing(settings, facts)
        if not judged.stands:
            why = "; ".join(judged.changed) or judged.missing
            why = why.removeprefix("is not approved: ")
            words = f"{name} carries nothing before the campaign is approved: {why}"
            yield Finding(
                Level.BAD, "fallback", words, f"gsmsend preview{where}{of}, then: gsmsend approve{where}{of}"
            )
    counts = view.fall_counts(facts.campaign_id)
    trial = view.trial(terms.campaign, digest_of_wording(settings, terms))
    lacking = lacks(terms, trial, counts, reading_of(terms).segments, where)
    if lacking:
        what, _, todo = lacking.partition(": ")
        yield Finding(Level.BAD, "fallback", f"{name}: {what}", todo or f"See: gsmsend status{where}")
    elif not blocking:
        left = segments_left(terms, counts)
        budget = "" if left is None else f", its budget pays for {count(left, 'more segment')}"
        yield Finding(Level.OK, "fallback", f"{name}: its trial text was delivered{budget}")
