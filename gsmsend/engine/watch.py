"""The coordinator's eye on guards: what people halt, first texts, lines that are closed or not plugged in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gsmsend.config import Rule
from gsmsend.contract import FALLBACK, FirstTexts, QueuedFor
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.engine.gate import terms_of
from gsmsend.engine.line import LineWorker
from gsmsend.errors import GuardStop, UsageError
from gsmsend.model import Sim

_CLEAR_EVERY_S = 30.0
_REFRESH_S = 0.5


@dataclass(frozen=True, slots=True)
class Block:
    """Why nothing that is queued may leave now. `ends`: without --stay the run does not wait for its end.

    `no_route`: not that a guard stops it, but that there is no way. `closed`: its line is closed, which a fallback
    may mend.
    """

    why: str
    ends: bool = True
    no_route: bool = False
    closed: bool = False


class Watch:
    """Owned by the run's coordinator. `clear` asks for approvals, and releases or withdraws campaigns by them.

    `outdated` says why the settings that this run began with hold no more, empty while they do: then nothing more
    leaves, and no approval is judged by them.
    """

    def __init__(
        self,
        context: RunContext,
        workers: Sequence[LineWorker],
        *,
        clear: Callable[[float], Sequence[str]] | None,
        outdated: Callable[[], str] | None = None,
        where: str,
    ) -> None:
        self._context = context
        self._workers = workers
        self._clear = clear
        self._outdated = outdated
        self._where = where
        self._refreshed_s = self._cleared_s = float("-inf")
        self._halted_first: frozenset[int] = frozenset()
        self._told: set[str] = set()
        self._no_first_texts = False
        self.not_cleared = ""
        """Why no campaign may be sent at all, for want of approvals."""

    def begin(self) -> None:
        """Look for the first time; say what holds texts back."""
        self._ask()
        self._context.gate.halt(self._context.store.halts())
        self._halted_first = frozenset(self._context.gate.halted)
        self._hold_closed()

    def refresh(self) -> bool:
        """Look again if it is time; whether lines should look for work again."""
        steady_s = self._context.clock.monotonic()
        if steady_s - self._refreshed_s < _REFRESH_S:
            return False
        self._refreshed_s = steady_s
        news = self._halts()
        if self._bar():
            return True
        if steady_s - self._cleared_s >= _CLEAR_EVERY_S:
            news = self._ask() or news
        return news

    def _halts(self) -> bool:
        gate = self._context.gate
        before = gate.halted
        found = self._context.store.halts()
        if not gate.halt(found):
            return False
        names = {one.campaign_id: one.name for one in found}
        names |= {
            row.campaign_id: row.name for row in self._context.store.campaigns() if row.campaign_id in before
        }
        for campaign_id, words in gate.halted.items():
            if before.get(campaign_id) != words:
                self._tell("warning", f"campaign {names[campaign_id]} is {words}")
        for campaign_id in before:
            if campaign_id not in gate.halted:
                self._tell("info", f"campaign {names.get(campaign_id, campaign_id)} goes on")
        self._halted_first &= frozenset(gate.halted)
        return True

    def _ask(self) -> bool:
        """Whether campaigns were released or withdrawn by their approvals."""
        self._cleared_s = self._context.clock.monotonic()
        if self._clear is None or self._bar():
            return False
        try:
            notes = self._clear(self._context.clock.now())
        except GuardStop as stop:
            notes, self.not_cleared = (), stop.words
        else:
            self.not_cleared = ""
        for words in notes:
            self.tell_once("warning", words)
        return True

    def _bar(self) -> bool:
        """Whether the settings that this run began with hold no more."""
        why = self._outdated() if self._outdated is not None else ""
        if why:
            self._context.gate.bar(why)
            self.tell_once("warning", why)
        return bool(why)

    def ask_again(self) -> None:
        """Ask for approvals now: drafts are left, and the run would end."""
        self._ask()

    def tell_once(self, level: str, words: str) -> None:
        """Say something that need not be said again in this run."""
        if words not in self._told:
            self._told.add(words)
            self._tell(level, words)

    def _tell(self, level: str, words: str) -> None:
        self._context.publish(Notice(self._context.clock.now(), level, words))

    # -- what is queued ---------------------------------------------------------------------------------

    def queue(self) -> list[QueuedFor]:
        """What is queued and not halted."""
        if self._hold_closed() or self._bind():
            self._context.tick.set()
        return self._context.store.queued_for(tuple(self._context.gate.halted))

    def block(self, now_s: float, queue: Sequence[QueuedFor]) -> Block | None:
        """Why nothing of it may leave now, None if some of it may."""
        shut = self._context.gate.shut(now_s)
        if shut is not None:
            return Block(shut.why)
        if not queue:
            return self._halted()
        known = {worker.line_id for worker in self._workers}
        pending = any(worker.line_id is None and not _over(worker) for worker in self._workers)
        if pending or any(found.bound_line == 0 or found.bound_line in known for found in queue):
            carriers = self.carriers(queue)
            closed = [worker for worker in carriers if worker.closed]
            if closed and all(worker.closed or _over(worker) for worker in carriers):
                return Block(f"{closed[0].why_closed}; no other line is here", closed=True)
            return None
        return self._missing([found.bound_line for found in queue])

    def carriers(self, queue: Sequence[QueuedFor]) -> list[LineWorker]:
        """The lines that may carry any of it: an account takes only what is bound to it."""
        bound = {found.bound_line for found in queue}
        return [
            worker
            for worker in self._workers
            if not worker.cloud
            or worker.line_id in bound
            or (worker.line_id is None and not _over(worker) and bound - {0})
        ]

    def way(self, queue: Sequence[QueuedFor]) -> str:
        """How texts must go for which nothing is here."""
        bound = {found.bound_line for found in queue}
        names = [line.name for line in self._context.store.lines() if line.cloud and line.line_id in bound]
        return f"over the account {names[0]}" if names else "from a SIM"

    def _halted(self) -> Block | None:
        halted = self._context.gate.halted
        if not halted:
            return None
        paused = [words for words in halted.values() if words.startswith("paused")]
        if not paused:
            return Block(f"what is left is {next(iter(halted.values()))}")
        ends = set(halted) <= self._halted_first
        return Block(f"what is left is {paused[0]}. To go on: gsmsend resume{self._where}", ends)

    def _missing(self, bound: Sequence[int]) -> Block | None:
        """Texts that wait for lines of the config that are not here; None if a line is not of it."""
        names = [
            wanted.name
            for wanted in self._context.store.wanted_lines()
            if -wanted.wanted_id in bound or wanted.line_id in bound
        ]
        if not names:
            return None
        if any(worker.known_as in names and not _over(worker) for worker in self._workers):
            return None  # it was found since the queue was read, and what waits for it is bound at the next look
        which = " and ".join(map(_named, names))
        if all(name.startswith(FALLBACK) for name in names):
            given_up = [worker for worker in self._workers if worker.known_as in names and worker.given_up]
            why = f"what is left must leave over {which}, {self._no_account(names)}"
            return Block(why, no_route=len(given_up) == len(names))
        is_not, its = ("is not here", "its SIM") if len(names) == 1 else ("are not here", "their SIMs")
        return Block(
            f"what is left must leave over {which}, which {is_not}; nothing goes over another line. Plug in a "
            f"modem with {its}; if it is here, give its iccid in gsmsend.toml ('gsmsend modems' shows it)"
        )

    def _no_account(self, names: Sequence[str]) -> str:
        """Why routes of fallbacks are not there: what became of their accounts, or that none has them any more."""
        if why := next((worker.why for worker in self._workers if worker.known_as in names and worker.why), ""):
            return f"and the account cannot be used: {why}"
        wanted = {f"{FALLBACK}{terms.route}" for terms in self._context.settings.fallbacks.values()}
        if wanted.issuperset(names) or any(self._is_here(name) for name in names):
            return "and the account has not answered yet"
        return "and no fallback in gsmsend.toml has it now"

    def _bind(self) -> bool:
        """Texts that came while their line was here already."""
        if not self._context.settings.lines and not self._context.settings.fallbacks:
            return False
        waiting = [wanted for wanted in self._context.store.wanted_lines() if wanted.waiting]
        bound = 0
        for wanted in waiting:
            for worker in self._workers:
                if worker.ready and worker.known_as == wanted.name:
                    bound += self._context.store.line_found(wanted.name, worker.line_id or 0)
        missing = [wanted for wanted in waiting if not self._is_here(wanted.name)]
        if missing and all(worker.line_id is not None or _over(worker) for worker in self._workers):
            for wanted in missing:
                texts = f"{wanted.waiting:,} text{'s wait' if wanted.waiting > 1 else ' waits'}"
                is_not = "is not here" if wanted.name.startswith(FALLBACK) else "is not plugged in"
                self.tell_once("warning", f"{texts} for {_named(wanted.name)}, which {is_not}")
        return bound > 0

    def _is_here(self, name: str) -> bool:
        return any(worker.known_as == name for worker in self._workers)

    def _hold_closed(self) -> bool:
        """Hold what must leave over a line whose closing day has come."""
        context, now_s, held = self._context, self._context.clock.now(), 0
        for terms in context.settings.lines.values():
            why = context.gate.closed(terms, now_s)
            if not why:
                continue
            bound = {-wanted.wanted_id for wanted in context.store.wanted_lines() if wanted.name == terms.name}
            for line in context.store.lines():
                if terms_of({terms.name: terms}, Sim(line.iccid, line.imsi, line.number)) is not None:
                    bound.add(line.line_id)
            queued = {found.bound_line for found in context.store.queued_for()} & bound
            for line_id in queued:
                held += context.store.hold_line(line_id, why, now_s)
            if queued:
                self._tell("warning", f"{terms.name} is {why}; {held:,} texts for it are held{self._carried()}")
        return held > 0

    def _carried(self) -> str:
        """Whose texts of a closed line a fallback is meant to carry."""
        there = {row.name for row in self._context.store.campaigns()}
        names = sorted(
            name
            for name, one in self._context.settings.fallbacks.items()
            if Rule.CLOSED in one.on and name in there
        )
        return f"; the fallback is meant to carry those of campaign {' and '.join(names)}" if names else ""

    # -- first texts ------------------------------------------------------------------------------------

    def first_texts(self) -> tuple[list[FirstTexts], int]:
        """Campaigns whose first texts still hold back the rest; and how many texts were let go just now."""
        store, now_s, waiting, freed = self._context.store, self._context.clock.now(), [], 0
        if self._no_first_texts:
            return [], 0
        held_back = store.first_texts()
        self._no_first_texts = not held_back and not self._context.settings.canary
        for found in held_back:
            if found.campaign_id in self._context.gate.halted:
                continue
            if found.delivered < found.wanted:
                waiting.append(found)
                continue
            words = f"the first {found.wanted} texts were delivered"
            try:
                freed += store.pass_canary(found.name, words, now_s)
            except UsageError:  # withdrawn or cancelled at this very moment, from another terminal
                continue
            self._tell("info", f"{words}: the other {found.rest:,} follow")
        return waiting, freed

    @staticmethod
    def first_short(found: FirstTexts) -> str:
        """What the rest of a campaign waits for, in few words."""
        count = f"{found.delivered} of the first {found.wanted} texts are delivered"
        return f"{count}; the other {found.rest:,} wait for that"

    def first_words(self, found: FirstTexts) -> str:
        """What became of first texts, and what to type."""
        verb = "is" if found.delivered == 1 else "are"
        parts = [f"of the first {found.wanted} texts {found.delivered} {verb} delivered"]
        if found.out:
            parts.append(f"{found.out} without a report yet")
        if found.lost:
            parts.append(f"{found.lost} not delivered")
        if found.elsewhere:
            parts.append(f"{found.elsewhere} left to the fallback, which says nothing of the line")
        where = self._where
        name = "" if found.name == "main" else f" --campaign '{found.name}'"
        return (
            f"{', '.join(parts)}; the other {found.rest:,} wait. Look at them: gsmsend messages{where}; if the "
            f"others may go: gsmsend resume{where}{name} --go-on --because 'why'"
        )


def _over(worker: LineWorker) -> bool:
    return worker.guard is not None or worker.given_up


def _named(name: str) -> str:
    """A wanted line as gsmsend.toml has it."""
    return f"the route {name.removeprefix(FALLBACK)}" if name.startswith(FALLBACK) else f"[line.{name}]"
