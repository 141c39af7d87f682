"""A campaign's other way out, before it is needed: what officers approve, what it says and may cost. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from gsmsend.audit import canonical
from gsmsend.campaign import wording
from gsmsend.campaign.characters import Reading, read
from gsmsend.campaign.numbers import NotTextable, normalise
from gsmsend.campaign.wording import Finding
from gsmsend.config import FallbackTerms, Prices, Rule, Settings
from gsmsend.contract import FALLBACK
from gsmsend.errors import ConfigError, SmsError
from gsmsend.masking import mask_number

TRIAL = "trial"
"""The campaign of a fallback's trial text is called as the campaign, and this."""
_SECRET = re.compile(r"key|token|secret|pass|credential|pin", re.IGNORECASE)
_REPLY = re.compile(r"\breply\b", re.IGNORECASE)
_SEEN = re.compile(r"\+?[0-9][0-9 ]{2,19}|(?=.*[A-Za-z])[A-Za-z0-9 &._+-]{1,11}")
"""A number, or a name of at most the 11 characters that an address has room for (TS 23.040, 9.1.2.5)."""
_NAMED = ("env:", "keyring:")
_WORDS = {
    Rule.CLOSED: "the closing day of a line is reached",
    Rule.BARRED: "the network refuses every text from a line (it is barred or out of credit)",
    Rule.QUARANTINED: "the modem of a line is lost or does not answer",
    Rule.NO_NETWORK: "a line has no network",
    Rule.REFUSED: "the network refused this text for good, for a reason that another network may not share",
}
_AT_ONCE = (Rule.CLOSED, Rule.REFUSED)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a fallback says and may cost. `most` is the most segments that its budget pays for, None for any.

    `texts` and `segments` are those that it would carry if it carried all that is left; `amount` is what that
    costs, as far as the budget lets it.
    """

    terms: FallbackTerms
    reading: Reading
    texts: int
    segments: int
    most: int | None
    amount: Decimal
    rules: tuple[str, ...]


def outlook(terms: FallbackTerms, texts: int) -> Outlook:
    """What would become of so many texts."""
    reading = reading_of(terms)
    segments, most = texts * reading.segments, most_segments(terms)
    paid = segments if most is None else min(segments, most // reading.segments * reading.segments)
    return Outlook(terms, reading, texts, segments, most, terms.segment * paid, tuple(rules_in_words(terms)))


def reading_of(terms: FallbackTerms) -> Reading:
    """Its wording in segments; clouds know no national letter tables (TS 23.038 annex A). Raises ConfigError."""
    try:
        return read(terms.text, national=False)
    except SmsError as error:
        raise ConfigError(
            f"[fallback.{terms.campaign}] in gsmsend.toml: its text cannot be sent: {error}",
            remedy="Shorten or correct that wording.",
        ) from None


def most_segments(terms: FallbackTerms) -> int | None:
    """How many segments its budget pays for; None for any number, where they cost nothing."""
    return int(terms.budget / terms.segment) if terms.segment else None


def rules_in_words(terms: FallbackTerms) -> Iterator[str]:
    """When it takes over, a line each."""
    minutes = terms.after_s / 60
    after = f", for more than {minutes:g} minute{'' if minutes == 1 else 's'}" if minutes else ""
    for rule in Rule:
        if rule in terms.on:
            yield _WORDS[rule] + ("" if rule in _AT_ONCE else after)


def content_of(settings: Settings, campaign: str) -> dict[str, Any] | None:
    """What officers approve of it; None where the campaign has none."""
    terms = settings.fallbacks.get(campaign)
    if terms is None:
        return None
    return {
        **wording_of(settings, terms),
        "segments": reading_of(terms).segments,
        "on": sorted(rule.value for rule in terms.on),
        "after_minutes": f"{terms.after_s / 60:g}",
        "price": _plain(terms.segment),
        "budget": _plain(terms.budget),
    }


def wording_of(settings: Settings, terms: FallbackTerms) -> dict[str, Any]:
    """What a trial text tries: route, account, sender, wording, and whose phone it comes to."""
    return {
        "route": terms.route, "account": _account(_table(settings, terms.route)), "sender": terms.sender,
        "text": terms.text, "trial": terms.trial,
    }  # fmt: skip


def digest_of_wording(settings: Settings, terms: FallbackTerms) -> str:
    """By what a trial is known: another wording, sender, route or account needs another one."""
    return hashlib.sha256(canonical(wording_of(settings, terms)).encode("ascii")).hexdigest()


def _table(settings: Settings, route: str) -> Mapping[str, object]:
    """The table of the account: [driver.NAME], or of another one [driver.NAME.ACCOUNT]."""
    name, _, account = route.partition(":")
    table: object = settings.drivers.get(name, {})
    if account and isinstance(table, Mapping):
        table = table.get(account, {})
    if not isinstance(table, Mapping):
        return {}
    return {key: value for key, value in table.items() if not isinstance(value, Mapping)}


def sent_as(settings: Settings, terms: FallbackTerms) -> str:
    """The sender that the account's own table names, as people would see it; empty where only the provider knows.

    A pool, a service or a template is named by a long id, which nobody sees.
    """
    table = _table(settings, terms.route)
    named = next((value for key in ("from", "sender") if isinstance(value := table.get(key), str)), "")
    return named if _SEEN.fullmatch(named) else ""


def same_sender(one: str, other: str, region: str) -> bool:
    """Whether two senders are one: names to the letter, numbers however they are written."""
    numbers = [normalise(text, region, drama_allowed=True) for text in (one, other)]
    if any(isinstance(number, NotTextable) for number in numbers):
        return one.strip() == other.strip()
    return len({number.e164 for number in numbers if not isinstance(number, NotTextable)}) == 1


def _account(table: Mapping[str, object]) -> dict[str, str]:
    """A driver's settings as texts; what may be a secret is only named, unless it says where the secret is."""
    found = {}
    for key, value in table.items():
        hidden = _SECRET.search(key) and not str(value).startswith(_NAMED)
        found[key] = "(not shown)" if hidden else _text(value)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


def findings(settings: Settings, terms: FallbackTerms) -> Iterator[Finding]:
    """What is wrong with its wording, and with what it says of itself.

    The same is asked of it as of the campaign's text; and it must say who writes, as nobody knows its sender.
    """
    reading = reading_of(terms)
    for one in wording.check(terms.text, reading.segments, settings.wording, settings.region):
        named = not settings.wording.names and one.name == "names"
        yield replace(
            one, name="fallback", words=f"the fallback's text: {one.words}", blocks=one.blocks or named,
            remedy=f"Correct text (or the file of text_file) under [fallback.{terms.campaign}] in gsmsend.toml.",
        )  # fmt: skip
    if _REPLY.search(terms.text) and re.search(r"[^\W\d_]", terms.sender):
        yield Finding(
            "reply",
            f"the fallback's text asks for a reply, and nobody can reply to {terms.sender}, which is a name",
            remedy="Say where STOP reaches you, for example: To opt out text STOP to 07700 900123",
        )  # fmt: skip
    most = most_segments(terms)
    if most is not None and most < reading.segments:
        yield Finding(
            "fallback", f"the fallback's budget of {_plain(terms.budget)} {settings.prices.currency} does not pay "
            f"for one text of it", remedy=f"Raise budget under [fallback.{terms.campaign}] in gsmsend.toml.",
        )  # fmt: skip


def of_list(terms: FallbackTerms, region: str, recipients: Iterable[str], texts: int) -> Iterator[Finding]:
    """What is wrong with it for these people: numbers of all `recipients` (E.164), `texts` that are left."""
    if number_of(terms, region) in set(recipients):
        yield Finding(
            "fallback", f"the phone for the fallback's trial text ({mask_number(terms.trial)}) is that of a "
            "recipient, who would be texted twice",
            remedy=f"Name the phone of an officer as trial under [fallback.{terms.campaign}] in gsmsend.toml.",
        )  # fmt: skip
    segments, most = reading_of(terms).segments, most_segments(terms)
    paid = texts if most is None else most // segments
    if 0 < paid < texts:
        yield Finding(
            "fallback",
            f"the fallback's budget of {_plain(terms.budget)} pays for only {paid:,} of {texts:,} texts",
            blocks=False, remedy=f"Raise budget under [fallback.{terms.campaign}] in gsmsend.toml.",
        )  # fmt: skip


def strays(settings: Settings, campaign: str, campaigns: Iterable[str]) -> Iterator[Finding]:
    """Fallbacks of campaigns that are not there, while `campaign` has none: one of them may be meant for it."""
    there = set(campaigns)
    if campaign in settings.fallbacks or not settings.fallbacks or not there:
        return
    for name in settings.fallbacks:
        if name not in there:
            yield Finding(
                "fallback",
                f"[fallback.{name}] in gsmsend.toml is for no campaign: there is none called {name}, and "
                f"campaign {campaign} has no fallback",
                blocks=False, remedy=f"If it is meant for this one, call it [fallback.{campaign}].",
            )  # fmt: skip


def prices_of(settings: Settings) -> Prices:
    """The prices with those of routes: what is bound to one, as a trial text is, costs what its fallback does."""
    routes = {wish_of(terms.route): terms.segment for terms in settings.fallbacks.values()}
    return replace(settings.prices, lines={**routes, **settings.prices.lines})


def number_of(terms: FallbackTerms, region: str) -> str:
    """The trial phone in E.164; empty if it is no number that can be texted."""
    number = normalise(terms.trial, region, drama_allowed=True)
    return "" if isinstance(number, NotTextable) else number.e164


def changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[str]:
    """What is not as it was approved, in plain words."""
    if old is None or new is None:
        if old is not new:
            yield f"a fallback was {'added' if old is None else 'taken out'}"
        return
    if old.get("text") != new["text"]:
        yield "the fallback's text changed"
    if old.get("account") != new["account"]:
        yield f"the account of the fallback's route changed ([driver.{str(new['route']).replace(':', '.')}])"
    if old.get("trial") != new["trial"]:
        yield "the phone for the fallback's trial text changed"
    simple = (
        ("route", "route"), ("sender", "sender"), ("after_minutes", "waiting time in minutes"), ("price", "price"),
        ("budget", "budget"),
    )  # fmt: skip
    for key, label in simple:
        if old.get(key) != new[key]:
            yield f"the fallback's {label} was {old.get(key)}, is now {new[key]}"
    if old.get("on") != new["on"]:
        yield f"when the fallback takes over was {_listed(old.get('on') or ())}, is now {_listed(new['on'])}"
    if old.get("text") == new["text"] and old.get("segments") != new["segments"]:
        yield "the fallback's text needs another number of segments"


def _listed(rules: Iterable[str]) -> str:
    return ", ".join(rules) or "never"


def trial_name(campaign: str, number: int = 1) -> str:
    """What the campaign of a trial text is called."""
    return f"{campaign} {TRIAL}" + (f" {number}" if number > 1 else "")


def wish_of(route: str) -> str:
    """The line that texts for a cloud route wait for."""
    return f"{FALLBACK}{route}"
