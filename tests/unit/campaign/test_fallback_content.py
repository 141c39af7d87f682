"""A campaign's fallback before it is needed: what is approved of it, what voids that, what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gsmsend.audit import canonical
from gsmsend.campaign import fallback
from gsmsend.campaign.content import content
from gsmsend.campaign.preview import preview
from gsmsend.campaign.standing import standing
from gsmsend.config import FallbackTerms, Rule, Settings, Wording

from .approval_case import NOW_S, SETTINGS, approved, facts

TEXT = (
    "Example Police: free help at https://example.org/help or 0808 157 0123. To opt out text STOP to 07700 900123."
)
TERMS = FallbackTerms(
    "main", "notify", TEXT, "ExamplePol", "+447700900990", Decimal("0.03"), Decimal(50), 1800.0, frozenset(Rule)
)
WORDING = Wording(names=("Example Police",))


def settings(terms: FallbackTerms | None = TERMS, **changes: Any) -> Settings:
    fallbacks = {} if terms is None else {terms.campaign: terms}
    drivers = {"notify": {"key": "env:KEY", "template": "a-template", "secret_words": "loud"}}
    return replace(SETTINGS, fallbacks=fallbacks, drivers=drivers, wording=WORDING, **changes)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (settings(None), "a fallback was taken out"),
        (settings(replace(TERMS, text=TEXT + "!")), "the fallback's text changed"),
        (settings(replace(TERMS, sender="Other")), "the fallback's sender was ExamplePol, is now Other"),
        (settings(replace(TERMS, budget=Decimal(60))), "the fallback's budget was 50, is now 60"),
        (settings(replace(TERMS, segment=Decimal("0.04"))), "the fallback's price was 0.03, is now 0.04"),
        (settings(replace(TERMS, after_s=60.0)), "the fallback's waiting time in minutes was 30, is now 1"),
        (settings(replace(TERMS, trial="+447700900991")), "the phone for the fallback's trial text changed"),
        (
            settings(replace(TERMS, on=frozenset({Rule.CLOSED}))),
            "when the fallback takes over was barred, closed, no network, quarantined, refused, is now closed",
        ),
        (
            replace(settings(), drivers={"notify": {"key": "env:OTHER", "template": "a-template"}}),
            "the account of the fallback's route changed ([driver.notify])",
        ),
    ],
)
def test_whatever_changes_in_it_voids_the_approval_and_is_named(new: Settings, words: str) -> None:
    found = approved(facts(), "DC Example", "DS Other", settings=settings())
    assert standing(settings(), found).stands
    judged = standing(new, found)
    assert not judged.stands
    assert words in judged.changed


def test_one_that_is_added_later_voids_it_too() -> None:
    found = approved(facts(), "DC Example", "DS Other", settings=settings(None))
    assert standing(settings(), found).changed == ("a fallback was added",)


def test_another_campaigns_fallback_does_not() -> None:
    found = approved(facts(), "DC Example", "DS Other", settings=settings(None))
    assert standing(settings(replace(TERMS, campaign="other")), found).stands


def test_no_secret_is_in_what_officers_sign() -> None:
    signed = canonical(content(settings(), facts()))
    assert "env:KEY" in signed
    assert "a-template" in signed
    assert "loud" not in signed


def test_a_trial_is_of_this_wording_sender_route_account_and_phone() -> None:
    same = fallback.digest_of_wording(settings(), TERMS)
    assert fallback.digest_of_wording(settings(), replace(TERMS, budget=Decimal(1), after_s=0.0)) == same
    others = [
        replace(TERMS, text="x"), replace(TERMS, sender="x"), replace(TERMS, trial="x"),
        replace(TERMS, route="y:z"),
    ]  # fmt: skip
    assert same not in {fallback.digest_of_wording(settings(), one) for one in others}
    assert fallback.digest_of_wording(replace(settings(), drivers={"notify": {}}), TERMS) != same


@pytest.mark.parametrize(
    ("text", "name"),
    [("Free help: https://example.org/help, 0808 157 0123, STOP", "who writes"), ("Example Police", "link"),
     ("Example Police https://example.org/help 0808 157 0123", "no more texts")],
)  # fmt: skip
def test_its_wording_is_held_to_the_checks_of_the_campaign(text: str, name: str) -> None:
    found = preview(settings(replace(TERMS, text=text)), facts(body=TEXT), NOW_S)
    words = [one.words for one in found.findings if one.name == "fallback" and one.blocks]
    assert [one for one in words if name in one]
    assert not [one for one in preview(settings(), facts(body=TEXT), NOW_S).findings if one.name == "fallback"]


def test_it_must_say_who_writes_even_where_no_name_is_configured() -> None:
    """Nobody knows its sender, so what is a warning for the line keeps the campaign from being approved here."""
    found = preview(replace(settings(), wording=Wording()), facts(body=TEXT), NOW_S)
    (one,) = [one for one in found.findings if one.name == "fallback"]
    assert one.blocks
    assert "no name of your force is configured" in one.words


@pytest.mark.parametrize(
    ("sender", "text", "blocks"),
    [
        ("ExamplePol", "Reply STOP to opt out.", True),
        ("Example 24", "reply stop", True),
        ("ExamplePol", "To opt out text STOP to 07700 900123.", False),
        ("+44 7700 900777", "Reply STOP to opt out.", False),
    ],
)
def test_nobody_is_asked_to_reply_to_a_name(sender: str, text: str, blocks: bool) -> None:
    whole = f"Example Police: free help at https://example.org/help or 0808 157 0123. {text}"
    found = preview(settings(replace(TERMS, text=whole, sender=sender)), facts(body=TEXT), NOW_S)
    assert bool([one for one in found.findings if one.name == "reply" and one.blocks]) is blocks


def test_what_it_can_cost_at_most() -> None:
    found = preview(settings(), facts(40, body=TEXT), NOW_S).fallback
    assert found is not None
    assert (found.texts, found.segments, found.most, found.amount) == (40, 40, 1666, Decimal("1.20"))
    little = preview(settings(replace(TERMS, budget=Decimal("0.10"))), facts(40, body=TEXT), NOW_S).fallback
    assert little is not None
    assert (little.most, little.amount) == (3, Decimal("0.09"))


def test_a_budget_that_pays_for_no_text_is_an_error() -> None:
    found = preview(settings(replace(TERMS, budget=Decimal("0.02"))), facts(body=TEXT), NOW_S)
    assert "the fallback's budget of 0.02 GBP does not pay for one text of it" in [
        one.words for one in found.findings
    ]


def test_the_rules_are_told_in_plain_words() -> None:
    rules = list(fallback.rules_in_words(TERMS))
    assert len(rules) == len(Rule)
    assert rules[1].endswith("(it is barred or out of credit), for more than 30 minutes")
    only = replace(TERMS, on=frozenset({Rule.CLOSED}))
    assert list(fallback.rules_in_words(only)) == ["the closing day of a line is reached"]


def test_what_is_approved_of_an_account_is_its_own_table_and_no_secret_of_it() -> None:
    drivers = {
        "notify": {
            "key": "env:KEY", "template": "a-template", "second": {"key": "a-secret-word", "template": "other"},
        }
    }  # fmt: skip
    first = replace(settings(), drivers=drivers)
    second = replace(settings(replace(TERMS, route="notify:second")), drivers=drivers)
    found = [fallback.wording_of(one, one.fallbacks["main"])["account"] for one in (first, second)]
    assert found == [
        {"key": "env:KEY", "template": "a-template"}, {"key": "(not shown)", "template": "other"},
    ]  # fmt: skip
    assert fallback.digest_of_wording(first, TERMS) == fallback.digest_of_wording(settings_like(first), TERMS)


def settings_like(one: Settings) -> Settings:
    """The same with another second account, which is not the fallback's."""
    notify = one.drivers["notify"]
    return replace(one, drivers={"notify": {**notify, "second": {"key": "env:OTHER"}}})
