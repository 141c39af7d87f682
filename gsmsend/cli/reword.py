"""`gsmsend reword`: another text for the drafts of a campaign."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.campaign.swaps import swapped
from gsmsend.campaign.table import segments_of
from gsmsend.cli import options, unlocking
from gsmsend.cli.confirming import confirm
from gsmsend.cli.operation import opened, person
from gsmsend.cli.preview import facts_of
from gsmsend.cli.preview_words import quoted
from gsmsend.cli.text import new_text_options, option_text
from gsmsend.cli.words import count
from gsmsend.contract import CampaignFacts, TextBody
from gsmsend.errors import GuardStop, UsageError
from gsmsend.model import State


@click.command()
@options.campaign
@new_text_options
@click.option("--swap", is_flag=True, help="Swap characters that make the text dearer for plain ones.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.operation
@unlocking.unlocks
@options.as_json
def reword(
    campaign: str, text: str | None, text_file: Path | None, folder: Path, *, swap: bool, yes: bool, as_json: bool
) -> None:
    """Give the drafts of a campaign another text, the same for all, or swap dear characters in what they have.

    Only drafts change: what is on its way keeps its words. The campaign must be approved anew.
    """
    given = option_text(text, text_file)
    if (given is None) is not swap:
        raise UsageError("expected one of --text, --text-file and --swap")
    with opened(folder) as (settings, store):
        facts = facts_of(store, campaign, options.where(folder))
        drafts = Counter(who.text_id for who in facts.recipients if who.state is State.DRAFT)
        changes = {
            text_id: _body(
                swapped(facts.texts[text_id].body) if given is None else given, settings.national_tables
            )
            for text_id in drafts
        }
        changes = {text_id: new for text_id, new in changes.items() if new.body != facts.texts[text_id].body}
        if not changes:
            raise _nothing(facts, drafts, swap=swap)
        if not as_json or not yes:
            _show(facts, changes, drafts)
        if not yes:
            void = ", and make the approvals void" if facts.approvals else ""
            confirm(f"Change {count(sum(drafts[text_id] for text_id in changes), 'draft')}{void}?")
        wiring.void(settings, store, facts, "the text changed", time.time())
        result = store.reword(facts.campaign_id, changes, person(), time.time())
    if as_json:
        options.emit({"campaign": campaign, "changed": result.changed, "left": result.left, "tried": result.tried})
        return
    options.tell(f"{count(result.changed, 'draft')} changed.")
    if result.tried:
        options.tell(f"{count(result.tried, 'draft')} kept the old words: a part of each may have gone out.")
    if result.left - result.tried:
        options.tell(f"{count(result.left - result.tried, 'other text')} of the campaign kept what they had.")
    again = ", then approve it anew" if settings.approval.required else ""
    options.tell(f"Next: gsmsend preview{options.where(folder)}{options.of(campaign)}{again}.")


def _body(text: str, national: bool) -> TextBody:  # noqa: FBT001 - the name of the setting says it where it is called
    counted = segments_of(text, national=national)
    if isinstance(counted, str):
        raise UsageError(f"the text cannot be sent: {counted}")
    return TextBody(text, counted)


def _nothing(facts: CampaignFacts, drafts: Counter[int], *, swap: bool) -> UsageError | GuardStop:
    if not drafts:
        return GuardStop(
            f"the campaign {facts.name} has no drafts: its texts are on their way or were sent",
            remedy="Nothing was changed. Other words are another campaign: gsmsend import FILE --campaign NAME",
        )
    if swap:
        return UsageError("there is nothing to swap in the text; nothing was changed")
    return UsageError("that is the text it has; nothing was changed")


def _show(facts: CampaignFacts, changes: dict[int, TextBody], drafts: Counter[int]) -> None:
    for text_id, new in list(changes.items())[:3]:
        old = facts.texts[text_id]
        options.say(f"{count(drafts[text_id], 'draft')}, {count(old.segments, 'segment')} each:")
        for line in quoted(old.body):
            options.say(f"  - {line}")
        options.say(f"becomes, {count(new.segments, 'segment')} each:")
        for line in quoted(new.body):
            options.say(f"  + {line}")
    if len(changes) > 3:
        options.say(f"and {count(len(changes) - 3, 'more text')}")
