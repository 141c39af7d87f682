"""The store suite: what every contract.Store must do. Subclass it; give it the fixtures `store` and `several`.

class TestMyStore(StoreSuite):
@pytest.fixture
def store(self, tmp_path): ...
"""

from __future__ import annotations

import pytest

from gsmsend.contract import (
    ImportSource,
    NewMessage,
    Refused,
)
from gsmsend.errors import GsmsendError
from gsmsend.model import Device, Inbound, Sim, State
from gsmsend.testing.store_approvals import ApprovalSuite
from gsmsend.testing.store_campaigns import CampaignSuite
from gsmsend.testing.store_claiming import ClaimingSuite
from gsmsend.testing.store_desk import (
    CONGESTED,
    NOW_S,
    REFUSED,
    UNOBTAINABLE,
    Desk,
    accepted,
    number,
    report,
)
from gsmsend.testing.store_evidence import EvidenceSuite
from gsmsend.testing.store_forgetting import ForgettingSuite
from gsmsend.testing.store_importing import ImportingSuite
from gsmsend.testing.store_leasing import LeaseSuite
from gsmsend.testing.store_looks import LooksSuite
from gsmsend.testing.store_replies import ReplySuite
from gsmsend.testing.store_results import ResultsSuite
from gsmsend.testing.store_retention import RetentionSuite
from gsmsend.testing.store_routes import RoutesSuite
from gsmsend.testing.store_stamps import StampSuite
from gsmsend.testing.store_suppression import SuppressionSuite
from gsmsend.testing.store_watching import WatchSuite


class StoreSuite(
    EvidenceSuite,
    ImportingSuite,
    CampaignSuite,
    LooksSuite,
    SuppressionSuite,
    ApprovalSuite,
    ReplySuite,
    ResultsSuite,
    ForgettingSuite,
    RetentionSuite,
    RoutesSuite,
    StampSuite,
    WatchSuite,
    LeaseSuite,
    ClaimingSuite,
):
    """Every test here must pass on every store."""

    def test_every_row_of_an_import_is_counted_once(self, desk: Desk) -> None:
        rows: list[NewMessage | Refused] = [
            NewMessage(number(1), "Help is here.", 2, 1),
            Refused(3, "0207", "not a mobile number"),
            NewMessage(number(1), "Help is here.", 4, 1),
            NewMessage(number(2), "Help is here.", 5, 1),
        ]
        result = desk.store.add(ImportSource("a.csv", "digest", "campaign", NOW_S), rows)
        assert (result.accepted, result.duplicates, result.refused) == (2, 1, 1)
        assert desk.store.totals()[State.QUEUED] == 2
        assert sum(desk.store.totals().values()) == 2

    def test_the_same_file_again_adds_nothing(self, desk: Desk) -> None:
        first = desk.fill(number(1), number(2))
        again = desk.fill(number(1), number(2))
        assert not first.repeated
        assert again.repeated
        assert (again.accepted, again.refused) == (first.accepted, first.refused)
        assert sum(desk.store.totals().values()) == 2

    def test_the_same_person_and_text_in_another_file_is_one_text(self, desk: Desk) -> None:
        desk.fill(number(1), name="a")
        second = desk.fill(number(1), number(2), name="b")
        assert (second.accepted, second.duplicates) == (1, 1)

    def test_one_text_each_refuses_another_text_for_the_same_person(self, desk: Desk) -> None:
        desk.fill(number(1), name="a")
        told: list[Refused] = []
        rows = [NewMessage(number(index), "Corrected.", index, 1) for index in (1, 2)]
        source = ImportSource("b.csv", "corrected", "campaign", NOW_S)
        result = desk.store.add(source, rows, one_text_each=True, refuse=told.append)
        assert (result.accepted, result.refused, result.other_text) == (1, 1, 1)
        assert [(row.row, row.value) for row in told] == [(1, number(1))]
        again = desk.store.add(source, rows)
        assert (again.accepted, again.duplicates, again.repeated) == (1, 1, False)

    def test_claims_are_first_in_first_out_and_exclusive(self, desk: Desk) -> None:
        desk.fill(*(number(index) for index in range(5)))
        one, two = desk.line(1), desk.line(2)
        first, rest = desk.claim(one, 2), desk.claim(two, 10)
        assert [message.number for message in first] == [number(0), number(1)]
        assert [message.number for message in rest] == [number(2), number(3), number(4)]
        assert desk.claim(one) == []
        assert desk.store.totals()[State.SENDING] == 5

    def test_what_is_given_back_is_claimed_again(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        desk.store.release([message.message_id for message in desk.claim(line)], NOW_S).result()
        assert [message.number for message in desk.claim(line)] == [number(1)]

    def test_nothing_is_claimed_before_it_is_due(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), REFUSED, State.QUEUED, due_at_s=NOW_S + 60)
        assert desk.claim(line, now_s=NOW_S + 59) == []
        assert desk.store.next_due_s() == NOW_S + 60
        (again,) = desk.claim(line, now_s=NOW_S + 60)
        assert again.parts[0].tries == 1

    def test_a_line_has_one_open_attempt_at_most(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        desk.open(line, first)
        with pytest.raises(GsmsendError):
            desk.open(line, second)

    def test_a_sent_part_is_delivered_by_its_report(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        assert desk.send(line, message, 7).state is State.SENT
        arrival = desk.store.record_report(line.line_id, report(7, number(1)), NOW_S).result()
        assert (arrival.message_id, arrival.new) == (message.message_id, State.DELIVERED)
        assert desk.states()[number(1)] is State.DELIVERED
        assert desk.store.report_counts().matched == 1

    @pytest.mark.parametrize("form", ["07700900001", "447700900001", "00447700900001"])
    def test_a_report_in_another_form_of_the_number_matches(self, desk: Desk, form: str) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 7)
        desk.store.record_report(line.line_id, report(7, form), NOW_S).result()
        assert desk.states()[number(1)] is State.DELIVERED

    def test_delivered_needs_every_part(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 1, seq=1)
        desk.send(line, message, 2, seq=2)
        desk.store.record_report(line.line_id, report(2, number(1)), NOW_S).result()
        assert desk.states()[number(1)] is State.SENT
        desk.store.record_report(line.line_id, report(1, number(1)), NOW_S).result()
        assert desk.states()[number(1)] is State.DELIVERED

    def test_a_report_before_the_answer_is_matched_when_the_answer_comes(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        attempt_id = desk.open(line, message)
        early = desk.store.record_report(line.line_id, report(9, number(1)), NOW_S + 1).result()
        assert early.message_id is None
        assert desk.close(line, message, attempt_id, accepted(9), State.SENT).state is State.DELIVERED
        assert desk.store.report_counts().unmatched == 0

    def test_a_wrapped_reference_answers_the_newest_part(self, desk: Desk) -> None:
        desk.fill(number(1), text="First.", name="a")
        desk.fill(number(1), text="Second.", name="b")
        line = desk.line()
        old, new = desk.claim(line)
        desk.send(line, old, 5)
        desk.send(line, new, 5)
        first = desk.store.record_report(line.line_id, report(5, number(1), raw="AA"), NOW_S).result()
        second = desk.store.record_report(line.line_id, report(5, number(1), raw="BB"), NOW_S).result()
        assert [first.message_id, second.message_id] == [new.message_id, old.message_id]

    def test_the_same_report_twice_counts_once(self, desk: Desk) -> None:
        desk.fill(number(1), text="First.", name="a")
        desk.fill(number(1), text="Second.", name="b")
        line = desk.line()
        for message in desk.claim(line):
            desk.send(line, message, 5)
        desk.store.record_report(line.line_id, report(5, number(1)), NOW_S).result()
        again = desk.store.record_report(line.line_id, report(5, number(1)), NOW_S).result()
        assert again.repeated
        assert sorted(row.state for row in desk.store.messages()) == [State.DELIVERED, State.SENT]

    def test_another_line_or_recipient_never_matches(self, desk: Desk) -> None:
        desk.fill(number(1))
        one, two = desk.line(1), desk.line(2)
        (message,) = desk.claim(one)
        desk.send(one, message, 7)
        for line, recipient in ((two, number(1)), (one, number(2)), (one, "+9997700900001")):
            arrival = desk.store.record_report(line.line_id, report(7, recipient), NOW_S).result()
            assert arrival.message_id is None
        assert desk.states()[number(1)] is State.SENT
        assert desk.store.report_counts().unmatched == 3

    def test_a_pending_report_is_followed_by_the_final_one(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 7)
        desk.store.record_report(line.line_id, report(7, number(1), CONGESTED), NOW_S).result()
        assert desk.states()[number(1)] is State.SENT
        desk.store.record_report(line.line_id, report(7, number(1), UNOBTAINABLE), NOW_S).result()
        assert desk.states()[number(1)] is State.UNDELIVERED
        (row,) = desk.store.messages()
        assert row.why == "the report says: not obtainable"

    def test_a_report_that_comes_before_the_last_answer_says_why_too(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 7)
        desk.store.record_report(line.line_id, report(7, number(1), UNOBTAINABLE), NOW_S).result()
        desk.store.record_report(line.line_id, report(8, number(1)), NOW_S).result()
        desk.send(line, message, 8, seq=2)
        (row,) = desk.store.messages()
        assert (row.state, row.why) == (State.UNDELIVERED, "the report says: not obtainable")

    def test_a_text_without_reports_becomes_unconfirmed_and_may_still_be_delivered(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 7)
        assert desk.store.expire(NOW_S - 1, NOW_S) == 0
        assert desk.store.expire(NOW_S + 1, NOW_S + 2) == 1
        assert desk.states()[number(1)] is State.UNCONFIRMED
        desk.store.record_report(line.line_id, report(7, number(1)), NOW_S).result()
        assert desk.states()[number(1)] is State.DELIVERED

    @pytest.mark.parametrize("how", ["at the start", "in mid-run"])
    def test_a_clock_that_is_set_back_makes_nothing_wait_for_it(self, desk: Desk, how: str) -> None:
        """Texts are due at once again, refused ones after the rest of their wait."""
        desk.fill(number(1), number(2))
        line = desk.line()
        refused, fresh = desk.claim(line)
        desk.close(line, refused, desk.open(line, refused), REFUSED, State.QUEUED, due_at_s=NOW_S + 60)
        desk.store.release([fresh.message_id], NOW_S).result()
        yesterday_s = NOW_S - 86_400
        if how == "at the start":
            desk.store.recover(yesterday_s)
        else:
            assert desk.store.clock_set_back(yesterday_s) == 2
            assert desk.store.clock_set_back(yesterday_s) == 0
        assert [one.message_id for one in desk.claim(line, now_s=yesterday_s)] == [fresh.message_id]
        assert desk.claim(line, now_s=yesterday_s + 59) == []
        assert [one.message_id for one in desk.claim(line, now_s=yesterday_s + 60)] == [refused.message_id]

    def test_a_partly_sent_text_goes_on_from_the_same_line_without_its_sent_parts(self, desk: Desk) -> None:
        desk.fill(number(1), segments=3)
        one, two = desk.line(1), desk.line(2)
        (message,) = desk.claim(one)
        desk.send(one, message, 1, seq=1)
        desk.store.recover(NOW_S)
        assert desk.claim(two) == []
        (again,) = desk.claim(one)
        assert [part.seq for part in again.parts] == [2, 3]

    def test_an_inbound_text_is_kept_once_and_joined(self, desk: Desk) -> None:
        line = desk.line()
        second = Inbound(number(1), "are you?", concat=(4, 2, 2), raw="02")
        first = Inbound(number(1), "Who ", concat=(4, 2, 1), raw="01")
        kept = [desk.store.record_inbound(line.line_id, item, NOW_S).result() for item in (second, second, first)]
        assert [one.new for one in kept] == [True, False, True]
        (text,) = desk.store.inbox()
        assert (text.text, text.complete, text.parts) == ("Who are you?", True, 2)

    def test_a_line_is_its_sim_wherever_it_is(self, desk: Desk) -> None:
        sim = Sim(iccid="8944000000000000017")
        here = desk.store.line(sim, Device("virtual", "virtual:1", imei="1"), NOW_S)
        there = desk.store.line(sim, Device("virtual", "virtual:2", imei="2"), NOW_S)
        assert here.line_id == there.line_id
        assert there.device == "virtual:2"
        other = desk.store.line(Sim(iccid="8944000000000000025"), Device("virtual", "virtual:1"), NOW_S)
        assert other.line_id != here.line_id

    def test_the_pace_is_remembered(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        desk.send(line, first, 1)
        desk.close(line, second, desk.open(line, second), REFUSED, State.QUEUED, due_at_s=NOW_S)
        assert desk.store.sent_times(line.line_id, NOW_S - 1) == [NOW_S]

    def test_a_blocking_change_returns_after_all_that_was_handed_over_before_was_told(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        desk.send(line, desk.claim(line)[0], 7)
        told: list[bool] = []
        kept = desk.store.record_report(line.line_id, report(7, number(1)), NOW_S)
        kept.add_done_callback(lambda done: told.append(done.exception() is None))
        desk.store.expire(NOW_S - 1, NOW_S)
        assert told == [True]
        assert desk.store.totals()[State.DELIVERED] == 1
