"""The same session for whole texts in message_payload: gsmsend.requesting shares them out to their parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gsmsend.contract import Receipt, Sink, Submission
from gsmsend.model import Facts, Inbound, Outcome, Report
from gsmsend.requesting import Heard, Status
from gsmsend_cloud.smpp.account import Account
from gsmsend_cloud.smpp.traffic import handed

_LOOK_S = 0.02


class KeepingSink:
    """Passes everything on, and keeps the receipts that it got for it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.receipts: list[Receipt] = []

    def report(self, report: Report) -> Receipt:
        """Pass it on."""
        self.receipts.append(self._sink.report(report))
        return self.receipts[-1]

    def inbound(self, inbound: Inbound) -> Receipt:
        """Pass it on."""
        self.receipts.append(self._sink.inbound(inbound))
        return self.receipts[-1]

    def changed(self, facts: Facts) -> None:
        """Pass it on."""
        self._sink.changed(facts)

    def late_outcome(self, outcome: Outcome) -> None:
        """Pass it on."""
        self._sink.late_outcome(outcome)

    def doing(self, what: str) -> None:
        """Pass it on."""
        self._sink.doing(what)


class PayloadClient:
    """Satisfies requesting.Client, with `long` = payload."""

    def __init__(self, account: Account, sink: KeepingSink) -> None:
        self._account, self._sink = account, sink
        self._traffic = account.traffic
        self._unconfirmed: list[tuple[int, list[Receipt]]] = []

    def bring_up(self) -> Facts:
        """Sign in."""
        return self._account.bring_up()

    def wire(self, submission: Submission) -> str:
        """The submit_sm in hex, with sequence_number 0."""
        return self._traffic.wire(submission)

    def send(self, submission: Submission) -> Outcome:
        """Hand the whole text over. A connection that breaks is told by `hear`, after what had come over it."""
        return handed(self._traffic, submission)

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """Nothing: receipts come by themselves. Their names are known from now on, whoever sent them."""
        for handle in handles:
            self._traffic.expect(handle)
        return ()

    def lookup(self, key: str) -> Outcome | None:
        """An answer that came after its text was given up."""
        return self._traffic.lookup(key)

    def hear(self, timeout_s: float) -> Iterator[Heard]:
        """Receipts and texts; each is confirmed to the SMSC once all that was made of it is on disk."""
        for one in self._traffic.hear(min(timeout_s, _LOOK_S) if self._unconfirmed else timeout_s):
            if isinstance(one, Outcome):
                yield one
                continue
            self._sink.receipts = []
            yield one.heard
            self._unconfirmed.append((one.sequence, self._sink.receipts))
        self._traffic.session.woken = False
        waiting = []
        for sequence, receipts in self._unconfirmed:
            if all(receipt.durable for receipt in receipts):
                self._traffic.confirm(sequence)
            else:
                waiting.append((sequence, receipts))
        self._unconfirmed = waiting
        if self._account.news():
            yield self._account.facts()

    def check(self) -> None:
        """The session does this by itself, with enquire_link."""

    def wake(self) -> None:
        """Make a blocked `hear` return."""
        self._traffic.session.wake()

    def close(self) -> None:
        """Sign out and let go."""
        self._traffic.session.close()
