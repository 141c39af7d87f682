"""A link that hands texts over part by part, each with its own message id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from gsmsend.contract import Receipt, Sink, Submission
from gsmsend.model import Facts, Inbound, Outcome, OutcomeKind, Refusal, Report
from gsmsend.requesting import NeverLeft, Status
from gsmsend_cloud.smpp.account import Account
from gsmsend_cloud.smpp.traffic import Brought, handed

_LOOK_S = 0.02
"""How often a receipt that is not durable yet is looked at."""


class PartLink:
    """Satisfies contract.Link and Requesting, with `long` = udh or sar."""

    def __init__(self, account: Account, sink: Sink) -> None:
        self._account, self._sink = account, sink
        self._traffic = account.traffic
        self._unconfirmed: list[tuple[int, Receipt]] = []

    def bring_up(self) -> Facts:
        """Sign in. Raises GuardStop for a wrong password, LinkLost."""
        return self._account.bring_up()

    def expect(self, handles: Sequence[str]) -> None:
        """Reports are still wanted for these."""
        for handle in handles:
            self._traffic.expect(handle)

    def lookup(self, key: str, total: int) -> Outcome | None:  # noqa: ARG002 - each part has its own answer
        """An answer that came after its text was given up. Raises LinkLost."""
        return self._traffic.lookup(key)

    def raw(self, submission: Submission) -> str:
        """The submit_sm in hex with sequence_number 0, which the session gives as a modem gives the TP-MR."""
        return self._traffic.wire(submission) if submission.segment.text else ""

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        """Hand one part over and wait for its submit_sm_resp. Raises LinkLost before `commit`."""
        self._traffic.session.turn(0)
        wire = self.raw(submission)
        if not wire:
            why = "The text cannot be sent over this route as it is."
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, why=why)
        commit(wire)
        try:
            return handed(self._traffic, submission)
        except NeverLeft as proof:
            return Outcome(OutcomeKind.REFUSED, refusal=proof.refusal, raw="not sent", why=proof.why)

    def listen(self, timeout_s: float) -> None:
        """Hear receipts and texts. Raises LinkLost."""
        until_s = monotonic() + timeout_s
        session = self._traffic.session
        while True:
            left_s = max(0.0, until_s - monotonic())
            for one in self._traffic.hear(min(left_s, _LOOK_S) if self._unconfirmed else left_s):
                self._tell(one)
            self._confirm()
            if self._account.news():
                self._sink.changed(self._account.facts())
            if session.woken or monotonic() >= until_s:
                session.woken = False
                return

    def counter(self) -> int | None:
        """There is none."""
        return None

    def wake(self) -> None:
        """Make a blocked `listen` return."""
        self._traffic.session.wake()

    def close(self) -> None:
        """Sign out and let go."""
        self._traffic.session.close()

    def _tell(self, one: Brought | Outcome) -> None:
        if isinstance(one, Outcome):
            self._sink.late_outcome(one)
            return
        heard = one.heard
        receipt = self._sink.inbound(heard) if isinstance(heard, Inbound) else self._sink.report(_report(heard))
        self._unconfirmed.append((one.sequence, receipt))

    def _confirm(self) -> None:
        """deliver_sm_resp for all that is on disk; what is not is brought again in the next session."""
        waiting = []
        for sequence, receipt in self._unconfirmed:
            if receipt.durable:
                self._traffic.confirm(sequence)
            else:
                waiting.append((sequence, receipt))
        self._unconfirmed = waiting


def _report(status: Status) -> Report:
    return Report(
        None,
        status.recipient,
        status.status,
        raw=status.raw,
        how=status.how,
        handle=status.handle,
        said=status.said,
    )
