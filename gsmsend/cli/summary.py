"""How a run ended, in plain English: what was sent, what came of it, what needs a person, what to type next."""

from __future__ import annotations

from collections.abc import Iterator

from gsmsend.cli.progress import OUT
from gsmsend.cli.words import count, duration
from gsmsend.engine.ending import EXIT_GUARD, EXIT_INTERRUPTED, EXIT_NO_ROUTE
from gsmsend.engine.events import Finished
from gsmsend.model import State


def summary(
    finished: Finished,
    before: dict[State, int],
    took_s: float,
    operation: str,
    ports: str = "",
    *,
    in_part: int = 0,
) -> Iterator[str]:  # fmt: skip
    """Lines of the summary. `before` are the totals at the start; `operation` is the suffix for commands.

    `ports` is a suffix for those that run again. `in_part` of the failed texts had some of their parts go out.
    """
    again = f"  gsmsend run{operation}{ports}"
    totals = finished.totals
    out = sum(totals[state] for state in OUT)
    sent_now = out - sum(before.get(state, 0) for state in OUT)
    left = totals[State.QUEUED] + totals[State.SENDING]
    if finished.exit_code in (EXIT_GUARD, EXIT_NO_ROUTE):
        yield f"Stopped: {finished.why}"
    elif finished.exit_code == EXIT_INTERRUPTED:
        yield "Interrupted: the texts being sent were finished, the queue is intact."
    if not sum(totals.values()):
        yield "There is nothing to send: no recipients were imported yet. To import and send:"
        yield f"{again} --to people.csv --text-file message.txt"
        return
    yield _headline(totals, out, sent_now, left, took_s)
    yield from _waiting(totals, again)
    yield from _for_a_person(totals, operation, in_part)
    if left:
        yield f"{count(left, 'text')} still to send. To carry on:"
        yield again


def _headline(totals: dict[State, int], out: int, sent_now: int, left: int, took_s: float) -> str:
    every = sum(totals.values())
    took = f" in {duration(took_s)}"
    delivered = totals[State.DELIVERED]
    if delivered == every:
        whole = f"All {count(every, 'text')} delivered" if every > 1 else "The text was delivered"
        return (
            f"{whole}{took}." if sent_now else f"There is nothing to send: {whole[0].lower()}{whole[1:]} before."
        )
    if sent_now:
        so_far = "" if sent_now == out else f", {out:,} of {every:,} in all"
        return f"{count(sent_now, 'text')} sent{took}{so_far}; {delivered:,} delivered."
    nothing = "Nothing was sent" if left else "There is nothing to send"
    return f"{nothing}; of {count(every, 'text')}, {out:,} were sent before and {delivered:,} delivered."


def _waiting(totals: dict[State, int], again: str) -> Iterator[str]:
    if totals[State.SENT]:
        yield f"{count(totals[State.SENT], 'text')} sent with no delivery report yet. To wait for them:"
        yield again
    if totals[State.UNCONFIRMED]:
        yield f"{count(totals[State.UNCONFIRMED], 'text')} sent, and no delivery report came."


def _for_a_person(totals: dict[State, int], operation: str, in_part: int) -> Iterator[str]:
    look = f"  gsmsend messages{operation} --state"
    for state, number, words in (
        (State.UNDELIVERED, totals[State.UNDELIVERED], "sent, but reported as not delivered"),
        (State.FAILED, in_part, "sent in part only: the first part went out, the rest did not"),
        (State.FAILED, totals[State.FAILED] - in_part, "not sent"),
    ):
        if number:
            yield f"{count(number, 'text')} {words}. To see why:"
            yield f"{look} {state.value}"
    if totals[State.UNCERTAIN]:
        yield f"{count(totals[State.UNCERTAIN], 'text')} may or may not have gone out. To see them:"
        yield f"{look} uncertain"
        yield "A person must find out what became of each, and then say so:"
        yield f"  gsmsend resolve{operation} ID --as sent|not-sent --because 'how you know'"
    if totals[State.HELD]:
        yield f"{count(totals[State.HELD], 'text')} held for a decision. To see them:"
        yield f"{look} held"


def for_a_reader(dangers: int, operation: str) -> Iterator[str]:
    """What to do about so many replies that suggest danger and that nobody has looked at."""
    if dangers:
        yield f"DANGER TO LIFE? {count(dangers, 'reply', 'replies')} not looked at yet. Read now:"
        yield f"  gsmsend inbox{operation} --flagged"
