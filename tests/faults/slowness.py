"""How many times slower this machine is than when nothing else runs on it, so that no limit is absolute.

One thread for the whole process: a few milliseconds of work, again and again, and how long they really took.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import cache

_WORK_S = 0.005
_EVERY_S = 0.25
_REMEMBERED_S = 600.0
_MARGIN_S = 1.5
"""One measurement of 5 ms may fall between two turns of the scheduler: some on either side count as well."""


class Yardstick:
    """Measures from its making on, on a daemon thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._measured: deque[tuple[float, float, float]] = deque(maxlen=int(_REMEMBERED_S / _EVERY_S))
        self._measure()
        threading.Thread(target=self._keep_measuring, name="yardstick", daemon=True).start()

    def slowness(self, begun: float, ended: float) -> float:
        """How slow it was between two moments of time.monotonic, or is now; 1 on a quiet machine."""
        with self._lock:
            measured = list(self._measured)
        near = [one for one in measured if begun - _MARGIN_S <= one[0] <= ended + _MARGIN_S] or measured[-1:]
        return max(1.0, sum(took_s for _, _, took_s in near) / sum(used_s for _, used_s, _ in near))

    def _keep_measuring(self) -> None:
        while True:
            time.sleep(_EVERY_S)
            self._measure()

    def _measure(self) -> None:
        began, worked = time.monotonic(), time.thread_time()
        while time.thread_time() - worked < _WORK_S:
            pass
        ended = time.monotonic()
        with self._lock:
            self._measured.append((ended, time.thread_time() - worked, ended - began))


@cache
def yardstick() -> Yardstick:
    """The one of this process."""
    return Yardstick()


def slowness(begun: float, ended: float) -> float:
    """How slow the machine was between two moments of time.monotonic."""
    return yardstick().slowness(begun, ended)


def slow_now() -> float:
    """How slow it is now."""
    now = time.monotonic()
    return slowness(now, now)
