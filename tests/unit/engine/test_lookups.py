"""When a route is asked about what is in doubt. Time is the test's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gsmsend.config import Settings
from gsmsend.contract import AttemptOpen, Decision, LineRow
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Event
from gsmsend.engine.lookups import LookupWatch
from gsmsend.errors import LinkLost
from gsmsend.model import Device, Outcome, OutcomeKind, Sim, State
from gsmsend.testing.scripted import Desk, ScriptedDriver, ScriptedLink
from gsmsend.testing.store_desk import NOW_S, UNKNOWN
from gsmsend.testing.store_desk import Desk as Moves

KEY = "ab" * 16


@dataclass
class Time:
    """contract.Clock that a test moves."""

    now_s: float = NOW_S

    def now(self) -> float:
        return self.now_s

    def monotonic(self) -> float:
        return self.now_s


@dataclass
class Route(ScriptedLink):
    """A link that is asked, and answers as it was told."""

    answer: Outcome | None = None
    lost: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)

    listened: int = 0

    def expect(self, handles: Sequence[str]) -> None:
        raise NotImplementedError

    def listen(self, timeout_s: float) -> None:
        assert timeout_s == 0.0
        self.listened += 1

    def lookup(self, key: str, total: int) -> Outcome | None:
        self.asked.append((key, total))
        if self.lost:
            raise LinkLost("the route is gone")
        return self.answer


@pytest.fixture
def route() -> Route:
    return Route()


@dataclass
class Scene:
    """A text in doubt, and who asks about it."""

    desk: Desk
    route: Route
    time: Time = field(default_factory=Time)
    told: list[Event] = field(default_factory=list)
    line: LineRow = field(init=False)

    def __post_init__(self) -> None:
        settings: Settings = self.desk.settings
        self.context = RunContext(self.desk.store, self.time, settings, self.told.append)
        self.line = self.desk.store.line(Sim(), Device("memory", "memory:", account="AC1"), NOW_S)

    def watch(self) -> LookupWatch:
        return LookupWatch(self.context, self.route, self.line, "the account")

    def doubt(self) -> None:
        moves = Moves(self.desk.store)
        self.desk.fill(1)
        (message,) = self.desk.store.claim(self.line.line_id, 1, 2e9).result()
        intent = AttemptOpen(message.message_id, 1, self.line.line_id, self.time.now_s, "x", KEY)
        attempt_id = self.desk.store.advance(None, intent).result().attempt_id or 0
        moves.close(self.line, message, attempt_id, UNKNOWN, State.UNCERTAIN)

    def asked_at(self, watch: LookupWatch, until_s: int) -> list[int]:
        """Seconds at which it asks."""
        found = []
        for second in range(until_s):
            self.time.now_s = NOW_S + second
            before = len(self.route.asked)
            watch.look()
            found += [second] * (len(self.route.asked) - before)
        return found


@pytest.fixture
def scene(bench: Desk, route: Route) -> Scene:
    return Scene(bench, route)


def test_it_asks_after_a_few_seconds_and_then_ever_more_rarely(scene: Scene) -> None:
    watch = scene.watch()
    scene.doubt()
    watch.in_doubt()
    assert watch.next_s() == 3.0
    assert scene.asked_at(watch, 100) == [3, 9, 21, 45, 93]
    assert scene.route.asked[0] == (KEY, 1)
    assert watch.next_s() > 60


def test_what_was_in_doubt_before_is_asked_about_at_once(scene: Scene) -> None:
    scene.doubt()
    scene.time.now_s += 3600
    assert scene.watch().next_s() == 0.0


def test_what_is_older_than_any_record_is_not_asked_about(scene: Scene) -> None:
    scene.doubt()
    scene.time.now_s += 8 * 86_400
    assert scene.watch().next_s() == float("inf")


def test_an_answer_that_says_nothing_settles_nothing(scene: Scene) -> None:
    scene.route.answer = Outcome(OutcomeKind.UNKNOWN, why="not sure")
    scene.doubt()
    watch = scene.watch()
    scene.time.now_s += 10
    assert not watch.look()
    assert scene.desk.store.totals()[State.UNCERTAIN] == 1


def test_once_settled_it_is_told_and_asked_about_no_more(scene: Scene) -> None:
    scene.route.answer = Outcome(OutcomeKind.ACCEPTED, handle="R1")
    scene.doubt()
    watch = scene.watch()
    scene.time.now_s += 10
    assert watch.look()
    assert len(scene.told) == 1
    assert scene.desk.store.totals()[State.SENT] == 1
    scene.time.now_s += 1000
    watch.in_doubt()
    assert not watch.look()
    assert len(scene.route.asked) == 1


def test_a_person_may_have_settled_it_meanwhile(scene: Scene) -> None:
    scene.route.answer = Outcome(OutcomeKind.ACCEPTED, handle="R1")
    scene.doubt()
    watch = scene.watch()
    scene.desk.store.resolve(Decision(1, False, "asked them", "DC Example", NOW_S))
    scene.time.now_s += 10
    assert not watch.look()
    assert scene.told == []
    assert scene.desk.store.totals()[State.QUEUED] == 1


def test_a_route_that_is_gone_ends_the_session_and_nothing_else(scene: Scene) -> None:
    scene.route.lost = True
    scene.doubt()
    watch = scene.watch()
    scene.time.now_s += 10
    with pytest.raises(LinkLost):
        watch.look()
    assert scene.desk.store.totals()[State.UNCERTAIN] == 1


def test_a_route_is_listened_to_now_and_then_though_there_is_work(scene: Scene) -> None:
    scene.asked_at(scene.watch(), 60)
    assert 10 <= scene.route.listened <= 12


def test_a_modem_is_never_asked(scene: Scene) -> None:
    link = ScriptedDriver().open(scene.desk.driver.endpoint("fake1"), None, scene.time, None)  # type: ignore[arg-type]
    scene.doubt()
    watch = LookupWatch(scene.context, link, scene.line, "the modem")
    assert watch.next_s() == float("inf")
    assert not watch.look()
