"""The method statement as a page and as plain text: the same sentences and rows in both."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from importlib import resources

from gsmsend.evidence.commands import IN_WORDS, Changes
from gsmsend.evidence.method import Method
from gsmsend.evidence.tables import Sheet
from gsmsend.evidence.ways import Way
from gsmsend.inert import plain

_WIDTH = 88
_NOT_KEPT = "No record of the dialogue with modems is in this operation: the list of commands is not complete."
_HOW = """
Gsmsend speaks to a modem or handset with AT commands, over a serial line. It asks first which SIM and which
device it has before it; then it hands over each text as a PDU, the octets that go on air; only the number in
them that tells texts apart (TP-MR) is the device's own. Before a text is handed over, that it is about to be is
written to the audit log and onto the disk, and each command that acts is written to the transcript.

No stored text, contact or setting of a SIM is deleted, marked as read or overwritten on purpose. The modem is
asked to hand reports and incoming texts straight to the program, rather than to store them; that setting stays as
long as the device is on.

These are the rules. What was done is counted below, from the record of each dialogue.
"""
_ALWAYS = """
A SIM keeps the number of the last text that it sent (EF-SMSS: TS 51.011, 10.5.7; TS 31.102, 4.2.9). The device
writes it there with each text; some devices keep it in themselves instead.

When a device joins a network, or another part of one, it writes onto the SIM where it is (EF-LOCI: TS 51.011,
10.3.17; TS 31.102, 4.2.17) and fresh keys (10.3.3; 4.2.3). It does so by itself whenever it is switched on with
this SIM, with or without gsmsend.

A text or report that comes while no program listens, or to a device that cannot hand it over, is stored by the
device, on the SIM or in its own memory.

The operator keeps records of its own: of the device, the time, and each text.
"""
_HOW_HANDSET = """
A handset or modem that another program has in hand (an app on the handset, the computer's Bluetooth, ModemManager)
is asked through that program to send a text. What it was asked is in the transcript and counted below; what the
program does inside the device is its own. Where sending so changes more on the device than the SIM's count, an
officer was shown what, and accepted it, before the first text: in the words that stand above.
"""
_HOW_ACCOUNT = """
Over an account with a provider each text is one request over the internet: the recipient's number, the text, and
often a name of gsmsend's own by which the provider can be asked for it. That a request is about to be made is
written to the audit log and onto the disk first, with what is handed over; what the provider answered, and what
it says later of the text, in its own words, follows there. Nothing is done to a SIM or handset.
"""
_OF_RECORDS = (
    "The provider, and the operators that it uses, keep records of their own: of the account, the time, "
    "and each text."
)


def _paragraphs(said: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in said.split("\n\n"))


def _how(method: Method) -> tuple[str, ...]:
    """How it works, for the ways that the lines' texts went."""
    said = {Way.MODEM: _HOW, Way.HANDSET: _HOW_HANDSET, Way.ACCOUNT: _HOW_ACCOUNT}
    return tuple(one for way, words in said.items() if way in method.ways for one in _paragraphs(words))


def _always(method: Method) -> tuple[str, ...]:
    """What changes without anybody's doing."""
    own = _paragraphs(_ALWAYS) if method.ways - {Way.ACCOUNT} else ()
    return (*own, *([_OF_RECORDS] if Way.ACCOUNT in method.ways else []))


def _about(method: Method) -> str:
    return "What gsmsend did to SIMs and handsets" + (
        ", and what it handed to providers" if Way.ACCOUNT in method.ways else ""
    )


_LOOK = frozenset({Changes.SIM, Changes.MEMORY, Changes.KEPT, Changes.UNKNOWN})


def html(method: Method, title: str, until: str) -> bytes:
    """The page. It asks for nothing from outside."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only who exports needs it
    from markupsafe import Markup  # noqa: PLC0415

    data = resources.files("gsmsend").joinpath("data")
    style = Markup(data.joinpath("report", "page.css").read_text(encoding="utf-8"))  # noqa: S704  # nosec
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_inert)
    template = environment.from_string(data.joinpath("evidence", "method.html").read_text(encoding="utf-8"))
    page = template.render(
        method=method, title=title, until=until, style=style,
        how=_how(method), always=_always(method), about=_about(method), words=IN_WORDS, look=_LOOK,
        not_kept=_NOT_KEPT,
    )  # fmt: skip
    return f"{page}\n".encode()


def _inert(value: object) -> object:
    """What a stranger's device says controls nothing."""
    return plain(value) if type(value) is str else value


def text(method: Method, title: str, until: str) -> bytes:
    """The same for a terminal or a printer."""
    return "\n".join(_lines(method, title, until)).encode("utf-8", "replace")


def _lines(method: Method, title: str, until: str) -> Iterator[str]:
    yield from _head("METHOD STATEMENT", "=")
    yield from _wrapped(f"{title}. {_about(method)}, up to {until}.")
    yield from _head("In short")
    if not method.kept:
        yield from _wrapped(_NOT_KEPT)
    for sentence in method.findings:
        yield from _wrapped(sentence)
    yield from _head("How it works")
    for sentence in _how(method):
        yield from _wrapped(sentence)
    yield from _head("Every command, how often, and what it does")
    for one in method.sent:
        yield f"{one.count:>7,}  {plain(one.command)}   [{IN_WORDS[one.changes]}]"
        said = f"{one.what or 'Not in the table of commands.'} {one.clause}".strip()
        yield from textwrap.wrap(said, _WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 9)
    yield from _head("SIMs and devices, as they were read")
    if not method.devices:
        yield "None was read."
    for device in method.devices:
        yield plain(device.title)
        yield from (f"    {name}: {plain(value)}" for name, value in device.facts)
        yield ""
    yield from _head("What the SIM and the device held, before and after")
    for sentence in method.changed:
        yield from _wrapped(sentence)
    yield from _rows(method.storage)
    yield from _head("What changes whenever a SIM is used")
    for sentence in _always(method):
        yield from _wrapped(sentence)


def _head(title: str, sign: str = "-") -> tuple[str, ...]:
    return ("", title, sign * len(title), "")


def _wrapped(sentence: str) -> list[str]:
    return [*textwrap.wrap(plain(sentence), _WIDTH), ""]


def _rows(sheet: Sheet) -> Iterator[str]:
    if not sheet.rows:
        yield "None is on record."
    for row in sheet.rows:
        said = (f"{head} {cell}" for head, cell in zip(sheet.heads, row, strict=True) if cell not in ("", None))
        yield from textwrap.wrap(plain("; ".join(said)), _WIDTH, subsequent_indent="    ")
