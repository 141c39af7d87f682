"""A sink for those who only look: what comes meanwhile is for nobody."""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.model import Facts, Inbound, Outcome, Report


@dataclass(frozen=True, slots=True)
class Never:
    """A receipt for what is kept nowhere."""

    durable: bool = False


class Nobody:
    """Satisfies `gsmsend.contract.Sink`."""

    def report(self, report: Report) -> Never:  # noqa: ARG002 - nobody is told
        """Kept nowhere."""
        return Never()

    def inbound(self, inbound: Inbound) -> Never:  # noqa: ARG002 - nobody is told
        """Kept nowhere."""
        return Never()

    def changed(self, facts: Facts) -> None:
        """Told to nobody."""

    def late_outcome(self, outcome: Outcome) -> None:
        """Told to nobody."""

    def doing(self, what: str) -> None:
        """Told to nobody."""
