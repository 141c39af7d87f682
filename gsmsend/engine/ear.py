"""The engine's Sink: puts what a link hears on record, and says so once it is on disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gsmsend.contract import Arrival, Flag, Received
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import (
    Acknowledging,
    InboundArrived,
    MessageMoved,
    Notice,
    OptedOut,
    ReplyFlagged,
    ReportArrived,
)
from gsmsend.masking import mask_number
from gsmsend.model import Evidence, Facts, Inbound, Outcome, Report, State
from gsmsend.sms import tp_status


class Recorded:
    """contract.Receipt over a store's future; unset while the line's SIM is not known yet."""

    def __init__(self) -> None:
        self.future: Future[Any] | None = None

    @property
    def durable(self) -> bool:
        """Whether it is on disk."""
        future = self.future
        return future is not None and future.done() and future.exception() is None


class Ear:
    """contract.Sink for one line. What comes before the SIM is known is kept until `attach`."""

    def __init__(
        self,
        context: RunContext,
        *,
        on_durable: Callable[[], None],
        on_change: Callable[[Facts | None, str], None],
    ) -> None:
        self._context = context
        self._on_durable = on_durable
        self._on_change = on_change
        self._line_id: int | None = None
        self._name = self._title = ""
        self._early: list[tuple[Report | Inbound, Recorded]] = []
        self._early_answer: Outcome | None = None

    def attach(self, line_id: int, name: str, title: str) -> None:
        """The SIM is known: record what came before, and wait until a late answer is on disk.

        `title` is what people call the line.
        """
        self._line_id, self._name, self._title = line_id, name, title
        answer, self._early_answer = self._early_answer, None
        if answer is not None:
            self._settle(line_id, answer).result()
        early, self._early = self._early, []
        for item, receipt in early:
            self._record(line_id, item, receipt)

    def detach(self) -> None:
        """The SIM is not known any more, until `attach`."""
        self._line_id = None

    def report(self, report: Report) -> Recorded:
        """Record a status report."""
        return self._take(report)

    def inbound(self, inbound: Inbound) -> Recorded:
        """Record a received text."""
        return self._take(inbound)

    def changed(self, facts: Facts) -> None:
        """Pass on signal, registration, operator."""
        self._on_change(facts, "")

    def doing(self, what: str) -> None:
        """Pass on what the link does."""
        self._on_change(None, what)

    def late_outcome(self, outcome: Outcome) -> None:
        """Settle the attempt before, which had been unknown."""
        if self._line_id is None:
            self._early_answer = outcome
            return
        self._settle(self._line_id, outcome)

    def _settle(self, line_id: int, outcome: Outcome) -> Future[int | None]:
        now_s = self._context.clock.now()
        future = self._context.store.settle_last(line_id, outcome, Evidence.LATE_ANSWER, now_s)
        title = self._title

        def told(done: Future[int | None]) -> None:
            if done.exception() is None and done.result() is not None:
                words = f"{title}: the modem's late answer settled message {done.result()}: {outcome.kind}"
                self._context.publish(Notice(now_s, "info", words))
                self._context.tick.set()

        future.add_done_callback(told)
        return future

    def _take(self, item: Report | Inbound) -> Recorded:
        receipt = Recorded()
        if self._line_id is None:
            self._early.append((item, receipt))
        else:
            self._record(self._line_id, item, receipt)
        return receipt

    def _record(self, line_id: int, item: Report | Inbound, receipt: Recorded) -> None:
        context, name, now_s = self._context, self._name, self._context.clock.now()
        if isinstance(item, Report):
            future = context.store.record_report(line_id, item, now_s)
            future.add_done_callback(lambda done: _tell_report(context, name, item, now_s, done))
            receipt.future = future
        else:
            kept = context.store.record_inbound(line_id, item, now_s)
            kept.add_done_callback(lambda done: _tell_inbound(context, name, item, now_s, done))
            receipt.future = kept
        receipt.future.add_done_callback(lambda _: self._on_durable())


def _tell_report(context: RunContext, name: str, report: Report, now_s: float, done: Future[Arrival]) -> None:
    if done.exception() is not None or done.result().repeated:
        return
    found = done.result()
    context.publish(ReportArrived(now_s, name, found.message_id, found.seq, found.outcome, report.status))
    if found.message_id is not None and found.old is not None and found.new is not None:
        own = f" (in the route's own word: {report.said})" if report.said else ""
        why = "" if found.new is State.DELIVERED else f"the report says: {tp_status(report.status).name}{own}"
        number = report.recipient or found.number
        context.publish(MessageMoved(now_s, found.message_id, number, found.old, found.new, why))
        context.tick.set()


def _tell_inbound(context: RunContext, name: str, inbound: Inbound, now_s: float, done: Future[Received]) -> None:
    if done.exception() is not None or not done.result():
        return
    got, sender = done.result(), mask_number(inbound.sender)
    reply_id = got.reply_id or 0
    context.publish(InboundArrived(now_s, name, sender))
    if Flag.DANGER in got.flags:
        context.publish(ReplyFlagged(now_s, name, sender, reply_id, got.message_id))
    if Flag.STOP in got.flags:
        doubtful = Flag.DOUBTFUL in got.flags
        context.publish(OptedOut(now_s, name, sender, reply_id, len(got.stopped), doubtful))
    for it in got.stopped:
        if it.moved:
            context.publish(MessageMoved(now_s, it.message_id, it.number, it.old, State.SUPPRESSED, it.why))
    if got.answered is not None:
        context.publish(Acknowledging(now_s, got.answered, sender, reply_id))
    context.tick.set()
