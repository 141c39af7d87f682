"""What happens to a message after an attempt: a pure decision from the outcome, the tries and the clock.

The waits are tenacity's arithmetic, evaluated here; the due time goes into the store, so that a restart
neither forgets nor repeats a wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from tenacity import RetryCallState, stop_after_attempt, wait_exponential, wait_random

from gsmsend.config import Retry
from gsmsend.model import Evidence, Outcome, OutcomeKind, Refusal, State

_JITTER = 0.25
"""Waits are lengthened by up to this share of the first wait, so that lines do not try again in step."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The message's next state; `due_at_s` with QUEUED only, `why` in plain English.

    `counts` is False for an attempt that is no try of the text: the line had no network, or was asked to wait.
    """

    state: State
    why: str = ""
    due_at_s: float | None = None
    counts: bool = True


_LEAST_REST_S, _LONGEST_REST_S = 1.0, 86_400.0
_NO_NETWORK_CODE = 331  # TS 27.005 3.2.5


def no_network(outcome: Outcome) -> bool:
    """Whether a refusal says only that the line has no network: nothing against the text or its recipient."""
    return outcome.kind is OutcomeKind.REFUSED and outcome.code == _NO_NETWORK_CODE


def asked_to_wait_s(outcome: Outcome) -> float | None:
    """For how long a route asks to be left alone, a second to a day; None if it does not.

    That is nothing against the text.
    """
    if outcome.kind is not OutcomeKind.REFUSED or outcome.wait_s is None:
        return None
    return min(outcome.wait_s, _LONGEST_REST_S) if outcome.wait_s > _LEAST_REST_S else _LEAST_REST_S


HELD_BACK = Outcome(
    OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw=Evidence.HELD_BACK.value,
    why="it was held back at the last moment: nothing may leave now",
)  # fmt: skip
"""gsmsend itself kept a part back between its intent and the modem."""


def decide(
    outcome: Outcome, *, tries: int, more_parts: bool, retry: Retry, now_s: float, registered: bool = False
) -> Verdict:
    """What becomes of the message. `tries` counts the attempts at this part, this one among them.

    `registered`: the line has a network all the same, so a refusal for want of one is like any other.
    """
    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            return Verdict(State.SENDING if more_parts else State.SENT)
        case OutcomeKind.UNKNOWN:
            return Verdict(State.UNCERTAIN, outcome.why)
        case OutcomeKind.REFUSED if outcome == HELD_BACK:
            return Verdict(State.QUEUED, "", now_s, counts=False)
        case OutcomeKind.REFUSED if asked_to_wait_s(outcome) is not None:
            return Verdict(State.QUEUED, outcome.why, now_s + (asked_to_wait_s(outcome) or 0.0), counts=False)
        case OutcomeKind.REFUSED if no_network(outcome) and not registered:
            return Verdict(State.QUEUED, outcome.why, now_s, counts=False)
        case OutcomeKind.REFUSED:
            return _refused(outcome, tries, retry, now_s)
        case _:
            assert_never(outcome.kind)


def _refused(outcome: Outcome, tries: int, retry: Retry, now_s: float) -> Verdict:
    match outcome.refusal:
        case Refusal.RECIPIENT | Refusal.MESSAGE:
            return Verdict(State.FAILED, outcome.why)
        case Refusal.LATER:
            first_s, longest_s, most = retry.later_first_s, retry.later_longest_s, retry.later_tries
        case Refusal.RETRY | Refusal.LINE | Refusal.MODEM | None:
            first_s, longest_s, most = retry.soon_first_s, retry.soon_longest_s, retry.soon_tries
        case _:
            assert_never(outcome.refusal)
    tried = RetryCallState(None, None, (), {})  # type: ignore[arg-type]  # only its attempt number is read
    tried.attempt_number = tries
    if stop_after_attempt(most)(tried):
        return Verdict(State.FAILED, f"{outcome.why} (tried {tries} times)")
    wait = wait_exponential(multiplier=first_s, max=longest_s) + wait_random(0, first_s * _JITTER)
    return Verdict(State.QUEUED, outcome.why, now_s + wait(tried))
