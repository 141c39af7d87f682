"""The records at the end of the report: lists, texts, approvals, decisions, texts that did not arrive.

None of them is in the redacted variant: they have names, files and words in them.
"""

from __future__ import annotations

from gsmsend.campaign.report import times
from gsmsend.campaign.report.values import Table, Terms
from gsmsend.contract.results import Results
from gsmsend.model import Evidence, OutcomeKind, State

_EVIDENCE = {
    Evidence.LATE_ANSWER: "by the modem's late answer",
    Evidence.HELD_BACK: "by gsmsend itself, which had held it back",
    Evidence.REPORT: "by a delivery report",
    Evidence.COUNTER: "by the SIM's own count of texts",
    Evidence.PERSON: "by a named person",
}
_FLAGS = (
    ("danger", "may be in danger"),
    ("stop", "no more texts"),
    ("doubtful", "may mean no more texts"),
)
_OTHERS = "(had other wordings)"
_NOT_REACHED = (State.UNDELIVERED, State.UNCONFIRMED, State.FAILED, State.UNCERTAIN, State.HELD)


def flags(found: frozenset[str]) -> str:
    """What a reply was flagged for, the most urgent first."""
    doubtful = found - {"stop"} if "doubtful" in found else found
    return ", ".join(words for flag, words in _FLAGS if flag in doubtful)


def unreached(results: Results, terms: Terms) -> Table:
    """Texts that did not arrive, one by one."""
    heads = ("message", "number", "state", "why")
    if terms.redacted:
        return Table(heads, ())
    rows = ((str(one.message_id), terms.number(one.number), one.state.value, one.why) for one in results.unreached)
    return Table(heads, tuple(rows))


def more_unreached(results: Results, terms: Terms) -> int:
    """How many more there are than are listed."""
    every = sum(results.totals[state] for state in _NOT_REACHED)
    return 0 if terms.redacted else every - len(results.unreached)


def uncertain(results: Results, terms: Terms) -> tuple[str, ...]:
    """Sentences about texts that may have gone out: how many are open, and how others were settled."""
    if terms.redacted:
        return ()
    found = []
    still = results.totals[State.UNCERTAIN]
    if still:
        found.append(
            f"{_texts(still)} may or may not have gone out. A named person must settle "
            f"{'it' if still == 1 else 'them'}."
        )
    for one in results.settled:
        what = "as sent" if one.outcome is OutcomeKind.ACCEPTED else "as not sent"
        found.append(f"{_texts(one.attempts)} in doubt at first, settled {what} {_EVIDENCE[one.by]}.")
    return tuple(found)


def _texts(number: int) -> str:
    return f"{number:,} text{'' if number == 1 else 's'}"


def lists(results: Results, terms: Terms) -> Table:
    """The lists that were imported."""
    heads = ("list", "line", "imported", "by", "people", "merged", "refused")
    if terms.redacted:
        return Table(heads, ())
    return Table(
        heads,
        tuple(
            (
                one.source, one.line or "any", times.when(one.at_s, terms.zone), one.person or "not on record",
                f"{one.accepted:,}", f"{one.duplicates:,}", f"{one.refused:,}",
            )
            for one in results.imports
        ),
    )  # fmt: skip


def refused(results: Results, terms: Terms) -> Table:
    """Rows of the lists that could not be used, by reason."""
    rows = () if terms.redacted else tuple((f"{one.count:,}", one.words) for one in results.refusals)
    return Table(("rows", "why"), rows)


def texts(results: Results, terms: Terms) -> Table:
    """What was sent, word by word: the wordings that most people had, and how many had others."""
    used = () if terms.redacted else results.texts
    rows = [(f"{one.recipients:,}", str(one.segments), one.body) for one in used]
    asked = (
        number for state, number in results.totals.items() if state not in (State.SUPPRESSED, State.CANCELLED)
    )
    others = sum(asked) - sum(one.recipients for one in used)
    if rows and others > 0:
        rows.append((f"{others:,}", "", _OTHERS))
    return Table(("people", "segments", "text"), tuple(rows))


def approvals(results: Results, terms: Terms) -> Table:
    """Who approved, and whether that stands."""
    rows = () if terms.redacted else results.approvals
    return Table(
        ("officer", "signed in as", "approved", ""),
        tuple(
            (
                one.officer, one.login, times.when(one.at_s, terms.zone),
                f"void: {one.voided_why}" if one.voided_why else "stands",
            )
            for one in rows
        ),
    )  # fmt: skip


def decisions(results: Results, terms: Terms) -> Table:
    """What people decided on the way: pauses, going on, settling."""
    # Approvals have a table of their own.
    rows = [] if terms.redacted else [one for one in results.decisions if not one.what.startswith("approved")]
    return Table(
        ("when", "who", "what", "why"),
        tuple(
            (
                times.when(one.at_s, terms.zone), one.person,
                one.what + (f" (message {one.message_id})" if one.message_id else ""), one.reason,
            )
            for one in rows
        ),
    )  # fmt: skip


def first_texts(results: Results, terms: Terms) -> str:
    """Whether the first texts were waited for, and what let the rest go."""
    if terms.redacted or not results.first_texts:
        return ""
    count = f"The first {results.first_texts} text{'' if results.first_texts == 1 else 's'} went alone"
    if results.first_texts_passed:
        return f"{count}; the rest followed: {results.first_texts_passed}."
    return f"{count}; the rest waits until they are reported delivered, or a person says go on."
