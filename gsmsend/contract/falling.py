"""A campaign's other way out, as the store knows it: what went over it, its trial text, lines out of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract.approvals import TextBody
from gsmsend.model import State

FALLBACK = "fallback "
"""What is meant for a cloud route waits for the line that is called so, with the route after it."""


@dataclass(frozen=True, slots=True)
class FallOrder:
    """Which texts of a campaign go over the fallback next: `limit` at most, of `segments` at most in all.

    `line_id` is the route's line, `text` its wording, `why` plain English. Queued texts of the lines in `bound`
    (as in QueuedFor), held ones of those in `held`; with `codes` those that failed for one of these reasons, or
    because their line may not send. `approved_only`: of a campaign that was released only. `gap_s`: a text that
    had failed is left alone if another campaign has texted the person within that time.
    """

    campaign_id: int
    line_id: int
    text: TextBody
    why: str
    limit: int
    segments: int | None = None
    bound: tuple[int, ...] = ()
    held: tuple[int, ...] = ()
    codes: frozenset[int] | None = None
    approved_only: bool = True
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """So many texts of a campaign that did not go over its fallback: queued, held or failed, and their line.

    Those of which a part went out, or may have, are left out: they never go another way.
    """

    state: State
    bound_line: int
    texts: int


@dataclass(frozen=True, slots=True)
class FallCounts:
    """What a campaign's fallback has: texts that wait for it, or are being sent; those that it carried; segments.

    `segments` are those of all of them: what its budget must pay for, whether or not it was sent yet. What is
    `left` may go over it by some rule.
    """

    waiting: int = 0
    carried: int = 0
    segments: int = 0
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialRow:
    """The newest trial text of one wording: its message, and what became of it.

    What went out over another account than its route has now is none.
    """

    message_id: int
    state: State
    why: str
    changed_at_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """A line is out of use since then, by which rule (gsmsend.config.Rule)."""

    line_id: int
    rule: str
    since_s: float


class FallbackView(Protocol):
    """Questions about fallbacks."""

    def fall_counts(self, campaign_id: int) -> FallCounts:
        """What a campaign's fallback has."""
        ...

    def fallback_lines(self) -> frozenset[int]:
        """The lines that carried, or are to carry, what went over a fallback."""
        ...

    def trial(self, campaign: str, wording: str) -> TrialRow | None:
        """The newest trial text of a campaign's fallback with this wording (its digest), None if there is none."""
        ...

    def outages(self) -> list[Outage]:
        """Lines that were out of use when this was last looked at."""
        ...


class FallbackStore(FallbackView, Protocol):
    """What moves texts to a fallback and back, each one transaction."""

    def fall_back(self, order: FallOrder, now_s: float) -> int:
        """Give texts the fallback's wording and line. How many.

        Only such of which no part was accepted, is open or unknown, and that no report tells of; nobody who must
        not be texted, and nobody twice.
        """
        ...

    def return_home(
        self, campaign_id: int, why: str, now_s: float, *, bound: tuple[int, ...] | None = None
    ) -> int:
        """What waits for the fallback and was not begun has its own text and line again. How many.

        With `bound` only what came from the queue of these lines; else all, also what had failed or was held.
        """
        ...

    def keep_trial(self, campaign: str, wording: str, message_id: int, person: str, now_s: float) -> None:
        """A trial text of this wording was queued."""
        ...

    def outage(self, line_id: int, rule: str, since_s: float) -> None:
        """A line is out of use since then; an empty rule: it is not. Not waited for."""
        ...
