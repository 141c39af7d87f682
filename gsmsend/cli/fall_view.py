"""What is so about fallbacks: the fields of `fallback --json`, and of `fallbacks` in `status --json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gsmsend.alerting import FallSeen
from gsmsend.campaign.content import money
from gsmsend.campaign.fallback import digest_of_wording, reading_of, rules_in_words
from gsmsend.cli import options
from gsmsend.cli.line_names import known_as
from gsmsend.cli.words import count
from gsmsend.config import FallbackTerms, Rule, Settings
from gsmsend.contract import FallCounts, Outage, StoreView, TrialRow
from gsmsend.engine import fallback
from gsmsend.engine.fallback import LineView
from gsmsend.errors import KeyStop
from gsmsend.model import State
from gsmsend.window import when

NOT_READ = "whether its trial text was delivered is not to be read without the operation's key"


def collect(settings: Settings, store: StoreView, now_s: float) -> list[dict[str, Any]]:
    """One for each `[fallback.CAMPAIGN]` of the config."""
    return [_one(settings, store, terms, now_s) for terms in settings.fallbacks.values()]


def unmatched(settings: Settings, store: StoreView) -> Iterator[str]:
    """What to say of fallbacks of campaigns that are not there: one word misspelt, and the campaign has none."""
    names = [row.name for row in store.campaigns()]
    for name in settings.fallbacks:
        if names and name not in names:
            yield (
                f"[fallback.{name}] in gsmsend.toml is for a campaign that this operation does not have; "
                f"it has {', '.join(names)}. If the name is misspelt there, that campaign has no fallback."
            )


def _one(settings: Settings, store: StoreView, terms: FallbackTerms, now_s: float) -> dict[str, Any]:
    row = store.campaign(terms.campaign)
    counts = store.fall_counts(row.campaign_id) if row is not None else FallCounts()
    segments = reading_of(terms).segments
    try:
        trial = store.trial(terms.campaign, digest_of_wording(settings, terms))
        why = fallback.lacks(terms, trial, counts, segments, options.where(settings.folder))
    except KeyStop:
        trial, why = None, NOT_READ
    if row is None:
        why = f"there is no campaign {terms.campaign} yet"
    return {
        "campaign": terms.campaign,
        "route": terms.route,
        "sender": terms.sender,
        "state": "not ready" if why else "carrying" if counts.waiting else "ready",
        "why": why or None,
        "rules": list(rules_in_words(terms)),
        "trial": _trial(trial),
        "waiting": counts.waiting,
        "carried": counts.carried,
        "segments": counts.segments,
        "cost": money(terms.segment * counts.segments),
        "budget": money(terms.budget),
        "currency": settings.prices.currency,
        "left": {
            state.value: sum(one.texts for one in counts.left if one.state is state)
            for state in (State.QUEUED, State.HELD, State.FAILED)
        },
        "lines": [_line(settings, store, terms, one, now_s) for one in store.outages()],
    }


def seen(row: Mapping[str, Any]) -> FallSeen:
    """One of those, as it is looked at for what is wrong with it."""
    why = str(row["why"] or "")
    return FallSeen(
        str(row["campaign"]), carrying=row["state"] == "carrying", lines_out=bool(row["lines"]), why=why,
        spent=why.startswith(fallback.SPENT),
    )  # fmt: skip


def _trial(trial: TrialRow | None) -> dict[str, Any] | None:
    if trial is None:
        return None
    return {
        "message": trial.message_id, "state": trial.state.value, "why": trial.why or None,
        "at": options.iso(trial.changed_at_s),
    }  # fmt: skip


def _line(settings: Settings, store: StoreView, terms: FallbackTerms, out: Outage, now_s: float) -> dict[str, Any]:
    names = {row.line_id: known_as(settings, row) or row.name for row in store.lines()}
    name, rule = names.get(out.line_id, str(out.line_id)), Rule(out.rule)
    found = fallback.takeover([LineView(out.line_id, name, rule=rule, since_s=out.since_s)], terms, 0.0)
    zone = settings.window.zone if settings.window is not None else ""
    return {
        "line": name,
        "rule": rule.value,
        "since": options.iso(out.since_s),
        "takes_over": options.iso(found.at_s) if found is not None else None,
        "words": _words(found, when(out.since_s, zone, now_s=now_s), zone, now_s, f"{name}: {rule.value}"),
    }


def _words(found: fallback.Takeover | None, since: str, zone: str, now_s: float, name: str) -> str:
    if found is None:
        return f"{name} since {since}, for which this fallback is not meant"
    if found.at_s <= now_s:
        return f"{found.why} since {since}: the fallback may take its texts"
    return f"{found.why} since {since}: the fallback takes over at {when(found.at_s, zone, now_s=now_s)}"


def lines_of(found: list[dict[str, Any]], *, whole: bool) -> Iterator[str]:
    """The same for people; `whole` with what it is set to."""
    for one in found:
        state = {"ready": "ready", "carrying": "carrying texts", "not ready": f"not ready: {one['why']}"}
        about = f"({one['route']}, from {one['sender']})"
        yield f"Fallback of campaign {one['campaign']} {about}: {state[one['state']]}"
        if whole:
            yield "  Takes over when"
            yield from (f"    {rule}" for rule in one["rules"])
            trial = one["trial"]
            yield f"  Trial text: {trial['state'] if trial else 'none'}" + (
                f" (message {trial['message']}, {trial['at'][:16].replace('T', ' ')} UTC)" if trial else ""
            )
        if one["waiting"] or one["carried"] or whole:
            yield (
                f"  {count(one['carried'], 'text')} went over it, {one['waiting']:,} wait for it: "
                f"{count(one['segments'], 'segment')}, {one['cost']} of {one['budget']} {one['currency']}"
            )
        yield from (f"  {line['words']}" for line in one["lines"])
