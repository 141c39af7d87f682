"""What the lines of a run know of their own health and of each other's, and what work each takes because of it."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gsmsend.contract import LineRow
from gsmsend.engine.events import HealthChanged, Notice
from gsmsend.engine.health import (
    MEMORY_S,
    MOST_TRIES,
    Allowance,
    Grade,
    Health,
    Signs,
    Try,
    Verdict,
    allowance,
    judge,
    try_of,
)
from gsmsend.errors import LinkLost
from gsmsend.model import Facts, Outcome

if TYPE_CHECKING:
    from gsmsend.engine.context import RunContext

_JUDGED_EVERY_S = 1.0
"""A fast bench sends many texts a second, and its lines' health is no other for each of them."""
_ABLE_S = 60.0
"""A line that was able to send so long ago may be held up since: others do not leave it their work."""
_TOLD_FROM = 5
"""Points by which a score must differ to be told anew."""
_MOST_LOSSES = 20


@dataclass(slots=True)
class Record:
    """What is known of a line, for as long as the run goes on; only its own thread changes it."""

    tries: deque[Try] = field(default_factory=lambda: deque(maxlen=MOST_TRIES))
    lost_s: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_LOSSES))
    health: Health = field(default_factory=Health)
    able_s: float = float("-inf")
    shared_s: float = float("-inf")
    rest_until_s: float = 0.0
    told: Health | None = None
    known_sick: bool = False


class CareBook:
    """The records of all lines of a run. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[int, Record] = {}

    def known(self, line_id: int) -> bool:
        """Whether there is a record of this line yet."""
        with self._lock:
            return line_id in self._records

    def of(self, line_id: int) -> Record:
        """The record of a line."""
        with self._lock:
            return self._records.setdefault(line_id, Record())

    def well_beside(self, line_id: int, steady_s: float) -> bool:
        """Whether another line is well and at work, so that texts that any line may take are in good hands."""
        with self._lock:
            others = [record for other, record in self._records.items() if other != line_id]
        return any(one.health.grade is Grade.WELL and steady_s - one.able_s < _ABLE_S for one in others)


class Care:
    """One line's own view of that. Owned by the line's thread.

    A sick line rests between texts, and leaves those that any line may take to lines that are well. What is meant
    for it alone it still sends, one by one.
    """

    def __init__(self, context: RunContext, line: LineRow, title: str) -> None:
        self._context, self._line, self._title = context, line, title
        fresh = not context.care.known(line.line_id)
        self._record = context.care.of(line.line_id)
        if fresh:
            since_s = context.clock.now() - MEMORY_S
            for one in context.store.last_tries([line.line_id], since_s, MOST_TRIES):
                self._record.tries.append(try_of(one.outcome, one.at_s, one.took_s))
        self._facts: Facts | None = None
        self._judged_s = float("-inf")

    @property
    def health(self) -> Health:
        """As it was judged last."""
        return self._record.health

    def note(self, outcome: Outcome, took_s: float, *, denied: bool = False) -> None:
        """A part was answered; `denied`: for want of a network, though there is one."""
        record, now_s = self._record, self._context.clock.now()
        record.tries.append(try_of(outcome, now_s, took_s, denied=denied))
        ill = record.health.grade is Grade.SICK
        health = self._judge(at_once=ill or record.tries[-1].verdict is not Verdict.GOOD)
        if health.grade is Grade.SICK:
            record.rest_until_s = now_s + self._allowed().pause_s

    def resting(self, facts: Facts, *, amid: bool) -> tuple[float, tuple[str, str], str] | None:
        """For how many seconds more, with words for people (state, doing, why); None if it does not rest.

        It never does `amid` the parts of a text.
        """
        self._facts = facts
        health, record = self._judge(), self._record
        left_s = record.rest_until_s - self._context.clock.now()
        if amid or left_s <= 0 or health.grade is not Grade.SICK:
            return None
        # The others may have fallen sick meanwhile, or the clock been set back.
        left_s = min(left_s, self._allowed().pause_s)
        if left_s <= 0:
            return None
        resting = f"resting for {math.ceil(left_s)} s"
        return left_s, ("waiting", resting), f"it gets less work: its health is {health.words}"

    def working(self, *, able: bool) -> None:
        """It looked for work, and can take it now."""
        if able and not self._line.cloud:  # an account takes only what is meant for it
            self._record.able_s = self._context.clock.monotonic()

    def allowed(self) -> Allowance:
        """What it may claim now."""
        found = self._allowed()
        if found.shared:
            self._record.shared_s = self._context.clock.monotonic()
        return found

    def leave(self, fault: BaseException | None) -> None:
        """Its link is closed; `fault` says why, if it was not the run's end."""
        self._record.able_s = float("-inf")
        if isinstance(fault, LinkLost):
            self._record.lost_s.append(self._context.clock.now())
            self._judge(at_once=True)

    def _allowed(self) -> Allowance:
        context, record = self._context, self._record
        if record.health.grade is not Grade.SICK:
            return allowance(record.health, others_well=False, shared_ago_s=0.0)
        steady_s = context.clock.monotonic()
        others = context.care.well_beside(self._line.line_id, steady_s)
        return allowance(record.health, others_well=others, shared_ago_s=steady_s - record.shared_s)

    def _judge(self, *, at_once: bool = False) -> Health:
        record, steady_s = self._record, self._context.clock.monotonic()
        if at_once or steady_s - self._judged_s >= _JUDGED_EVERY_S:
            self._judged_s = steady_s
            facts = self._facts
            signs = Signs(
                tuple(record.tries), tuple(record.lost_s), facts.signal_dbm if facts is not None else None,
                facts.temperature_c if facts is not None else None, account=bool(self._line.account),
            )  # fmt: skip
            record.health = judge(signs, self._context.clock.now())
            self._tell(signs)
        return record.health

    def _tell(self, signs: Signs) -> None:
        record, health = self._record, self._record.health
        before = record.told
        if before is None:
            news = bool(health.reasons) or health.tried > 0
        else:
            news = health.grade is not before.grade or abs(health.score - before.score) >= _TOLD_FROM
        if health.grade is (Grade.WELL if record.known_sick else Grade.SICK):
            # Not again each time that it is a little better or worse: only once it is well in between.
            record.known_sick = not record.known_sick
            level, words = ("warning", "gets less work") if record.known_sick else ("info", "works as others do")
            told = f"{self._title} {words}: its health is {health.words}"
            self._context.publish(Notice(self._context.clock.now(), level, told))
        if news:
            record.told = health
            self._context.publish(
                HealthChanged(
                    self._context.clock.now(), self._line.name, health.score, health.grade.value,
                    tuple(reason.words for reason in health.reasons), signs.signal_dbm, signs.temperature_c,
                )
            )  # fmt: skip
