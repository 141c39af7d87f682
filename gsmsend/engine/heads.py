"""When a run signs the head of the audit log, and when it is remembered apart from the store how far that came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo

from gsmsend.contract.heads import HeadRow
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import HeadSigned, Notice
from gsmsend.errors import GsmsendError

Remember = Callable[[HeadRow | None, float], Sequence[str]]
"""Remembers a new head apart from the store, or without one how far the log has come; what people must be told."""
_EVERY_S = 60.0


class DayBook:
    """Owned by the run's coordinator. `zone` is whose midnight counts, by default this computer's."""

    def __init__(self, context: RunContext, remember: Remember | None, zone: tzinfo | None = None) -> None:
        self._context = context
        self._remember = remember or _nobody
        self._zone = zone
        self._day = self._date(context.clock.now())
        self._kept_s = context.clock.monotonic()
        self._told: set[str] = set()
        self._stamping: threading.Thread | None = None

    def begin(self) -> None:
        """Before the first text leaves, with the run's first entry on disk. Raises GuardStop: an older store."""
        self._kept_s = self._context.clock.monotonic()
        now_s = self._context.clock.now()
        for words in self._remember(None, now_s):
            self._tell(words, now_s)

    def look(self) -> None:
        """Now and then: sign at midnight; once a minute remember how far the log has come."""
        now_s, steady_s = self._context.clock.now(), self._context.clock.monotonic()
        day = self._date(now_s)
        if day != self._day:
            self._day = day
            head = self._sign(now_s, to_note=not self._context.settings.lab)
            if head is not None and self._stamping is None:
                # A time-stamping service may take seconds, in which texts must go on.
                self._stamping = threading.Thread(target=self._keep, args=(head, now_s), name="head", daemon=True)
                self._stamping.start()
        elif steady_s - self._kept_s >= _EVERY_S:
            self._kept_s = steady_s
            self._keep(None, now_s)
        if self._stamping is not None and not self._stamping.is_alive():
            self._stamping = None

    def end(self) -> None:
        """The run is over, and its last entry is written."""
        if self._stamping is not None:
            self._stamping.join()
        now_s = self._context.clock.now()
        head = self._sign(now_s, to_note=False)  # the summary says it
        self._keep(head, now_s)

    def _sign(self, now_s: float, *, to_note: bool) -> HeadRow | None:
        try:
            head = self._context.store.sign_head(now_s)
        except GsmsendError as error:
            self._tell(f"the head of the audit log could not be signed: {error}", now_s)
            return None
        if head is not None:
            self._context.publish(HeadSigned(now_s, head.n, head.short, to_note))
        return head

    def _keep(self, head: HeadRow | None, now_s: float) -> None:
        try:
            problems = self._remember(head, now_s)
        except GsmsendError as error:
            problems = (str(error),)
        for words in problems:
            self._tell(words, now_s)

    def _tell(self, words: str, now_s: float) -> None:
        if words not in self._told:
            self._told.add(words)
            self._context.publish(Notice(now_s, "warning", words))

    def _date(self, at_s: float) -> date:
        return datetime.fromtimestamp(at_s, self._zone).date()


def _nobody(_head: HeadRow | None, _now_s: float) -> Sequence[str]:
    return ()
