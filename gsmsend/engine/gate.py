"""What may leave now: the window, closing days of lines, campaigns that are halted. Pure but for its memory.

One for a run, read by the threads of all lines before each attempt. What people do meanwhile from another
terminal is put in by `halt`; that no attempt is opened for a halted campaign is the store's to see to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gsmsend.config import LineTerms, Settings
from gsmsend.contract import Halt
from gsmsend.model import Sim
from gsmsend.window import Opening, when

_SHARE = 0.5
"""A text that would take longer than this share of an opening may begin in its first half."""


@dataclass(frozen=True, slots=True)
class Shut:
    """Nothing may leave: until then (epoch seconds), None for never again. `why` is plain English."""

    until_s: float | None
    why: str


class Gate:
    """`halted`: the campaigns none of whose texts may leave, and why."""

    def __init__(self, settings: Settings) -> None:
        self._window = settings.window
        self._zone = settings.window.zone if settings.window is not None else ""
        self._known: tuple[float, Opening | None] | None = None
        self._barred = ""
        self.halted: Mapping[int, str] = {}

    def bar(self, why: str) -> None:
        """Nothing more leaves in this run."""
        self._barred = why

    def halt(self, halts: Iterable[Halt]) -> bool:
        """These campaigns are halted, no others; whether that is news."""
        before, self.halted = self.halted, {one.campaign_id: one.words for one in halts}
        return before != self.halted

    def shut(self, now_s: float, needed_s: float = 0.0) -> Shut | None:
        """Whether nothing may begin now that takes `needed_s`. Raises ConfigError."""
        if self._barred:
            return Shut(None, self._barred)
        if self._window is None:
            return None
        opening = self._opening(now_s)
        if opening is None:
            return Shut(None, f"no text may ever leave: the window ({self._window.words}) never opens in a year")
        if now_s < opening.opens_s:
            return self._until(opening, now_s)
        if now_s + min(needed_s, (opening.closes_s - opening.opens_s) * _SHARE) < opening.closes_s:
            return None
        after = self._window.opening(opening.closes_s)
        if after is None:
            return Shut(None, "the window closes and never opens again")
        return self._until(after, now_s)

    def _opening(self, now_s: float) -> Opening | None:
        """As the window has it; reckoned anew only once its end has come, or the clock was set back."""
        known = self._known
        if known is None or now_s < known[0] or known[1] is None or now_s >= known[1].closes_s:
            assert self._window is not None  # noqa: S101 - nobody asks otherwise
            self._known = known = now_s, self._window.opening(now_s)
        return known[1]

    def _until(self, opening: Opening, now_s: float) -> Shut:
        assert self._window is not None  # noqa: S101 - nobody asks otherwise
        why = f"outside the hours for texts ({self._window.words}); they may leave again"
        return Shut(opening.opens_s, f"{why} {when(opening.opens_s, self._zone, now_s=now_s)}")

    def closed(self, terms: LineTerms | None, now_s: float, needed_s: float = 0.0) -> str:
        """Why nothing leaves over a line any more; empty if it is not closed."""
        if terms is None or terms.closes is None or now_s + needed_s < terms.closes.timestamp():
            return ""
        day = when(terms.closes.timestamp(), self._zone)
        verb = (
            "closed since" if now_s >= terms.closes.timestamp() else "too late for another text before it closes"
        )
        return f"{verb} {day} {terms.closes.year}, by [line.{terms.name}] closes"

    def clock(self, at_s: float) -> str:
        """A moment in the window's time zone."""
        return when(at_s, self._zone)


def terms_of(lines: Mapping[str, LineTerms], sim: Sim) -> LineTerms | None:
    """What the config says of the line that this SIM is."""
    for terms in lines.values():
        if terms.iccid and sim.iccid:
            if terms.iccid == sim.iccid:
                return terms
        elif terms.imsi and sim.imsi:
            if terms.imsi == sim.imsi:
                return terms
        elif terms.number and sim.number and _digits(terms.number) == _digits(sim.number):
            return terms
    return None


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())
