"""Sending over an open link: the intent on disk, the part, its outcome, the next; listening in between.

The outcome of one part and the intent of the next go to disk in one transaction, while the modem is already
asked for its prompt; the text itself leaves only once that transaction is synced (invariant 1).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from uuid import uuid4

from gsmsend.config import LineTerms
from gsmsend.contract import (
    Advanced,
    AttemptClose,
    AttemptOpen,
    Claimed,
    LineRow,
    Link,
    PartToSend,
    Requesting,
    Submission,
    WholeTexts,
)
from gsmsend.engine import counter, policy
from gsmsend.engine.care import Care
from gsmsend.engine.context import RunContext
from gsmsend.engine.counter import CounterWatch
from gsmsend.engine.events import MessageMoved, Notice, PartAnswered
from gsmsend.engine.fitness import NO_NETWORK, fit
from gsmsend.engine.gate import Shut
from gsmsend.engine.hosting import UNSURE
from gsmsend.engine.intake import Intake
from gsmsend.engine.lookups import LookupWatch
from gsmsend.engine.network import NetworkWatch, barred
from gsmsend.engine.numbering import NumberWatch
from gsmsend.engine.pace import PaceKeeper
from gsmsend.engine.under_way import HeldBack, ToTell, UnderWay
from gsmsend.errors import FenceLost, LinkLost, StoreError
from gsmsend.model import Facts, Outcome, OutcomeKind, Refusal, Registration, State

_NOT_ON_RECORD = "the driver was about to hand over something else than what is on record; nothing was sent"
_UNSURE_S = 0.5
_IDLE_S = 15.0
"""The longest stretch of listening before looking round again."""


class Talk:
    """One line's work over one open link. Owned by the line's thread."""

    def __init__(
        self,
        context: RunContext,
        link: Link,
        line: LineRow,
        show: Callable[[str, str, str], None],
        terms: LineTerms | None = None,
        *,
        cloud: bool = False,
    ) -> None:
        self._terms = terms
        self._title = terms.name if terms is not None else line.name  # what people call it
        self._late: Shut | None = None
        self._context = context
        self._link = link
        self._line = line
        self._show = show
        self._pending: AttemptClose | None = None
        self._current: UnderWay | None = None
        self._told: ToTell | None = None
        self._barred: set[str] = set()
        self._paced_until_s = self._late_s = 0.0
        self._network = NetworkWatch(context, link, self._title)
        self._now: Callable[[], Facts]
        self._counter = CounterWatch(context, link, line, line.imei)
        self._numbers = NumberWatch(context, link, line, self._title)
        self._requests = isinstance(link, Requesting)
        self._whole = isinstance(link, WholeTexts)
        self._lookups = LookupWatch(context, link, line, self._title)
        self._care = care = Care(context, line, self._title)
        self.intake = Intake(context.store, line.line_id, context.gate, bound_only=cloud, allowed=care.allowed)
        self.listening = False
        self.handed_over = False
        self.fence = context.lease.fence
        """Under which the line was taken."""
        self.barred = ""
        """Why it only receives: the network takes no text from this SIM any more."""
        self.sent = line.sent
        sent_s = context.store.sent_times(line.line_id, context.clock.now() - context.settings.pace.looks_back_s)
        self._pace = PaceKeeper(context.settings.pace, sent_s, context.random)

    @property
    def busy(self) -> bool:
        """Whether something is under way or at hand."""
        return self._current is not None or self._pending is not None or not self.intake.starved

    def work(self, facts: Callable[[], Facts]) -> None:
        """Send and listen until the run stops. Raises LinkLost, GuardStop or StoreError; nothing is lost then."""
        self._now, lease = facts, self._context.lease
        try:
            while not self._context.stopping.is_set():
                lease.check(self.fence)
                now = facts()
                self._counter.look(now)
                self._numbers.look()
                if self._lookups.look():
                    self.intake.poke()
                amid, shut = self._current is not None, self._shut()
                rest = self._network.resting(now) or self._care.resting(now, amid=amid)
                if shut is not None:
                    self._put_away()
                    wait_s, words, why = self._shut_words(shut)
                elif rest is not None:
                    rest_s, words, why = rest
                    wait_s = min(rest_s, _IDLE_S)
                    self._flush()
                    self.intake.give_back(self._context.clock.now())  # other lines may have it meanwhile
                elif now.registration.usable or now.registration is Registration.UNKNOWN:
                    wait_s = self._send_next(now)
                    words, why = self._waiting_words(wait_s), ""
                else:
                    self._flush()
                    wait_s, words = _IDLE_S, ("no network", "waiting for the network")
                    why = NO_NETWORK.get(now.registration, "")
                self._care.working(able=words[0] in ("ready", "sending"))
                self._network.tell("" if now.registration.usable or shut is not None else why)
                if wait_s > 0:
                    self._show(*words, why)
                    self._listen(min(wait_s, self._lookups.next_s()))
        except FenceLost:
            with suppress(LinkLost):
                self._link.listen(0.0)  # what was heard meanwhile still holds
            raise
        finally:
            self._care.leave(sys.exception())
            self._flush()
            self._put_back()

    def _shut(self, parts: int = 0) -> Shut | None:
        """Whether nothing may leave over this line now, or nothing that has so many parts."""
        if not self._context.lease.sure(self.fence):
            return Shut(None, UNSURE)
        gate, now_s, needed_s = self._context.gate, self._context.clock.now(), self.intake.needed_s(parts)
        closed = self.barred or gate.closed(self._terms, now_s, needed_s)
        if closed:
            return Shut(None, closed)
        late = self._late
        if late is not None and late.until_s is not None and now_s < late.until_s:
            return late if gate.shut(now_s, self._late_s) is not None else None
        self._late = None
        return gate.shut(now_s, needed_s)

    def _shut_words(self, shut: Shut) -> tuple[float, tuple[str, str], str]:
        if shut.why == UNSURE:
            return _UNSURE_S, ("waiting", "for the store"), shut.why
        if self.barred:
            return _IDLE_S, ("barred", "receives only"), shut.why
        if self._context.gate.closed(self._terms, self._context.clock.now(), self.intake.needed_s(1)):
            return _IDLE_S, ("closed", "receives only"), shut.why
        if shut.until_s is None:
            return _IDLE_S, ("waiting", "receives only"), ""
        left_s = shut.until_s - self._context.clock.now()
        return max(0.0, min(left_s, _IDLE_S)), ("waiting", f"until {self._context.gate.clock(shut.until_s)}"), ""

    def _waiting_words(self, wait_s: float) -> tuple[str, str]:
        if wait_s == _IDLE_S:
            return "ready", "waiting for work"
        if wait_s <= 0:
            return "sending", ""  # nobody is told: the next part follows at once
        return "waiting", f"keeping the pace until {self._context.gate.clock(self._paced_until_s)}"

    def _listen(self, wait_s: float) -> None:
        self.listening = True
        try:
            if not self._context.stopping.is_set():
                self._link.listen(wait_s)
        finally:
            self.listening = False

    def _send_next(self, facts: Facts) -> float:
        """Send one part if there is one and the pace allows; how long to listen otherwise, in seconds."""
        now_s = self._context.clock.now()
        if self._current is None:
            if self._pending is not None and self.intake.peek() is None:
                self._flush()
            message = self.intake.take(now_s)
            if message is None:
                self._context.tick.set()
                return _IDLE_S
            self._begin(message, virtual=facts.device.virtual)
            if self._current is None:
                return 0.0
        current = self._current
        if current.message.campaign_id in self._context.gate.halted:
            self._put_away()
            return 0.0
        ready_s = self._pace.ready_at(now_s, len(current.left))
        if ready_s > now_s:
            self._flush()
            self._paced_until_s = ready_s
            return min(ready_s - now_s, _IDLE_S - 0.5)
        late = self._shut(len(current.left))
        if late is not None:
            self._late, self._late_s = late, self.intake.needed_s(len(current.left))
            return 0.0
        reference = self._send_part(current)
        self._counter.accepted(reference, facts)
        return 0.0

    def _put_away(self) -> None:
        """Nothing of what was claimed may leave now: back into the queue, behind what is on disk already."""
        self._flush()
        now_s = self._context.clock.now()
        if self._current is not None:
            self._context.store.release([self._current.message.message_id], now_s, self._line.line_id).result()
            self._current = None
        self.intake.give_back(now_s)

    def _begin(self, message: Claimed, *, virtual: bool) -> None:
        national = self._context.settings.national_tables
        segments, why = fit(message, national=national, virtual=virtual, whole=self._whole)
        if why:
            now_s, line_id = self._context.clock.now(), self._line.line_id
            self._context.store.drop(message.message_id, why, now_s, line_id).result()
            self._moved(message, State.SENDING, State.FAILED, why)
            self._context.tick.set()
        else:
            self._current = UnderWay(message, segments, list(message.parts))

    def _send_part(self, current: UnderWay) -> int | None:
        """Send the next part; the TP-MR of an accepted one."""
        part, message = current.left[0], current.message
        clock, settings = self._context.clock, self._context.settings
        self._show("sending", "", "")
        opened_s, key = clock.now(), uuid4().hex if self._requests else ""
        submission = Submission(
            destination=message.number, segment=current.segments[part.seq - 1], text=message.text, key=key,
            seq=part.seq, total=message.total, concat_reference=message.message_id & 0xFF,
            validity_s=settings.validity_s,
        )  # fmt: skip
        raw = self._link.raw(submission)
        intent = AttemptOpen(message.message_id, part.seq, self._line.line_id, opened_s, raw, key, self._whole)
        advanced = self._advance(intent)
        if self._whole or len(current.left) == 1:
            self.intake.refill(opened_s)
        began_s = clock.monotonic()
        outcome, fault = self._submit(submission, raw, advanced)
        self.intake.timed(took_s := clock.monotonic() - began_s)
        if advanced.result().withheld is not None:
            self._withheld(current, advanced.result())
            if fault is not None:
                raise fault
            return None
        denied, lost = self._network.denied(outcome, self._now)
        fault = fault or lost
        self._care.note(outcome, took_s, denied=denied)
        self._close(current, part, advanced.result().attempt_id, outcome, took_s, denied=denied)
        if fault is not None:
            self._flush()
            raise fault
        return outcome.reference

    def _submit(
        self, submission: Submission, recorded: str, advanced: Future[Advanced]
    ) -> tuple[Outcome, Exception | None]:
        """The outcome; with the fault, if the link raised one where its contract has an outcome."""
        durable = False

        def commit(raw: str) -> None:
            nonlocal durable
            if raw != recorded:
                raise LinkLost(_NOT_ON_RECORD)
            if advanced.result().withheld is not None or self._shut() is not None:
                raise HeldBack
            durable = True

        try:
            return self._link.submit(submission, commit), None
        except StoreError:
            raise
        except HeldBack:
            return policy.HELD_BACK, None
        except Exception as fault:  # noqa: BLE001 - whatever a driver does, the attempt must be accounted for
            if durable:
                why = "the modem was lost while sending; the text may have gone out"
                return Outcome(OutcomeKind.UNKNOWN, why=why), fault
            why = "the modem was lost before the text was handed over"
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why=why), fault

    def _withheld(self, current: UnderWay, found: Advanced) -> None:
        """The store let no attempt be opened: the message is elsewhere already."""
        state, message = found.withheld, current.message
        self._current = None
        self._context.tick.set()
        if found.fenced:
            raise FenceLost(found.why)
        if state is not None and state not in (State.QUEUED, found.state):
            self._moved(message, State.SENDING, state, found.why)

    def _close(
        self, current: UnderWay, part: PartToSend, attempt_id: int | None, outcome: Outcome, took_s: float,
        *, denied: bool,
    ) -> None:  # fmt: skip
        message, now_s = current.message, self._context.clock.now()
        carried = current.left if self._whole else [part]
        if denied:
            self._network.tell_denied()
        verdict = policy.decide(
            outcome, tries=part.tries + 1, more_parts=len(carried) < len(current.left),
            retry=self._context.settings.retry, now_s=now_s, registered=denied,
        )  # fmt: skip
        if attempt_id is None:
            raise LinkLost("a link answered a part that was never opened")
        self._pending = AttemptClose(
            attempt_id, message.message_id, part.seq, message.total, self._line.line_id, outcome, now_s,
            verdict.state, verdict.why, verdict.due_at_s, verdict.counts,
        )  # fmt: skip
        answered = carried if outcome.kind is OutcomeKind.ACCEPTED else [part]
        told = (now_s, self._line.name, message.message_id, message.number)
        answers = tuple(PartAnswered(*told, one.seq, message.total, outcome, took_s) for one in answered)
        self._told = ToTell(answers, message)
        if outcome.kind is not OutcomeKind.REFUSED:
            for _ in carried:
                self._pace.note(now_s)
            self.handed_over = True
        if outcome.kind is OutcomeKind.ACCEPTED:
            self.sent += len(carried)
            self._numbers.accepted()
            self._barred.clear()
        if verdict.state is State.SENDING:
            current.left.pop(0)
        else:
            self._current = None
        if outcome.kind is not OutcomeKind.ACCEPTED:
            self._flush()
            if self._network.rest(outcome, now_s, denied=denied):
                self.intake.give_back(now_s)  # other lines may have what was claimed for this one
            self._after_doubt(outcome)
            self._after_refusal(message, outcome)

    def _after_doubt(self, outcome: Outcome) -> None:
        """Before another attempt hides this one from its evidence: let the link say if it is lost, ask the SIM."""
        in_doubt = outcome.kind is OutcomeKind.UNKNOWN or outcome.refusal is Refusal.MODEM
        if in_doubt or policy.no_network(outcome):
            self.intake.give_back(self._context.clock.now())  # another line may have them meanwhile
        self._link.listen(0.0)
        if outcome.kind is OutcomeKind.UNKNOWN:
            self._numbers.in_doubt()
            self._lookups.in_doubt()
            counter.settle(self._context, self._link, self._line, self._now())

    def _after_refusal(self, message: Claimed, outcome: Outcome) -> None:
        if outcome.refusal is Refusal.LINE:
            self._barred.add(message.number)
            if len(self._barred) >= self._context.settings.retry.barred_after:
                raise barred(self._title, outcome, account=bool(self._line.account))
        elif outcome.refusal is Refusal.MODEM:
            raise LinkLost(outcome.why)

    def _advance(self, intent: AttemptOpen | None) -> Future[Advanced]:
        close, told = self._pending, self._told
        self._pending = self._told = None
        future = self._context.store.advance(close, intent)
        if close is not None and told is not None:
            future.add_done_callback(lambda done: self._publish(close, told, done))
        return future

    def _flush(self) -> None:
        """Put the last outcome on disk without opening another attempt."""
        if self._pending is not None:
            self._advance(None).result()

    def _publish(self, close: AttemptClose, told: ToTell, done: Future[Advanced]) -> None:
        if done.exception() is not None:
            return
        for answered in told.answered:
            self._context.publish(answered)
        state = done.result().state
        if state is not None and state is not State.SENDING:
            self._moved(told.message, State.SENDING, state, close.why)
            self._context.tick.set()

    def _moved(self, message: Claimed, old: State, new: State, why: str) -> None:
        who = (self._context.clock.now(), message.message_id, message.number)
        self._context.publish(MessageMoved(*who, old, new, why))

    def _put_back(self) -> None:
        """Give back what was claimed and not sent; a message with parts to go continues in the next run."""
        self._put_away()
        if not (context := self._context).stopping.is_set():
            words = f"{self._title} is lost for now; the texts it had taken are back in the queue"
            context.publish(Notice(context.clock.now(), "info", words))
