"""From the threads of a run to the screen."""

from __future__ import annotations

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
