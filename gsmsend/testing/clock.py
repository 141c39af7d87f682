"""A clock that stands still until it is told to go on."""

from __future__ import annotations


class ManualClock:
    """contract.Clock for tests: `advance` moves both faces; `set_back` moves only the wall's."""

    def __init__(self, now_s: float = 1_750_000_000.0) -> None:
        self._now_s = now_s
        self._monotonic_s = 1000.0

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return self._now_s

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_s += seconds
        self._monotonic_s += seconds

    def set_back(self, seconds: float) -> None:
        """Somebody sets the wall clock back (or forward, with a negative number)."""
        self._now_s -= seconds
