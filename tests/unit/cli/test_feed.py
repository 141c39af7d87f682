"""From the threads of a run to the screen."""

from __future__ import annotations

import threading

import pytest

from gsmsend.cli.feed import Feed
from gsmsend.engine.events import Event, Finished, Notice


class Kept:
    """A show that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def event(self, event: Event) -> None:
        self.events.append(event)

    def tick(self, now_s: float) -> None:
        return

    def close(self) -> None:
        return


def test_nothing_is_shown_after_the_last_word() -> None:
    show = Kept()
    feed = Feed(show)
    first, last = Notice(1.0, "info", "the modem is slow"), Finished(2.0, {}, 0, "everything is done")
    for event in (first, last, Notice(3.0, "warning", "Stopping")):
        feed.publish(event)
    feed.close()
    assert show.events == [first, last]


class Held(Kept):
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.holding, self.free = threading.Event(), threading.Event()

    def event(self, event: Event) -> None:
        self.holding.set()
        assert self.free.wait(10)
        super().event(event)


def test_what_is_not_taken_for_days_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gsmsend.cli.feed._MOST_WAITING", 3)
    show = Held()
    feed = Feed(show)
    events = [Notice(float(at_s), "info", "the modem is slow") for at_s in range(10)]
    feed.publish(events[0])
    assert show.holding.wait(10)
    for event in events[1:]:
        feed.publish(event)
    last = Finished(99.0, {}, 0, "everything is done")
    feed.publish(last)
    show.free.set()
    feed.close()
    told = show.events[1]
    assert isinstance(told, Notice)
    assert told.text.startswith("6 events were not shown")
    assert [show.events[0], *show.events[2:]] == [*events[:4], last]
