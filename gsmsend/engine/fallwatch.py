"""The coordinator's eye on fallbacks: which lines are out of use, what goes another way, what comes back.

A few texts at a time wait for the fallback, so that all others are the line's as soon as it is back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gsmsend.config import FallbackTerms, Rule
from gsmsend.contract import FallCounts, FallOrder, TextBody
from gsmsend.engine import fallback
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.engine.fallback import LineView, Takeover
from gsmsend.engine.gate import terms_of
from gsmsend.engine.line import LineWorker
from gsmsend.engine.others import of_others
from gsmsend.errors import LineBarred
from gsmsend.model import Registration, Sim, State

_AHEAD = 5
"""So many texts wait for a fallback at most."""
_LOOK_S = 0.5
_TRY_AGAIN_S = 600.0
"""So long after a line was barred it may take texts once more, while a run goes on: somebody may have paid."""
_ASK_S = 30.0
"""How often it is asked whether a campaign's approval stands, while its texts move."""
_REFUSED = "the network refused it for good, which another network need not"
_CLOSED = "its line is closed"
_GOES = "goes over its fallback"

Stands = Callable[[str], str]
"""Why a campaign may not be sent as it is now, for want of approvals; empty if it may."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign's fallback: its wording in segments, and `wording`, by which its trial is known."""

    terms: FallbackTerms
    text: TextBody
    wording: str


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """All of an operation. `stands` is asked before texts move, and again now and then."""

    plans: tuple[Plan, ...] = ()
    stands: Stands | None = None


@dataclass(slots=True)
class _Asked:
    """What was said of a campaign's approval, and when it was asked."""

    at_s: float
    refusal: str


@dataclass(slots=True)
class _Outcome:
    """What one look came to: whether texts moved, whether it is worth waiting, and words."""

    moved: int = 0
    pending: bool = False
    why: str = ""
    problem: str = ""


class FallWatch:
    """Owned by the run's coordinator. `pending`: a fallback has texts, or will take some; the run must not end.

    `why` says what is waited for, `problem` why a fallback that should take texts cannot; both may be empty.
    """

    def __init__(
        self,
        context: RunContext,
        workers: Sequence[LineWorker],
        fallbacks: Fallbacks,
        *,
        wait_reports_s: float = 0.0,
        where: str = "",
    ) -> None:
        self._context = context
        self._workers = workers
        self._clouds = {worker.route: worker for worker in workers if worker.cloud}
        self._stands = fallbacks.stands
        self._asked: dict[str, _Asked] = {}
        self._wait_reports_s = wait_reports_s
        self._where = where
        self._plans = fallbacks.plans
        context.receives_on = bool(fallbacks.plans)
        self._since: dict[int, tuple[Rule, float]] = {}
        self._sent: dict[int, int] = {}
        self._barred_s: dict[int, float] = {}
        self._looked_s = float("-inf")
        self._began_s = context.clock.now()
        self._told: set[str] = set()
        self.pending = False
        self.why = self.problem = ""

    @property
    def _lines(self) -> list[LineWorker]:
        """Those of today: devices are plugged in and pulled out."""
        return [worker for worker in self._workers if not worker.cloud]

    def begin(self) -> None:
        """Before any line is up: what waited for a fallback and was not begun is its line's again.

        Lines that were out of use are so still, until they show otherwise.
        """
        store, now_s = self._context.store, self._context.clock.now()
        self._began_s = now_s
        self._context.others = store.other_lines()
        if store.fallback_lines() and not any(other.up for other in self._context.others):
            for row in store.campaigns():
                if store.fall_counts(row.campaign_id).waiting:
                    store.return_home(row.campaign_id, "a run begins: its line is tried first", now_s)
        if self._plans:
            self._since = {one.line_id: (Rule(one.rule), one.since_s) for one in store.outages()}

    @property
    def wanted(self) -> bool:
        """Whether a run has something to do for a fallback although nothing is queued."""
        return any(
            one.state is State.HELD or one.state is State.FAILED
            for plan in self._plans
            for one in self._counts(plan)[1].left
        ) and any(not _over(worker) for worker in self._clouds.values())

    def look(self, *, anew: bool = False) -> int:
        """Look at lines if it is time or asked for `anew`; move texts and give back. How many moved."""
        context, steady_s = self._context, self._context.clock.monotonic()
        if not self._plans or (steady_s - self._looked_s < _LOOK_S and not anew):
            return 0
        self._looked_s = steady_s
        now_s = context.clock.now()
        views, unknown = self._views(now_s)
        found = _Outcome()
        for plan in self._plans:
            self._one(plan, views, found, now_s, unknown=unknown)
        self.pending, self.why = found.pending, found.why
        self.problem = "" if found.pending else found.problem
        for worker in self._lines:
            worker.patient = found.pending
        return found.moved

    def ending(self, ended: tuple[int, str]) -> tuple[int, str]:
        """How a run ends, with why no fallback could help."""
        code, why = ended
        if not code or not self.problem:
            return ended
        return code, f"{why.rstrip('.')}. The fallback does not take over: {self.problem}"

    # -- one campaign -----------------------------------------------------------------------------------

    def _counts(self, plan: Plan) -> tuple[int | None, FallCounts]:
        row = self._context.store.campaign(plan.terms.campaign)
        if row is None or row.cancelled or row.paused:
            return None, FallCounts()
        return row.campaign_id, self._context.store.fall_counts(row.campaign_id)

    def _one(
        self, plan: Plan, views: dict[int, LineView], found: _Outcome, now_s: float, *, unknown: bool
    ) -> None:
        campaign_id, counts = self._counts(plan)
        if campaign_id is None:
            return
        terms = plan.terms
        cloud = self._clouds.get(terms.route)
        if cloud is not None and cloud.elsewhere:  # the host that has the account looks after it
            found.pending = found.pending or bool(counts.waiting)
            return
        if cloud is None or _over(cloud) or cloud.quarantined:
            why = cloud.why if cloud is not None else "it has no route in this run"
            words = f"it cannot be used ({why})"
            if counts.waiting:
                self._home(campaign_id, f"the fallback cannot be used: {why}", None, found, now_s)
            found.problem = found.problem or words
            return
        queued = {one.bound_line for one in counts.left if one.state is State.QUEUED}
        if counts.waiting:
            back = fallback.usable_for({0, *views}, views)
            if back:
                self._home(campaign_id, "its line is back", back, found, now_s)
            found.pending = True
        due, told = fallback.bounds_due(queued, views, terms, self._began_s, now_s, unknown=unknown)
        held = self._held(terms, counts, now_s)
        refused = Rule.REFUSED in terms.on and any(one.state is State.FAILED for one in counts.left)
        if told is not None and told.at_s > now_s:
            at = self._context.gate.clock(told.at_s)
            found.why = found.why or f"{told.why}; the fallback takes over at {at}"
            found.pending = True
        if (due or held or refused) and self._context.gate.shut(now_s) is None:
            self._take(plan, campaign_id, counts, (due, held), told, found, now_s)
        elif self._context.gate.shut(now_s) is not None:
            found.pending = False

    def _take(
        self,
        plan: Plan,
        campaign_id: int,
        counts: FallCounts,
        bounds: tuple[tuple[int, ...], tuple[int, ...]],
        told: Takeover | None,
        found: _Outcome,
        now_s: float,
    ) -> None:
        """Move texts whose time has come, unless something is lacking."""
        terms, (due, held) = plan.terms, bounds
        cloud = self._clouds[terms.route]
        ready = cloud.ready and cloud.line_id is not None  # before its trial is asked for: that is by account
        trial = self._context.store.trial(terms.campaign, plan.wording)
        lacking = fallback.lacks(terms, trial, counts, plan.text.segments, self._where)
        lacking = lacking or self._not_approved(terms.campaign)
        if lacking:
            hopeful = fallback.awaited(trial) and (due or held)
            if hopeful and trial is not None and now_s - trial.changed_at_s < self._wait_reports_s:
                found.pending = True
                found.why = found.why or f"the fallback of {terms.campaign} waits: {lacking}"
            if due or held:
                found.problem = found.problem or lacking
                self._tell("warning", f"the fallback of campaign {terms.campaign} does not take over: {lacking}")
            return
        if cloud.line_id is None or not ready:
            found.pending = True
            return
        settings, room = self._context.settings, _AHEAD - counts.waiting
        base = FallOrder(
            campaign_id, cloud.line_id, plan.text, "", room, fallback.segments_left(terms, counts),
            approved_only=settings.approval.required, gap_s=settings.gap_s,
        )  # fmt: skip
        moved = 0
        for order in self._orders(base, due, held, told, terms):
            left = None if order.segments is None else order.segments - moved * plan.text.segments
            number = 0
            if moved < room:
                asked = replace(order, limit=room - moved, segments=left)
                number = self._context.store.fall_back(asked, now_s)
            moved += number
            if number:
                self._tell("warning", f"campaign {terms.campaign} {order.why}")
        found.moved += moved
        found.pending = found.pending or bool(moved)

    @staticmethod
    def _orders(
        base: FallOrder, due: tuple[int, ...], held: tuple[int, ...], told: Takeover | None, terms: FallbackTerms
    ) -> list[FallOrder]:
        found = []
        if held:
            found.append(replace(base, held=held, why=f"{_GOES}: {_CLOSED}"))
        if due and told is not None:
            found.append(replace(base, bound=due, why=f"{_GOES}: {told.why}"))
        if Rule.REFUSED in terms.on:
            found.append(replace(base, codes=fallback.codes(), why=f"{_GOES}: {_REFUSED}"))
        return found

    def _not_approved(self, campaign: str) -> str:
        if self._stands is None:
            return ""
        steady_s, asked = self._context.clock.monotonic(), self._asked.get(campaign)
        if asked is None or steady_s - asked.at_s >= _ASK_S:
            asked = self._asked[campaign] = _Asked(steady_s, self._stands(campaign))
        return asked.refusal

    def _home(
        self, campaign_id: int, why: str, bound: tuple[int, ...] | None, found: _Outcome, now_s: float
    ) -> None:
        back = self._context.store.return_home(campaign_id, why, now_s, bound=bound)
        if back:
            found.moved += back
            texts = "1 text has" if back == 1 else f"{back:,} texts have"
            self._say("info", f"{why}: {texts} their own words and line again")

    def _held(self, terms: FallbackTerms, counts: FallCounts, now_s: float) -> tuple[int, ...]:
        """Lines whose closing day has come, of those for which texts are held."""
        bounds = {one.bound_line for one in counts.left if one.state is State.HELD}
        if not bounds or Rule.CLOSED not in terms.on:
            return ()
        store, gate = self._context.store, self._context.gate
        closed = {name for name, one in self._context.settings.lines.items() if gate.closed(one, now_s)}
        ids = {-wanted.wanted_id for wanted in store.wanted_lines() if wanted.name in closed}
        for line in store.lines(counted=False):
            of = terms_of(self._context.settings.lines, Sim(line.iccid, line.imsi, line.number))
            if of is not None and of.name in closed:
                ids.add(line.line_id)
        return tuple(sorted(bounds & ids))

    # -- lines ------------------------------------------------------------------------------------------

    def _views(self, now_s: float) -> tuple[dict[int, LineView], bool]:
        """The lines that are no fallbacks, other hosts' too; and whether one of them is not known yet."""
        views = {view.line_id: view for view in of_others(self._context, now_s)}
        unknown = False
        for worker in self._lines:
            if worker.line_id is None:
                unknown = unknown or not _over(worker)
                continue
            if worker.elsewhere and worker.line_id in views:
                continue
            views[worker.line_id] = self._view(worker, worker.line_id, now_s)
        return views, unknown

    def _view(self, worker: LineWorker, line_id: int, now_s: float) -> LineView:
        self._try_again(worker, line_id)
        rule, seen_s = self._out_of_use(worker, now_s)
        known = self._since.get(line_id)
        if rule is not None:
            since_s = fallback.since(seen_s, known[1] if known is not None else None, now_s)
            if rule is not Rule.CLOSED and known != (rule, since_s):
                self._since[line_id] = rule, since_s
                self._context.store.outage(line_id, rule.value, since_s)
            return LineView(line_id, worker.title, rule=rule, since_s=seen_s if rule is Rule.CLOSED else since_s)
        if not worker.ready or worker.guard is not None:
            return LineView(line_id, worker.title)
        sent = self._sent.setdefault(line_id, worker.sent)
        if known is not None and known[0] is Rule.BARRED and worker.sent == sent:
            return LineView(line_id, worker.title)  # only a text that it carries shows that it may send again
        if known is not None:
            del self._since[line_id]
            self._context.store.outage(line_id, "", now_s)
        return LineView(line_id, worker.title, usable=True)

    def _try_again(self, worker: LineWorker, line_id: int) -> None:
        steady_s = self._context.clock.monotonic()
        if not isinstance(worker.guard, LineBarred):
            self._barred_s.pop(line_id, None)
        elif steady_s - self._barred_s.setdefault(line_id, steady_s) >= _TRY_AGAIN_S and worker.ready:
            worker.try_again()

    def _out_of_use(self, worker: LineWorker, now_s: float) -> tuple[Rule | None, float]:
        if worker.closed and worker.terms is not None and worker.terms.closes is not None:
            return Rule.CLOSED, worker.terms.closes.timestamp()
        if isinstance(worker.guard, LineBarred):
            return Rule.BARRED, now_s
        if worker.guard is not None:
            return None, now_s
        if not worker.ready:
            lost = worker.quarantined or worker.given_up
            return (Rule.QUARANTINED, worker.lost_since_s or now_s) if lost else (None, now_s)
        registration = worker.registration
        if registration.usable or registration is Registration.UNKNOWN:
            return None, now_s
        return Rule.NO_NETWORK, now_s

    def _tell(self, level: str, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self._say(level, words)

    def _say(self, level: str, words: str) -> None:
        self._context.publish(Notice(self._context.clock.now(), level, words))


def _over(worker: LineWorker) -> bool:
    return worker.guard is not None or worker.given_up
