"""One run: starts the lines, watches until nothing is left to do, and says how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from gsmsend.config import Settings
from gsmsend.contract import Clock, Driver, Endpoint, FirstTexts, QueuedFor, Store
from gsmsend.engine.authority import Authority
from gsmsend.engine.context import RunContext
from gsmsend.engine.ending import (
    EXIT_FAULT,
    EXIT_GUARD,
    EXIT_INTERRUPTED,
    EXIT_NO_ROUTE,
    EXIT_OK,
    no_lines,
    well_ended,
)
from gsmsend.engine.events import Counted, Event, Finished, HeldBack, Notice, Started
from gsmsend.engine.fallwatch import Fallbacks, FallWatch
from gsmsend.engine.heads import DayBook, Remember
from gsmsend.engine.line import LineWorker
from gsmsend.engine.plugging import Plugging, Plugs
from gsmsend.engine.recording import RunRecord
from gsmsend.engine.wall import WallWatch
from gsmsend.engine.watch import Block, Watch
from gsmsend.errors import StoreError
from gsmsend.model import State

_LOOK_S = 0.5
"""How often the queue is looked at; more rarely when that takes long: with millions of texts it takes a second."""
_EXPIRE_S = 60.0
_LEAST_S = 0.1
"""Ticks come with every text; while no line is busy the queue is looked at no more often than this."""
_RESTING = (State.DRAFT, State.HELD, State.SUPPRESSED, State.CANCELLED)
"""States that a message has, or leaves, by what people do."""
_STILL_S = 60.0
"""A round takes well under a second; so long without one, the run stands still."""
_STUCK_S, _STUCK_LOOKS = 3.0, 5
"""So long after every line found nothing to do, due texts that are left are for lines that are not here."""


class Run:
    """Built by wiring. `execute` blocks on the calling thread; `stop` may be called from a signal handler."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        routes: Sequence[tuple[Driver, Endpoint]],
        *,
        publish: Callable[[Event], None],
        wait_reports_s: float,
        stay: bool,
        clear: Callable[[float], Sequence[str]] | None = None,
        fallbacks: Fallbacks | None = None,
        outdated: Callable[[], str] | None = None,
        remember: Remember | None = None,
        plugs: Plugs | None = None,
        authority: Authority | None = None,
        steady: Callable[[], float] | None = None,
        mark: str = "",
        where: str = "",
    ) -> None:
        self._context = RunContext(store, clock, settings, publish, steady=steady, mark=mark)
        for _, endpoint in routes:
            self._context.places.take(endpoint.address)
        self._context.addresses = frozenset(endpoint.address for _, endpoint in routes)
        self._wait_reports_s = wait_reports_s
        self._stay = stay
        self._workers = [LineWorker(self._context, driver, endpoint, stay=stay) for driver, endpoint in routes]
        self._guards = Watch(self._context, self._workers, clear=clear, outdated=outdated, where=where)
        self._fall = FallWatch(
            self._context, self._workers, fallbacks or Fallbacks(), wait_reports_s=wait_reports_s, where=where
        )
        self._first: list[FirstTexts] = []
        self._held_back = ""
        self._told: dict[State, int] = {}
        self._unsure = False
        self._interrupted = False
        self._round_s: float | None = None
        self._quiet_since_s: float | None = None
        self._stuck_s: list[float] = []
        self._poked_s = self._count_s = 0.0
        self._rarely = False
        self._expired_s = float("-inf")
        self._wall = WallWatch()
        self._record = RunRecord(self._context)
        self._days = DayBook(self._context, remember)
        self._plugging = Plugging(
            self._context, self._workers, plugs, stay=stay, authority=authority, noted=self._record.noted
        )

    def stop(self) -> None:
        """Finish the open attempts and stop; the queue keeps the rest."""
        self._interrupted = True
        self._context.stopping.set()
        self._context.tick.set()

    @property
    def told_to_stop(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._interrupted

    def waits_for_store(self, words: str) -> None:
        """The store is waited for, which is no standing still; `words` tells people, now and then."""
        if self._round_s is not None:
            self._round_s = self._context.clock.monotonic()
        if words:
            self._context.publish(Notice(self._context.clock.now(), "warning", words))

    def news(self) -> None:
        """Another process changed what is queued, or whether it may leave: look now. On any thread."""
        self._guards.news()
        for worker in tuple(self._workers):
            worker.poke()
        self._context.tick.set()

    def standing_still(self) -> str:
        """In plain words, that it has not gone round for long and a restart would help; "" while all is well.

        For supervisors, on any thread. While it begins and ends it waits for the store and for open attempts.
        """
        round_s = self._round_s
        for_s = 0.0 if round_s is None else self._context.clock.monotonic() - round_s
        return f"the run has not looked at its lines for {for_s:.0f} seconds" if for_s > _STILL_S else ""

    def execute(self) -> Finished:
        """Run to the end. Raises what must stop the whole run (StoreError, or a bug)."""
        try:
            return self._execute()
        except BaseException as fault:
            self._record.broken(fault)
            raise
        finally:
            with suppress(StoreError):  # then its lease runs out by itself
                self._context.lease.end()

    def _execute(self) -> Finished:
        context = self._context
        context.lease.begin(context.stopping)
        recovered = context.store.recover(context.clock.now())
        uncertain = recovered.uncertain
        context.cut_off_s = recovered.cut_off_s
        self._guards.begin()
        self._fall.begin()
        totals = self._told = context.store.totals()
        self._record.start(recovered, totals)
        context.publish(Started(context.clock.now(), totals))
        if uncertain:
            words = f"{uncertain} text(s) were being sent when gsmsend was stopped: they may have gone out"
            context.publish(Notice(context.clock.now(), "warning", words))
        code, why = EXIT_OK, "there is nothing to send"
        block = self._block_at_first(totals)
        if block is not None and not self._stay and not self._awaited(totals):
            code, why = EXIT_GUARD, block.why
        elif self._stay or totals[State.QUEUED] or self._awaited(totals) or self._fall.wanted:
            self._days.begin()
            context.lease.start(self._poke)
            try:
                self._plugging.begin()
                for worker in self._workers:
                    worker.start()
                code, why = self._watch()
            finally:
                self._round_s = None
                try:
                    self._plugging.end()
                finally:  # a text that is under way has its outcome on disk, whatever fails beside it
                    self._stop_lines()
            self._raise_fault()
        return self._finish(code, why)

    def _block_at_first(self, totals: dict[State, int]) -> Block | None:
        """What holds everything back before any line is up; it is said at once."""
        now_s, guards = self._context.clock.now(), self._guards
        self._first, freed = guards.first_texts()
        block: Block | None = None
        if totals[State.QUEUED] + freed:
            shut = self._context.gate.shut(now_s)
            block = Block(shut.why) if shut is not None else None
            if block is None and not self._context.store.queued_for(tuple(self._context.gate.halted)):
                block = guards.block(now_s, ())
        elif guards.not_cleared:
            block = Block(guards.not_cleared)
        elif self._first:
            block = Block(guards.first_words(self._first[0]))
        totals[State.QUEUED] += freed
        if block is not None:
            guards.tell_once("warning", block.why)
        return block

    def _watch(self) -> tuple[int, str]:
        context = self._context
        while True:
            self._round_s = context.clock.monotonic()
            ticked = context.tick.wait(_LOOK_S)
            busy = any(worker.ready and not worker.idle for worker in self._workers)
            self._rarely = busy or not ticked
            context.stopping.wait(_LOOK_S if busy else _LEAST_S)
            context.tick.clear()
            self._plugging.look()
            if self._guards.refresh():
                self._poke()
            ended = self._look()
            if ended is not None:
                return ended

    def _poke(self) -> None:
        for worker in self._workers:
            worker.poke()

    def _look(self) -> tuple[int, str] | None:
        """Look at lines and queue; the exit code and reason if the run is over."""
        context, now_s = self._context, self._context.clock.now()
        if context.stopping.is_set():
            return EXIT_INTERRUPTED, "interrupted; the queue is intact"
        if any(worker.fault is not None for worker in self._workers):
            return EXIT_FAULT, "an unexpected fault"
        context.lease.look()
        context.others = context.store.other_lines()
        self._mind_the_clock(now_s)
        self._expire(now_s)
        self._days.look()
        self._first, freed = self._guards.first_texts()
        if self._fall.look() or freed:
            self._poke()
        began_s = context.clock.monotonic()
        if self._rarely and began_s < self._count_s:
            return None
        ended = self._look_on(now_s)
        counted_s = context.clock.monotonic()
        self._count_s = counted_s + 20 * (counted_s - began_s)
        if ended is not None and self._fall.look(anew=True):
            self._poke()
        return None if ended is None or self._fall.pending else self._fall.ending(ended)

    def _look_on(self, now_s: float) -> tuple[int, str] | None:
        """The same, once what moves by itself has moved."""
        store = self._context.store
        totals = store.totals()
        self._tell_totals(totals)
        if totals[State.QUEUED]:
            return self._send_on(totals, now_s)
        self._stuck_s.clear()
        self._hold_back(
            self._guards.first_short(self._first[0]) if self._first else self._guards.not_cleared or self._fall.why
        )
        if self._stay or totals[State.SENDING]:
            self._quiet_since_s = None
            if self._stay and self._first and (self._first[0].lost or self._first[0].elsewhere):
                self._guards.tell_once("warning", self._guards.first_words(self._first[0]))
            return None if self._stay else no_lines(self._at_work(), work_left=True)
        done = self._reports_done(totals)
        if done is not None and self._first:
            return EXIT_GUARD, self._guards.first_words(self._first[0])
        if done is not None and totals[State.DRAFT]:
            self._guards.ask_again()
            if store.totals()[State.QUEUED]:
                return None
        if done is not None and self._guards.not_cleared:
            return EXIT_GUARD, self._guards.not_cleared
        return done

    def _tell_totals(self, totals: dict[State, int]) -> None:
        """Tell what no message's own move tells; once more when all is quiet, as moves are told a little later."""
        before, self._told = self._told, totals
        news = totals != before
        idle = not any(worker.ready and not worker.idle for worker in self._workers)
        if any(totals[state] != before[state] for state in _RESTING) or (idle and (news or self._unsure)):
            self._unsure = news
            self._context.publish(Counted(self._context.clock.now(), totals))

    def _send_on(self, totals: dict[State, int], now_s: float) -> tuple[int, str] | None:
        """Texts are queued: have idle lines look for them; the end if none of them can leave."""
        context, queue = self._context, self._guards.queue()
        block = self._guards.block(now_s, queue)
        self._hold_back(block.why if block is not None else self._fall.why)
        if block is not None:
            return self._blocked(block, totals)
        self._quiet_since_s = None
        theirs = {other.line_id for other in context.others if other.held}
        due = any(one.due_at_s <= now_s for one in queue if one.bound_line >= 0 and one.bound_line not in theirs)
        # Before lines are asked to look again: one that was just asked is not idle.
        ended = None if self._stay else self._no_way_out(queue, due=due, sending=totals[State.SENDING] > 0)
        asked_s = context.clock.monotonic()
        if due and asked_s - self._poked_s >= _LOOK_S:
            self._poked_s = asked_s
            for worker in self._workers:
                if worker.ready and worker.idle:
                    worker.poke()
        return ended

    def _hold_back(self, why: str) -> None:
        """Tell when it changes what keeps everything back."""
        if why != self._held_back:
            self._held_back = why
            self._context.publish(HeldBack(self._context.clock.now(), why))

    def _blocked(self, block: Block, totals: dict[State, int]) -> tuple[int, str] | None:
        """Nothing that is queued may leave: collect reports, then end or wait."""
        self._stuck_s.clear()
        if not (block.closed and self._fall.pending):
            self._guards.tell_once("warning", block.why)
        if self._stay or totals[State.SENDING]:
            return None
        if not block.ends:
            return no_lines(self._at_work(), work_left=True)
        code = EXIT_NO_ROUTE if block.no_route else EXIT_GUARD
        return (code, block.why) if self._reports_done(totals) is not None else None

    def _mind_the_clock(self, now_s: float) -> None:
        """Nothing waits for a time that a clock set back has put far ahead."""
        context = self._context
        back_s = self._wall.set_back(now_s, context.clock.monotonic())
        if back_s:
            context.store.clock_set_back(now_s)
            words = f"this computer's clock was set back by {back_s:.0f} seconds; nothing waits because of it"
            context.publish(Notice(now_s, "warning", words))
            self._record.noted("clock", words)
            self._poke()

    def _expire(self, now_s: float, *, at_once: bool = False) -> None:
        """Once a minute and at the end: texts whose reports are overdue become unconfirmed."""
        steady_s = self._context.clock.monotonic()
        if at_once or steady_s - self._expired_s >= _EXPIRE_S:
            self._expired_s = steady_s
            self._context.store.expire(now_s - self._context.settings.unconfirmed_after_s, now_s)

    def _reports_done(self, totals: dict[State, int]) -> tuple[int, str] | None:
        if not self._awaited(totals):
            return EXIT_OK, "everything is done"
        steady_s = self._context.clock.monotonic()
        if self._quiet_since_s is None:
            self._quiet_since_s = steady_s
        # An account over which nothing went has no report to give.
        able = [worker for worker in self._workers if not worker.cloud or worker.awaits or not worker.ready]
        ready = [worker for worker in able if worker.ready]
        if ready and not any(worker.reports for worker in ready):
            return EXIT_OK, "these modems give no delivery reports"
        if steady_s - self._quiet_since_s >= self._wait_reports_s:
            return EXIT_OK, "some delivery reports have not come yet"
        return no_lines(able, work_left=False)

    def _awaited(self, totals: dict[State, int]) -> bool:
        """Whether reports may still come, or evidence of what became of an uncertain text."""
        if totals[State.SENT]:
            return True
        since_s = self._context.clock.now() - self._context.settings.validity_s
        return bool(totals[State.UNCERTAIN]) and self._context.store.uncertain_since(since_s) > 0

    def _at_work(self) -> list[LineWorker]:
        """All lines but accounts with nothing at hand: those have no work, and get none by waiting."""
        return [worker for worker in self._workers if not (worker.cloud and worker.idle)]

    def _no_way_out(self, queue: Sequence[QueuedFor], *, due: bool, sending: bool) -> tuple[int, str] | None:
        """Texts are queued; the end if none of the lines can send them that may."""
        carriers = self._guards.carriers(queue)
        ended = no_lines(carriers, work_left=True)
        if ended is not None:
            return ended
        context = self._context
        settled = all(
            worker.guard is not None or worker.given_up or (worker.ready and worker.idle) for worker in carriers
        )
        if not (due and settled) or sending:
            self._stuck_s.clear()
            return None
        self._stuck_s.append(context.clock.monotonic())
        if len(self._stuck_s) < _STUCK_LOOKS or self._stuck_s[-1] - self._stuck_s[0] < _STUCK_S:
            return None
        return EXIT_NO_ROUTE, f"the texts that are left must go {self._guards.way(queue)} that is not here"

    def _stop_lines(self) -> None:
        self._context.stopping.set()
        self._poke()
        for worker in self._workers:
            worker.join()

    def _raise_fault(self) -> None:
        for worker in self._workers:
            if worker.fault is not None:
                raise worker.fault

    def _finish(self, code: int, why: str) -> Finished:
        context = self._context
        # The store takes changes in turn: what the lines heard to the last is told before, and is in the totals.
        self._expire(context.clock.now(), at_once=True)
        totals = context.store.totals()
        if code == EXIT_OK:
            code, why = well_ended(totals, why, danger=context.store.unseen_dangers)
        self._record.stop(totals, code, why)
        self._days.end()
        finished = Finished(context.clock.now(), totals, code, why)
        context.publish(finished)
        return finished
