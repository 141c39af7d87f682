"""README.txt of a pack: what is in it, how to check it, and what that proves, in plain English."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterable, Iterator
from importlib import resources

from gsmsend.evidence.terms import Terms, Variant

_VARIANTS = {
    Variant.FULL: """This is the FULL pack. Numbers, names and texts of people are in it: keep it as you would keep
        the phone itself, and hand it to nobody who may not see them.""",
    Variant.REDACTED: """This is the REDACTED pack, for a partner: no recipient's telephone number, no name from a
        list, no PDU and no reply is in it. People are named R0001 and so on. Names of officers and of the computer
        are in the audit log, which cannot be checked without them.""",
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


def readme(terms: Terms, files: Iterable[str], *, title: str, head: str, program: str, pdf: bool) -> bytes:
    """The text. `head` is the short form of the log's last entry in this pack."""
    lines = _lines(terms, sorted(files), title=title, head=head, program=program, pdf=pdf)
    return ("\n".join(lines) + "\n").encode()


def _lines(terms: Terms, files: list[str], *, title: str, head: str, program: str, pdf: bool) -> Iterator[str]:
    yield "EVIDENCE PACK"
    yield "============="
    yield ""
    yield from _wrapped(f"{title}. Made by {program}. The audit log in it goes up to: {head}")
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
