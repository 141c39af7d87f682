"""The part of the store suite that is about several hosts: leases, fences, and what became of a host's texts.

A subclass gives a `several` fixture: `Several` opens the same data once for each host, by a clock that it sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from gsmsend.contract import AttemptOpen, Claimed, Decision, HostState, Joining, LineRow, Store
from gsmsend.errors import FenceLost, LineElsewhere
from gsmsend.model import Evidence, Outcome, OutcomeKind, Refusal, State
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.store_desk import NOW_S, UNKNOWN, Desk, accepted, number, report

LEASE_S = 30.0
HELD_BACK = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw=Evidence.HELD_BACK.value, why="held back")


@dataclass(slots=True)
class Several:
    """Hosts on one store. `opened` opens it once more, with leases by `clock`."""

    clock: ManualClock
    opened: Callable[[], Store]

    def host(self, name: str, *, mark: str = "", run: str = "") -> Desk:
        """A host that has joined."""
        desk = Desk(self.opened())
        assert self.join(desk, name, mark=mark, run=run) is not None
        return desk

    def join(self, desk: Desk, name: str, *, mark: str = "", run: str = "") -> int | None:
        """Join; the fence, or None if the name is taken."""
        who = Joining(name, run or f"run of {name}", mark or f"mark of {name}", LEASE_S)
        return desk.store.join(who, NOW_S).fence

    def silent(self, but: Desk) -> None:
        """The time of a lease goes by, in which only this host is heard of."""
        self.clock.advance(LEASE_S + 1)
        assert but.store.renew()


class LeaseSuite:
    """contract.Leasing. Part of StoreSuite."""

    def test_a_line_is_of_the_host_that_has_it_until_it_lets_go(self, several: Several) -> None:
        here, there = several.host("here"), several.host("there")
        line = here.line()
        with pytest.raises(LineElsewhere, match="is in use by host here"):
            there.line()
        here.store.let_go(line.line_id)
        assert there.line().line_id == line.line_id
        there.fill(number(1))
        with pytest.raises(FenceLost):
            here.claim(line)
        assert len(there.claim(line)) == 1

    def test_a_silent_host_loses_its_lines_but_no_text_is_lost_or_free_that_may_have_gone_out(
        self, several: Several
    ) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(*(number(index) for index in range(4)))
        line, other = here.line(), there.line(1)
        first, second, *_ = here.claim(line, 3)
        here.send(line, first, 7)
        here.open(line, second)
        assert there.store.bury("here", NOW_S) is None, "its lease has not run out"
        several.silent(there)
        assert there.store.silent() == ["here"]
        lost = there.store.bury("here", NOW_S)
        assert lost is not None
        assert (lost.host, lost.lines, lost.uncertain, lost.freed) == ("here", (line.line_id,), 1, 1)
        assert there.store.silent() == []
        assert there.store.bury("here", NOW_S) is None, "once is enough"
        states = there.states()
        assert (states[number(0)], states[number(1)]) == (State.SENT, State.UNCERTAIN)
        assert [message.number for message in there.claim(other)] == [number(2), number(3)]
        (row,) = there.store.messages(State.UNCERTAIN)
        assert "host here was not heard of for 31 seconds" in row.why

    def test_what_a_fenced_host_had_begun_does_nothing_any_more(self, several: Several) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(number(1), number(2))
        line, other = here.line(), there.line(1)
        first, second = here.claim(line)
        several.silent(there)
        there.store.bury("here", NOW_S)
        taken = there.claim(other)
        assert len(taken) == 2
        done = here.store.advance(None, AttemptOpen(first.message_id, 1, line.line_id, NOW_S)).result()
        assert (done.attempt_id, done.fenced) == (None, True)
        here.store.release([second.message_id], NOW_S, line.line_id).result()
        with pytest.raises(FenceLost):
            here.store.drop(second.message_id, "it cannot be sent", NOW_S, line.line_id).result()
        with pytest.raises(FenceLost):
            here.claim(line)
        assert there.store.totals()[State.SENDING] == 2, "they are the other host's now"
        assert there.send(other, taken[0], 1).state is State.SENT

    def test_the_lines_of_a_host_that_was_taken_for_dead_are_out_of_use_only_until_it_has_them_again(
        self, several: Several
    ) -> None:
        here, there = several.host("here"), several.host("there")
        line = here.line()
        several.silent(there)
        there.store.bury("here", NOW_S)
        assert [one.line_id for one in there.store.outages()] == [line.line_id]
        assert several.join(here, "here") is not None, "the same run, which was only frozen"
        assert there.store.outages() != []
        here.line()
        assert there.store.outages() == [], "or its texts would go over their fallback for ever"

    @pytest.mark.parametrize("claimed", [0, 1])
    def test_what_a_person_took_for_not_sent_is_not_sent_again_once_its_modem_says_that_it_went_out(
        self, several: Several, claimed: int
    ) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(number(1))
        line, other = here.line(), there.line(1)
        (message,) = here.claim(line)
        attempt = here.open(line, message)
        several.silent(there)
        there.store.bury("here", NOW_S)
        there.store.resolve(
            Decision(message.message_id, as_sent=False, reason="nothing was seen of it", person="pc1", at_s=NOW_S)
        )
        taken = there.claim(other, claimed) if claimed else []
        here.close(line, message, attempt, accepted(7), State.SENT)
        for one in taken:
            done = there.store.advance(None, AttemptOpen(one.message_id, 1, other.line_id, NOW_S)).result()
            assert done.attempt_id is None
        assert there.claim(other) == []
        assert there.states() == {number(1): State.SUPPRESSED}
        (row,) = there.store.messages(State.SUPPRESSED)
        assert "it had gone out after all" in row.why

    def test_what_a_host_that_has_left_still_does_begins_nothing(self, several: Several) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(number(1), number(2))
        line = here.line()
        first, *_ = here.claim(line, 1)
        here.store.leave(NOW_S)
        done = here.store.advance(None, AttemptOpen(first.message_id, 1, line.line_id, NOW_S)).result()
        assert (done.attempt_id, done.fenced) == (None, True)
        with pytest.raises(FenceLost):
            here.claim(line)
        assert there.store.totals()[State.QUEUED] == 2

    def test_a_claim_of_another_line_opens_nothing(self, several: Several) -> None:
        here = several.host("here")
        here.fill(number(1))
        line, other = here.line(), here.line(1)
        (message,) = here.claim(line)
        done = here.store.advance(None, AttemptOpen(message.message_id, 1, other.line_id, NOW_S)).result()
        assert (done.attempt_id, done.fenced) == (None, False)
        assert here.send(line, message, 1).state is State.SENT

    @pytest.mark.parametrize(
        ("outcome", "state", "by"),
        [
            (accepted(9), State.SENT, Evidence.LATE_ANSWER),
            (HELD_BACK, State.QUEUED, Evidence.HELD_BACK),
            (replace(HELD_BACK, raw="+CMS ERROR: 42", code=42), State.QUEUED, Evidence.LATE_ANSWER),
            (UNKNOWN, State.UNCERTAIN, None),
        ],
    )
    def test_a_fenced_host_still_tells_what_became_of_its_text(
        self, several: Several, outcome: Outcome, state: State, by: Evidence | None
    ) -> None:
        here, there, line, message, attempt = self._cut_off(several)
        assert here.close(line, message, attempt, outcome, State.SENT).state is state
        assert there.states()[number(1)] is state
        settled = [row.by for row in there.store.results("campaign").settled]  # type: ignore[union-attr]
        assert settled == ([by] if by is not None else [])
        if state is State.SENT:
            there.store.record_report(line.line_id, report(9, number(1)), NOW_S).result()
            assert there.states()[number(1)] is State.DELIVERED

    def test_nor_is_a_report_lost_that_it_heard(self, several: Several) -> None:
        here, there, line, _, _ = self._cut_off(several)
        here.store.record_report(line.line_id, report(9, number(1)), NOW_S).result()
        assert there.states()[number(1)] is State.DELIVERED

    def test_a_person_is_believed_and_a_contradiction_is_on_record(self, several: Several) -> None:
        here, there, line, message, attempt = self._cut_off(several)
        decision = Decision(message.message_id, as_sent=False, person="PC Example", reason="asked", at_s=NOW_S)
        there.store.resolve(decision)
        before = there.store.pulse()
        assert here.close(line, message, attempt, accepted(9), State.SENT).state is State.SUPPRESSED
        assert there.store.pulse() != before

    def test_a_host_that_nobody_took_for_dead_goes_on_as_it_was(self, several: Several) -> None:
        here = several.host("here")
        here.fill(number(1))
        line = here.line()
        (message,) = here.claim(line)
        several.clock.advance(10 * LEASE_S)
        assert here.store.hosts()[0].state is HostState.SILENT
        assert here.store.renew()
        assert here.store.hosts()[0].state is HostState.UP
        assert here.send(line, message, 1).state is State.SENT

    def test_a_host_that_was_taken_for_dead_begins_anew(self, several: Several) -> None:
        here, there, line, message, attempt = self._cut_off(several)
        assert not here.store.renew()
        fence = several.join(here, "here")
        assert fence == 3, "one for joining, one for having been taken for dead"
        with pytest.raises(FenceLost):
            here.claim(line)
        assert here.line().line_id == line.line_id
        here.fill(number(2), name="b")
        assert [one.number for one in here.claim(line)] == [number(2)]
        assert here.store.renew()
        assert there.store.silent() == []
        here.close(line, message, attempt, accepted(9), State.SENT)

    def test_two_hosts_of_one_name_are_noticed(self, several: Several) -> None:
        here = several.host("bench")
        other = Desk(several.opened())
        joined = other.store.join(Joining("bench", "another run", "another place", LEASE_S), NOW_S)
        assert joined.fence is None
        assert joined.left_s == pytest.approx(LEASE_S)
        assert here.store.renew()
        several.clock.advance(LEASE_S + 1)
        assert several.join(other, "bench", run="another run", mark="another place") is not None
        assert not here.store.renew()

    def test_a_run_that_is_begun_again_in_its_place_waits_for_nobody(self, several: Several) -> None:
        here = several.host("bench", mark="this place")
        here.fill(number(1), number(2))
        line = here.line()
        first, _ = here.claim(line)
        here.open(line, first)
        again = several.host("bench", mark="this place", run="the next run")
        recovered = again.store.recover(NOW_S)
        assert (recovered.uncertain, recovered.freed) == (1, 1)
        assert set(recovered.cut_off_s) == {line.device}

    def test_recovery_touches_no_line_that_another_host_works_with(self, several: Several) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(number(1), number(2), number(3))
        line, other = here.line(), there.line(1)
        first, second = here.claim(line, 2)
        here.open(line, first)
        there.claim(other)
        recovered = there.store.recover(NOW_S)
        assert (recovered.uncertain, recovered.freed, recovered.cut_off_s) == (0, 1, {})
        assert here.store.totals()[State.SENDING] == 2
        here.store.release([second.message_id], NOW_S, line.line_id).result()

    def test_a_run_that_ends_well_leaves_its_lines(self, several: Several) -> None:
        here, there = several.host("here"), several.host("there")
        line = here.line()
        assert [(row.name, row.state, row.lines) for row in there.store.hosts()] == [
            ("here", HostState.UP, (line.name,)), ("there", HostState.UP, ()),
        ]  # fmt: skip
        assert [(one.line_id, one.held) for one in there.store.other_lines()] == [(line.line_id, True)]
        here.store.leave(NOW_S)
        assert there.store.hosts()[0].state is HostState.LEFT
        assert [(one.held, one.up) for one in there.store.other_lines()] == [(False, False)]
        assert there.line().line_id == line.line_id
        several.clock.advance(LEASE_S + 1)
        assert there.store.silent() == [], "who has left is not missed"

    def _cut_off(self, several: Several) -> tuple[Desk, Desk, LineRow, Claimed, int]:
        """A host that was taken for dead while it sent; the other one; its line, text and attempt."""
        here, there = several.host("here"), several.host("there")
        here.fill(number(1))
        line = here.line()
        (message,) = here.claim(line)
        attempt = here.open(line, message)
        several.silent(there)
        assert there.store.bury("here", NOW_S) is not None
        assert there.states()[number(1)] is State.UNCERTAIN
        return here, there, line, message, attempt
