"""An alert as a message: what is wrong, whose operation, for how long; and no number of anybody."""

from __future__ import annotations

from gsmsend.alerting import LineSeen, News, Scene, Trouble, Urgency, troubles
from gsmsend.alerting.wording import message
from gsmsend.config import Alarm


def test_one_trouble_stands_in_the_title() -> None:
    (line,) = troubles(Scene(lines=[LineSeen("red-phone", out=True, why="no network"), LineSeen("b", out=False)]))
    made = message(News((line,), (), {("line", "red-phone"): 360.0}), "Op Example", "bench-1")
    assert made.title == "gsmsend, Op Example: Line red-phone is out of use: no network (for 6 min)"
    assert made.body == "Line red-phone is out of use: no network (for 6 min)\n(bench-1)"
    assert not made.urgent


def test_several_are_a_list_and_what_is_over_comes_last() -> None:
    news = News(tuple(troubles(Scene(dangers=1, missing=["a"]))), ("Line b is out of use",))
    made = message(news, "Op", "bench-1")
    assert made.title == "gsmsend, Op: 2 things need a person"
    assert made.body.splitlines()[0].startswith("Danger to life? 1 reply that nobody has looked at")
    assert made.body.splitlines()[-2:] == ["Over: Line b is out of use", "(bench-1)"]
    assert made.urgent


def test_that_all_is_well_again_is_good_news() -> None:
    made = message(News((), ("Line b is out of use",)), "Op", "bench-1")
    assert made.good
    assert made.title == "gsmsend, Op: Over: Line b is out of use"


def test_no_number_gets_into_a_message_and_nothing_in_it_acts() -> None:
    words = "it said 'call +44 7700 900123'\x1b[2J\nFORGED \u202e (07700) 900-124, 07700900125 07700900126"
    bad = Trouble(Alarm.LINE, Urgency.SOON, words, subject=words)
    made = message(News((bad,), (words,)), words, words)
    told = made.title + made.body
    assert "900123" not in told.replace(" ", "")
    assert not [end for end in ("0123", "0124", "0125", "0126") if end in told.replace(" ", "").replace("-", "")]
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert [row for row in made.body.splitlines() if row.startswith("FORGED")] == []


def test_a_bench_full_of_troubles_is_a_message_that_can_be_read() -> None:
    lines = [LineSeen(f"line {at}", out=True, why="x" * 1000) for at in range(64)]
    made = message(News(tuple(troubles(Scene(lines=[*lines, LineSeen("one", out=False)])))), "Op", "bench-1")
    assert made.title == "gsmsend, Op: 64 things need a person"
    assert "and 44 more" in made.body
    assert len(made.body) < 8000
