"""From the threads of a run to the screen: events are queued at once, and shown by one thread of their own."""

from __future__ import annotations

import queue
import threading
import time
from typing import Protocol

from gsmsend.engine.events import Event, Finished, Notice

_IDLE_S = 0.5
_MOST_WAITING = 20_000
"""About what 64 busy lines tell in a minute and a half."""


class Show(Protocol):
    """One way to show a run. Called on one thread."""

    def event(self, event: Event) -> None:
        """Something happened."""
        ...

    def tick(self, now_s: float) -> None:
        """All that happened so far was told. Also twice a second when nothing happens."""
        ...

    def close(self) -> None:
        """The run is over."""
        ...


class Feed:
    """`publish` is safe and cheap on any thread. A show that cannot write any more is dropped: the run goes on.

    `Finished` is the last event shown: a signal that comes just then says nothing that is still true.

    A terminal may be held for days (Ctrl-S, a connection that is gone): then events beyond `_MOST_WAITING` are not
    kept for it but counted, and that is told once it takes some again.

    Events are shown together with those of the next `gather_s` seconds, so that a busy bench costs no more to
    show than a quiet one.
    """

    def __init__(self, *shows: Show, gather_s: float = 0.0) -> None:
        self._shows = list(shows)
        self._gather_s = gather_s
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._missed = 0
        self._thread = threading.Thread(target=self._drain, name="screen", daemon=True)
        self._thread.start()

    def publish(self, event: Event) -> None:
        """Hand an event over."""
        if self._events.qsize() >= _MOST_WAITING and not isinstance(event, Finished):
            self._missed += 1
        else:
            self._events.put(event)

    def close(self) -> None:
        """Show what is left and stop."""
        self._events.put(None)
        self._thread.join()

    def _drain(self) -> None:
        ended = finished = False
        while not ended:
            try:
                batch = [self._events.get(timeout=_IDLE_S)]
            except queue.Empty:
                batch = []
            else:
                time.sleep(self._gather_s)
                while not self._events.empty():
                    batch.append(self._events.get())
            if self._missed:
                words = f"{self._missed:,} events were not shown: what shows them had stood still for too long"
                self._missed = 0
                batch.insert(0, Notice(time.time(), "warning", words))  # `Finished` stays the last
            ended = None in batch
            fresh = []
            for event in batch:
                if event is not None and not finished:
                    fresh.append(event)
                    finished = isinstance(event, Finished)
            for show in tuple(self._shows):
                self._tell(show, fresh, ended=ended)

    def _tell(self, show: Show, batch: list[Event], *, ended: bool) -> None:
        try:
            for event in batch:
                show.event(event)
            show.tick(time.time())
            if ended:
                show.close()
        except (OSError, ValueError):  # the terminal or the pipe is gone
            self._shows.remove(show)
