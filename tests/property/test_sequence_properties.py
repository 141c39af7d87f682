"""Modems that count in their own ways, cuts anywhere, restarts: what went out is never taken for unsent."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.contract import Tried
from gsmsend.engine.sequence import never_left
from gsmsend.model import Evidence, OutcomeKind

STEPS = st.sampled_from(
    ["accepted"] * 6 + ["refused", "denied", "cut before", "cut on air", "cut refused"] * 2 + ["restart"]
)


@dataclass
class Modem:
    """`counts_refused`: a text that the network refuses takes a number. `begins`: where it begins after a restart,
    None if it goes on; `kept` is what survives: the number of the last text that was answered.
    """

    last: int
    counts_refused: bool
    begins: int | None
    keeps_answered: bool
    kept: int = 0
    tries: list[Tried] = field(default_factory=list)
    went: set[int] = field(default_factory=set)

    def play(self, step: str, *, evidence: bool) -> None:
        attempt_id, at_s = len(self.tries) + 1, len(self.tries) * 60.0
        kind, code, reference, by = OutcomeKind.UNKNOWN, None, None, None
        if step in {"accepted", "cut on air"} or (step in {"refused", "cut refused"} and self.counts_refused):
            self.last = (self.last + 1) % 256
        if step == "accepted":
            kind, reference, self.kept = OutcomeKind.ACCEPTED, self.last, self.last
        elif step in {"refused", "denied"}:
            kind, code = OutcomeKind.REFUSED, 42 if step == "refused" else 331
        elif step == "cut on air" and evidence:
            kind, reference, by = OutcomeKind.ACCEPTED, self.last, Evidence.REPORT
        elif step == "cut before" and evidence:
            kind, by = OutcomeKind.REFUSED, Evidence.COUNTER
        if step == "cut on air":
            self.went.add(attempt_id)
        self.tries.append(
            Tried(attempt_id, attempt_id, at_s, f"+4477009{attempt_id:05d}", kind, reference, code, by)
        )

    def restart(self) -> None:
        """Its register is empty: gsmsend sees that and begins another stretch."""
        self.tries.clear()
        self.went.clear()
        if self.keeps_answered:
            self.last = self.kept
        elif self.begins is not None:
            self.last = self.begins


MODEMS = st.builds(
    Modem, last=st.integers(0, 255), counts_refused=st.booleans(), begins=st.none() | st.integers(0, 255),
    keeps_answered=st.booleans(),
)  # fmt: skip


@given(modem=MODEMS, steps=st.lists(st.tuples(STEPS, st.booleans()), max_size=60))
def test_nothing_that_went_out_is_ever_taken_for_not_sent(modem: Modem, steps: list[tuple[str, bool]]) -> None:
    for step, evidence in steps:
        if step == "restart":
            modem.restart()
        else:
            modem.play(step, evidence=evidence)
        assert not modem.went & set(never_left(modem.tries, 20.0))


@given(modem=MODEMS, cuts=st.integers(1, 5))
def test_what_never_left_is_found(modem: Modem, cuts: int) -> None:
    for step in ["accepted"] * 3 + ["cut before"] * cuts + ["accepted"]:
        modem.play(step, evidence=False)
    assert len(never_left(modem.tries, 20.0)) == cuts


@given(references=st.lists(st.integers(0, 255), min_size=3, max_size=20), at=st.integers(1, 18))
def test_a_modem_that_does_not_count_proves_nothing(references: list[int], at: int) -> None:
    tries = [
        Tried(n, n, n * 60.0, str(n), OutcomeKind.ACCEPTED, reference) for n, reference in enumerate(references)
    ]
    tries.insert(min(at, len(tries) - 1), Tried(99, 99, 0.0, "cut", OutcomeKind.UNKNOWN))
    if never_left(tries, 0.0):
        assert all((after - before) % 256 == 1 for before, after in pairwise(references))
