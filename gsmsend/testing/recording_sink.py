"""A sink that keeps everything it is told, with receipts that a test makes durable when it likes."""

from __future__ import annotations

from dataclasses import dataclass, field

from gsmsend.model import Facts, Inbound, Outcome, Report


@dataclass
class SettableReceipt:
    """A receipt that the suite makes durable when it likes."""

    durable: bool = True


@dataclass
class RecordingSink:
    """A sink that keeps everything. `durable`: whether its receipts are so at once."""

    durable: bool = True
    reports: list[Report] = field(default_factory=list)
    inbounds: list[Inbound] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    late: list[Outcome] = field(default_factory=list)
    receipts: list[SettableReceipt] = field(default_factory=list)

    def report(self, report: Report) -> SettableReceipt:
        """Keep a report."""
        self.reports.append(report)
        return self._receipt()

    def inbound(self, inbound: Inbound) -> SettableReceipt:
        """Keep a text."""
        self.inbounds.append(inbound)
        return self._receipt()

    def changed(self, facts: Facts) -> None:
        """Keep facts."""
        self.facts.append(facts)

    def late_outcome(self, outcome: Outcome) -> None:
        """Keep a late outcome."""
        self.late.append(outcome)

    def doing(self, what: str) -> None:
        """Nobody looks."""

    def _receipt(self) -> SettableReceipt:
        self.receipts.append(SettableReceipt(self.durable))
        return self.receipts[-1]
