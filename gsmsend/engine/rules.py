"""The pure decisions that the store takes inside its transactions (contract.Rules), joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gsmsend.contract import Candidate, PartView, ReplyReading, Tried
from gsmsend.engine import lifecycle, matching, sequence
from gsmsend.model import Report, ReportOutcome, State
from gsmsend.sms import tp_status


def _nothing_said(_text: str) -> ReplyReading:
    return ReplyReading()


def _as_it_is(sender: str) -> str | None:
    return sender if sender.startswith("+") else None


class EngineRules:
    """contract.Rules by the lifecycle table, the matching rules and tp-status.csv.

    How replies are read and numbers are written is given by wiring; by itself this reads nothing in a reply.
    """

    def __init__(
        self,
        read_reply: Callable[[str], ReplyReading] = _nothing_said,
        e164: Callable[[str], str | None] = _as_it_is,
    ) -> None:
        self._read_reply = read_reply
        self._e164 = e164

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

    def read_reply(self, text: str) -> ReplyReading:
        """What a received text says."""
        return self._read_reply(text)

    def e164(self, sender: str) -> str | None:
        """A sender's number in E.164."""
        return self._e164(sender)

    def same_recipient(self, sent_to: str, sender: str) -> bool:
        """Whether a sender is the number that was texted."""
        return matching.same_recipient(sent_to, sender)
