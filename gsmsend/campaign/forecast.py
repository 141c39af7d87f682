"""When a campaign will be done: each text put on a line in turn, by pace, window, first texts, closing days.

It reckons as a run does, without refusals and without waiting for people: `_RADIO_S` a segment on the air, half of
the longest jitter, `_REPORTS_S` until the first texts are reported delivered.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gsmsend.config import Pace
from gsmsend.window import Opening, Window

_RADIO_S = 4.0
_REPORTS_S = 300.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What sending keeps to. `closes_s` by the name of a line; `others` are lines that take texts for any line."""

    pace: Pace
    window: Window | None
    first_texts: int = 0
    closes_s: Mapping[str, float] = field(default_factory=dict)
    others: int = 1


@dataclass(frozen=True, slots=True)
class Finish:
    """The texts of one line, or of any ("").

    `begins_s` and `ends_s` are when the first and the last of those leave that can; `late` cannot, as their line
    closes first, or the window never opens. All in epoch seconds.
    """

    line: str
    texts: int
    segments: int
    late: int
    begins_s: float | None
    ends_s: float | None
    closes_s: float | None


@dataclass(slots=True)
class _Line:
    name: str
    own: deque[int]
    closes_s: float
    sent_s: deque[float]
    opening: Opening | None = None
    free_s: float = 0.0


@dataclass(slots=True)
class _Tally:
    begins_s: float | None = None
    ends_s: float | None = None
    sent: int = 0


def forecast(groups: Mapping[str, Sequence[int]], terms: Terms, now_s: float) -> tuple[Finish, ...]:
    """When the texts of each group will have left: a line's name, or "", with the segments of each of its texts.

    Raises ConfigError if the bank holidays of the window are not known.
    """
    return _Run(groups, terms, now_s).finish()


class _Run:
    def __init__(self, groups: Mapping[str, Sequence[int]], terms: Terms, now_s: float) -> None:
        self._groups, self._terms, self._now_s = groups, terms, now_s
        self._shared = deque(groups.get("", ()))
        named = [name for name in groups if name]
        others = terms.others if self._shared else 0
        never_s = float("inf")
        self._lines = [
            _Line(name, deque(groups[name]), terms.closes_s.get(name, never_s), deque()) for name in named
        ]
        self._lines += [_Line("", deque(), never_s, deque()) for _ in range(others)]
        self._limits = tuple(
            (most, stretch_s)
            for most, stretch_s in (
                (terms.pace.per_minute, 60.0), (terms.pace.per_hour, 3600.0), (terms.pace.per_day, 86_400.0),
            )
            if most is not None
        )  # fmt: skip
        self._longest = max((most for most, _ in self._limits), default=0)
        self._tallies = {name: _Tally() for name in groups}
        self._taken, self._hold_s = 0, now_s

    def finish(self) -> tuple[Finish, ...]:
        queue = [(self._now_s, index) for index in range(len(self._lines))]
        while queue:
            at_s, index = heapq.heappop(queue)
            line = self._lines[index]
            source = line.own or self._shared
            if not source:
                continue
            ready_s = self._ready_s(line, source[0], max(at_s, self._hold_s))
            if ready_s is None or ready_s >= line.closes_s:
                continue
            if ready_s > at_s:
                heapq.heappush(queue, (ready_s, index))
                continue
            self._send(line, source.popleft(), line.name if source is line.own else "", at_s)
            heapq.heappush(queue, (line.free_s, index))
        return tuple(self._told(name, segments) for name, segments in self._groups.items())

    def _ready_s(self, line: _Line, segments: int, at_s: float) -> float | None:
        """When the line may send so many segments, None if never."""
        ready_s = at_s
        for most, stretch_s in self._limits:
            earlier = most - min(segments, most)
            if len(line.sent_s) > earlier:
                ready_s = max(ready_s, line.sent_s[-earlier - 1] + stretch_s)
        ready_s += (ready_s - at_s) * self._terms.pace.jitter / 2
        if self._terms.window is None:
            return ready_s
        if line.opening is None or not line.opening.holds(ready_s):
            line.opening = self._terms.window.opening(ready_s)
        return None if line.opening is None else max(ready_s, line.opening.opens_s)

    def _send(self, line: _Line, segments: int, group: str, at_s: float) -> None:
        for _ in range(min(segments, self._longest)):
            line.sent_s.append(at_s)
        while len(line.sent_s) > self._longest:
            line.sent_s.popleft()
        line.free_s = at_s + segments * _RADIO_S
        self._taken += 1
        if self._taken == self._terms.first_texts:
            self._hold_s = line.free_s + _REPORTS_S
        tally = self._tallies[group]
        tally.sent += 1
        tally.begins_s = at_s if tally.begins_s is None else tally.begins_s
        tally.ends_s = line.free_s if tally.ends_s is None else max(tally.ends_s, line.free_s)

    def _told(self, name: str, segments: Sequence[int]) -> Finish:
        tally = self._tallies[name]
        return Finish(
            name, len(segments), sum(segments), len(segments) - tally.sent, tally.begins_s, tally.ends_s,
            self._terms.closes_s.get(name),
        )  # fmt: skip
