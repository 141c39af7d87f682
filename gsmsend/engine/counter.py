"""The SIM's own count as evidence: unchanged since the last accepted text, it proves that the next never left.

EF-SMSS (TS 31.102 4.2.9) holds the last TP-MR that the phone or modem used. Not every modem keeps it, so it
counts only after it was seen to follow two accepted texts in this very device. Changed, it proves nothing: the
text left the program, and whether the network took it is not known.
"""

from __future__ import annotations

from gsmsend.contract import LineRow, Link
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.model import Evidence, Facts, Outcome, OutcomeKind, Refusal

_ENOUGH = 2
"""Accepted texts whose TP-MR the count must have shown."""


def settle(context: RunContext, link: Link, line: LineRow, facts: Facts) -> None:
    """Settle the line's last attempt by the SIM's count, if it is unknown and the count proves anything.

    Call it once the modem answers again: then it is not sending any more. The count is remembered as what it was
    before the next attempt. Raises LinkLost.
    """
    if not context.store.keeps_counter(line.line_id, facts.device.imei):
        return
    count = link.counter()
    if count is None:
        return
    _judge(context, line, count)
    context.store.counter_read(line.line_id, count)


def _judge(context: RunContext, line: LineRow, count: int) -> None:
    end, now_s = context.store.last_unknown(line.line_id), context.clock.now()
    if end is None or end.reference is None:
        return
    if count == end.reference:
        why = "the SIM's own count of texts did not change: it never left"
        outcome = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why=why)
        context.store.settle_last(line.line_id, outcome, Evidence.COUNTER, now_s).result()
        words = f"{line.name}: message {end.message_id} is settled: {why}"
        context.publish(Notice(now_s, "info", words))
        context.tick.set()
    else:
        why = "it left the program, the SIM counted it, and no answer or report has come: it may have gone out"
        context.store.explain(end.message_id, why).result()


class CounterWatch:
    """Learns, from the first accepted texts over a link, whether this device keeps the SIM's count.

    It does if the count follows two texts, or goes from what it was before to the TP-MR of the first.
    """

    def __init__(self, context: RunContext, link: Link, line: LineRow, imei: str | None) -> None:
        self._context = context
        self._link = link
        self._line = line
        self._reference: int | None = None
        self._seen = 0
        self._over = context.store.keeps_counter(line.line_id, imei)
        self._before = None if self._over else link.counter()
        self._over = self._over or self._before is None

    def accepted(self, reference: int | None, facts: Facts) -> None:
        """A part was accepted: look at the count before the next one."""
        self._reference = None if self._over or facts.device.imei is None else reference

    def look(self, facts: Facts) -> None:
        """Between two parts: compare. Costs one command for each of the first two texts. Raises LinkLost."""
        if self._reference is None:
            return
        reference, self._reference = self._reference, None
        if self._link.counter() != reference:
            self._over = True
            return
        self._seen += 1 if reference == self._before else _ENOUGH
        if self._seen >= _ENOUGH and facts.device.imei is not None:
            self._over = True
            self._context.store.counter_seen(self._line.line_id, facts.device.imei)
