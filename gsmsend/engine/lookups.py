"""Asks a route that keeps records of its own what became of texts in doubt: soon, then ever more rarely."""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.contract import InDoubt, LineRow, Link, Requesting
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.model import OutcomeKind

_FIRST_S = 3.0
"""So long after its attempt a text has surely come to stand in the route's record, if it was taken."""
_GROWTH = 2.0
_HEAR_EVERY_S = 5.0
"""A route that is asked says nothing unasked: also while there is work it is listened to now and then."""
_LONGEST_S = 600.0
ASKED_FOR_S = 7 * 86_400.0
"""Providers keep what they were handed for about a week (GOV.UK Notify: 7 days)."""


@dataclass(slots=True)
class _Asked:
    doubt: InDoubt
    due_s: float
    wait_s: float


class LookupWatch:
    """One line's texts in doubt, for as long as a link is open. Owned by the line's thread."""

    def __init__(self, context: RunContext, link: Link, line: LineRow, title: str) -> None:
        self._context = context
        self._link = link if isinstance(link, Requesting) else None
        self._listen, self._heard_s = link.listen, context.clock.monotonic()
        self._line = line
        self._title = title
        self._asked: dict[int, _Asked] = {}
        if self._link is not None:
            self.in_doubt()

    def in_doubt(self) -> None:
        """An attempt has ended unknown, or the link was just opened: see what can be asked for."""
        if self._link is None:
            return
        now_s, steady_s = self._context.clock.now(), self._context.clock.monotonic()
        for doubt in self._context.store.in_doubt(self._line.line_id, now_s - ASKED_FOR_S):
            age_s = max(0.0, now_s - doubt.opened_at_s)
            due_s = steady_s + max(0.0, _FIRST_S - age_s)
            self._asked.setdefault(doubt.attempt_id, _Asked(doubt, due_s, _FIRST_S))

    def next_s(self) -> float:
        """In how many seconds it should look again."""
        due_s = min((one.due_s for one in self._asked.values()), default=float("inf"))
        return max(0.0, due_s - self._context.clock.monotonic())

    def look(self) -> bool:
        """Between two parts: ask about what is due; whether something was settled. Raises LinkLost, GuardStop."""
        link, steady_s, settled = self._link, self._context.clock.monotonic(), False
        if link is None:
            return False
        if steady_s - self._heard_s >= _HEAR_EVERY_S:
            self._heard_s = steady_s
            self._listen(0.0)
        for one in [one for one in self._asked.values() if one.due_s <= steady_s]:
            outcome = link.lookup(one.doubt.key, one.doubt.total)
            if outcome is None or outcome.kind is OutcomeKind.UNKNOWN:
                one.wait_s = min(one.wait_s * _GROWTH, _LONGEST_S)
                one.due_s = steady_s + one.wait_s
                continue
            del self._asked[one.doubt.attempt_id]
            now_s = self._context.clock.now()
            found = self._context.store.settle_lookup(one.doubt.attempt_id, outcome, now_s).result()
            if found is not None:
                settled = True
                words = f"{self._title}: its own record settled message {found}: {outcome.kind}"
                self._context.publish(Notice(now_s, "info", words))
                self._context.tick.set()
        return settled
