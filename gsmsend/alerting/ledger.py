"""What was told and what is to be told now: each trouble once, and again only when it went away and came back.

Pure: `now_s` are seconds since the epoch, `steady_s` seconds of a clock that nobody sets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from gsmsend.alerting.troubles import Trouble, Urgency
from gsmsend.config import Alarm, AlertTerms

_HOUR_S = 3600.0
_AGAIN_S = 1800.0
"""What comes and goes is told no more often than this, unless somebody's life may hang on it."""
_SETTLED_S = 60.0
"""So long must a trouble be away before it is over."""
_GROWS = (Alarm.DANGER, Alarm.UNCERTAIN, Alarm.HELD)
"""More of it is news."""
_HAPPENED = (Alarm.DONE,)
"""Is not over: it has happened."""
_HOLD_S = {Alarm.STORE: 30.0, Alarm.CLOCK: 600.0, Alarm.DISK: 60.0, Alarm.MISSING: 300.0, Alarm.FALLBACK: 60.0}
"""What passes in less is not told; of lines the config says how long."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class News:
    """One message: what is wrong that was not told, and what was told and is over.

    `held_s`: for how long each of the troubles is there already, by kind and subject.
    """

    troubles: tuple[Trouble, ...] = ()
    over: tuple[str, ...] = ()
    held_s: Mapping[Key, float] = field(default_factory=dict)

    @property
    def urgent(self) -> bool:
        """Whether any of it needs a person now."""
        return any(one.urgency is Urgency.NOW for one in self.troubles)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said last of a trouble: when (epoch), of what size, in what words. `over`: that it is over."""

    at_s: float
    size: int
    words: str
    over: bool = False


class Ledger:
    """`told` is what an earlier run told: a service that is started again and again does not tell it anew."""

    def __init__(self, terms: AlertTerms, zone: str, told: Mapping[Key, Told] | None = None) -> None:
        self._terms = terms
        self._zone = ZoneInfo(zone)
        self.told: dict[Key, Told] = dict(told or {})
        self._since_s: dict[Key, float] = {}
        self._seen_s: dict[Key, float] = {}
        self._sent_s: deque[float] = deque()
        self.active: tuple[Trouble, ...] = ()
        """What is wrong now and has been for long enough, whether or not anybody is told of it."""

    def look(self, found: Sequence[Trouble], now_s: float, steady_s: float) -> News | None:
        """The message to send now, if any. It counts as told."""
        here = {(one.kind.value, one.subject): one for one in found}
        self._since_s = {key: self._since_s.get(key, steady_s) for key in here}
        self._seen_s |= dict.fromkeys(here, steady_s)
        ripe = {key: one for key, one in here.items() if steady_s - self._since_s[key] >= self._hold_s(one.kind)}
        if any(one.kind is Alarm.ALL_LINES for one in ripe.values()):
            ripe = {key: one for key, one in ripe.items() if one.kind is not Alarm.LINE}
        self.active = tuple(ripe.values())
        self._shrink(ripe)
        over = [key for key in self.told if self._is_over(key, here, steady_s)]
        news = [key for key, one in ripe.items() if one.kind in self._terms.on and self._is_news(key, one, now_s)]
        if self._quiet(now_s):
            over, news = [], [key for key in news if here[key].urgency is Urgency.NOW]
        ended = [key for key in over if self._terms.over and key[0] not in _HAPPENED]
        danger = any(here[key].kind is Alarm.DANGER for key in news)
        if (news or ended) and not danger and not self._may(steady_s):
            return None
        told = News(
            tuple(here[key] for key in news), tuple(self.told[key].words for key in ended),
            {key: steady_s - self._since_s[key] for key in news},
        )  # fmt: skip
        for key in over:
            self.told[key] = replace(self.told[key], over=True)
        for key in news:
            self.told[key] = Told(now_s, here[key].size, here[key].told)
        self._forget(now_s)
        if not news and not ended:
            return None
        self._sent_s.append(steady_s)
        return told

    def _shrink(self, ripe: Mapping[Key, Trouble]) -> None:
        """Some of it was dealt with: what is added to the rest is news."""
        for key, one in ripe.items():
            told = self.told.get(key)
            if told is not None and one.size < told.size:
                self.told[key] = replace(told, size=one.size)

    def _is_news(self, key: Key, one: Trouble, now_s: float) -> bool:
        told = self.told.get(key)
        if told is None:
            return True
        fresh = told.over or (one.kind in _GROWS and one.size > told.size)
        return fresh and (one.kind is Alarm.DANGER or not 0 <= now_s - told.at_s < _AGAIN_S)

    def _is_over(self, key: Key, here: Mapping[Key, Trouble], steady_s: float) -> bool:
        if key in here or self.told[key].over:
            return False
        # What an earlier run told may not be looked at yet: it has its time from the first look on.
        return steady_s - self._seen_s.setdefault(key, steady_s) >= _SETTLED_S

    def _may(self, steady_s: float) -> bool:
        while self._sent_s and steady_s - self._sent_s[0] >= _HOUR_S:
            self._sent_s.popleft()
        return len(self._sent_s) < self._terms.per_hour

    def _quiet(self, now_s: float) -> bool:
        begins, ends = self._terms.quiet_from, self._terms.quiet_to
        if begins is None or ends is None:
            return False
        at = datetime.fromtimestamp(now_s, self._zone).time()
        return begins <= at < ends if begins <= ends else at >= begins or at < ends

    def _hold_s(self, kind: Alarm) -> float:
        return self._terms.line_s if kind in (Alarm.LINE, Alarm.SICK, Alarm.ALL_LINES) else _HOLD_S.get(kind, 0.0)

    def _forget(self, now_s: float) -> None:
        """What has been over for long can be told as if it had never been."""
        for key, told in list(self.told.items()):
            if told.over and not 0 <= now_s - told.at_s < _AGAIN_S:
                del self.told[key]
                self._seen_s.pop(key, None)
