"""Approval and swaps: any change is found, and a swap changes nothing but what the table says."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.audit import canonical
from gsmsend.campaign.changes import changes
from gsmsend.campaign.content import content, digest_of
from gsmsend.campaign.swaps import TABLE, swapped
from gsmsend.config import ApprovalPolicy, Pace, Prices, Replies, Settings
from gsmsend.contract import CampaignFacts, Recipient, TextBody
from gsmsend.model import State
from gsmsend.window import Window

_bodies = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_counts = st.none() | st.integers(1, 1000)
_amounts = st.decimals(0, 1000, places=3)
_times = st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] < pair[1])
_settings = st.builds(
    lambda name, pace, window, canary, prices, replies, policy, sims: Settings(
        Path(), name, pace=Pace(*pace), window=Window(opens=time(window), closes=time(window + 1)), canary=canary,
        prices=prices, replies=Replies((), (), *replies), approval=policy, sims=sims,
    ),
    name=st.text(min_size=1, max_size=8),
    pace=st.tuples(_counts, _counts, _counts),
    window=st.integers(0, 22),
    canary=st.integers(0, 9),
    prices=st.builds(Prices, _amounts, budget=st.none() | _amounts),
    replies=st.tuples(_bodies, _bodies),
    policy=st.builds(ApprovalPolicy, officers=st.integers(1, 4), independent=st.booleans()),
    sims=st.lists(st.text("0123456789", min_size=1, max_size=4), max_size=3, unique=True).map(tuple),
)  # fmt: skip


@st.composite
def campaigns(draw: st.DrawFn) -> CampaignFacts:
    bodies = draw(st.lists(_bodies, min_size=1, max_size=3, unique=True))
    rows = draw(st.lists(st.tuples(st.integers(0, 999), st.integers(1, len(bodies))), max_size=6, unique=True))
    line = st.sampled_from(["", "red", "blue"])
    return CampaignFacts(
        1, draw(st.sampled_from(["main", "second"])), None, None,
        {index: TextBody(body, draw(st.integers(1, 3))) for index, body in enumerate(bodies, 1)},
        tuple(
            Recipient(f"+447700900{number:03}", text, draw(line), draw(st.sampled_from(State)))
            for number, text in rows
        ),
        (), frozenset(), (),
    )  # fmt: skip


def _digest(setting: Settings, facts: CampaignFacts) -> str:
    return digest_of(canonical(content(setting, facts)))


@given(_settings, _settings, campaigns(), campaigns())
@settings(max_examples=150, deadline=None)
def test_two_contents_have_one_digest_only_if_nothing_differs(
    first: Settings, second: Settings, one: CampaignFacts, other: CampaignFacts
) -> None:
    before, after = content(first, one), content(second, other)
    found = changes(before, after)
    assert bool(found) == (canonical(before) != canonical(after))
    assert all("\n" not in words for words in found if "name was" not in words)


@given(_settings, campaigns(), st.data())
@settings(max_examples=150, deadline=None)
def test_any_one_change_changes_the_digest_and_is_told(
    setting: Settings, facts: CampaignFacts, data: st.DataObject
) -> None:
    text = next(iter(facts.texts))
    altered = [
        (replace(setting, canary=setting.canary + 1), facts),
        (replace(setting, pace=replace(setting.pace, per_day=1001)), facts),
        (replace(setting, pace=replace(setting.pace, jitter=0.125)), facts),
        (replace(setting, window=None), facts),
        (replace(setting, window=replace(setting.window or Window(), zone="Europe/Paris")), facts),
        (replace(setting, window=replace(setting.window or Window(), days=frozenset({6}))), facts),
        (replace(setting, prices=replace(setting.prices, segment=setting.prices.segment + 1)), facts),
        (replace(setting, prices=replace(setting.prices, budget=Decimal(12345))), facts),
        (replace(setting, prices=replace(setting.prices, currency="EUR")), facts),
        (replace(setting, replies=replace(setting.replies, acknowledge=setting.replies.acknowledge + "!")), facts),
        (replace(setting, replies=replace(setting.replies, acknowledge_stop="")), facts),
        (replace(setting, sims=(*setting.sims, "99999")), facts),
        (replace(setting, approval=replace(setting.approval, officers=9)), facts),
        (setting, replace(facts, name=facts.name + "2")),
        (setting, replace(facts, texts={**facts.texts, text: TextBody(facts.texts[text].body + "!", 1)})),
        (
            setting,
            replace(facts, recipients=(*facts.recipients, Recipient("+447700900999", text, "x", State.DRAFT))),
        ),
    ]
    other_setting, other_facts = data.draw(st.sampled_from(altered))
    assert _digest(setting, facts) != _digest(other_setting, other_facts)
    assert changes(content(setting, facts), content(other_setting, other_facts))


@given(_settings, campaigns(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_rows_and_what_became_of_them_change_nothing(
    setting: Settings, facts: CampaignFacts, random: object
) -> None:
    rows = [replace(who, state=State.SENT) for who in facts.recipients]
    random.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis gives a Random
    texts = dict(reversed(list(facts.texts.items())))
    assert _digest(setting, facts) == _digest(setting, replace(facts, recipients=tuple(rows), texts=texts))


@given(_settings, campaigns())
@settings(max_examples=100, deadline=None)
def test_canonical_json_is_plain_and_the_same_after_a_round_trip(setting: Settings, facts: CampaignFacts) -> None:
    text = canonical(content(setting, facts, ("phone", "link", "phone")))
    assert text.isascii()
    assert canonical(json.loads(text)) == text
    assert changes(json.loads(text), content(setting, facts, ("link", "phone"))) == ()


@given(st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(list(TABLE)))))
@settings(max_examples=300, deadline=None)
def test_a_swap_changes_what_the_table_names_and_nothing_else(text: str) -> None:
    after = swapped(text)
    assert swapped(after) == after
    composed = unicodedata.normalize("NFC", text)
    if any(unicodedata.combining(char) for char in composed):
        return  # an accent may come to stand beside its letter, and becomes one with it
    at = 0
    for char in composed:
        piece = TABLE.get(char, char)
        assert after[at : at + len(piece)] == piece
        at += len(piece)
    assert at == len(after)
    assert [c for c in after if c.isalnum()] == [c for c in composed if c.isalnum() and c not in TABLE]
