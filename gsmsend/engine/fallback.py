"""When texts go over a campaign's fallback, and when they come back: decisions from what lines are. Pure.

A line that is out of use keeps the time since when, whatever is wrong with it next; only a text that it carries,
or a network that it has, ends that.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from gsmsend.config import FallbackTerms, Rule
from gsmsend.contract import FallCounts, TrialRow
from gsmsend.model import State

_GRACE_S = 60.0
"""A run gives a line so long to come up, however long it was out of use before, unless the rule waits less."""
_WORDS = {
    Rule.CLOSED: "is closed",
    Rule.BARRED: "is barred or out of credit",
    Rule.QUARANTINED: "is lost",
    Rule.NO_NETWORK: "has no network",
}
_ON_THE_WAY = (State.DRAFT, State.QUEUED, State.SENDING, State.SENT)


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as the rules see it: `usable`, or out of use by `rule` since `since_s`; neither: not known yet.

    `name` is what people call it.
    """

    line_id: int
    name: str
    usable: bool = False
    rule: Rule | None = None
    since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Takeover:
    """From `at_s` on (epoch seconds) the fallback takes what these lines would carry; `why` is plain English."""

    at_s: float
    why: str


def takeover(lines: Sequence[LineView], terms: FallbackTerms, began_s: float) -> Takeover | None:
    """When the fallback takes texts that any of these lines may carry; None if one of them is, or may be, of use.

    `began_s` is when the run began.
    """
    found = [_of_line(line, terms, began_s) for line in lines]
    if not found or None in found:
        return None
    return max((one for one in found if one is not None), key=lambda one: one.at_s)


def _of_line(line: LineView, terms: FallbackTerms, began_s: float) -> Takeover | None:
    if line.usable or line.rule is None or line.since_s is None or line.rule not in terms.on & _WORDS.keys():
        return None
    why = f"the line {line.name} {_WORDS[line.rule]}"
    if line.rule is Rule.CLOSED:
        return Takeover(line.since_s, why)
    at_s = line.since_s + terms.after_s
    if line.rule is not Rule.BARRED:
        at_s = max(at_s, began_s + min(terms.after_s, _GRACE_S))
    return Takeover(at_s, why)


def views_for(bound_line: int, lines: Mapping[int, LineView], *, unknown: bool) -> list[LineView]:
    """The lines that may carry texts bound so (as in QueuedFor); none where a line that may is not known yet."""
    if bound_line == 0:
        return [] if unknown else list(lines.values())
    return [lines[bound_line]] if bound_line in lines else []


def usable_for(bounds: Iterable[int], lines: Mapping[int, LineView]) -> tuple[int, ...]:
    """Those of these whose texts a line can carry now."""
    return tuple(bound for bound in bounds if any(line.usable for line in views_for(bound, lines, unknown=False)))


def since(seen_s: float, known_s: float | None, now_s: float) -> float:
    """Since when a line is out of use: as known from before, else since it was seen so; never in the future.

    Whatever is wrong with it next, it was out of use all the time.
    """
    return min(seen_s, now_s) if known_s is None else min(known_s, seen_s, now_s)


SPENT = "its budget is spent"


def lacks(terms: FallbackTerms, trial: TrialRow | None, counts: FallCounts, segments: int, where: str = "") -> str:
    """Why nothing may go over the fallback, in plain English; empty if something may. `segments` of one text."""
    command = f"gsmsend fallback trial{where} --campaign '{terms.campaign}'"
    if trial is None:
        return f"no trial text was sent over it yet: {command}"
    if trial.state in _ON_THE_WAY:
        return "its trial text is not delivered yet"
    if trial.state is not State.DELIVERED:
        why = f" ({trial.why})" if trial.why else ""
        return f"its trial text is {trial.state.value}{why}; another one: {command}"
    left = segments_left(terms, counts)
    if left is not None and left < segments:
        return f"{SPENT} ({terms.budget} for {counts.segments:,} segments)"
    return ""


def awaited(trial: TrialRow | None) -> bool:
    """Whether the trial text may still be delivered."""
    return trial is not None and trial.state in _ON_THE_WAY


def segments_left(terms: FallbackTerms, counts: FallCounts) -> int | None:
    """How many segments more the budget pays for; None for any number."""
    return max(0, int(terms.budget / terms.segment) - counts.segments) if terms.segment else None


@cache
def codes() -> frozenset[int]:
    """Reasons (+CMS ERROR) for a failed text that another network may not share (data/fallback-causes.csv)."""
    return frozenset(int(row["code"]) for row in causes() if row["shared"] == "no")


@cache
def causes() -> tuple[Mapping[str, str], ...]:
    """The table, row by row."""
    with resources.files("gsmsend").joinpath("data", "fallback-causes.csv").open(encoding="utf-8") as stream:
        lines = [line for line in stream if not line.startswith("#")]
    return tuple(csv.DictReader(lines))


def bounds_due(
    bounds: Collection[int], lines: Mapping[int, LineView], terms: FallbackTerms, began_s: float, now_s: float,
    *, unknown: bool,
) -> tuple[tuple[int, ...], Takeover | None]:  # fmt: skip
    """Which of these the fallback takes now; and the next takeover: one that took place, or else the soonest."""
    due: list[int] = []
    told: Takeover | None = None
    for bound in sorted(bounds):
        found = takeover(views_for(bound, lines, unknown=unknown), terms, began_s)
        if found is None:
            continue
        if found.at_s <= now_s:
            due.append(bound)
        if told is None or found.at_s < told.at_s:
            told = found
    return tuple(due), told
