"""A run signs the log's head at its end and at midnight, remembers how far it came, and tells what it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gsmsend.contract.heads import HeadRow
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Event, HeadSigned, Notice
from gsmsend.engine.heads import DayBook
from gsmsend.errors import GuardStop, StoreError

EVENING_S = datetime(2026, 11, 22, 23, 59, 0, tzinfo=UTC).timestamp()


class Clock:
    def __init__(self) -> None:
        self.now_s = EVENING_S

    def now(self) -> float:
        return self.now_s

    def monotonic(self) -> float:
        return self.now_s


class Log:
    """A store, as far as heads go."""

    def __init__(self) -> None:
        self.signed: list[float] = []
        self.locked = False

    def sign_head(self, now_s: float) -> HeadRow:
        if self.locked:
            raise StoreError("the operation's key is gone")
        self.signed.append(now_s)
        return HeadRow(len(self.signed), "ab" * 32, 9, "", "")


class Settings:
    lab = False


class Scene:
    def __init__(self, *, lab: bool = False) -> None:
        self.clock, self.log, self.events = Clock(), Log(), list[Event]()
        self.remembered: list[tuple[int | None, float]] = []
        self.problems: Sequence[str] = ()
        self.context = object.__new__(RunContext)
        self.context.store = self.log  # type: ignore[assignment]  # all that a DayBook asks
        self.context.clock = self.clock
        self.context.publish = self.events.append
        self.context.settings = Settings()  # type: ignore[assignment]
        self.context.settings.lab = lab  # type: ignore[misc]
        self.book = DayBook(self.context, self.remember, UTC)

    def remember(self, head: HeadRow | None, now_s: float) -> Sequence[str]:
        self.remembered.append((head.n if head is not None else None, now_s))
        return self.problems

    def passes(self, seconds: float) -> None:
        self.clock.now_s += seconds
        self.book.look()


def test_at_midnight_a_head_is_signed_once_and_shown() -> None:
    scene = Scene()
    scene.passes(10)
    assert scene.log.signed == []
    scene.passes(55)
    scene.passes(1)
    assert scene.log.signed == [EVENING_S + 65]
    (signed,) = scene.events
    assert isinstance(signed, HeadSigned)
    assert signed.to_note
    assert signed.short.startswith("1 ")
    scene.passes(86_400)
    assert len(scene.log.signed) == 2


def test_a_lab_bench_is_shown_no_heads_to_note() -> None:
    scene = Scene(lab=True)
    scene.passes(65)
    assert [event.to_note for event in scene.events if isinstance(event, HeadSigned)] == [False]


def test_at_the_end_a_head_is_signed_and_remembered() -> None:
    scene = Scene()
    scene.book.end()
    assert scene.log.signed == [EVENING_S]
    assert scene.remembered == [(1, EVENING_S)]


def test_it_is_remembered_before_the_first_text_and_then_a_minute_later() -> None:
    scene = Scene()
    scene.clock.now_s -= 7200
    scene.book.begin()
    scene.passes(30)
    assert scene.remembered == [(None, EVENING_S - 7200)]
    scene.passes(30)
    assert scene.remembered[1:] == [(None, EVENING_S - 7140)]


def test_nothing_begins_on_an_older_store() -> None:
    scene = Scene()

    def remember(_head: HeadRow | None, _now_s: float) -> Sequence[str]:
        raise GuardStop("this store is not the newest one")

    with pytest.raises(GuardStop):
        DayBook(scene.context, remember, UTC).begin()


def test_once_a_minute_it_is_remembered_how_far_the_log_has_come() -> None:
    scene = Scene()
    scene.clock.now_s -= 7200
    scene.book = DayBook(scene.context, scene.remember, UTC)
    for _ in range(10):
        scene.passes(30)
    assert [head for head, _ in scene.remembered] == [None] * 5


def test_what_cannot_be_signed_or_remembered_is_told_once() -> None:
    scene = Scene()
    scene.log.locked, scene.problems = True, ("the disk is full",)
    scene.book.end()
    scene.book.end()
    assert [event.text for event in scene.events if isinstance(event, Notice)] == [
        "the head of the audit log could not be signed: the operation's key is gone",
        "the disk is full",
    ]


def test_a_clock_that_is_set_back_over_midnight_signs_as_well() -> None:
    scene = Scene()
    scene.passes(65)
    scene.passes(-70)
    assert len(scene.log.signed) == 2
