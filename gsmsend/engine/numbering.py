"""Settles what was cut off by the numbers of the texts that follow it (engine.sequence says what they prove).

That takes a modem that has not restarted between, not even while gsmsend was down. So it is given a mark that it
keeps until it restarts, and is asked for it again when something is about to be proven; the mark and the attempt
that it was given after are in the store.
"""

from __future__ import annotations

import random

from gsmsend.contract import LineRow, Link, Markable
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.model import Outcome, OutcomeKind, Refusal

_MARKS = range(100, 251)
"""What no modem has in its register after a restart: their makers set 0 to 60."""
_EAGER = 8
"""So many texts after something was cut off it is looked at after each of them, then from time to time."""
_LOOK_EVERY_S = 0.5
_WHY = "the next text took the number that this one would have had: it never left"


class NumberWatch:
    """One line's watch over its unknown texts, for as long as a link is open. Owned by the line's thread."""

    def __init__(self, context: RunContext, link: Link, line: LineRow, title: str) -> None:
        self._context = context
        self._link = link
        self._line = line
        self._title = title
        self._imei = line.imei
        self._mark: str | None = None
        self._doubt = True
        self._eager = _EAGER
        self._looked_s = float("-inf")
        if isinstance(link, Markable) and self._imei is not None:
            self._begin(link)

    def _begin(self, link: Markable) -> None:
        """Take up the stretch that the store knows of if the modem still has its mark, else begin another."""
        store, line_id = self._context.store, self._line.line_id
        known, here = store.mark(line_id), link.mark()
        if known is not None and known == self._name(here):
            self._mark = known
            return
        avoided = {here, _value(known)}
        mark = random.choice([value for value in _MARKS if value not in avoided])
        if link.set_mark(mark):
            count = self._link.counter()
            self._mark = self._name(mark)
            store.set_mark(line_id, self._mark)
            if count is not None:
                store.counter_read(line_id, count)
        else:
            self._mark = None
            store.set_mark(line_id, None)

    def _name(self, mark: int | None) -> str | None:
        return None if mark is None else f"{self._imei} {mark}"

    def in_doubt(self) -> None:
        """An attempt has ended unknown."""
        self._doubt, self._eager = True, _EAGER

    def accepted(self) -> None:
        """A part was accepted."""
        if self._doubt and self._eager > 0:
            self._eager -= 1
            self._looked_s = float("-inf")

    def look(self) -> None:
        """Between two parts: settle what is proven by now. Raises LinkLost."""
        link, now_s = self._link, self._context.clock.monotonic()
        if self._mark is None or not self._doubt or now_s - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now_s
        quiet_s = self._context.settings.listen_first_s
        proven = self._context.store.unsettled(self._line.line_id, quiet_s)
        self._doubt = proven is not None
        if not proven or not isinstance(link, Markable):
            return
        if self._name(link.mark()) == self._mark:
            self._settle(self._mark, quiet_s)
        else:
            self._begin(link)

    def _settle(self, mark: str, quiet_s: float) -> None:
        now_s = self._context.clock.now()
        outcome = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why=_WHY)
        settled = self._context.store.settle_by_next(self._line.line_id, mark, quiet_s, outcome, now_s)
        for message_id in settled.result():
            words = f"{self._title}: message {message_id} is settled: {_WHY}"
            self._context.publish(Notice(now_s, "info", words))
        self._context.tick.set()


def _value(mark: str | None) -> int | None:
    return int(mark.rpartition(" ")[2]) if mark is not None else None
