"""What lines do because of their health, and of each other's: rest, leave work to others, and come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from gsmsend.contract import LastTry, LineRow
from gsmsend.engine.care import Care, CareBook
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import HealthChanged, Notice
from gsmsend.engine.health import LONGEST_PAUSE_S, SHARED_EVERY_S
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Refusal, Registration, State
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.scripted import Desk, ScriptedLink

GOOD = Outcome(OutcomeKind.ACCEPTED, reference=1)
BUSY = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=41, raw="+CMS ERROR: 41", why="a passing failure")
FACTS = Facts(Device("fake", "fake1"), registration=Registration.HOME, signal_dbm=-70)


@dataclass
class Bench:
    """What the lines of a run share, as far as their care needs it."""

    clock: ManualClock = field(default_factory=ManualClock)
    care: CareBook = field(default_factory=CareBook)
    told: list[Any] = field(default_factory=list)
    before: list[LastTry] = field(default_factory=list)

    @property
    def publish(self) -> Callable[[Any], None]:
        return self.told.append

    @property
    def store(self) -> Bench:
        return self

    def last_tries(self, line_ids: list[int], _since_s: float, _most: int) -> list[LastTry]:
        return [one for one in self.before if one.line_id in line_ids]

    def line(self, line_id: int, *, cloud: bool = False) -> Care:
        row = LineRow(
            line_id, f"sim-{line_id}", "8944", None, None, "/dev/x", None, "ready", -70, "Net", 0, "", cloud=cloud
        )
        return Care(cast("RunContext", self), row, f"Line {line_id}")

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def fail(care: Care, times: int) -> None:
    care.allowed()
    care.resting(FACTS, amid=False)
    for _ in range(times):
        care.note(BUSY, 2.0)


def rest_s(care: Care) -> float:
    rest = care.resting(FACTS, amid=False)
    return rest[0] if rest is not None else 0.0


def test_a_sick_line_rests_and_leaves_to_a_well_one_what_any_line_may_take(bench: Bench) -> None:
    bad, good = bench.line(1), bench.line(2)
    good.working(able=True)
    fail(bad, 10)
    assert 0 < rest_s(bad) <= LONGEST_PAUSE_S
    assert not bad.allowed().shared
    assert good.allowed().shared
    assert rest_s(good) == 0.0
    assert bad.resting(FACTS, amid=True) is None, "never between the parts of one text"


def test_it_is_told_in_words(bench: Bench) -> None:
    bad, good = bench.line(1), bench.line(2)
    good.working(able=True)
    fail(bad, 10)
    rest = bad.resting(FACTS, amid=False)
    assert rest is not None
    _, (state, doing), why = rest
    assert (state, doing) == ("waiting", "resting for 23 s")
    assert "10 of the last 10 texts were refused by the network (CMS 41)" in why
    notices = [notice.text for notice in bench.of(Notice)]
    assert len(notices) == 1
    assert notices[0].startswith("Line 1 gets less work: its health is ")
    assert bench.of(HealthChanged)[-1].grade == "sick"


def test_an_account_is_nobody_to_leave_work_to(bench: Bench) -> None:
    bad, account = bench.line(1), bench.line(2, cloud=True)
    account.working(able=True)
    fail(bad, 10)
    assert bad.allowed().shared


def test_where_all_are_sick_all_go_on(bench: Bench) -> None:
    lines = [bench.line(number) for number in range(1, 5)]
    for line in lines:
        line.working(able=True)
        fail(line, 20)
    assert all(line.allowed().shared for line in lines)
    assert all(rest_s(line) == 0.0 for line in lines)


def test_a_line_that_stands_still_is_nobody_to_leave_work_to(bench: Bench) -> None:
    bad, good = bench.line(1), bench.line(2)
    good.working(able=True)
    bench.clock.advance(61)
    fail(bad, 10)
    assert bad.allowed().shared


def test_a_line_whose_link_is_closed_is_nobody_to_leave_work_to(bench: Bench) -> None:
    bad, good = bench.line(1), bench.line(2)
    good.working(able=True)
    fail(bad, 10)
    assert not bad.allowed().shared
    good.leave(None)
    assert bad.allowed().shared


def test_however_sick_it_tries_one_now_and_then(bench: Bench) -> None:
    bad, good = bench.line(1), bench.line(2)
    fail(bad, 20)
    shared = 0
    for _ in range(600):
        good.working(able=True)
        bench.clock.advance(1)
        shared += bad.allowed().shared
        bad.note(BUSY, 2.0)
    assert 600 / SHARED_EVERY_S - 2 <= shared <= 600 / SHARED_EVERY_S + 1


def test_what_was_wrong_with_all_lines_is_soon_over_for_all(bench: Bench) -> None:
    first, late = bench.line(1), bench.line(2)
    for line in (first, late):
        fail(line, 20)
    for _ in range(20):
        bench.clock.advance(1)
        first.note(GOOD, 2.0)
    first.working(able=True)
    assert first.health.grade == "well"
    bench.clock.advance(61)
    first.working(able=True)
    assert late.allowed().shared, "its try of the minute"
    spent_s = 0.0
    while late.health.grade != "well":
        late.note(GOOD, 2.0)
        assert late.allowed().shared
        pause_s = rest_s(late)
        spent_s += pause_s + 2.0
        bench.clock.advance(pause_s + 2.0)
        first.working(able=True)
    assert spent_s < 90


def test_it_comes_back_by_itself_and_that_is_told(bench: Bench) -> None:
    bad, good = bench.line(1), bench.line(2)
    fail(bad, 20)
    for _ in range(120):
        good.working(able=True)
        bench.clock.advance(30)
        bad.resting(FACTS, amid=False)
    assert bad.health.grade == "well"
    assert bad.allowed().ahead
    assert [notice.level for notice in bench.of(Notice)] == ["warning", "info"]


def test_texts_that_go_well_bring_it_back_sooner(bench: Bench) -> None:
    bad = bench.line(1)
    fail(bad, 6)
    for _ in range(20):
        bench.clock.advance(2)
        bad.note(GOOD, 2.0)
    assert bad.health.words == "100"
    assert rest_s(bad) == 0.0


def test_a_lost_modem_counts_and_a_guard_does_not(bench: Bench) -> None:
    lost, stopped = bench.line(1), bench.line(2)
    for _ in range(3):
        lost.leave(LinkLost("gone"))
        stopped.leave(GuardStop("another SIM"))
    lost.resting(FACTS, amid=False)
    stopped.resting(FACTS, amid=False)
    assert "its modem was lost 3 times, last just now" in lost.health.why
    assert stopped.health.words == "100"


def test_what_is_on_record_is_remembered_over_a_restart(bench: Bench) -> None:
    now_s = bench.clock.now()
    bench.before = [LastTry(1, now_s - 60 + at, 2.0, BUSY) for at in range(10)]
    assert bench.line(1).resting(FACTS, amid=False) is None
    assert bench.care.of(1).health.grade == "sick"
    again = bench.line(1)
    assert len(bench.care.of(1).tries) == 10, "not once more when the link is opened again"
    assert again.health.grade == "sick"


def test_in_a_run_the_well_line_does_the_work(tmp_path: Any) -> None:
    desk = Desk(tmp_path)
    desk.driver.sims = ["8944110000000000017", "8944110000000000025"]
    tried: dict[str, int] = {}

    def answer(link: ScriptedLink, submission: Any) -> Outcome:
        tried[link.endpoint.address] = tried.get(link.endpoint.address, 0) + 1
        if link.endpoint.address == "fake1":
            link.commit()
            return BUSY
        time.sleep(0.01)
        return link.accept(submission)

    desk.driver.answer = answer
    desk.fill(60)
    try:
        finished = desk.execute("fake1", "fake2")
        assert finished.exit_code == 0
        assert finished.totals[State.DELIVERED] == 60
        assert tried["fake1"] < 10 < tried["fake2"]
    finally:
        desk.store.close()
