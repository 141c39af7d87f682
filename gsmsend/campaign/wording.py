"""Whether a text says what it must and nothing that it must not, by `[wording]` of gsmsend.toml. Pure."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gsmsend.campaign import mentions
from gsmsend.campaign.swaps import swapped
from gsmsend.config import Wording

_GREETING = re.compile(r"\b(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey)[ ,]+(?:(?:Mr|Mrs|Ms|Miss)\.? )?([A-Z][\w'-]+)")
_ANYBODY = frozenset(
    ("all", "anybody", "anyone", "customer", "everybody", "everyone", "friend", "from", "madam", "neighbour",
     "resident", "sir", "someone", "there", "this", "we", "you", "your")
)  # fmt: skip
_LONG = 10
"""Segments from which on a text is a nuisance whatever the settings say."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed, or a warning. `approve --accept` calls it by its `name`; till then it may block."""

    name: str
    words: str
    blocks: bool = True
    remedy: str = ""


def check(text: str, segments: int, wording: Wording, region: str) -> tuple[Finding, ...]:
    """All that is wrong with a text; empty if nothing."""
    plain = _plain(text)
    found = [*_force(plain, wording), *_help(text, wording, region), *_opt_out(plain, wording)]
    found += [*_people(text, plain, wording), *_length(segments, wording)]
    return tuple(found)


def _force(plain: str, wording: Wording) -> Iterator[Finding]:
    if not wording.names:
        yield Finding(
            "names", "no name of your force is configured, so nobody checks that the text says who writes",
            blocks=False, remedy='Put it into gsmsend.toml: [wording] names = ["Example Police"]',
        )  # fmt: skip
    elif not any(_has(plain, name) for name in wording.names):
        yield Finding(
            "names", f"it does not say who writes: {_none_of(wording.names)} in it",
            remedy="Name the force as people know it.",
        )  # fmt: skip


def _help(text: str, wording: Wording, region: str) -> Iterator[Finding]:
    links = mentions.links(text)
    if wording.link and not links:
        yield Finding("link", "it has no link to help", remedy="Add one, such as example.org/help")
    if wording.phone and not mentions.phones(text, region, links):
        yield Finding("phone", "it has no phone number to call for help", remedy="Add a helpline's number.")
    for link in links:
        if _within(link.host, shorteners()):
            yield Finding(
                "shortener", f"{link.words} is a link shortener: nobody sees where it leads, and it counts people",
                remedy="Give the address of the site itself.",
            )  # fmt: skip
        elif wording.domains and not _within(link.host, [_host(domain) for domain in wording.domains]):
            yield Finding(
                "domains", f"{link.words} leads to {link.host}, which is not one of the allowed domains: "
                f"{', '.join(wording.domains)}",
                remedy="Correct the link, or the list: [wording] domains in gsmsend.toml.",
            )  # fmt: skip
        if link.odd:
            yield Finding(
                "odd-link", f"{link.words} can be taken for another address: it leads to {link.host}",
                remedy="Give the address in plain letters.",
            )  # fmt: skip
        if not link.secure:
            yield Finding("odd-link", f"{link.words} is not secure", blocks=False, remedy="Begin it with https://")


def _opt_out(plain: str, wording: Wording) -> Iterator[Finding]:
    if wording.opt_out and not any(_has(plain, word) for word in wording.opt_out):
        yield Finding(
            "opt-out", f"it does not say how to have no more texts: {_none_of(wording.opt_out)} in it",
            remedy="Add, for example: Reply STOP to opt out",
        )  # fmt: skip


def _people(text: str, plain: str, wording: Wording) -> Iterator[Finding]:
    for word in wording.never:
        if _has(plain, word):
            yield Finding("never", f'"{word}" is in it, which [wording] never in gsmsend.toml forbids')
    for words, why in accusing() if _accuses().search(plain) else ():
        if _has(plain, words):
            yield Finding(
                "accusing", f'"{words}" {why}',
                remedy="Others may read this over the person's shoulder: offer help, and say nothing of them.",
            )  # fmt: skip
    for match in _GREETING.finditer(text):
        if match[1].casefold() not in _ANYBODY:
            yield Finding("name", f'"{match.group()}" looks like a person\'s name', remedy="Name nobody in it.")


def _length(segments: int, wording: Wording) -> Iterator[Finding]:
    if segments > wording.most_segments:
        long = ", and some phones will show it in pieces or in the wrong order" if segments >= _LONG else ""
        yield Finding(
            "segments", f"it takes {segments} segments; expected {wording.most_segments} at most{long}",
            remedy="Shorten it; 'gsmsend preview' shows which characters make it longer.",
        )  # fmt: skip
    elif segments >= _LONG:
        yield Finding(
            "segments", f"it takes {segments} segments: some phones will show it in pieces or in the wrong order",
            blocks=False, remedy="Shorten it.",
        )  # fmt: skip


@cache
def shorteners() -> tuple[str, ...]:
    """Domains of link shorteners; data/shorteners.csv has where each is told."""
    return tuple(row["domain"] for row in _table("shorteners.csv"))


@cache
def accusing() -> tuple[tuple[str, str], ...]:
    """Words that accuse, threaten or tell on a person, each with why it is there (data/accusing.csv)."""
    return tuple((row["words"], row["why"]) for row in _table("accusing.csv"))


@cache
def _accuses() -> re.Pattern[str]:
    """Any of these words at once: nearly all texts have none."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(words) for words, _ in accusing())})(?!\w)")


def _table(name: str) -> list[dict[str, str]]:
    with resources.files("gsmsend").joinpath("data", name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _plain(text: str) -> str:
    """As people read it: no matter which case, blanks or quotation marks."""
    return " ".join(swapped(unicodedata.normalize("NFKC", text)).casefold().split())


def _has(plain: str, words: str) -> bool:
    return _pattern(words).search(plain) is not None


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(_plain(words))}(?!\w)")


def _within(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _host(domain: str) -> str:
    """A domain as people write it, with or without what stands before and after it."""
    host = domain.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0]
    return host.removeprefix("www.").rstrip(".")


def _none_of(names: tuple[str, ...]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"{quoted[0]} is not" if len(quoted) == 1 else f"none of {', '.join(quoted)} is"
