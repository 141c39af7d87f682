"""The app's record of a text as the engine's outcomes and reports."""

from __future__ import annotations

from gsmsend.model import Outcome, OutcomeKind
from gsmsend.requesting import Status
from gsmsend_handset.android import words
from gsmsend_handset.android.app import TextState
from gsmsend_handset.android.words import Meaning

DELIVERED, IN_PART = 0x00, 0x01
"""TP-Status, TS 23.040 9.2.3.15: received by the SME; forwarded, the delivery cannot be confirmed."""


def outcome_of(key: str, known: TextState, parts: int) -> Outcome | None:
    """What a record says of the attempt to hand a text of so many parts over; None while that is not over."""
    meaning = known.meaning
    if meaning is Meaning.WAITING:
        return None
    if meaning in {Meaning.SENT, Meaning.DELIVERED}:
        return Outcome(OutcomeKind.ACCEPTED, handle=key, raw=known.word)
    if meaning is Meaning.FAILED:
        failure = known.failure
        if failure.status is not None:  # the network took it and could not deliver it: that is for a report to say
            return Outcome(OutcomeKind.ACCEPTED, handle=key, raw=failure.raw)
        return failure.outcome(parts=parts or known.parts)
    row = words.states().get(known.word)
    why = row.words if row is not None else "The app says of the text what this program does not know."
    return Outcome(OutcomeKind.UNKNOWN, raw=known.word if row is not None else "", why=why)


def no_word(word: str, within_s: float) -> Outcome:
    """The app's last word, if any, left open whether the network has the text."""
    why = f"the app did not say within {within_s:g} s whether the network has the text; it may have gone out"
    known = word if word in words.states() else ""
    return Outcome(OutcomeKind.UNKNOWN, raw=known, why=f'{why}; its word for it is "{known}"' if known else why)


def status_of(handle: str, known: TextState, parts: int) -> Status | None:
    """What a record says of the delivery; None as long as it says nothing.

    The app says "Delivered" as soon as one part of a text is. Of a text in several parts, or in nobody knows how
    many (0), that is no proof of the others: it is told as a delivery that cannot be confirmed.
    """
    when = dict(known.at_s).get(known.word)
    if known.meaning is Meaning.DELIVERED:
        whole = parts == 1
        said = known.word if whole else f"{known.word} (one part at least)"
        status = DELIVERED if whole else IN_PART
    elif known.meaning is Meaning.FAILED:
        failure = known.failure
        said, status = failure.raw, failure.status if failure.status is not None else words.REJECTED
    else:
        return None
    return Status(handle, status, said, raw=known.raw, discharged_at_s=when, recipient=known.recipient)
