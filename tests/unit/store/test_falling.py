"""Texts that go over a fallback, and back: which, with what words, and which never."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.contract import AttemptOpen, FallOrder, ImportSource, LineRow, NewMessage, Suppression, TextBody
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Evidence, Outcome, OutcomeKind, Refusal, Sim, State
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import NOW_S, REFUSED, UNKNOWN, Desk, accepted, number, report

OTHER = TextBody("Example Police writes from another number. Help: example.org/help 0800 000 000 STOP", 1)
BARRED = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LINE, code=8, why="barred")
NOBODY = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1, why="not in use")
BUSY = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=42, why="overloaded")
NEVER_LEFT = Outcome(OutcomeKind.REFUSED, why="it never left")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(SqlStore(tmp_path / "gsmsend.db", EngineRules())) as store:
        yield Desk(store)


def cloud(desk: Desk) -> LineRow:
    device = Device("notify", "notify", account="example account", virtual=True)
    return desk.store.line(Sim(), device, NOW_S, cloud=True)


def order(desk: Desk, *bound: int, limit: int = 10, text: TextBody = OTHER) -> FallOrder:
    (row,) = desk.store.campaigns()
    line_id = cloud(desk).line_id
    why = "it goes over the fallback: the line is barred"
    return FallOrder(row.campaign_id, line_id, text, why, limit, bound=bound, approved_only=False)


def fail(desk: Desk, line: LineRow, outcome: Outcome) -> int:
    (message,) = desk.claim(line, 1)
    desk.close(line, message, desk.open(line, message), outcome, State.FAILED)
    return message.message_id


def sound(desk: Desk) -> bool:
    assert isinstance(desk.store, SqlStore)
    return desk.store.verify().findings == ()


def test_what_waits_goes_over_the_fallback_in_its_wording_and_nothing_else_does(desk: Desk) -> None:
    line = desk.line()
    desk.fill(number(1), number(2), number(3), segments=2, text="Help is here. " * 15)
    first, second = desk.claim(line, 2)
    desk.send(line, first, 1)
    desk.send(line, first, 2, seq=2)
    desk.close(line, second, desk.open(line, second), UNKNOWN, State.UNCERTAIN)
    assert desk.store.fall_back(order(desk, 0, line.line_id), NOW_S) == 1
    assert desk.claim(line) == []
    (over,) = desk.store.claim(cloud(desk).line_id, 10, NOW_S, bound_only=True).result()
    assert (over.number, over.text, over.total, len(over.parts)) == (number(3), OTHER.body, 1, 1)
    rows = {row.number: row for row in desk.store.messages()}
    assert [row.fallback for row in rows.values()] == [False, False, True]
    assert rows[number(3)].text == OTHER.body
    assert sound(desk)


def test_what_is_left_counts_only_what_may_go_another_way(desk: Desk) -> None:
    line = desk.line()
    desk.fill(number(1), number(2), segments=2, text="Help is here. " * 15)
    (first,) = desk.claim(line, 1)
    desk.send(line, first, 1)
    desk.store.release([first.message_id], NOW_S).result()
    (row,) = desk.store.campaigns()
    assert [one.texts for one in desk.store.fall_counts(row.campaign_id).left] == [1]


def test_a_forgotten_campaign_leaves_no_words_of_its_fallback(desk: Desk, tmp_path: Path) -> None:
    desk.fill(number(1))
    desk.store.fall_back(order(desk, 0), NOW_S)
    assert isinstance(desk.store, SqlStore)
    desk.store.cancel("campaign", "a.person", "", NOW_S)
    desk.store.forget("campaign", "a.person", "its time is over", NOW_S)
    (row,) = desk.store.messages()
    assert OTHER.body not in (row.text, row.number)
    assert sound(desk)
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert OTHER.body.encode() not in raw


def test_it_comes_back_with_its_own_words_and_may_go_again(desk: Desk) -> None:
    line = desk.line()
    desk.fill(number(1), number(2), text="Help is here. " * 15, segments=2)
    one = replace(order(desk, 0), limit=1)
    assert desk.store.fall_back(one, NOW_S) == 1
    assert desk.store.fall_counts(one.campaign_id).waiting == 1
    assert desk.store.return_home(one.campaign_id, "the line is back", NOW_S, bound=(0,)) == 1
    assert [(found.total, len(found.parts)) for found in desk.claim(line)] == [(2, 2), (2, 2)]
    desk.store.release([1, 2], NOW_S).result()
    assert desk.store.fall_counts(one.campaign_id).segments == 0
    assert desk.store.fall_back(replace(one, limit=9), NOW_S) == 2
    assert sound(desk)


def test_what_the_fallback_has_begun_does_not_come_back(desk: Desk) -> None:
    desk.fill(number(1), number(2), number(3))
    one = order(desk, 0)
    desk.store.fall_back(one, NOW_S)
    route = cloud(desk)
    first, second, third = desk.store.claim(route.line_id, 3, NOW_S, bound_only=True).result()
    desk.send(route, first, 1)
    desk.close(route, second, desk.open(route, second), UNKNOWN, State.UNCERTAIN)
    desk.close(route, third, desk.open(route, third), REFUSED, State.QUEUED, due_at_s=NOW_S)
    assert desk.store.return_home(one.campaign_id, "off", NOW_S) == 1
    assert [found.number for found in desk.claim(desk.line())] == [third.number]
    assert desk.store.fall_counts(one.campaign_id).carried == 2
    assert sound(desk)


@pytest.mark.parametrize(("outcome", "goes"), [(BARRED, True), (BUSY, True), (NOBODY, False), (NEVER_LEFT, False)])
def test_of_failed_texts_only_those_go_whose_reason_another_network_may_not_share(
    desk: Desk, outcome: Outcome, goes: bool
) -> None:
    desk.fill(number(1))
    fail(desk, desk.line(), outcome)
    one = replace(order(desk), codes=frozenset({42}))
    assert desk.store.fall_back(one, NOW_S) == int(goes)
    assert desk.store.fall_back(replace(one, codes=None, bound=(0,)), NOW_S) == 0
    if goes:
        assert desk.store.return_home(one.campaign_id, "off", NOW_S) == 1
        (row,) = desk.store.messages()
        assert (row.state, row.why) == (State.FAILED, outcome.why)
    assert sound(desk)


def test_what_failed_over_the_fallback_is_not_tried_there_again(desk: Desk) -> None:
    desk.fill(number(1))
    one = replace(order(desk, 0), codes=frozenset({42}))
    desk.store.fall_back(one, NOW_S)
    route = cloud(desk)
    (over,) = desk.store.claim(route.line_id, 1, NOW_S, bound_only=True).result()
    desk.close(route, over, desk.open(route, over), BARRED, State.FAILED)
    assert desk.store.fall_back(one, NOW_S) == 0
    assert desk.store.fall_counts(one.campaign_id).segments == 0


def test_held_texts_of_a_closed_line_go_and_are_held_again_when_they_come_back(desk: Desk) -> None:
    rows = [NewMessage(number(1), "Help is here.", 1, 1)]
    desk.store.add(ImportSource("a.csv", "a", "campaign", NOW_S, line="red-phone"), rows)
    line = desk.line()
    desk.store.line_found("red-phone", line.line_id)
    desk.store.hold_line(line.line_id, "closed since Monday", NOW_S)
    one = replace(order(desk), held=(line.line_id,))
    assert desk.store.fall_back(one, NOW_S) == 1
    assert desk.store.return_home(one.campaign_id, "the line is back", NOW_S, bound=(line.line_id,)) == 0
    assert desk.store.return_home(one.campaign_id, "off", NOW_S) == 1
    (row,) = desk.store.messages()
    assert (row.state, row.why) == (State.HELD, "closed since Monday")


def test_who_opted_out_meanwhile_is_not_texted_by_the_fallback(desk: Desk) -> None:
    desk.fill(number(1), number(2), number(3))
    fail(desk, desk.line(), BARRED)
    desk.store.suppress([number(1), number(2)], Suppression.OPT_OUT, "asked", "a.person", NOW_S)
    one = replace(order(desk, 0), codes=frozenset[int]())
    assert desk.store.fall_back(one, NOW_S) == 1
    (over,) = desk.store.claim(cloud(desk).line_id, 9, NOW_S, bound_only=True).result()
    assert over.number == number(3)
    desk.store.suppress([number(3)], Suppression.OPT_OUT, "asked", "a.person", NOW_S)
    desk.store.release([over.message_id], NOW_S).result()
    assert desk.states()[number(3)] is State.SUPPRESSED
    assert desk.store.return_home(one.campaign_id, "off", NOW_S) == 0


def test_a_person_with_two_texts_gets_the_wording_once(desk: Desk) -> None:
    desk.fill(number(1))
    desk.fill(number(1), text="Another text.", name="b")
    assert desk.store.fall_back(order(desk, 0), NOW_S) == 1
    assert desk.store.fall_back(order(desk, 0), NOW_S) == 0


def test_a_failed_text_waits_for_the_least_time_between_two_texts(desk: Desk) -> None:
    line = desk.line()
    desk.fill(number(1))
    fail(desk, line, BARRED)
    rows = [NewMessage(number(1), "Of another campaign.", 1, 1)]
    desk.store.add(ImportSource("b.csv", "b", "another", NOW_S), rows)
    (theirs,) = desk.claim(line, 1)
    desk.send(line, theirs, 1)
    first = desk.store.campaigns()[0].campaign_id
    one = FallOrder(
        first, cloud(desk).line_id, OTHER, "why", 9, codes=frozenset[int](), approved_only=False, gap_s=3600.0
    )
    assert desk.store.fall_back(one, NOW_S + 60) == 0
    assert desk.store.fall_back(one, NOW_S + 3700) == 1


def test_a_late_report_of_a_text_that_seemed_lost_keeps_it_from_the_fallback(desk: Desk) -> None:
    line = desk.line()
    desk.fill(number(1))
    (message,) = desk.claim(line, 1)
    desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
    desk.store.settle_last(line.line_id, accepted(7), Evidence.COUNTER, NOW_S).result()
    desk.store.record_report(line.line_id, report(7, number(1)), NOW_S).result()
    one = replace(order(desk, 0, line.line_id), codes=frozenset(range(512)))
    assert desk.store.fall_back(one, NOW_S) == 0


def test_no_more_segments_go_than_the_budget_pays_for(desk: Desk) -> None:
    desk.fill(*map(number, range(9)))
    one = order(desk, 0, text=TextBody(OTHER.body * 2, 2))
    assert desk.store.fall_back(replace(one, segments=5), NOW_S) == 2
    assert desk.store.fall_counts(one.campaign_id).segments == 4
    assert desk.store.fall_back(replace(one, segments=1), NOW_S) == 0


def test_nothing_goes_of_a_campaign_that_is_paused_cancelled_or_not_released(desk: Desk) -> None:
    desk.fill(*map(number, range(3)))
    one = order(desk, 0)
    assert desk.store.fall_back(replace(one, approved_only=True), NOW_S) == 0
    desk.store.pause("campaign", "a.person", "", NOW_S)
    assert desk.store.fall_back(one, NOW_S) == 0
    desk.store.resume("campaign", "a.person", "", NOW_S)
    desk.store.cancel("campaign", "a.person", "", NOW_S)
    assert desk.store.fall_back(one, NOW_S) == 0


def test_a_withdrawn_campaign_has_its_own_words_again(desk: Desk) -> None:
    rows = [NewMessage(number(index), "Help is here.", index, 1) for index in range(1, 4)]
    desk.store.add(ImportSource("a.csv", "a", "campaign", NOW_S, draft=True), rows)
    desk.store.release_campaign("campaign", 0, NOW_S)
    one = replace(order(desk, 0), limit=2, approved_only=True)
    assert desk.store.fall_back(one, NOW_S) == 2
    desk.store.withdraw("campaign", "the fallback's text changed", NOW_S)
    assert {(row.state, row.text) for row in desk.store.messages()} == {(State.DRAFT, "Help is here.")}
    desk.store.release_campaign("campaign", 0, NOW_S)
    assert len(desk.claim(desk.line())) == 3
    assert sound(desk)


def test_the_same_list_again_finds_those_who_went_over_the_fallback(desk: Desk) -> None:
    desk.fill(number(1))
    desk.store.fall_back(order(desk, 0), NOW_S)
    again = desk.fill(number(1), name="b")
    assert (again.accepted, again.duplicates) == (0, 1)


def test_a_trial_counts_for_its_own_wording_only(desk: Desk) -> None:
    desk.fill(number(1))
    line = desk.line()
    desk.store.keep_trial("campaign", "ab" * 32, 1, "a.person", NOW_S)
    found = desk.store.trial("campaign", "ab" * 32)
    assert found is not None
    assert (found.message_id, found.state) == (1, State.QUEUED)
    assert desk.store.trial("campaign", "cd" * 32) is None
    assert desk.store.trial("another", "ab" * 32) is None
    (message,) = desk.claim(line, 1)
    desk.send(line, message, 1)
    desk.store.record_report(line.line_id, report(1, number(1)), NOW_S).result()
    found = desk.store.trial("campaign", "ab" * 32)
    assert found is not None
    assert found.state is State.DELIVERED
    assert sound(desk)


def test_since_when_a_line_is_out_of_use_outlives_the_program(desk: Desk) -> None:
    line = desk.line()
    desk.store.outage(line.line_id, "barred", NOW_S)
    desk.store.outage(line.line_id, "no network", NOW_S + 5)
    desk.store.note("a.person", "x", "y", NOW_S)
    assert [(one.rule, one.since_s) for one in desk.store.outages()] == [("no network", NOW_S + 5)]
    desk.store.outage(line.line_id, "", NOW_S + 9)
    desk.store.note("a.person", "x", "y", NOW_S)
    assert desk.store.outages() == []


@pytest.mark.parametrize("column", ["text_id = text_id - 1", "home_at_s = 1.0", "line_id = 1"])
def test_what_was_changed_in_the_table_is_found(desk: Desk, tmp_path: Path, column: str) -> None:
    desk.line()
    desk.fill(number(1))
    desk.store.fall_back(order(desk, 0), NOW_S)
    assert sound(desk)
    with closing(sqlite3.connect(tmp_path / "gsmsend.db")) as database, database:
        database.execute(f"UPDATE fallbacks SET {column}")  # noqa: S608 - from the list above
    assert isinstance(desk.store, SqlStore)
    assert [found for found in desk.store.verify().findings if "the table fallbacks" in found.what]


def test_a_trial_that_the_log_does_not_tell_of_is_found_before_a_run(desk: Desk, tmp_path: Path) -> None:
    """Whoever can write to the store's file could have any delivered text stand for the trial."""
    desk.fill(number(1), number(2))
    desk.store.keep_trial("campaign", "ab" * 32, 1, "a.person", NOW_S)
    assert isinstance(desk.store, SqlStore)
    assert (desk.store.not_as_logged(), sound(desk)) == ((), True)
    with closing(sqlite3.connect(tmp_path / "gsmsend.db")) as database, database:
        database.execute("UPDATE trials SET message_id = 2")
    (found,) = desk.store.not_as_logged()
    assert "the table trials" in found
    assert not sound(desk)


@pytest.mark.parametrize(("key", "goes"), [("", True), ("ab" * 16, False)])
def test_a_code_counts_only_as_the_route_meant_it_that_gave_it(desk: Desk, key: str, goes: bool) -> None:
    """The SIM was in a handset, whose codes mean something else, and is in a modem now."""
    desk.fill(number(1))
    line = desk.line()
    (message,) = desk.claim(line, 1)
    intent = AttemptOpen(message.message_id, 1, line.line_id, NOW_S, key=key)
    opened = desk.store.advance(None, intent).result().attempt_id
    assert opened is not None
    desk.close(line, message, opened, BUSY, State.FAILED)
    assert desk.store.fall_back(replace(order(desk), codes=frozenset({42})), NOW_S) == int(goes)


def test_what_the_fallback_had_in_hand_when_the_approval_fell_has_its_own_words_too(desk: Desk) -> None:
    """Else the wording that was approved no more would go out, once the campaign is approved again."""
    rows = [NewMessage(number(1), "Help is here. " * 15, 1, 2)]
    desk.store.add(ImportSource("list.csv", "digest", "campaign", NOW_S, draft=True), rows)
    desk.store.release_campaign("campaign", 0, NOW_S)
    assert desk.store.fall_back(order(desk, 0), NOW_S) == 1
    route = cloud(desk)
    (message,) = desk.store.claim(route.line_id, 1, NOW_S, bound_only=True).result()
    desk.store.withdraw("campaign", "the fallback's text changed", NOW_S)
    opened = desk.store.advance(None, AttemptOpen(message.message_id, 1, route.line_id, NOW_S)).result()
    assert opened.attempt_id is None
    (row,) = desk.store.messages()
    assert row.state is State.DRAFT
    desk.store.release_campaign("campaign", 0, NOW_S)
    assert desk.store.claim(route.line_id, 1, NOW_S, bound_only=True).result() == []
    (again,) = desk.claim(desk.line())
    assert (again.text, again.total, len(again.parts)) == (rows[0].text, 2, 2)
    assert sound(desk)


def test_results_say_once_for_each_reason_when_texts_first_went_over_it(desk: Desk) -> None:
    desk.fill(number(1), number(2), number(3))
    name = desk.store.campaigns()[0].name
    before = desk.store.results(name)
    assert before is not None
    assert before.fell == ()
    line = desk.line(9)
    first = replace(order(desk, 0, line.line_id), limit=1, why="goes over its fallback: the line red is closed")
    for later in (0.0, 60.0):
        assert desk.store.fall_back(first, NOW_S + later) == 1
    assert desk.store.fall_back(replace(first, why="another"), NOW_S + 90) == 1
    desk.store.return_home(first.campaign_id, "back", NOW_S + 99)
    after = desk.store.results(name)
    assert after is not None
    assert [(one.at_s - NOW_S, one.why) for one in after.fell] == [(0.0, first.why), (90.0, "another")]
