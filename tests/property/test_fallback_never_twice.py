"""Whatever happens in whatever order, a text that may have gone out never goes another way, and nobody has two."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gsmsend.config import FallbackTerms, Rule
from gsmsend.contract import (
    AttemptClose,
    AttemptOpen,
    Claimed,
    Decision,
    FallOrder,
    LineRow,
    Suppression,
    TextBody,
)
from gsmsend.engine import fallback
from gsmsend.engine.fallback import LineView
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Evidence, Outcome, OutcomeKind, Refusal, Sim, State
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import NOW_S, Desk, accepted, number, report

PEOPLE = 4
OTHER = TextBody("From another number.", 2)
OUTCOMES = {
    "accepted": accepted(1),
    "unknown": Outcome(OutcomeKind.UNKNOWN, why="silence"),
    "barred": Outcome(OutcomeKind.REFUSED, refusal=Refusal.LINE, code=8, why="barred"),
    "nobody": Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1, why="not in use"),
    "busy": Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=42, why="overloaded"),
}
SENDS = st.tuples(
    st.just("send"), st.sampled_from(["line", "line", "cloud"]), st.sampled_from([*OUTCOMES, "crash"]),
    st.booleans(),
)  # fmt: skip
FALLS = st.tuples(st.just("fall"), st.integers(1, 3), st.just(value=True), st.booleans())
OTHERS = st.one_of(
    st.tuples(st.just("home"), st.booleans(), st.none(), st.none()),
    st.tuples(st.just("settle"), st.sampled_from(["accepted", "barred"]), st.none(), st.none()),
    st.tuples(st.just("person"), st.booleans(), st.integers(1, PEOPLE), st.none()),
    st.tuples(st.just("report"), st.integers(0, PEOPLE - 1), st.sampled_from([0x00, 0x41]), st.none()),
    st.tuples(st.just("recover"), st.none(), st.none(), st.none()),
    st.tuples(st.just("stop"), st.integers(0, PEOPLE - 1), st.none(), st.none()),
)
STEPS = st.lists(st.tuples(SENDS, st.one_of(SENDS, OTHERS), FALLS), min_size=2, max_size=5)
"""Something is sent, something else happens, and the fallback takes what it may."""


class World:
    """A store, a line and a cloud; `air` counts which message may have gone out over which, part by part."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.desk = store, Desk(store)
        self.desk.fill(*map(number, range(PEOPLE)), text="Help is here. " * 15, segments=2)
        self.line = self.desk.line()
        device = Device("notify", "notify", account="an account")
        self.cloud = store.line(Sim(), device, NOW_S, cloud=True)
        self.may_be_out: dict[int, set[str]] = {}
        self.claimed: dict[int, Claimed] = {}
        self.reference = 0
        self.now_s = NOW_S

    def send(self, where: str, came: str, rest: bool) -> None:
        self.now_s += 10
        line = self.line if where == "line" else self.cloud
        found = self.store.claim(line.line_id, 1, self.now_s, bound_only=where == "cloud").result()
        for message in found:
            assert (message.text == OTHER.body) == (where == "cloud")
            self._parts(line, where, message, came, rest)

    def _parts(self, line: LineRow, where: str, message: Claimed, came: str, rest: bool) -> None:
        for part in message.parts:
            opened = self.store.advance(
                None, AttemptOpen(message.message_id, part.seq, line.line_id, self.now_s)
            ).result()
            if opened.attempt_id is None:
                return
            if came == "crash":
                self.may_be_out.setdefault(message.message_id, set()).add(where)
                self.store.recover(self.now_s)
                return
            outcome = OUTCOMES[came]
            if outcome.kind is OutcomeKind.ACCEPTED:
                self.reference = (self.reference + 1) % 256
                outcome = accepted(self.reference)
            if outcome.kind is not OutcomeKind.REFUSED:
                self.may_be_out.setdefault(message.message_id, set()).add(where)
            last = part.seq == message.total
            state = {
                OutcomeKind.ACCEPTED: State.SENT if last else State.SENDING,
                OutcomeKind.UNKNOWN: State.UNCERTAIN,
                OutcomeKind.REFUSED: State.FAILED if came != "busy" or part.seq == 1 else State.QUEUED,
            }[outcome.kind]
            self.store.advance(
                AttemptClose(
                    opened.attempt_id, message.message_id, part.seq, message.total, line.line_id, outcome,
                    self.now_s, state, outcome.why, self.now_s,
                ),
                None,
            ).result()  # fmt: skip
            if state is not State.SENDING:
                return
            if not rest:
                came = "barred"

    def order(self, limit: int, failed: bool, queued: bool) -> None:
        (row,) = self.store.campaigns()
        before = {one.message_id for one in self.store.messages() if one.fallback}
        order = FallOrder(
            row.campaign_id, self.cloud.line_id, OTHER, "goes over its fallback", limit, approved_only=False,
            bound=(0, self.line.line_id) if queued else (), codes=fallback.codes() if failed else None,
        )  # fmt: skip
        self.store.fall_back(order, self.now_s)
        moved = {one.message_id for one in self.store.messages() if one.fallback} - before
        assert not moved & set(self.may_be_out), "a text that may have gone out was moved"

    def step(self, what: str, a: object, b: object, c: object) -> None:
        if what == "send":
            self.send(str(a), str(b), bool(c))
        elif what == "fall":
            self.order(int(str(a)), bool(b), bool(c))
        elif what == "home":
            (row,) = self.store.campaigns()
            bound = (0, self.line.line_id) if a else None
            self.store.return_home(row.campaign_id, "back", self.now_s, bound=bound)
        elif what == "settle":
            outcome = replace(OUTCOMES[str(a)], reference=None) if a != "accepted" else accepted(200)
            message_id = self.store.settle_last(self.line.line_id, outcome, Evidence.COUNTER, self.now_s).result()
            if message_id is not None and outcome.kind is OutcomeKind.REFUSED:
                self._proven(message_id)
        elif what == "person":
            message_id = int(str(b))
            (row_,) = self.store.messages(message_id=message_id)
            if row_.state is State.UNCERTAIN:
                self.store.resolve(Decision(message_id, bool(a), "seen", "a.person", self.now_s))
                if not a:
                    self._proven(message_id)
        elif what == "report":
            found = report(self.reference, number(int(str(a))), int(str(b)))
            self.store.record_report(self.line.line_id, found, self.now_s).result()
        elif what == "recover":
            self.store.recover(self.now_s)
        else:
            self.store.suppress([number(int(str(a)))], Suppression.OPT_OUT, "asked", "a.person", self.now_s)

    def _proven(self, message_id: int) -> None:
        """Not sent, unless a part of it was accepted."""
        (row,) = self.store.messages(message_id=message_id)
        if not any(part.outcome == "accepted" for part in row.parts):
            self.may_be_out.pop(message_id, None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_what_may_have_gone_out_goes_no_other_way(
    rounds: list[tuple[tuple[str, object, object, object], ...]],
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqlStore(Path(folder) / "gsmsend.db", EngineRules())) as store,
    ):
        world = World(store)
        for what, a, b, c in (step for steps in rounds for step in steps):
            world.step(what, a, b, c)
            assert all(len(ways) == 1 for ways in world.may_be_out.values()), "one text went two ways"
            assert sum(store.totals().values()) == PEOPLE
        assert store.verify().findings == ()


RULES = st.sampled_from(list(Rule))
NOW = 1e9
PRICE = Decimal("0.03")


def view(line_id: int, usable: bool, rule: Rule | None, ago_s: float) -> LineView:
    if usable or rule is None:
        return LineView(line_id, f"line {line_id}", usable)
    return LineView(line_id, f"line {line_id}", rule=rule, since_s=NOW - ago_s)


LINES = st.builds(
    view,
    st.integers(1, 4), st.booleans(), st.one_of(st.none(), RULES), st.floats(0, 1e6),
)  # fmt: skip
TERMS = st.builds(
    lambda on, after_s: FallbackTerms("main", "r", "t", "s", "+447700900990", PRICE, PRICE, after_s, on),
    st.frozensets(RULES, min_size=1), st.floats(0, 1e6),
)  # fmt: skip


@given(st.lists(LINES, max_size=4), TERMS, st.floats(0, 1e6))
def test_a_line_that_is_or_may_be_of_use_keeps_its_texts(
    lines: list[LineView], terms: FallbackTerms, ran_s: float
) -> None:
    found = fallback.takeover(lines, terms, NOW - ran_s)
    outages = terms.on - {Rule.REFUSED}  # that is a rule of texts
    if any(line.usable or line.rule not in outages for line in lines) or not lines:
        assert found is None
        return
    assert found is not None
    for line in lines:
        assert line.since_s is not None
        assert found.at_s >= line.since_s + (0 if line.rule is Rule.CLOSED else terms.after_s)


@given(st.lists(st.tuples(st.floats(0, 2e9), st.floats(0, 2e9)), min_size=1, max_size=8))
def test_a_line_is_never_out_of_use_since_the_future_nor_for_less_time_than_it_was(
    looks: list[tuple[float, float]],
) -> None:
    known: float | None = None
    for seen_s, now_s in looks:
        before, known = known, fallback.since(seen_s, known, now_s)
        assert known <= now_s
        assert before is None or known <= before
