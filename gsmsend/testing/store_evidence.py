"""The part of the store suite that is about doubt: recovery, late answers, reports, counts, persons, PINs."""

from __future__ import annotations

import pytest

from gsmsend.contract import (
    AttemptOpen,
    Decision,
    LineRow,
    Recovered,
    Store,
)
from gsmsend.errors import UsageError
from gsmsend.model import Evidence, Outcome, OutcomeKind, Refusal, State
from gsmsend.testing.store_desk import (
    NOW_S,
    REFUSED,
    UNKNOWN,
    Desk,
    accepted,
    number,
    report,
)


class EvidenceSuite:
    """What every contract.Store must do with what is not known. Part of StoreSuite."""

    @pytest.fixture
    def desk(self, store: Store) -> Desk:
        """Short words on the store under test."""
        return Desk(store)

    def test_recovery_makes_the_open_attempt_uncertain_and_frees_the_rest(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, _ = desk.claim(line)
        desk.open(line, first)
        recovered = desk.store.recover(NOW_S)
        assert recovered == Recovered(1, 1, {line.device: NOW_S})
        assert desk.states() == {number(1): State.UNCERTAIN, number(2): State.QUEUED}
        assert [message.number for message in desk.claim(line)] == [number(2)]

    def test_the_late_answer_settles_what_was_unknown(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        answer = desk.store.settle_last(line.line_id, accepted(3), Evidence.LATE_ANSWER, NOW_S)
        assert answer.result() == message.message_id
        assert desk.states()[number(1)] is State.SENT
        again = desk.store.settle_last(line.line_id, accepted(4), Evidence.LATE_ANSWER, NOW_S)
        assert again.result() is None
        desk.store.record_report(line.line_id, report(3, number(1)), NOW_S).result()
        assert desk.states()[number(1)] is State.DELIVERED

    @pytest.mark.parametrize(("reference", "settled"), [(8, True), (7, False), (9, False), (200, False)])
    def test_a_report_settles_what_was_unknown_if_its_reference_follows(
        self, desk: Desk, reference: int, settled: bool
    ) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        desk.send(line, first, 7)
        desk.close(line, second, desk.open(line, second), UNKNOWN, State.UNCERTAIN)
        arrival = desk.store.record_report(line.line_id, report(reference, number(2)), NOW_S).result()
        assert arrival.message_id == (second.message_id if settled else None)
        assert desk.states()[number(2)] is (State.DELIVERED if settled else State.UNCERTAIN)
        assert desk.store.report_counts().unmatched == int(not settled)

    def test_a_report_for_the_only_text_of_a_line_settles_it(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        other = desk.store.record_report(line.line_id, report(44, number(2)), NOW_S).result()
        assert other.message_id is None
        mine = desk.store.record_report(line.line_id, report(44, number(1)), NOW_S).result()
        assert mine.message_id == message.message_id
        assert desk.states()[number(1)] is State.QUEUED
        (again,) = desk.claim(line)
        assert [part.seq for part in again.parts] == [2]

    def test_a_report_that_came_before_the_attempt_was_unknown_settles_it(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        desk.send(line, first, 7)
        attempt_id = desk.open(line, second)
        assert desk.store.record_report(line.line_id, report(8, number(2)), NOW_S).result().message_id is None
        assert desk.close(line, second, attempt_id, UNKNOWN, State.UNCERTAIN).state is State.DELIVERED
        assert desk.store.report_counts().unmatched == 0

    def test_a_report_that_came_before_the_stop_settles_what_was_cut_off(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.open(line, message)
        desk.store.record_report(line.line_id, report(8, number(1)), NOW_S).result()
        desk.store.recover(NOW_S)
        assert desk.states()[number(1)] is State.DELIVERED

    def test_a_late_refusal_for_good_fails_the_text(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        wrong = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1, why="unassigned number")
        desk.store.settle_last(line.line_id, wrong, Evidence.LATE_ANSWER, NOW_S).result()
        assert desk.states()[number(1)] is State.FAILED

    def test_cut_off_again_and_again_it_is_given_up(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        for _ in range(10):
            (message,) = desk.claim(line)
            desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
            desk.store.settle_last(line.line_id, REFUSED, Evidence.COUNTER, NOW_S).result()
        assert desk.claim(line) == []
        assert desk.states()[number(1)] is State.FAILED

    def test_what_the_sims_count_would_be_is_known(self, desk: Desk) -> None:
        desk.fill(number(1), number(2), number(3))
        line = desk.line()
        first, second, third = desk.claim(line)
        desk.close(line, first, desk.open(line, first), UNKNOWN, State.UNCERTAIN)
        unsure = desk.store.last_unknown(line.line_id)
        assert unsure is not None
        assert (unsure.message_id, unsure.reference, unsure.counter_seen) == (first.message_id, None, None)
        desk.send(line, second, 9)
        assert desk.store.last_unknown(line.line_id) is None
        desk.store.counter_seen(line.line_id, "350000000000001")
        desk.close(line, third, desk.open(line, third), UNKNOWN, State.UNCERTAIN)
        known = desk.store.last_unknown(line.line_id)
        assert known is not None
        assert (known.reference, known.counter_seen) == (9, "350000000000001")

    @pytest.mark.parametrize(("as_sent", "state"), [(True, State.SENT), (False, State.QUEUED)])
    def test_a_person_settles_an_uncertain_text_once(self, desk: Desk, as_sent: bool, state: State) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.open(line, message)
        desk.store.recover(NOW_S)
        decision = Decision(message.message_id, as_sent, "asked the recipient", "PC Example", NOW_S)
        assert desk.store.resolve(decision) is state
        with pytest.raises(UsageError, match="only an uncertain message"):
            desk.store.resolve(decision)

    def test_the_count_as_read_is_the_baseline_after_a_refusal(self, desk: Desk) -> None:
        desk.fill(number(1), number(2), number(3))
        line = desk.line()
        first, second, third = desk.claim(line)
        assert not desk.store.keeps_counter(line.line_id, "350000000000001")
        desk.store.counter_seen(line.line_id, "350000000000001")
        desk.send(line, first, 9)
        desk.close(line, second, desk.open(line, second), REFUSED, State.QUEUED, due_at_s=NOW_S + 60)
        attempt_id = desk.open(line, third)
        desk.close(line, third, attempt_id, UNKNOWN, State.UNCERTAIN)
        unsure = desk.store.last_unknown(line.line_id)
        assert unsure is not None
        assert unsure.reference is None
        desk.store.settle_last(line.line_id, REFUSED, Evidence.COUNTER, NOW_S).result()
        desk.store.counter_read(line.line_id, 10)
        (again,) = desk.claim(line)
        desk.close(line, again, desk.open(line, again), UNKNOWN, State.UNCERTAIN)
        known = desk.store.last_unknown(line.line_id)
        assert known is not None
        assert known.reference == 10
        assert desk.store.keeps_counter(line.line_id, "350000000000001")
        assert not desk.store.keeps_counter(line.line_id, "350000000000002")

    def test_an_attempt_that_the_count_settled_moved_nothing(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        desk.send(line, first, 9)
        for message in (second, second):
            desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
            unsure = desk.store.last_unknown(line.line_id)
            assert unsure is not None
            assert unsure.reference == 9
            desk.store.settle_last(line.line_id, REFUSED, Evidence.COUNTER, NOW_S).result()
            assert desk.claim(line)

    def _tried(self, desk: Desk, line: LineRow, *references: int | None) -> list[str]:
        """Send one text after the other: a TP-MR is an accepted one's, None one that is cut off. All numbers."""
        numbers = [number(index) for index in range(len(references))]
        desk.fill(*numbers)
        for message, reference in zip(desk.claim(line, limit=len(references)), references, strict=True):
            if reference is None:
                desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
            else:
                desk.send(line, message, reference)
        return numbers

    def test_what_the_next_texts_number_proves_not_sent_goes_back_to_the_queue(self, desk: Desk) -> None:
        line = desk.line()
        desk.store.set_mark(line.line_id, "350000000000001 120")
        cut = self._tried(desk, line, 254, 255, 0, None, 1, 2, None, 4)[3]
        assert desk.store.mark(line.line_id) == "350000000000001 120"
        assert desk.store.unsettled(line.line_id, 0.0) == 1
        other = desk.store.settle_by_next(line.line_id, "350000000000001 121", 0.0, REFUSED, NOW_S)
        assert other.result() == []
        settled = desk.store.settle_by_next(line.line_id, "350000000000001 120", 0.0, REFUSED, NOW_S)
        assert len(settled.result()) == 1
        assert desk.states()[cut] is State.QUEUED
        assert desk.store.totals()[State.UNCERTAIN] == 1
        assert desk.store.unsettled(line.line_id, 0.0) == 0
        assert [message.number for message in desk.claim(line)] == [cut]

    def test_numbers_from_before_the_mark_prove_nothing(self, desk: Desk) -> None:
        line = desk.line()
        self._tried(desk, line, 1, 2, 3, None)
        desk.store.set_mark(line.line_id, "350000000000001 120")
        assert desk.store.unsettled(line.line_id, 0.0) is None
        desk.fill(number(10), number(11), number(12), name="b")
        for message, reference in zip(desk.claim(line), (4, 5, 6), strict=True):
            desk.send(line, message, reference)
        assert not desk.store.unsettled(line.line_id, 0.0)

    def test_nor_do_they_across_a_text_over_a_route_of_another_kind(self, desk: Desk) -> None:
        line = desk.line()
        desk.store.set_mark(line.line_id, "350000000000001 120")
        desk.store.counter_seen(line.line_id, "350000000000001")
        desk.store.counter_read(line.line_id, 8)
        self._tried(desk, line, 7, 8, 9)
        desk.fill(number(10), number(11), number(12), name="b")
        asked, *after = desk.claim(line)
        intent = AttemptOpen(asked.message_id, 1, line.line_id, NOW_S, "Send", "0" * 32)
        attempt_id = desk.store.advance(None, intent).result().attempt_id or 0
        desk.close(line, asked, attempt_id, UNKNOWN, State.UNCERTAIN)
        known = desk.store.last_unknown(line.line_id)
        assert known is not None
        assert known.reference is None, "whether it moves the SIM's count was never seen"
        for message, reference in zip(after, (10, 11), strict=True):
            desk.send(line, message, reference)
        assert not desk.store.unsettled(line.line_id, 0.0)
        settled = desk.store.settle_by_next(line.line_id, "350000000000001 120", 0.0, REFUSED, NOW_S)
        assert settled.result() == []
        assert desk.states()[number(10)] is State.UNCERTAIN

    def test_forgotten_marks_prove_nothing(self, desk: Desk) -> None:
        line = desk.line()
        desk.store.set_mark(line.line_id, "350000000000001 120")
        self._tried(desk, line, 1, 2, 3, None, 4)
        assert desk.store.unsettled(line.line_id, 0.0) == 1
        desk.store.forget_marks()
        assert desk.store.mark(line.line_id) is None
        assert not desk.store.unsettled(line.line_id, 0.0)
        assert desk.store.settle_by_next(line.line_id, "350000000000001 120", 0.0, REFUSED, NOW_S).result() == []

    def test_the_count_read_with_the_mark_stands_before_the_first_text(self, desk: Desk) -> None:
        line = desk.line(1)
        desk.store.set_mark(line.line_id, "350000000000001 120")
        desk.store.counter_read(line.line_id, 6)
        self._tried(desk, line, None, 7, 8, 9)
        assert desk.store.unsettled(line.line_id, 0.0) == 0
        desk.store.counter_seen(line.line_id, "350000000000001")
        desk.store.clock_set_back(NOW_S)  # waits for all that was written before
        assert desk.store.unsettled(line.line_id, 0.0) == 1

    def test_a_pin_is_tried_once_for_each_approval_unless_the_sim_took_it(self, desk: Desk) -> None:
        store = desk.store
        assert store.pin_try("89440000000000000010", 1, NOW_S)
        assert not store.pin_try("89440000000000000010", 1, NOW_S)
        assert store.pin_try("89440000000000000010", 2, NOW_S)
        store.pin_accepted("89440000000000000010", 2, NOW_S)
        assert store.pin_try("89440000000000000010", 2, NOW_S)
        assert not store.pin_try("89440000000000000010", 2, NOW_S)
        assert store.pin_try("89440000000000000028", 1, NOW_S)

    def test_recent_uncertain_texts_are_told_from_old_ones(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        assert desk.store.uncertain_since(NOW_S - 1) == 1
        assert desk.store.uncertain_since(NOW_S + 1) == 0
