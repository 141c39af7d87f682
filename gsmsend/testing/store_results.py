"""The part of the store suite that is about the report: what left, what came of it, and link visits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gsmsend.contract import Decision, ImportSource, NewMessage, Refused, Results, VisitDay
from gsmsend.contract.results import Counted, Ending, Settled
from gsmsend.errors import UsageError
from gsmsend.model import Evidence, Inbound, Outcome, OutcomeKind, Refusal, State
from gsmsend.testing.store_desk import DELIVERED, NOW_S, UNKNOWN, UNOBTAINABLE, Desk, accepted, number, report

NAME = "campaign"
NO_SUCH_NUMBER = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1, why="not in use")


def results_of(desk: Desk, name: str = NAME) -> Results:
    """The results, which must be there."""
    found = desk.store.results(name)
    assert found is not None
    return found


class ResultsSuite:
    """What every contract.Store must tell of what came of a campaign. Part of StoreSuite."""

    def test_there_are_no_results_of_a_campaign_that_is_not_there(self, desk: Desk) -> None:
        desk.fill(number(1))
        assert desk.store.results("another") is None

    def test_results_add_up_to_the_recipients(self, desk: Desk) -> None:
        desk.fill(number(1), number(2), number(3))
        line = desk.line()
        first, second, _ = desk.claim(line)
        desk.send(line, first, 1)
        desk.close(line, second, desk.open(line, second), NO_SUCH_NUMBER, State.FAILED)
        found = results_of(desk)
        assert found.recipients == 3
        assert found.totals[State.SENT] == found.totals[State.FAILED] == found.totals[State.SENDING] == 1
        assert found.endings == (Ending(State.FAILED, "not in use", 1, None, 1),)
        assert [(one.number, one.state) for one in found.unreached] == [(second.number, State.FAILED)]

    def test_each_line_has_its_texts_and_segments(self, desk: Desk) -> None:
        desk.fill(number(1), text="long", segments=2)
        desk.fill(number(2), name="b")
        red, blue = desk.line(1), desk.line(2)
        (long,) = desk.claim(red, 1)
        desk.send(red, long, 1)
        desk.send(red, long, 2, seq=2)
        (short,) = desk.claim(blue, 1)
        desk.send(blue, short, 1)
        for reference in (1, 2):
            desk.store.record_report(red.line_id, report(reference, long.number), NOW_S + 9).result()
        uses = {use.line_id: use for use in results_of(desk).lines}
        assert (uses[red.line_id].texts, uses[red.line_id].segments, uses[red.line_id].delivered) == (1, 2, 1)
        assert (uses[blue.line_id].texts, uses[blue.line_id].segments, uses[blue.line_id].delivered) == (1, 1, 0)
        assert sum(one.texts for one in results_of(desk).sent) == 2

    def test_a_text_sent_in_part_has_not_left(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 1)
        found = results_of(desk)
        assert found.sent == ()
        assert [use.segments for use in found.lines] == [1]

    def test_delivery_is_timed_by_the_networks_clock_where_it_gives_one(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        for reference, message in enumerate(desk.claim(line), 1):
            desk.send(line, message, reference)
        timed = replace(report(1, number(1)), submitted_at_s=NOW_S + 100, discharged_at_s=NOW_S + 107)
        desk.store.record_report(line.line_id, timed, NOW_S + 5000).result()
        desk.store.record_report(line.line_id, report(2, number(2)), NOW_S + 30).result()
        assert results_of(desk).delays == ((7, 1), (30, 1))

    def test_a_report_that_came_before_its_text_by_that_clock_is_timed_by_ours(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 1)
        wrong = replace(report(1, number(1)), submitted_at_s=NOW_S + 100, discharged_at_s=NOW_S + 40)
        desk.store.record_report(line.line_id, wrong, NOW_S + 12).result()
        assert results_of(desk).delays == ((12, 1),)

    def test_what_the_network_reported_is_kept_with_its_code(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        for reference, message in enumerate(desk.claim(line), 1):
            desk.send(line, message, reference)
            status = (DELIVERED, UNOBTAINABLE)[reference - 1]
            desk.store.record_report(line.line_id, report(reference, message.number, status), NOW_S).result()
        (ending,) = results_of(desk).endings
        assert (ending.state, ending.tp_status, ending.texts) == (State.UNDELIVERED, UNOBTAINABLE, 1)

    def test_how_doubt_was_settled_and_by_whom_is_told(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        assert results_of(desk).lines[0].doubtful == 1
        desk.store.resolve(
            Decision(message.message_id, as_sent=True, reason="she answered", person="a.officer", at_s=NOW_S)
        )
        found = results_of(desk)
        assert found.settled == (Settled(Evidence.PERSON, OutcomeKind.ACCEPTED, 1),)
        assert [(one.person, one.reason) for one in found.decisions] == [("a.officer", "she answered")]

    def test_lists_and_refused_rows_are_told(self, desk: Desk) -> None:
        rows: list[NewMessage | Refused] = [
            NewMessage(number(1), "Help is here.", 2, 1),
            Refused(3, "0207", "a landline"),
            Refused(4, "0208", "a landline"),
            Refused(5, "", "empty"),
        ]
        desk.store.add(ImportSource("red.csv", "one", NAME, NOW_S, person="a.officer"), rows)
        desk.store.add(ImportSource("blue.csv", "two", NAME, NOW_S), rows[:1])
        found = results_of(desk)
        assert found.refusals == (Counted("a landline", 2), Counted("empty", 1))
        assert [(one.source, one.accepted, one.duplicates, one.refused) for one in found.imports] == [
            ("red.csv", 1, 0, 3),
            ("blue.csv", 0, 1, 0),
        ]
        assert found.imports[0].person == "a.officer"
        assert found.in_several_lists == 1
        assert [(one.body, one.recipients) for one in found.texts] == [("Help is here.", 1)]

    def test_accepted_then_reported_without_a_line_of_another_campaign(self, desk: Desk) -> None:
        desk.fill(number(1))
        other = ImportSource("o.csv", "other", "another", NOW_S)
        desk.store.add(other, [NewMessage(number(2), "Help is here.", 1, 1)])
        line = desk.line()
        for reference, message in enumerate(desk.claim(line), 1):
            attempt_id = desk.open(line, message)
            desk.close(line, message, attempt_id, accepted(reference), State.SENT)
        assert sum(one.texts for one in results_of(desk).sent) == 1
        assert sum(one.segments for one in results_of(desk, "another").lines) == 1

    def test_replies_are_told_whole_with_what_they_were_flagged_for(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        for reference, message in enumerate(desk.claim(line), 1):
            desk.send(line, message, reference)
        for sender, text, concat in (
            (number(1), "somebody here", (7, 2, 1)),
            (number(2), "STOP", None),
            (number(1), " has a knife", (7, 2, 2)),
            (number(1), "again", (7, 2, 1)),
            (number(9), "wrong number", None),
        ):
            inbound = Inbound(sender, text, NOW_S + 60, concat, how="CMT")
            desk.store.record_inbound(line.line_id, inbound, NOW_S + 60).result()
        found = results_of(desk).replies
        assert [(one.number, one.text, sorted(one.flags)) for one in found] == [
            (number(1), "somebody here has a knife", ["danger"]),
            (number(2), "STOP", ["stop"]),
            (number(1), "again[...]", []),
        ]

    def test_the_newest_count_of_a_day_and_source_counts(self, desk: Desk) -> None:
        desk.fill(number(1))
        day = VisitDay("2026-11-24", 10, "website", "a.officer", NOW_S)
        assert desk.store.add_visits(NAME, [day, replace(day, source="leaflet")]) == 0
        assert desk.store.add_visits(NAME, [replace(day, count=12)]) == 1
        assert [(one.source, one.count) for one in desk.store.visits(NAME)] == [("leaflet", 10), ("website", 12)]
        assert sum(one.count for one in results_of(desk).visits) == 22

    def test_visits_need_a_campaign(self, desk: Desk) -> None:
        with pytest.raises(UsageError, match="no campaign 'another'"):
            desk.store.add_visits("another", [VisitDay("2026-11-24", 10, "website", "a.officer", NOW_S)])
        assert desk.store.visits("another") == []
