"""The wall clock may be set while a run is under way; the steady one tells. Pure."""

from __future__ import annotations

_SLACK_S = 1.0
"""Both clocks are read one after the other, and network time corrects the wall clock by fractions of a second."""


class WallWatch:
    """Compares the wall clock's course with that of the steady clock."""

    def __init__(self) -> None:
        self._offset_s: float | None = None

    def set_back(self, now_s: float, steady_s: float) -> float:
        """By how many seconds the wall clock was set back since the last look; 0.0 if it was not."""
        offset_s = now_s - steady_s
        before_s, self._offset_s = self._offset_s, offset_s
        if before_s is None or before_s - offset_s <= _SLACK_S:
            return 0.0
        return before_s - offset_s
