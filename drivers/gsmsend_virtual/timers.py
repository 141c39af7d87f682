"""A heap of timers: time comes in as an argument, the next deadline goes out."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class Timer:
    """One call to make later. `due` is in seconds on the caller's monotonic clock."""

    __slots__ = ("call", "due")

    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due = due
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Forget the call; safe after it was made."""
        self.call = None

    @property
    def pending(self) -> bool:
        """Whether the call is still to be made."""
        return self.call is not None


class Timers:
    """All timers of a bench. `now` is the time of the event being handled, never read from a clock.

    In simulated time each call sees the very moment it was due; with `live` it sees when it is really made,
    so that what is logged is what a client saw.
    """

    def __init__(self, now: float = 0.0, *, live: bool = False) -> None:
        self.now = now
        self.live = live
        self._heap: list[tuple[float, int, Timer]] = []
        self._serial = count()

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Make `call` once `delay_s` seconds from now; zero means in the next `advance`."""
        return self.at(self.now + delay_s, call)

    def at(self, due: float, call: Callable[[], None]) -> Timer:
        """Make `call` once at `due`; timers of one instant run in the order they were set."""
        timer = Timer(due, call)
        heapq.heappush(self._heap, (due, next(self._serial), timer))
        return timer

    @property
    def deadline(self) -> float | None:
        """When `advance` must be called next, or None."""
        heap = self._heap
        while heap and heap[0][2].call is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def advance(self, now: float) -> None:
        """Make every call that is due by `now`, in order."""
        while self.step(now):
            pass
        self.now = max(self.now, now)

    def step(self, now: float) -> bool:
        """Make the first call that is due by `now`; whether there was one."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            due, _, timer = heapq.heappop(heap)
            call, timer.call = timer.call, None
            if call is not None:
                self.now = max(self.now, now if self.live else due)
                call()
                return True
        return False
