"""The lines of other hosts, as the rules of the fallbacks see them: by what those hosts wrote of them."""

from __future__ import annotations

from collections.abc import Iterator

from gsmsend.config import Rule
from gsmsend.engine.context import RunContext
from gsmsend.engine.fallback import LineView
from gsmsend.engine.gate import terms_of
from gsmsend.model import Sim

_USABLE = ("ready", "sending", "waiting")
"""What a line is doing that can send."""


def of_others(context: RunContext, now_s: float) -> Iterator[LineView]:
    """Lines that other hosts work with, or did when they were last heard of; none of an account.

    Of a host that has left only what was out of use then is told.
    """
    if not context.others:
        return
    rows = {line.line_id: line for line in context.store.lines(counted=False)}
    out = {one.line_id: one for one in context.store.outages()}
    for other in context.others:
        line, outage = rows.get(other.line_id), out.get(other.line_id)
        if line is None or line.cloud:
            continue
        terms = terms_of(context.settings.lines, Sim(line.iccid, line.imsi, line.number))
        name = terms.name if terms is not None else line.name
        if terms is not None and terms.closes is not None and context.gate.closed(terms, now_s):
            yield LineView(line.line_id, name, rule=Rule.CLOSED, since_s=terms.closes.timestamp())
        elif outage is not None:
            yield LineView(line.line_id, name, rule=Rule(outage.rule), since_s=outage.since_s)
        elif other.up:
            yield LineView(line.line_id, name, usable=other.held and line.state in _USABLE)
