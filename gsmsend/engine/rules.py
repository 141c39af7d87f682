"""The pure decisions that the store takes inside its transactions (contract.Rules), joined."""

from __future__ import annotations

from collections.abc import Sequence

from gsmsend.contract import Candidate, PartView, Tried
from gsmsend.engine import lifecycle, matching, sequence
from gsmsend.model import Report, ReportOutcome, State
from gsmsend.sms import tp_status


class EngineRules:
    """contract.Rules by the lifecycle table, the matching rules and tp-status.csv."""

    def check(self, old: State, new: State) -> None:
        """Raise IllegalMove unless the lifecycle lists the move."""
        lifecycle.check(old, new)

    def choose(self, report: Report, candidates: Sequence[Candidate]) -> Candidate | None:
        """The part that a report is about."""
        return matching.choose(report, candidates)

    def follows(self, reference: int, before: int, after: int | None, gap: int) -> bool:
        """Whether a TP-MR lies between two known ones."""
        return matching.follows(reference, before, after, gap)

    def never_left(self, tries: Sequence[Tried], quiet_s: float) -> list[int]:
        """What the next texts' numbers prove not sent."""
        return sequence.never_left(tries, quiet_s)

    def settle(self, parts: Sequence[PartView]) -> State | None:
        """The state that the reports give a message."""
        return lifecycle.settle(parts)

    def outcome_of(self, status: int) -> ReportOutcome:
        """The meaning of a raw TP-Status."""
        return tp_status(status).outcome
