"""Why texts did not arrive, for people who know nothing of networks: in plain words, and what to do about it.

Codes are read by the tables of TS 27.005 3.2.5 (+CMS ERROR) and TS 23.040 9.2.3.15 (TP-Status).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gsmsend.at.cms import standard_causes
from gsmsend.campaign.report.values import Failure, Terms
from gsmsend.contract.results import Ending
from gsmsend.model import Refusal, State
from gsmsend.sms import tp_status
from gsmsend.sms.status import Finality

_ADVICE = {
    Refusal.RETRY: "It was tried as often as the settings allow. The number may be tried again another day.",
    Refusal.LATER: "It was tried as often as the settings allow. The number may be tried again another day.",
    Refusal.RECIPIENT: "Nothing more can be done by text: look for another number, or another way to the person.",
    Refusal.MESSAGE: "The text itself was refused: check its wording and length with 'gsmsend preview'.",
    Refusal.LINE: "Ask the SIM's operator whether it has credit and may send texts; 'gsmsend doctor' says more.",
    Refusal.MODEM: "Check the modem and its SIM: 'gsmsend doctor' says what is wrong.",
}
_BY_FINALITY = {
    Finality.PERMANENT: (
        "The network could not deliver it",
        "The number is not in use any more, or cannot take texts.",
        "Nothing more can be done by text: look for another number, or another way to the person.",
    ),
    Finality.TEMPORARY: (
        "The phone could not be reached",
        "The phone was off, out of reach or full, and the network stopped trying.",
        "The number seems to be in use: it may be tried again another day.",
    ),
    Finality.EXPIRED: (
        "The phone stayed out of reach",
        "The phone was off or out of reach until the network gave up.",
        "The number seems to be in use: it may be tried again another day.",
    ),
}
_BY_STATE = {
    State.UNDELIVERED: ("Not delivered", "The network reported that it was not delivered.", ""),
    State.UNCONFIRMED: (
        "No delivery report came",
        "The network took the text and has not said what became of it. It may well have arrived.",
        "Do not send it again: the person would have it twice.",
    ),
    State.FAILED: ("Not sent", "It did not leave.", "See 'gsmsend messages --state failed'."),
    State.UNCERTAIN: (
        "It may or may not have gone out",
        "The modem fell silent or the program was stopped while it left. It is never sent again by itself.",
        "A named person looks into it and settles it: 'gsmsend resolve'.",
    ),
    State.HELD: ("Waits for a decision", "It was held back.", "See 'gsmsend messages --state held'."),
    State.SUPPRESSED: (
        "Not to be texted",
        "The person is on the never-contact list, or asked for no more texts.",
        "Nothing to do: they are left alone.",
    ),
    State.CANCELLED: ("Cancelled", "A person cancelled it before it left.", ""),
}
_ORDER = tuple(_BY_STATE)
_STOPS = {
    "never contact": "The person is on the never-contact list.",
    "opted out": "The person asked for no more texts.",
}


def failures(endings: Iterable[Ending], terms: Terms) -> tuple[Failure, ...]:
    """The reasons, each once: by what became of the texts, then by how many."""
    found: Counter[tuple[State, str, str, str, str]] = Counter()
    for ending in endings:
        found[ending.state, *_told(ending, terms)] += ending.texts
    by_weight = sorted(found.items(), key=lambda one: (_ORDER.index(one[0][0]), -one[1], one[0][1:]))
    return tuple(
        Failure(terms.count(number), title, words, advice, source)
        for (_state, title, words, advice, source), number in by_weight
    )


def _told(ending: Ending, terms: Terms) -> tuple[str, str, str, str]:
    """Title, words, advice, and what the network itself said; the last two are for those who run the campaign."""
    title, words, advice, source = _in_full(ending, terms)
    return (title, words, "", "") if terms.redacted else (title, words, advice, source)


def _in_full(ending: Ending, terms: Terms) -> tuple[str, str, str, str]:
    title, words, advice = _BY_STATE[ending.state]
    if ending.state is State.UNDELIVERED and ending.tp_status is not None:
        status = tp_status(ending.tp_status)
        source = f"delivery report 0x{status.value:02X}: {status.name}"
        return (*(_BY_FINALITY[status.finality] if status.finality else (title, words, advice)), source)
    if ending.state is State.FAILED and ending.code is not None:
        cause = standard_causes().cause(ending.code)
        advice = _ADVICE[cause.refusal] if cause.refusal else advice
        return title, cause.words, advice, f"+CMS ERROR {cause.code}: {cause.name}"
    if terms.redacted or not ending.why or ending.state in (State.UNCERTAIN, State.UNCONFIRMED):
        return title, words, advice, ""
    if ending.why in _STOPS:
        return title, _STOPS[ending.why], advice, ""
    return title, f"{ending.why[0].upper()}{ending.why[1:].removesuffix('.')}.", advice, ""
