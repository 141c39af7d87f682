"""What is wrong, told once for wall, metrics and alerts."""

from __future__ import annotations

import pytest

from gsmsend.alerting import FallSeen, LineSeen, Scene, Urgency, troubles
from gsmsend.alerting.lines import LineBook
from gsmsend.config import Alarm
from gsmsend.engine.events import HealthChanged, LineChanged
from gsmsend.model import State


def kinds(scene: Scene) -> list[tuple[Alarm, str]]:
    return [(one.kind, one.subject) for one in troubles(scene)]


def test_nothing_is_wrong_with_an_operation_of_which_nothing_is_known() -> None:
    assert troubles(Scene()) == []


@pytest.mark.parametrize(
    ("scene", "kind", "urgency"),
    [
        (Scene(dangers=2), Alarm.DANGER, Urgency.NOW),
        (Scene(totals={State.UNCERTAIN: 1}), Alarm.UNCERTAIN, Urgency.SOON),
        (Scene(totals={State.HELD: 1}), Alarm.HELD, Urgency.SOON),
        (Scene(totals={State.FAILED: 1}), Alarm.FAILED, Urgency.QUIET),
        (Scene(stopped="no modem can be used"), Alarm.STOPPED, Urgency.NOW),
        (Scene(still="it has not looked at its lines"), Alarm.STILL, Urgency.NOW),
        (Scene(store="The store cannot be read"), Alarm.STORE, Urgency.NOW),
        (Scene(lost_hosts=["bench-2"]), Alarm.HOST, Urgency.NOW),
        (Scene(missing=["red-phone"]), Alarm.MISSING, Urgency.SOON),
        (Scene(disk_free=(1e6, 5e8)), Alarm.DISK, Urgency.SOON),
        (Scene(clock="no service keeps it in step"), Alarm.CLOCK, Urgency.SOON),
        (Scene(done=["main"]), Alarm.DONE, Urgency.QUIET),
        (Scene(falls=[FallSeen("main", spent=True)]), Alarm.BUDGET, Urgency.SOON),
        (Scene(falls=[FallSeen("main", carrying=True)]), Alarm.FALLBACK, Urgency.SOON),
        (Scene(falls=[FallSeen("main", lines_out=True, why="no trial")]), Alarm.FALLBACK, Urgency.SOON),
        (Scene(lines=[LineSeen("a", out=False, sick="9 of 10 refused")]), Alarm.SICK, Urgency.SOON),
    ],
)
def test_each_kind_is_told_by_itself(scene: Scene, kind: Alarm, urgency: Urgency) -> None:
    (found,) = troubles(scene)
    assert (found.kind, found.urgency) == (kind, urgency)
    assert found.told


@pytest.mark.parametrize(
    "scene",
    [
        Scene(disk_free=(6e8, 5e8)),
        Scene(falls=[FallSeen("main", why="no trial")]),
        Scene(lines=[LineSeen("a", out=False)]),
        Scene(totals={State.QUEUED: 9, State.DELIVERED: 9}),
    ],
)
def test_what_is_as_it_should_be_is_not_told(scene: Scene) -> None:
    assert troubles(scene) == []


def test_one_line_of_two_is_that_line_and_both_are_all_lines_too() -> None:
    a, b = LineSeen("a", out=True, why="no network"), LineSeen("b", out=True)
    assert kinds(Scene(lines=[a, LineSeen("b", out=False)])) == [(Alarm.LINE, "a")]
    assert kinds(Scene(lines=[a, b])) == [(Alarm.ALL_LINES, ""), (Alarm.LINE, "a"), (Alarm.LINE, "b")]


def test_the_most_urgent_comes_first() -> None:
    scene = Scene(dangers=1, totals={State.FAILED: 1, State.UNCERTAIN: 1})
    assert [one.urgency for one in troubles(scene)] == [Urgency.NOW, Urgency.SOON, Urgency.QUIET]


def changed(address: str, name: str, state: str, why: str = "", known_as: str = "") -> LineChanged:
    return LineChanged(0.0, address, name, state, "", why, 0, None, known_as)


def test_a_port_becomes_the_line_whose_sim_it_has() -> None:
    book = LineBook()
    book.take(changed("/dev/ttyUSB2", "/dev/ttyUSB2", "opening"))
    assert book.seen() == [LineSeen("/dev/ttyUSB2", out=True, why="opening")]
    book.take(changed("/dev/ttyUSB2", "sim-1", "ready", known_as="red-phone"))
    assert book.seen() == [LineSeen("red-phone", out=False, why="ready")]
    assert book.up == 1


def test_a_line_that_came_back_at_another_port_is_one_line() -> None:
    book = LineBook()
    book.take(changed("/dev/ttyUSB2", "sim-1", "recovering", "unplugged"))
    book.take(changed("/dev/ttyUSB5", "sim-1", "ready"))
    book.take(changed("/dev/ttyUSB2", "sim-1", "removed"))
    assert [(one.title, one.out) for one in book.seen()] == [("sim-1", False)]


def test_a_device_that_was_taken_away_for_good_is_no_line_any_more() -> None:
    book = LineBook()
    book.take(changed("/dev/ttyUSB2", "sim-1", "ready"))
    book.take(changed("/dev/ttyUSB2", "sim-1", "removed"))
    assert book.seen() == []


@pytest.mark.parametrize("state", ["recovering", "quarantined", "barred", "no network", "stopped"])
def test_a_line_in_any_of_these_states_is_out(state: str) -> None:
    book = LineBook()
    book.take(changed("/dev/ttyUSB2", "sim-1", state, "why"))
    assert book.seen() == [LineSeen("sim-1", out=True, why="why")]


def test_a_line_that_was_closed_by_its_date_is_not_wrong() -> None:
    book = LineBook()
    book.take(changed("/dev/ttyUSB2", "sim-1", "closed", "closed since 2026-11-01"))
    assert troubles(Scene(lines=book.seen())) == []


def test_a_sick_line_gets_well() -> None:
    book = LineBook()
    book.take(changed("/dev/ttyUSB2", "sim-1", "ready", known_as="red-phone"))
    book.take(HealthChanged(0.0, "sim-1", 20, "sick", ("9 of 10 refused", "slow")))
    assert kinds(Scene(lines=book.seen())) == [(Alarm.SICK, "red-phone")]
    book.take(changed("/dev/ttyUSB2", "sim-1", "sending", known_as="red-phone"))
    assert kinds(Scene(lines=book.seen())) == [(Alarm.SICK, "red-phone")]
    book.take(HealthChanged(0.0, "sim-1", 90, "well", ()))
    assert troubles(Scene(lines=book.seen())) == []
