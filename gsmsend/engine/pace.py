"""How many segments a line may send in a minute, an hour, a day. Pure: times come in, a time goes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from gsmsend.config import Pace

DAY_S = 86_400.0


class PaceKeeper:
    """Remembers when a line sent, over restarts too (`sent_at_s`, oldest first, from the store).

    `random` gives numbers from 0 to 1: by how much of `pace.jitter` each wait is lengthened.
    """

    def __init__(
        self, pace: Pace, sent_at_s: Iterable[float] = (), random: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._jitter = pace.jitter
        self._random = random
        self._longer = pace.jitter * random() if pace.jitter else 0.0
        limits = ((pace.per_minute, 60.0), (pace.per_hour, 3600.0), (pace.per_day, DAY_S))
        self._limits = tuple((most, stretch_s) for most, stretch_s in limits if most is not None)
        longest = max((most for most, _ in self._limits), default=0)
        self._sent: deque[float] = deque(sent_at_s, maxlen=longest)

    def note(self, at_s: float) -> None:
        """A segment left at `at_s`."""
        if self._limits:
            self._sent.append(at_s)
            if self._jitter:
                self._longer = self._jitter * self._random()

    def ready_at(self, now_s: float, segments: int = 1) -> float:
        """When so many segments may leave one after the other: `now_s` or later, in epoch seconds.

        A text with more segments than a limit allows waits for an empty stretch, then goes.
        """
        ready_s = now_s
        for most, stretch_s in self._limits:
            room_needed = min(segments, most)
            earlier = most - room_needed  # this many may still lie within the stretch when we start
            if len(self._sent) > earlier:
                # A time that lies ahead was noted before the clock was set back: it counts as now.
                ready_s = max(ready_s, min(self._sent[-earlier - 1], now_s) + stretch_s)
        if ready_s > now_s and self._longer:
            # From the text before on, so that the moment stays the same however often it is asked for.
            since_s = min(self._sent[-1], now_s)
            ready_s += (ready_s - since_s) * self._longer
        return ready_s
