"""README.txt of a pack: what is in it, how to check it, and what that proves, in plain English."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

from gsmsend.evidence.story import Story
from gsmsend.evidence.terms import Terms, Variant
from gsmsend.inert import line

_VARIANTS = {
    Variant.FULL: """This is the FULL pack. Numbers, names and texts of people are in it: keep it as you would keep
        the phone itself, and hand it to nobody who may not see them.""",
    Variant.REDACTED: """This is the REDACTED pack, for a partner: no recipient's telephone number, nothing that
        stood in a list, no PDU and no reply is in it. People are named R0001 and so on. In clear, as the audit log
        cannot be checked without them, are: names of officers, of the computer, campaigns and lines, the words of
        our own program, and why somebody paused, resumed or cancelled a campaign, as they typed it. What each
        person's text came to is in recipients.csv, by reference.""",
    Variant.DISCLOSURE: "This is the DISCLOSURE pack. People are listed by reference (R0001 and so on).",
}
_PART = """It is about a part of the operation's campaigns. The audit log is that of all of them, as it cannot be
    checked otherwise; what it has of the others is not shown."""
_BETTER = """Better: with a verify.py from a copy of gsmsend that you trust, given this folder or zip; and with a
    head that somebody wrote down at the time, which stands in no file of this pack:"""
_UNSTAMPED = """There is no time stamp of a third party in it: no service was set up, or none answered. The times
    are those of the computer."""
_HASH = """HASH is the `hash` of the entry of kind `timestamp` in audit.jsonl. Take the certificate from the
    service itself if you can: the one in this pack is the one that the operation was set up with."""
_NO_PDF = "There is no summary as PDF: it was left out when the pack was made. Print summary.html."
_WIDTH = 88


def readme(
    terms: Terms, files: Iterable[str], *, title: str, head: str, program: str, pdf: bool, story: Story,
    campaigns: Mapping[int, str],
) -> bytes:  # fmt: skip
    """The text. `head` is the short form of the log's last signed head in this pack."""
    lines = _lines(terms, sorted(files), title=title, head=head, program=program, pdf=pdf)
    more = [*_older(story), *_summaries(sorted(files), campaigns)]
    return ("\n".join([*lines, *more]) + "\n").encode()


def _older(story: Story) -> Iterator[str]:
    """That a part of it is older than the log."""
    before, count = story.log.own.get("before") or {}, len(story.log.older)
    if count or before:
        yield ""
        said = ", ".join(f"{number:,} {what}" for what, number in sorted(before.items()) if number)
        without = f" {said} are older, too, and in none of the files but the summary." if said else ""
        yield from _wrapped(
            f"{count:,} messages are older than the audit log, which an earlier version of gsmsend did not keep. "
            "Of these the log has the states, and all that came since; numbers, texts and campaigns are from the "
            f"store, which had no log to hold them. recipients.csv says 'store' in its last column.{without}"
        )


def _summaries(files: list[str], campaigns: Mapping[int, str]) -> Iterator[str]:
    """Which campaign each summary is about, if there are several."""
    several = [one for one in campaigns if f"summary-{one}.html" in files]
    if several:
        yield ""
        yield "Which summary is of which campaign:"
        yield from (f"  summary-{one}: {line(campaigns[one])}" for one in several)


def _lines(terms: Terms, files: list[str], *, title: str, head: str, program: str, pdf: bool) -> Iterator[str]:
    yield "EVIDENCE PACK"
    yield "============="
    yield ""
    yield from _wrapped(f"{line(title)}. Made by {program}.")
    yield from _wrapped(f"The audit log in it is signed up to the head: {head} (entry, and what to compare).")
    yield from _wrapped(_VARIANTS[terms.variant] + _numbers(terms))
    if not terms.whole:
        yield from _wrapped(_PART)
    yield "How to check it"
    yield "---------------"
    yield ""
    yield "    python3 verify.py"
    yield ""
    yield from _wrapped(_BETTER)
    yield '    python3 verify.py THIS-PACK --head "1042 7KQX-93MB-TT2P-0A4C"'
    yield ""
    yield from _wrapped("It says what is right, what is wrong, what that means, and what it does not prove.")
    if any(name.startswith("timestamps/") for name in files):
        yield from _wrapped("A time stamp is checked with OpenSSL and the certificate of the service, such as:")
        yield "    openssl ts -verify -token_in -in timestamps/head-12.tst -digest HASH -CAfile timestamps/ca.pem"
        yield ""
        yield from _wrapped(_HASH)
    else:
        yield from _wrapped(_UNSTAMPED)
    yield "What is in it"
    yield "-------------"
    yield ""
    for name, what in _files():
        there = [one for one in files if one == name or one.startswith((f"{name}/", f"{name}.", f"{name}-"))]
        if there:
            label = f"{name}/" if "/" in there[0] else ", ".join(there)
            yield f"  {label}"
            yield from textwrap.wrap(what, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
    if not pdf:
        yield ""
        yield from _wrapped(_NO_PDF)


def _numbers(terms: Terms) -> str:
    if terms.variant is not Variant.DISCLOSURE:
        return ""
    if terms.numbers:
        return " Their numbers are shown in full; who asked for that is in the operation's audit log."
    return " Their numbers are masked, and a reply or PDU with a number in it is not shown."


def _files() -> list[tuple[str, str]]:
    """What each file is, by its name or what its name begins with."""
    text = resources.files("gsmsend").joinpath("data", "evidence", "files.csv").read_text(encoding="utf-8")
    return [(row["name"], row["what"]) for row in csv.DictReader(text.splitlines())]


def _wrapped(words: str) -> list[str]:
    return [*textwrap.wrap(" ".join(words.split()), _WIDTH), ""]
