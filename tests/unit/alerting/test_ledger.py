"""Each trouble is told once, and again only when it went away and came back; nobody is woken for what can wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.alerting import Ledger, LineSeen, News, Scene, Trouble, troubles
from gsmsend.alerting.memory import FILE, remember, remembered
from gsmsend.config import Alarm, AlertTerms
from gsmsend.model import State

NOON_S = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
UNCERTAIN = troubles(Scene(totals={State.UNCERTAIN: 1}))
DANGER = troubles(Scene(dangers=1))
DOWN = troubles(Scene(lines=[LineSeen("a", out=True, why="no network"), LineSeen("b", out=False)]))
ALL_DOWN = troubles(Scene(lines=[LineSeen("a", out=True), LineSeen("b", out=True)]))


class Watch:
    """A ledger with a clock: `at` looks after so many seconds."""

    def __init__(self, terms: AlertTerms | None = None, began_s: float = NOON_S, **kept: object) -> None:
        self.ledger = Ledger(terms or AlertTerms(), "Europe/London", **kept)  # type: ignore[arg-type]
        self.began_s = began_s

    def at(self, seconds: float, found: Sequence[Trouble] = ()) -> News | None:
        return self.ledger.look(found, self.began_s + seconds, seconds)

    def said(self, seconds: float, found: Sequence[Trouble] = ()) -> list[str]:
        news = self.at(seconds, found)
        return [] if news is None else [*(one.kind.value for one in news.troubles), *("over" for _ in news.over)]


def test_it_is_said_once_however_often_it_is_seen() -> None:
    watch = Watch()
    assert [watch.said(at * 5.0, UNCERTAIN) for at in range(100)] == [["uncertain"], *[[]] * 99]


def test_it_is_over_a_minute_after_it_went_and_said_again_when_it_comes_back_later() -> None:
    watch = Watch()
    assert watch.said(0, UNCERTAIN) == ["uncertain"]
    assert watch.said(10) == []
    assert watch.said(71) == ["over"]
    assert watch.said(80) == []
    assert watch.said(4000, UNCERTAIN) == ["uncertain"]


def test_what_comes_and_goes_is_not_said_each_time() -> None:
    watch = Watch()
    said = [watch.said(at * 100.0, UNCERTAIN if at % 2 == 0 else []) for at in range(36)]
    assert sum(one.count("uncertain") for one in said) <= 3


def test_a_blink_is_neither_an_end_nor_a_new_trouble() -> None:
    watch = Watch()
    assert watch.said(0, UNCERTAIN) == ["uncertain"]
    assert [watch.said(5), watch.said(10, UNCERTAIN), watch.said(200, UNCERTAIN)] == [[], [], []]


def test_a_line_is_told_only_when_it_has_been_out_for_so_long() -> None:
    watch = Watch(AlertTerms(line_s=300))
    assert watch.said(0, DOWN) == []
    assert watch.ledger.active == ()
    assert watch.said(299, DOWN) == []
    news = watch.at(301, DOWN)
    assert news is not None
    assert news.held_s == {("line", "a"): 301}
    assert watch.ledger.active == tuple(DOWN)


def test_a_line_that_comes_up_in_between_begins_anew() -> None:
    watch = Watch(AlertTerms(line_s=300))
    watch.said(0, DOWN)
    watch.said(200)
    assert watch.said(210, DOWN) == []
    assert watch.said(400, DOWN) == []
    assert watch.said(511, DOWN) == ["line"]


def test_all_lines_out_are_one_message_not_one_for_each() -> None:
    watch = Watch(AlertTerms(line_s=300))
    watch.said(0, ALL_DOWN)
    assert watch.said(300, ALL_DOWN) == ["all lines"]
    assert watch.said(400, ALL_DOWN) == []
    assert watch.said(410, DOWN) == ["line"]


def test_another_reply_of_danger_is_told_at_once() -> None:
    watch = Watch()
    two = troubles(Scene(dangers=2))
    assert watch.said(0, DANGER) == ["danger"]
    assert watch.said(1, two) == ["danger"]
    assert watch.said(2, two) == []
    assert watch.said(3, DANGER) == []
    assert watch.said(4, two) == ["danger"]


def test_more_uncertain_texts_are_told_later_together() -> None:
    watch = Watch()
    more = troubles(Scene(totals={State.UNCERTAIN: 5}))
    assert watch.said(0, UNCERTAIN) == ["uncertain"]
    assert watch.said(60, more) == []
    assert watch.said(1801, more) == ["uncertain"]


def test_at_night_only_what_cannot_wait_is_told_and_the_rest_in_the_morning() -> None:
    terms = AlertTerms(quiet_from=time(22), quiet_to=time(7))
    midnight = Watch(terms, began_s=datetime(2026, 11, 22, 23, 59, tzinfo=UTC).timestamp())
    assert midnight.said(0, UNCERTAIN) == []
    assert midnight.said(60, [*UNCERTAIN, *DANGER]) == ["danger"]
    assert midnight.said(7 * 3600 + 60, UNCERTAIN) == ["uncertain", "over"]


def test_what_is_gone_by_the_morning_is_not_told_at_all() -> None:
    terms = AlertTerms(quiet_from=time(22), quiet_to=time(7))
    midnight = Watch(terms, began_s=datetime(2026, 11, 22, 23, 59, tzinfo=UTC).timestamp())
    assert midnight.said(0, UNCERTAIN) == []
    assert midnight.said(8 * 3600) == []


def test_quiet_hours_are_those_of_the_place_in_summer_too() -> None:
    terms = AlertTerms(quiet_from=time(22), quiet_to=time(7))
    at_half_past_six = datetime(2026, 7, 1, 6, 30, tzinfo=UTC).timestamp()  # 07:30 in London
    assert Watch(terms, began_s=at_half_past_six).said(0, UNCERTAIN) == ["uncertain"]


def test_no_more_than_so_many_messages_an_hour_but_danger_always() -> None:
    watch = Watch(AlertTerms(per_hour=3))
    missing = [troubles(Scene(missing=[f"line {at}" for at in range(count)])) for count in range(12)]
    for steady_s in (0.0, 300.0):
        watch.said(steady_s, missing[11][:0] + missing[11])
    said = [bool(watch.said(400.0 + at, troubles(Scene(done=[f"c{n}" for n in range(at)])))) for at in range(1, 9)]
    assert sum(said) <= 3
    assert watch.said(410, DANGER) == ["danger"]


def test_what_was_left_out_is_told_once_there_is_room() -> None:
    watch = Watch(AlertTerms(per_hour=1))
    assert watch.said(0, troubles(Scene(done=["a"]))) == ["done"]
    both = troubles(Scene(done=["a", "b"]))
    assert watch.said(100, both) == []
    assert watch.said(3601, both) == ["done"]


def test_only_what_somebody_wants_to_hear_of_is_told() -> None:
    watch = Watch(AlertTerms(on=frozenset({Alarm.DANGER})))
    assert watch.said(0, UNCERTAIN) == []
    assert [one.kind for one in watch.ledger.active] == [Alarm.UNCERTAIN]


def test_a_campaign_that_is_through_is_not_over_later() -> None:
    watch = Watch()
    assert watch.said(0, troubles(Scene(done=["main"]))) == ["done"]
    assert watch.said(500) == []


def test_who_wants_no_word_of_the_end_gets_none() -> None:
    watch = Watch(AlertTerms(over=False))
    watch.said(0, UNCERTAIN)
    assert (watch.said(1), watch.said(100)) == ([], [])


def test_a_service_that_starts_again_and_again_tells_it_once(tmp_path: Path) -> None:
    said = []
    for start in range(20):
        watch = Watch(began_s=NOON_S + 30 * start, told=remembered(tmp_path))
        said += watch.said(0, UNCERTAIN) + watch.said(10, UNCERTAIN)
        remember(tmp_path, watch.ledger.told)
    assert said == ["uncertain"]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_what_was_told_before_the_restart_is_over_after_it(tmp_path: Path) -> None:
    before = Watch()
    before.said(0, UNCERTAIN)
    remember(tmp_path, before.ledger.told)
    after = Watch(told=remembered(tmp_path))
    assert after.said(0) == []
    assert after.said(61) == ["over"]


def test_a_broken_memory_is_no_memory(tmp_path: Path) -> None:
    for words in ("", "{", "[1]", '[{"kind": "line"}]', '{"a": 1}', '[{"kind":1,"subject":2,"at_s":"x"}]'):
        (tmp_path / FILE).write_text(words, encoding="utf-8")
        assert remembered(tmp_path) == {}


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 2000)), max_size=60))
def test_whatever_happens_nothing_is_told_twice_without_having_been_over(
    steps: list[tuple[bool, bool, int]],
) -> None:
    watch, now_s = Watch(AlertTerms(line_s=60, per_hour=1000)), 0.0
    open_ones: set[tuple[str, str]] = set()
    for uncertain, down, step_s in steps:
        now_s += step_s
        found = [*(UNCERTAIN if uncertain else []), *(DOWN if down else [])]
        news = watch.at(now_s, found)
        if news is None:
            continue
        ended = {key for key in open_ones if watch.ledger.told.get(key) is None or watch.ledger.told[key].over}
        open_ones -= ended
        fresh = {(one.kind.value, one.subject) for one in news.troubles}
        assert not fresh & open_ones
        assert fresh <= {(one.kind.value, one.subject) for one in found}
        open_ones |= fresh
