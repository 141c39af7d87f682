"""What `gsmsend modems --watch` looks at: what a run records of its lines, or else the modems themselves."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePath

from gsmsend import wiring
from gsmsend.cli import health_view
from gsmsend.cli.inspection import look
from gsmsend.cli.line_names import natural
from gsmsend.cli.operation import run_going_on
from gsmsend.cli.route_list import collect, routes_of
from gsmsend.config import Settings
from gsmsend.contract import Glance, StoreView
from gsmsend.engine.gate import terms_of
from gsmsend.engine.health import MEMORY_S, MOST_TRIES, Health, Signs, Try, judge, try_of
from gsmsend.errors import GsmsendError, StoreError
from gsmsend.model import Facts, Sim

STEPS, STEP_S = 16, 15.0
"""The sparkline of throughput: the last four minutes."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line, or a modem that no run has. `rates`: parts in each of the last stretches of time, oldest first."""

    key: str
    title: str
    state: str
    device: str
    operator: str = ""
    signal_dbm: int | None = None
    health: Health | None = None
    temperature_c: float | None = None
    rates: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All of them at one moment. `run` says who has the modems; empty where they were asked themselves."""

    at_s: float
    run: str
    rows: tuple[Row, ...]


@dataclass
class Memory:
    """The signals that were seen while this watched, by the key of a row."""

    signals: dict[str, deque[int | None]] = field(default_factory=dict)

    def keep(self, picture: Picture) -> None:
        """Add one picture's."""
        for row in picture.rows:
            self.signals.setdefault(row.key, deque(maxlen=STEPS)).append(row.signal_dbm)


class Source:
    """Gives one picture after the other, and notices when a run begins or ends. `close` it."""

    def __init__(self, settings: Settings, ports: Sequence[str] = ()) -> None:
        self._settings, self._ports = settings, ports
        self._view: StoreView | None = None

    def picture(self, now_s: float) -> Picture:
        """What is so now. Raises StoreError, UsageError, or another GsmsendError that a person must see."""
        run = self._run()
        if run and self._view is not None:
            return Picture(now_s, run, of_run(self._settings, self._view, now_s))
        return Picture(now_s, "", of_modems(self._settings, self._ports, now_s))

    def close(self) -> None:
        """Let go of the store."""
        if self._view is not None:
            self._view.close()
            self._view = None

    def _run(self) -> str:
        """Who runs it. A view goes stale where a run begins or ends: then it is opened anew."""
        if not self._settings.may_have_store:
            return ""
        for again in (True, False):
            try:
                if self._view is None:
                    self._view = wiring.open_view(self._settings)
                run = run_going_on(self._settings, self._view)
                if run:
                    self._view.pulse()
            except StoreError:
                self.close()
                if not again:
                    raise
            else:
                return run
        return ""


def of_run(settings: Settings, store: StoreView, now_s: float) -> tuple[Row, ...]:
    """The lines of a run as it has recorded them; no port is opened."""
    glances = store.glances(now_s - STEP_S)
    since_s = now_s - STEPS * STEP_S
    rates = store.rates([row.line_id for row in glances], since_s, STEP_S, STEPS)
    healths = health_view.of_lines(store, glances, now_s, running=True)
    rows = [_line(settings, row, healths[row.line_id], rates[row.line_id]) for row in glances]
    return tuple(sorted(rows, key=lambda row: natural(row.title)))


def _line(settings: Settings, row: Glance, health: Health, rates: tuple[int, ...]) -> Row:
    terms = terms_of(settings.lines, Sim(iccid=row.iccid, imsi=row.imsi, number=row.number))
    title = terms.name if terms is not None else row.name
    return Row(
        row.name, title, row.state, row.device, row.operator, row.signal_dbm, health, rates=rates, why=row.why
    )


def of_modems(settings: Settings, ports: Sequence[str], now_s: float) -> tuple[Row, ...]:
    """Every modem, asked for itself; several at once."""
    found, past = collect(settings, ports), Past(settings, now_s)
    rows = []
    for listed, seen in zip(found.run, look(settings, routes_of(found.run)), strict=True):
        if seen.facts is None:
            state = "cannot be used" if seen.guard or seen.misconfigured else "no answer"
            rows.append(Row(listed.name, short(listed.name), state, listed.name, why=seen.problem or ""))
        else:
            health = past.health(seen.facts, now_s)
            rows.append(_modem(settings, listed.name, seen.facts, health))
    return tuple(rows)


def short(name: str) -> str:
    """What to call a modem that is no line of gsmsend.toml: the end of its port, by which ports differ."""
    return PurePath(name).name if name.startswith("/") else name


def _modem(settings: Settings, name: str, facts: Facts, health: Health) -> Row:
    terms = terms_of(settings.lines, facts.sim)
    title = terms.name if terms is not None else short(name)
    if facts.sim_state != "READY" and not facts.device.account:  # it cannot send, however well it did before
        why = f"its SIM: {facts.sim_state}"
        return Row(name, title, "cannot be used", facts.device.address, facts.operator, facts.signal_dbm, why=why)
    return Row(
        name, title, facts.registration.value, facts.device.address,
        facts.operator, facts.signal_dbm, health, facts.temperature_c,
    )  # fmt: skip


class Past:
    """What the operation's store knows of the texts of SIMs; nothing where it has none or cannot be read."""

    def __init__(self, settings: Settings, now_s: float) -> None:
        self._tries: dict[str, list[Try]] = {}
        if not settings.may_have_store:
            return
        with suppress(GsmsendError):
            view = wiring.open_view(settings)
            try:
                rows = {row.line_id: row for row in view.glances(now_s)}
                for one in view.last_tries(list(rows), now_s - MEMORY_S, MOST_TRIES):
                    row = rows[one.line_id]
                    identity = row.iccid or row.imsi or ""
                    self._tries.setdefault(identity, []).append(try_of(one.outcome, one.at_s, one.took_s))
            finally:
                view.close()

    def health(self, facts: Facts, now_s: float) -> Health:
        """The health of the line whose SIM this is."""
        tries = self._tries.get(facts.sim.iccid or facts.sim.imsi or "?", ())
        return judge(Signs(tuple(tries), (), facts.signal_dbm, facts.temperature_c), now_s)


def known_lines(settings: Settings) -> list[Glance]:
    """What the operation's store knows of lines; nothing where it has none or cannot be read."""
    if not settings.may_have_store:
        return []
    with suppress(GsmsendError):
        view = wiring.open_view(settings)
        try:
            return view.glances(time.time())  # what they sent is not asked for
        finally:
            view.close()
    return []
