"""Hosts that freeze, die, come back and swap SIMs at any moment: nobody is texted twice, and no text is lost.

The hosts' own leases decide by a clock that the test moves; the store is the embedded one, opened once for each.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gsmsend.config import Settings
from gsmsend.contract import AttemptClose, AttemptOpen, Claimed
from gsmsend.engine.hosting import HostLease
from gsmsend.engine.policy import HELD_BACK, decide
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import FenceLost, LineElsewhere
from gsmsend.model import Outcome, OutcomeKind, Refusal, State
from gsmsend.store import SqlStore
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.store_desk import Desk, number

LEASE_S = 30.0
HOSTS, SIMS, PEOPLE = 3, 3, 12
SILENT = Outcome(OutcomeKind.UNKNOWN, why="the modem fell silent")
REFUSED = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=41, why="temporary failure")
FAR = ("accepts", "refuses", "takes it and is silent", "is silent")
host = st.integers(0, HOSTS - 1)
sim = st.integers(0, SIMS - 1)


@dataclass
class Session:
    """A line's work on one host: what it believes, whatever others did meanwhile."""

    line_id: int
    fence: int
    claimed: list[Claimed] = field(default_factory=list)
    message: Claimed | None = None
    attempt: int | None = None
    went: Outcome | None = None
    plugged: bool = True


@dataclass
class Host:
    store: SqlStore
    lease: HostLease
    desk: Desk
    frozen: bool = False
    sessions: dict[int, Session] = field(default_factory=dict)


class LeaseStates(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
        self.clock = ManualClock()
        self.on_air: list[str] = []
        self.reference = 0
        self.where = list(range(SIMS))
        self.hosts: list[Host] = []

    @initialize()
    def begin(self) -> None:
        self.hosts = [self._begun(index) for index in range(HOSTS)]
        self.hosts[0].desk.fill(*(number(index) for index in range(PEOPLE)))
        for card in range(SIMS):
            self.comes_up(card)

    def _begun(self, index: int) -> Host:
        store = SqlStore(self.path / "gsmsend.db", EngineRules(), lease_clock=self.clock.now)
        terms = Settings(self.path, "bench", host=f"bench-{index}", lease_s=LEASE_S)
        lease = HostLease(store, self.clock, terms, lambda _: None, mark=f"place {index}")
        lease.begin(threading.Event())
        store.recover(self.clock.now())
        return Host(store, lease, Desk(store))

    # -- what time and people do --------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1.0, LEASE_S * 0.5, LEASE_S * 1.2]))
    def nobody_is_heard_of_for_so_long(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(rounds=st.integers(1, 10))
    def time_goes_by(self, rounds: int) -> None:
        for _ in range(rounds):
            self.clock.advance(LEASE_S / 4)
            for which in range(HOSTS):
                self.renews(which)
                self.looks_for_the_dead(which)

    @rule(which=host)
    def freezes(self, which: int) -> None:
        self.hosts[which].frozen = True

    @rule(which=host)
    def is_frozen_for_more_than_a_lease(self, which: int) -> None:
        self.hosts[which].frozen = True
        self.time_goes_by(10)

    @rule()
    def all_wake(self) -> None:
        for it in self.hosts:
            it.frozen = False

    @rule(which=host)
    def dies_and_begins_again(self, which: int) -> None:
        self.hosts[which].store.close()
        self.hosts[which] = self._begun(which)

    @rule(card=sim, to=host)
    def a_sim_is_moved(self, card: int, to: int) -> None:
        before = self.hosts[self.where[card]]
        self.where[card] = to
        if card in before.sessions:
            before.sessions[card].plugged = False

    # -- what hosts do ------------------------------------------------------------------------------------

    def renews(self, which: int) -> None:
        it = self.hosts[which]
        if not it.frozen and not it.lease._renew():
            it.lease._anew()

    def looks_for_the_dead(self, which: int) -> None:
        it = self.hosts[which]
        if not it.frozen:
            it.lease.look()

    # -- what lines do, a step at a time: a freeze may come between any two ---------------------------------

    def comes_up(self, card: int) -> None:
        it = self.hosts[self.where[card]]
        if it.frozen or card in it.sessions:
            return
        fence = it.lease.fence
        try:
            line = it.desk.line(card)
        except (LineElsewhere, FenceLost):
            return
        it.sessions[card] = Session(line.line_id, fence)

    @rule(steps=st.lists(st.tuples(sim, st.sampled_from(FAR)), min_size=1, max_size=12))
    def lines_work(self, steps: list[tuple[int, str]]) -> None:
        for card, far in steps:
            self.comes_up(card)
            for it in self.hosts:
                if not it.frozen and card in it.sessions:
                    self._works(it, card, far)

    @rule(card=sim, far=st.sampled_from(FAR))
    def a_line_works(self, card: int, far: str) -> None:
        self.lines_work([(card, far)] * 3)

    def _works(self, it: Host, card: int, far: str) -> None:
        session = it.sessions[card]
        try:
            self._step(it, session, far)
        except FenceLost:
            self._ended(it, card)
        else:
            if not session.plugged and session.attempt is None:
                self._ended(it, card)

    def _step(self, it: Host, session: Session, far: str) -> None:
        """What a line does next. Raises FenceLost."""
        if session.went is not None:
            self._told(it, session)
            it.lease.check(session.fence)
        elif session.attempt is not None:
            self._hand_over(it, session, far)
        elif session.claimed:
            message = session.claimed.pop(0)
            intent = AttemptOpen(message.message_id, 1, session.line_id, self.clock.now())
            done = it.store.advance(None, intent).result()
            if done.attempt_id is not None:
                session.message, session.attempt = message, done.attempt_id
            elif done.fenced:
                raise FenceLost("by another host")
        else:
            session.claimed = it.store.claim(session.line_id, 2, self.clock.now()).result()

    def _hand_over(self, it: Host, session: Session, far: str) -> None:
        if not it.lease.sure(session.fence):
            session.went = HELD_BACK
        elif not session.plugged or far == "is silent":
            session.went = SILENT
        elif far == "refuses":
            session.went = REFUSED
        else:
            session.went = self._goes_on_air(session)
            if far != "accepts":
                session.went = SILENT

    @rule(pick=st.integers(0, 20))
    def was_frozen_with_the_octets_in_its_hand(self, pick: int) -> None:
        """What no clock can prevent: sure when it asked, frozen before it wrote."""
        there = [session for it in self.hosts for session in it.sessions.values()]
        ready = [one for one in there if one.attempt is not None and one.went is None and one.plugged]
        if ready:
            session = ready[pick % len(ready)]
            session.went = self._goes_on_air(session)

    def _goes_on_air(self, session: Session) -> Outcome:
        assert session.message is not None
        self.on_air.append(session.message.number)
        self.reference = (self.reference + 1) % 256
        return Outcome(OutcomeKind.ACCEPTED, reference=self.reference)

    def _told(self, it: Host, session: Session) -> None:
        message, went = session.message, session.went
        assert message is not None
        assert went is not None
        assert session.attempt is not None
        now_s = self.clock.now()
        verdict = decide(went, tries=1, more_parts=False, retry=Settings(self.path, "").retry, now_s=now_s)
        close = AttemptClose(
            session.attempt, message.message_id, 1, 1, session.line_id, went, now_s, verdict.state, verdict.why,
            now_s if verdict.state is State.QUEUED else None, verdict.counts,
        )  # fmt: skip
        it.store.advance(close, None).result()
        session.message = session.attempt = session.went = None

    def _ended(self, it: Host, card: int) -> None:
        """As a worker ends its session: what it has at hand is told, given back, and its line let go."""
        session = it.sessions.pop(card)
        if session.attempt is not None:
            session.went = session.went or HELD_BACK
            self._told(it, session)
        ids = [message.message_id for message in session.claimed]
        it.store.release(ids, self.clock.now(), session.line_id).result()
        it.store.let_go(session.line_id)

    # -- what must be so ----------------------------------------------------------------------------------

    @invariant()
    def nobody_is_texted_twice(self) -> None:
        assert len(self.on_air) == len(set(self.on_air))

    @invariant()
    def what_is_said_is_so(self) -> None:
        if not self.hosts:
            return
        states = self.hosts[0].desk.states()
        assert len(states) == PEOPLE
        gone = set(self.on_air)
        for who, state in states.items():
            assert state in (State.QUEUED, State.SENDING, State.SENT, State.UNCERTAIN)
            assert state is not State.SENT or who in gone
            assert who not in gone or state is not State.QUEUED

    def teardown(self) -> None:
        try:
            if self.hosts:
                self._all_comes_to_an_end()
        finally:
            for it in self.hosts:
                it.store.close()
            self._folder.cleanup()

    def _all_comes_to_an_end(self) -> None:
        for index, it in enumerate(self.hosts):
            it.frozen = False
            self.renews(index)
            for card in list(it.sessions):
                self._ended(it, card)
        for it in self.hosts:
            it.store.leave(self.clock.now())
        assert State.SENDING not in self.hosts[0].desk.states().values(), "a text was lost"
        self.what_is_said_is_so()
        assert self.hosts[0].store.verify().findings == ()


TestLeaseStates = LeaseStates.TestCase
TestLeaseStates.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
