"""The moments at which gsmsend is killed, by name. `tests.crash.launcher` knows where in the program they are."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

RANDOM = "a random moment"
RESTART_S = 2.0
"""Within this a run has brought up its lines, on a slow day."""
FIRST_S = 0.25
"""Before this, a run is still importing its modules."""
AFTER_CTRL_Z = "after Ctrl-Z, before +CMGS"
MID_PDU = "in mid-PDU"

COMMITS: Mapping[str, str] = {
    "add": "the import",
    "recover": "recovery",
    "claim": "a claim",
    "advance": "outcome and next intent",
    "record_report": "a report",
    "settle_last": "a settlement",
    "settle_by_next": "a settlement",
}
"""Methods of the store whose commit is a moment, in plain words."""


@dataclass(frozen=True, slots=True)
class Point:
    """`passages`: which passage kills is drawn from 1 to this; of what every line does, more with more lines.

    `delay`: kill at random within this after it: the `radio` time, the time of listening first (`listen`), or a
    `commit`. `after`: the kill that prepares it (an attempt must be open). `slow`: the radio must be slower than
    a restart, or the answer is there before anybody listens. `stored`: only modems that keep reports pass it.
    """

    name: str
    passages: int = 1
    each_line: bool = False
    delay: str = ""
    after: str = ""
    slow: bool = False
    stored: bool = False
    short: bool = True


def _commit_points() -> list[Point]:
    details: dict[str, dict[str, object]] = {
        "add": {"short": False},
        "claim": {"passages": 2, "short": False},
        "advance": {"passages": 5, "each_line": True},
        "record_report": {"passages": 4, "each_line": True},
        "settle_last": {"after": MID_PDU},
    }
    first = {words: name for name, words in reversed(list(COMMITS.items()))}
    return [
        Point(f"{when} the commit of {words}", **details.get(first[words], {}))  # type: ignore[arg-type]  # as above
        for words in dict.fromkeys(COMMITS.values())
        for when in ("before", "after")
    ]


POINTS: tuple[Point, ...] = (
    Point("the store is not open yet", short=False),
    Point("before recovery", short=False),
    *_commit_points(),
    Point("in the middle of a commit", passages=20, delay="commit"),
    Point("in mid-bring-up", passages=20, each_line=True),
    Point("AT+CMGS written, before the prompt", passages=3, each_line=True),
    Point("prompt there, before the commit is awaited", passages=3, each_line=True),
    Point("intent on disk, before the PDU", passages=3, each_line=True),
    Point(MID_PDU, passages=3, each_line=True),
    Point("PDU written, before Ctrl-Z", passages=3, each_line=True),
    Point(AFTER_CTRL_Z, passages=3, each_line=True, delay="radio"),
    Point("+CMGS read, before its commit", passages=3, each_line=True),
    Point("+CDS read, before its commit", passages=3, each_line=True),
    Point("report on disk, before +CNMA", passages=3, each_line=True),
    Point("+CNMA written, before its answer", passages=3, each_line=True, short=False),
    Point("a stored report is asked for", passages=3, each_line=True, stored=True),
    Point("while listening first", after=AFTER_CTRL_Z, delay="listen"),
    Point("late answer heard, before its commit", after=AFTER_CTRL_Z, slow=True),
    Point("before the SIM's counter is asked", after=MID_PDU),
    Point("the SIM's counter is asked", passages=2, each_line=True, short=False),
    Point("after settlement by the SIM's counter", after=MID_PDU, short=False),
)

_BY_NAME = {point.name: point for point in POINTS}


@dataclass(frozen=True, slots=True)
class Plan:
    """One kill: at the `passage`-th time that the point is passed, then `delay_s` later.

    A run that has not come to it after `patience_s` is killed all the same, and counted as a random moment.
    """

    name: str
    passage: int = 1
    delay_s: float = 0.0
    patience_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """What an operation can reach: see Point. Times in seconds. `parts`: so many may be sent until the kill."""

    modems: int
    parts: int
    radio_s: float
    listen_s: float
    slow: bool
    stored: bool
    acknowledged: bool


class Deck:
    """Deals the points in random order, each once before any comes again; one kill in `random_every` at random."""

    def __init__(self, dice: random.Random, *, short: bool = False, random_every: int = 5) -> None:
        self._dice = dice
        self._points = [point for point in POINTS if point.short or not short]
        self._random_every = random_every
        self._left: list[Point] = []
        self._next: list[Plan] = []
        self.dealt: dict[str, int] = {RANDOM: 0, **{point.name: 0 for point in self._points}}

    def deal(self, reach: Reach) -> Plan:
        """The next kill of an operation of that reach."""
        if not self._next:
            self._next = self._draw(reach)
        plan = self._next.pop(0)
        self.dealt[plan.name] = self.dealt.get(plan.name, 0) + 1
        return plan

    def new_operation(self) -> None:
        """What was to follow the last kill makes no sense any more."""
        self._next = []

    def _draw(self, reach: Reach) -> list[Plan]:
        if self._random_every and self._dice.randrange(self._random_every) == 0:
            return [Plan(RANDOM, patience_s=FIRST_S + self._dice.uniform(0, 0.4 + 2 * reach.radio_s))]
        if not self._left:
            self._left = self._dice.sample(self._points, len(self._points))
        for place, point in enumerate(self._left):
            if _reachable(point, reach):
                del self._left[place]
                before = [self._plan(_BY_NAME[point.after], reach)] if point.after else []
                return [*before, self._plan(point, reach)]
        self._left = []
        return self._draw(reach)

    def _plan(self, point: Point, reach: Reach) -> Plan:
        most = point.passages * (reach.modems if point.each_line else 1)
        longest_s = {"radio": reach.radio_s, "listen": reach.listen_s, "commit": 0.003}.get(point.delay, 0.0)
        if point.each_line:
            most = max(1, min(most, reach.parts // 4 if point.stored else reach.parts))
        # What follows an attempt that was cut off comes with the start, or never.
        patience_s = RESTART_S + (reach.listen_s if point.after else 0.8 + 4 * reach.radio_s)
        return Plan(point.name, self._dice.randint(1, most), self._dice.uniform(0, longest_s), patience_s)


def _reachable(point: Point, reach: Reach) -> bool:
    if point.slow and not reach.slow:
        return False
    if point.stored:
        return reach.stored
    return reach.acknowledged or "+CNMA" not in point.name
