"""What no text gets past: closing days, lines that are not plugged in, the pace."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from gsmsend.config import LineTerms, Pace
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.events import LineChanged
from gsmsend.engine.run import Run
from gsmsend.model import Outcome, OutcomeKind, Refusal, State
from gsmsend.testing.scripted import Desk, number
from tests.unit.engine.guarding import ICCID, OTHER, guard, notices, slowly

# -- lines ---------------------------------------------------------------------------------------------------


def wanted(bench: Desk, count: int, line: str) -> None:
    rows = [NewMessage(number(index), "Hello again.", index + 1, 1) for index in range(count)]
    source = ImportSource(f"{line}.csv", line, "campaign", time.time(), line=line)
    bench.store.add(source, rows)


def test_each_person_is_texted_from_the_line_they_knew_or_not_at_all(bench: Desk) -> None:
    guard(bench, lines={"red": LineTerms("red", iccid=ICCID), "blue": LineTerms("blue", iccid=OTHER)})
    wanted(bench, 3, "blue")
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.on_air) == (5, [])
    assert "[line.blue]" in finished.why
    assert "3 texts wait for [line.blue], which is not plugged in" in notices(bench)
    bench.driver.sims = [ICCID, ICCID, OTHER]
    assert bench.execute("fake1", "fake2").exit_code == 0
    assert len(bench.driver.on_air) == 3


def test_a_line_that_the_config_named_wrongly_sends_no_more_of_them_once_it_is_corrected(bench: Desk) -> None:
    guard(bench, lines={"red": LineTerms("red", iccid=OTHER)})
    wanted(bench, 3, "red")
    bench.driver.sims = [OTHER]
    bench.driver.answer = lambda link, submission: Outcome(OutcomeKind.REFUSED, refusal=Refusal.LINE, why="barred")
    bench.execute()
    bench.driver.answer = None
    guard(bench, lines={"red": LineTerms("red", iccid=ICCID)})
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.on_air) == (5, [])
    assert "must leave over [line.red], which is not here" in finished.why
    bench.driver.sims = [ICCID]
    finished = bench.execute()
    assert (finished.totals[State.DELIVERED], len(bench.driver.on_air)) == (3, 3)


def test_a_line_whose_closing_day_has_come_sends_nothing_and_others_go_on(bench: Desk) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    guard(bench, lines={"red": LineTerms("red", iccid=ICCID, closes=yesterday)})
    wanted(bench, 2, "red")
    rows = [NewMessage(number(index), "For anybody.", index, 1) for index in range(10, 16)]
    bench.store.add(ImportSource("any.csv", "any", "campaign", time.time()), rows)
    bench.driver.sims = [ICCID, OTHER]
    finished = bench.execute("fake1", "fake2")
    assert (finished.totals[State.HELD], finished.totals[State.DELIVERED]) == (2, 6)
    assert finished.exit_code == 4
    assert all("closed since" in row.why for row in bench.store.messages(State.HELD))
    assert {event.state for event in bench.of(LineChanged) if event.address == "fake1"} >= {"closed"}


def test_with_only_a_closed_line_the_run_ends_with_its_reason(bench: Desk) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    guard(bench, lines={"red": LineTerms("red", iccid=ICCID, closes=yesterday)})
    bench.fill(3)
    finished = bench.execute()
    assert (finished.exit_code, bench.driver.on_air) == (5, [])
    assert "closed since" in finished.why
    assert finished.totals[State.QUEUED] == 3


@pytest.mark.usefixtures("quick")
def test_a_line_that_closes_mid_run_stops_there(bench: Desk) -> None:
    closes = datetime.now(UTC) + timedelta(seconds=2)
    guard(bench, lines={"red": LineTerms("red", iccid=ICCID, closes=closes)})
    bench.fill(200)
    bench.driver.answer = slowly(0.2)
    finished = bench.execute(wait_reports_s=0.2)
    assert finished.exit_code == 5
    assert 1 <= len(bench.driver.on_air) < 200
    assert sum(finished.totals.values()) == 200
    assert time.time() < closes.timestamp() + 6


# -- pace ----------------------------------------------------------------------------------------------------


def test_the_screen_says_until_when_the_pace_is_kept(bench: Desk) -> None:
    bench.fill(3)
    guard(bench, pace=Pace(per_minute=2))

    def during(run: Run) -> None:
        time.sleep(2.0)
        run.stop()

    finished = bench.execute(during=during)
    assert (finished.exit_code, len(bench.driver.on_air)) == (130, 2)
    doing = {event.doing for event in bench.of(LineChanged)}
    assert any(words.startswith("keeping the pace until ") for words in doing)
