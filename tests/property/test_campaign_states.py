"""Whatever people, lines and kills do to a store in whatever order: totals add up, and what must stop stops."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gsmsend.contract import AttemptClose, AttemptOpen, Claimed, ImportSource, NewMessage, Suppression
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import UsageError
from gsmsend.model import Evidence, Outcome, OutcomeKind, Refusal, State
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import Desk, number, report

PEOPLE = 6
NAME = "campaign"
ENDED = frozenset({State.SUPPRESSED, State.CANCELLED})
OUTCOMES = {
    "accepted": (OutcomeKind.ACCEPTED, None),
    "refused": (OutcomeKind.REFUSED, Refusal.RETRY),
    "wrong": (OutcomeKind.REFUSED, Refusal.RECIPIENT),
    "unknown": (OutcomeKind.UNKNOWN, None),
}


class Campaign(RuleBasedStateMachine):
    """One line and one campaign of texts of two parts; the model knows what was asked, never the states."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now_s = 1000.0
        self.store = SqlStore(Path(self.folder.name) / "gsmsend.db", EngineRules())
        self.desk = Desk(self.store)
        self.line = self.desk.line()
        self.claimed: list[Claimed] = []
        self.on_air: tuple[Claimed, int, int] | None = None
        self.reference = 0
        self.paused = self.cancelled = False
        self.released = False
        self.stopped: set[str] = set()
        self.gone: dict[int, set[int]] = {}

    @initialize(draft=st.sampled_from([False, False, True]))
    def bring_in(self, draft: bool) -> None:
        rows = [NewMessage(number(index), "Help is here.", index, 2) for index in range(PEOPLE)]
        self.store.add(ImportSource("a.csv", "a", NAME, self.now_s, draft=draft), rows)
        self.released = not draft

    # -- people ------------------------------------------------------------------------------------------

    @rule(first=st.integers(0, 3))
    def release(self, first: int) -> None:
        try:
            self.store.release_campaign(NAME, first, self.now_s)
            self.released = True
        except UsageError:
            assert self.cancelled

    @rule()
    def withdraw(self) -> None:
        self.store.withdraw(NAME, "something has changed", self.now_s)
        self.released = False

    @rule()
    def go_on(self) -> None:
        try:
            self.store.pass_canary(NAME, "go on", self.now_s, "a.person")
        except UsageError:
            assert self.cancelled or self.store.campaign(NAME).released_at_s is None  # type: ignore[union-attr]

    @rule()
    def pause(self) -> None:
        try:
            self.store.pause(NAME, "a.person", "", self.now_s)
            self.paused = True
        except UsageError:
            assert self.cancelled

    @rule()
    def resume(self) -> None:
        self.store.resume(NAME, "a.person", "", self.now_s)
        self.paused = False

    @precondition(lambda self: not self.cancelled)
    @rule(sure=st.integers(0, 9))
    def cancel(self, sure: int) -> None:
        if sure == 0:
            self.store.cancel(NAME, "a.person", "", self.now_s)
            self.cancelled, self.paused = True, False

    @rule(who=st.integers(0, PEOPLE - 1), kind=st.sampled_from(list(Suppression)))
    def suppress(self, who: int, kind: Suppression) -> None:
        self.store.suppress([number(who)], kind, "asked for it", "a.person", self.now_s)
        self.stopped.add(number(who))

    # -- the line ----------------------------------------------------------------------------------------

    @rule(limit=st.integers(1, 3))
    def claim_more(self, limit: int) -> None:
        self.claim(limit)

    def claim(self, limit: int) -> None:
        self.claimed += self.store.claim(self.line.line_id, limit, self.now_s + 1e6).result()

    @precondition(lambda self: self.on_air is None)
    @rule()
    def begin(self) -> None:
        if not self.claimed:
            self.claim(1)
        if not self.claimed:
            return
        message = self.claimed.pop(0)
        left = [part.seq for part in message.parts if part.seq not in self.gone.get(message.message_id, set())]
        intent = AttemptOpen(message.message_id, left[0], self.line.line_id, self.now_s)
        advanced = self.store.advance(None, intent).result()
        forbidden = self.paused or self.cancelled or message.number in self.stopped
        if advanced.attempt_id is None:
            assert advanced.withheld in (State.QUEUED, State.DRAFT, *ENDED)
            assert forbidden or advanced.withheld is State.DRAFT
        else:
            assert self.released
            assert not forbidden
            self.on_air = message, left[0], advanced.attempt_id

    @precondition(lambda self: self.on_air is None)
    @rule(how=st.sampled_from(["pause", "suppress", "withdraw"]))
    def forbid_and_begin(self, how: str) -> None:
        """In the very moment before the next attempt is opened."""
        if not self.claimed:
            self.claim(1)
        if self.claimed and how == "suppress":
            self.suppress(int(self.claimed[0].number[-2:]), Suppression.OPT_OUT)
        elif how == "pause":
            self.pause()
        elif how == "withdraw":
            self.withdraw()
        self.begin()

    @precondition(lambda self: self.on_air is not None)
    @rule(how=st.sampled_from(sorted(OUTCOMES)))
    def answer(self, how: str) -> None:
        assert self.on_air is not None
        (message, seq, attempt_id), self.on_air = self.on_air, None
        kind, refusal = OUTCOMES[how]
        self.reference = (self.reference + 1) % 256
        reference = self.reference if kind is OutcomeKind.ACCEPTED else None
        outcome = Outcome(kind, reference=reference, refusal=refusal, why=how)
        more = kind is OutcomeKind.ACCEPTED and any(part.seq > seq for part in message.parts)
        state = {
            "accepted": State.SENDING if more else State.SENT,
            "refused": State.QUEUED, "wrong": State.FAILED, "unknown": State.UNCERTAIN,
        }[how]  # fmt: skip
        close = AttemptClose(
            attempt_id, message.message_id, seq, 2, self.line.line_id, outcome, self.now_s, state, how,
            self.now_s if state is State.QUEUED else None,
        )  # fmt: skip
        self.store.advance(close, None).result()
        if kind is not OutcomeKind.REFUSED:
            sent = self.gone.setdefault(message.message_id, set())
            assert seq not in sent, "a part left twice"
            sent.add(seq)
        (row,) = self.store.messages(message_id=message.message_id)
        if row.state is State.SENDING:
            self.claimed.insert(0, message)

    @rule()
    def settle(self) -> None:
        """The SIM's count says that what was unknown had left."""
        self.reference = (self.reference + 1) % 256
        outcome = Outcome(OutcomeKind.ACCEPTED, reference=self.reference)
        self.store.settle_last(self.line.line_id, outcome, Evidence.LATE_ANSWER, self.now_s).result()

    @rule(who=st.integers(0, PEOPLE - 1), reference=st.integers(0, 20))
    def reported(self, who: int, reference: int) -> None:
        self.now_s += 1
        found = report(reference, number(who), raw=f"{self.now_s}")
        self.store.record_report(self.line.line_id, found, self.now_s).result()

    @precondition(lambda self: self.on_air is None)
    @rule()
    def give_back(self) -> None:
        self.store.release([message.message_id for message in self.claimed], self.now_s).result()
        self.claimed.clear()

    @rule()
    def killed(self) -> None:
        if self.on_air is not None:
            message, seq, _ = self.on_air
            self.gone.setdefault(message.message_id, set()).add(seq)
        self.store.close()
        self.store = SqlStore(Path(self.folder.name) / "gsmsend.db", EngineRules())
        self.store.recover(self.now_s)
        self.claimed, self.on_air = [], None

    # -- always ------------------------------------------------------------------------------------------

    @invariant()
    def totals_add_up(self) -> None:
        totals = self.store.totals()
        assert sum(totals.values()) in (0, PEOPLE)
        row = self.store.campaign(NAME)
        if row is not None:
            assert self.store.campaign_totals(row.campaign_id) == totals

    @invariant()
    def nothing_waits_that_must_stop(self) -> None:
        for row in self.store.messages(State.DRAFT, State.QUEUED, State.HELD):
            assert row.number not in self.stopped
            assert not self.cancelled
            if row.state is State.QUEUED:
                assert self.released

    def teardown(self) -> None:
        found = self.store.verify().findings
        self.store.close()
        self.folder.cleanup()
        assert found == (), "the audit log does not tell what the tables hold"


TestCampaign = Campaign.TestCase
TestCampaign.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
