"""What the wall shows, gathered from the store in a few cheap questions. No number or text is opened for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gsmsend import wiring
from gsmsend.alerting import LineSeen, Scene, troubles
from gsmsend.cli import fall_view, health_view, standing
from gsmsend.cli.line_names import natural
from gsmsend.cli.operation import run_going_on
from gsmsend.cli.words import level
from gsmsend.config import Alarm, Settings
from gsmsend.contract import Flow, Glance, StoreView
from gsmsend.engine.gate import terms_of
from gsmsend.engine.health import Grade, Health
from gsmsend.model import Sim, State

RATE_S = 60.0
_PACE_S = 300.0
"""The time left is reckoned from what left in this time."""
_PACE_STEP_S = 2.0
CURVE_STEPS = 60
_UP = frozenset({"ready", "sending", "waiting"})
_ENDED = frozenset({"down", "stopped"})
_COMING = frozenset({"opening", "starting", "recovering"})
_PATHS = {
    Alarm.DANGER: "/inbox?flagged=1", Alarm.UNCERTAIN: "/uncertain", Alarm.HELD: "/messages?state=held",
    Alarm.FAILED: "/messages?state=failed",
}  # fmt: skip
"""Where each kind of trouble is dealt with; the others on the page of routes."""


@dataclass(frozen=True, slots=True)
class LineTile:
    """A line on the wall. `kind`: up, coming, out, or idle: no run has it, and nothing is wrong with it.

    `health` is None where that is not asked for.
    """

    line_id: int
    title: str
    state: str
    kind: str
    why: str
    signal_dbm: int | None
    operator: str
    rate: int
    device: str
    cloud: bool
    health: Health | None = None

    @property
    def mark(self) -> str:
        """A sign for its health that differs in form from others, for whoever does not see the colour."""
        return health_view.MARKS[self.health.grade] if self.health is not None else ""

    @property
    def sick(self) -> str:
        """The first reason why it works badly, while it works; "" where it does not."""
        if self.health is None or self.health.grade is not Grade.SICK or self.kind != "up":
            return ""
        return self.health.reasons[0].words

    @property
    def up(self) -> bool:
        """Whether it can work, or does."""
        return self.kind in ("up", "coming")

    @property
    def level(self) -> int:
        """Signal as 0..4 bars."""
        return level(self.signal_dbm)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something for a person, with the page where it is dealt with."""

    level: str
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything on the wall, as it was at `at_s`. `trouble` says why nothing could be read, if that is so."""

    at_s: float
    totals: Mapping[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    lines: tuple[LineTile, ...] = ()
    campaigns: tuple[Mapping[str, Any], ...] = ()
    running: str = ""
    dangers: int = 0
    older: str = ""
    trouble: str = ""
    window_shut: bool = False
    window_until: str = ""
    missing_lines: tuple[str, ...] = ()
    left_s: float | None = None
    alerts: tuple[Alert, ...] = ()

    @property
    def paused(self) -> list[str]:
        """Campaigns that are paused."""
        return [str(row["name"]) for row in self.campaigns if row["state"] == "paused"]

    @property
    def left_of_one(self) -> float | None:
        """How long the campaign that is sending still takes; None where several are, which share the lines."""
        return self.left_s if sum(bool(_waiting(row)) for row in self.campaigns) == 1 else None

    @property
    def all_halted(self) -> bool:
        """Whether every campaign that has texts to send is paused."""
        waiting = [row for row in self.campaigns if _waiting(row)]
        return bool(waiting) and all(row["paused"] or row["cancelled"] for row in waiting)


def gather(
    settings: Settings, store: StoreView, now_s: float, healths: Mapping[int, Health] | None = None
) -> Found:
    """Ask the store; for the health of lines only if it was not asked just before. Raises StoreError."""
    totals, running = store.totals(), run_going_on(settings, store)
    rows = store.glances(now_s - RATE_S)
    if healths is None:
        healths = health_view.of_lines(store, rows, now_s, running=True) if running else {}
    lines = tiles(settings, rows, healths if running else {}, running=bool(running))
    campaigns = tuple(standing.campaigns(store))
    window = standing.window_of(settings, now_s)
    shut = window is not None and not window["open"]
    missing = tuple(one.name for one in store.wanted_lines() if one.waiting)
    falls = fall_view.collect(settings, store, now_s) if settings.fallbacks else []
    dangers = store.unseen_dangers()
    older = wiring.older(settings, store)
    return Found(
        now_s, totals, lines, campaigns, running, dangers, older, "", shut,
        str(window["until"] or "") if window is not None else "", missing, _left_s(store, totals, now_s),
        tuple(_alerts(totals, lines, dangers, missing, falls, running=bool(running))),
    )  # fmt: skip


def tiles(
    settings: Settings, rows: Sequence[Glance], healths: Mapping[int, Health] | None = None, *, running: bool
) -> tuple[LineTile, ...]:
    """Lines as people know them, in the order of their names."""
    healths = healths or {}
    made = [_tile(settings, row, healths.get(row.line_id), running=running) for row in rows]
    return tuple(sorted(made, key=lambda tile: natural(tile.title)))


def _tile(settings: Settings, row: Glance, health: Health | None, *, running: bool) -> LineTile:
    terms = terms_of(settings.lines, Sim(iccid=row.iccid, imsi=row.imsi, number=row.number))
    # A run that was killed could not write that its lines are down.
    state = row.state if running or row.state == "stopped" else "down"
    gone = bool(row.why) or (running and state not in _ENDED)
    kind = "up" if state in _UP else "coming" if state in _COMING else "out" if gone else "idle"
    return LineTile(
        row.line_id, terms.name if terms is not None else row.name, state, kind, row.why, row.signal_dbm,
        row.operator, row.lately, row.device, row.cloud, health,
    )  # fmt: skip


def curve(store: StoreView, now_s: float, *, hours: float = 1.0) -> tuple[Flow, float, float]:
    """What was sent and delivered lately, for the curve: the counts, where they begin, and how long a step is."""
    step_s = hours * 3600 / CURVE_STEPS
    since_s = (now_s // step_s + 1) * step_s - hours * 3600
    return store.flow(since_s, step_s, CURVE_STEPS), since_s, step_s


def _left_s(store: StoreView, totals: Mapping[State, int], now_s: float) -> float | None:
    left = totals[State.QUEUED] + totals[State.SENDING]
    if not left:
        return None
    sent = store.flow(now_s - _PACE_S, _PACE_STEP_S, round(_PACE_S / _PACE_STEP_S)).sent
    first = next((at for at, texts in enumerate(sent) if texts), None)
    if first is None:
        return None
    # From when it began, if that is not longer ago; the step that is going on has hardly anything in it yet.
    return left * (_PACE_S - first * _PACE_STEP_S) / sum(sent)


def _waiting(row: Mapping[str, Any]) -> int:
    totals = row["totals"]
    return int(totals.get("queued", 0)) + int(totals.get("sending", 0))


def _alerts(
    totals: Mapping[State, int],
    lines: Sequence[LineTile],
    dangers: int,
    missing: Sequence[str],
    falls: Sequence[Mapping[str, Any]],
    *,
    running: bool,
) -> list[Alert]:
    """What is wrong, as alerts are sent of it; what the sentence of the wall says is left to that."""
    scene = Scene(
        totals=totals,
        lines=[
            LineSeen(line.title, line.kind == "out", line.why or line.state, line.sick)
            for line in lines
            if running
        ],
        dangers=dangers,
        missing=missing,
        falls=[fall_view.seen(row) for row in falls],
    )
    return [Alert(one.urgency, one.words, _PATHS.get(one.kind, "/routes")) for one in troubles(scene)
            if one.kind is not Alarm.ALL_LINES]  # fmt: skip
