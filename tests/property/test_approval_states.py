"""Whatever people do to a campaign, and whenever: no attempt begins but of what its officers' approvals cover."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gsmsend import wiring
from gsmsend.audit import canonical
from gsmsend.campaign.content import content, digest_of
from gsmsend.campaign.signing import Statement, new_key, public_hex, sign
from gsmsend.campaign.standing import standing
from gsmsend.config import ApprovalPolicy, Replies, Settings
from gsmsend.contract import (
    Answer,
    AnswerKind,
    AttemptClose,
    AttemptOpen,
    CampaignFacts,
    Claimed,
    ImportSource,
    NewApproval,
    NewMessage,
    ReplyReading,
    Suppression,
    TextBody,
)
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop, UsageError
from gsmsend.model import Evidence, Inbound, Outcome, OutcomeKind, State
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import Desk, number

NAME = "campaign"
WORDS = ("Help is here.", "Help is here, and free.")
SETTINGS = Settings(
    Path("op"), "op", approval=ApprovalPolicy(), canary=2, replies=Replies(acknowledge="Thank you.")
)
LOGINS = {"DC Example": "pc1", "DS Other": "pc2"}
OUTCOMES = {"accepted": OutcomeKind.ACCEPTED, "refused": OutcomeKind.REFUSED, "unknown": OutcomeKind.UNKNOWN}


@cache
def key(name: str) -> Ed25519PrivateKey:
    return new_key()


def read(text: str) -> ReplyReading:
    if text == "STOP":
        return ReplyReading(stop=True)
    return ReplyReading(answer=Answer(AnswerKind.REPLY, "Thank you.", 1, approved_only=True))


class Interrupted(SqlStore):
    """A store to which something happens from another terminal just after a campaign was looked at."""

    meanwhile: Callable[[], object] | None = None

    def campaign_facts(self, name: str) -> CampaignFacts | None:
        """As it was a moment before."""
        found = super().campaign_facts(name)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return found


class Approvals(RuleBasedStateMachine):
    """One line, one campaign, two officers; every rule is a command of somebody, or a move of the line."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now_s = 1000.0
        self.store = Interrupted(Path(self.folder.name) / "gsmsend.db", EngineRules(read))
        self.line = Desk(self.store).line()
        self.claimed: list[Claimed] = []
        self.on_air: tuple[Claimed, int, int] | None = None
        self.people = self.lists = self.reference = 0
        self.texted: list[str] = []

    @initialize()
    def begin_with(self) -> None:
        self.officers = {
            name: self.store.add_officer(name, public_hex(key(name)), login, "pc1", 0.0)
            for name, login in LOGINS.items()
        }
        self.bring_in(3, WORDS[0])
        self.approve("")

    def facts(self) -> CampaignFacts:
        found = SqlStore.campaign_facts(self.store, NAME)
        assert found is not None
        return found

    # -- people ------------------------------------------------------------------------------------------

    @rule(count=st.integers(1, 2), words=st.sampled_from(WORDS))
    def bring_in(self, count: int, words: str) -> None:
        self.lists += 1
        rows = [NewMessage(number(self.people + index), words, index, 2) for index in range(count)]
        self.people += count
        source = ImportSource("list.csv", f"list {self.lists}", NAME, self.now_s, "pc1", draft=True)
        try:
            self.store.add(source, rows, one_text_each=True)
        except UsageError:
            assert self.store.campaign(NAME).cancelled  # type: ignore[union-attr]

    @rule(words=st.sampled_from(WORDS))
    def reword(self, words: str) -> None:
        facts = self.facts()
        wiring.void(SETTINGS, self.store, facts, "the text changed", self.now_s)
        self.store.reword(facts.campaign_id, dict.fromkeys(facts.texts, TextBody(words, 2)), "pc1", self.now_s)

    @rule(meanwhile=st.sampled_from(["", "bring_in", "reword"]))
    def approve(self, meanwhile: str) -> None:
        """Both officers, and a run asks at once."""
        facts = self.facts()
        if not facts.approvals or standing(SETTINGS, facts).changed:
            self.sign(facts)
        self.clear(meanwhile, WORDS[1])

    def sign(self, facts: CampaignFacts) -> None:
        wiring.void(SETTINGS, self.store, facts, "it is approved anew", self.now_s)
        text = canonical(content(SETTINGS, facts))
        for name, login in LOGINS.items():
            said = Statement(digest_of(text), name, login, round(self.now_s * 1000))
            self.store.approve(
                NewApproval(
                    facts.campaign_id, self.officers[name].officer_id, said.digest, text, sign(key(name), said),
                    login, self.now_s,
                )
            )  # fmt: skip

    @rule(
        meanwhile=st.sampled_from(["", "", "", "", "bring_in", "reword", "cancel"]), words=st.sampled_from(WORDS)
    )
    def clear(self, meanwhile: str, words: str) -> None:
        acts = {
            "bring_in": lambda: self.bring_in(1, words),
            "reword": lambda: self.reword(words),
            "cancel": self.cancel,
        }
        self.store.meanwhile = acts.get(meanwhile)
        try:
            wiring.clear_to_send(SETTINGS, self.store, self.now_s)
        except GuardStop:
            assert not standing(SETTINGS, self.facts()).stands or meanwhile
        finally:
            self.store.meanwhile = None

    @rule(added=st.booleans())
    def go_on(self, added: bool) -> None:
        if added:
            self.bring_in(1, WORDS[0])
        try:
            self.store.pass_canary(NAME, "go on", self.now_s, "pc1")
        except UsageError:
            row = self.store.campaign(NAME)
            assert row is not None
            assert row.cancelled or row.released_at_s is None

    def cancel(self) -> None:
        if not self.store.campaign(NAME).cancelled:  # type: ignore[union-attr]
            self.store.cancel(NAME, "pc1", "", self.now_s)

    @rule(who=st.sampled_from([1, 4]))
    def suppress(self, who: int) -> None:
        self.store.suppress([number(who)], Suppression.NEVER, "a witness", "pc1", self.now_s)

    @precondition(lambda self: self.texted)
    @rule(text=st.sampled_from(["thanks", "STOP"]), data=st.data())
    def reply(self, text: str, data: st.DataObject) -> None:
        sender = data.draw(st.sampled_from(self.texted))
        heard = Inbound(sender, text, self.now_s, how="CMT")
        self.store.record_inbound(self.line.line_id, heard, self.now_s).result()

    # -- the line ----------------------------------------------------------------------------------------

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        self.claimed += self.store.claim(self.line.line_id, limit, self.now_s + 1e6).result()

    @precondition(lambda self: self.on_air is None)
    @rule()
    def begin(self) -> None:
        if not self.claimed:
            self.claim(2)
        if not self.claimed:
            return
        message = self.claimed.pop(0)
        (row,) = self.store.messages(message_id=message.message_id)
        left = [part.seq for part in row.parts if part.outcome != OutcomeKind.ACCEPTED]
        intent = AttemptOpen(message.message_id, left[0], self.line.line_id, self.now_s)
        attempt_id = self.store.advance(None, intent).result().attempt_id
        if attempt_id is None:
            return
        facts = self.facts()
        assert standing(SETTINGS, facts).stands, "a text leaves that is not approved"
        approved = {who.number: facts.texts[who.text_id].body for who in facts.recipients}
        assert message.text in (approved[message.number], SETTINGS.replies.acknowledge)
        assert not self.store.suppressed([message.number])
        assert not self.store.campaign(NAME).cancelled  # type: ignore[union-attr]
        self.on_air = message, left[0], attempt_id

    @precondition(lambda self: self.on_air is not None)
    @rule(how=st.sampled_from(sorted(OUTCOMES)))
    def answer(self, how: str) -> None:
        assert self.on_air is not None
        (message, seq, attempt_id), self.on_air = self.on_air, None
        accepted, last = how == "accepted", seq == message.total
        self.reference = (self.reference + accepted) % 256
        outcome = Outcome(OUTCOMES[how], reference=self.reference if accepted else None, why=how)
        state = {
            "accepted": State.SENT if last else State.SENDING, "refused": State.QUEUED, "unknown": State.UNCERTAIN,
        }[how]  # fmt: skip
        close = AttemptClose(
            attempt_id, message.message_id, seq, message.total, self.line.line_id, outcome, self.now_s, state, how,
            self.now_s if how == "refused" else None,
        )  # fmt: skip
        if self.store.advance(close, None).result().state is State.SENDING:
            self.claimed.insert(0, message)
        self.texted += [message.number] * (how != "refused")

    @rule(sent=st.booleans())
    def settle(self, sent: bool) -> None:
        if self.on_air is None:
            kind = OutcomeKind.ACCEPTED if sent else OutcomeKind.REFUSED
            outcome = Outcome(kind, reference=self.reference if sent else None, why="the SIM's count")
            self.store.settle_last(self.line.line_id, outcome, Evidence.COUNTER, self.now_s).result()

    @rule()
    def stopped(self) -> None:
        self.claimed, self.on_air = [], None
        self.store.recover(self.now_s)

    # -- what always holds -------------------------------------------------------------------------------

    @invariant()
    def the_totals_add_up(self) -> None:
        assert sum(self.store.totals().values()) == sum(1 for _ in self.store.messages())

    def teardown(self) -> None:
        found = self.store.verify().findings
        self.store.close()
        self.folder.cleanup()
        assert found == (), "the audit log does not tell what the tables hold"


TestApprovals = Approvals.TestCase
TestApprovals.settings = hypothesis_settings(max_examples=30, stateful_step_count=40, deadline=None)
