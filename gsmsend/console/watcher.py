"""One watcher of the store for all who look at the wall: what changed is drawn once, and sent to each of them.

It asks whether anything changed (one small question), and only then what. Nothing is asked while nobody looks.
What takes long is asked less often, so that the console leaves the computer to the run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from gsmsend.console import wall
from gsmsend.console.desk import Desk
from gsmsend.console.finding import Found, curve, gather
from gsmsend.contract import Pulse
from gsmsend.engine.health import Health
from gsmsend.errors import GsmsendError

LOOK_S = 0.25
"""How often it is asked whether anything changed."""
IDLE_S = 5.0
"""How often the wall is drawn although nothing did: rates fall, time passes, a killed run says nothing."""
_CURVE_S = 5.0
_HEALTH_S = 2.0
"""The health of lines is made of many texts: it is no other for each of them."""
_SHARE = 15
"""What was drawn is drawn again at the earliest after so many times the processor's time that it took."""
_BEAT = "beat"

Panels = dict[str, str]


class Watcher:
    """Runs in the event loop while the console is up; `subscribe` is one viewer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seats: set[_Seat] = set()
        self._panels: Panels = {}
        self._shape: tuple[int, ...] | None = None
        self._curve = ""
        self._curve_due = 0.0
        self._healths: dict[int, Health] | None = None
        self._healths_due = 0.0
        self._cost_s = 0.0
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Watch until cancelled."""
        pulse: Pulse | None = None
        drawn, due = 0.0, 0.0
        while True:
            if not self._seats:
                self._wanted.clear()
                await self._wanted.wait()
            begun = time.monotonic()
            if begun >= due:
                seen = await run_in_threadpool(self._pulse)
                if seen != pulse or begun - drawn >= IDLE_S or any(seat.new for seat in self._seats):
                    pulse, drawn = seen, begun
                    self._tell(*await run_in_threadpool(self.draw))
                    due = begun + _SHARE * self._cost_s
            await asyncio.sleep(LOOK_S)

    def draw(self) -> tuple[Panels, str, bool]:
        """All pieces but the grid, the grid with its lines, and whether lines came or went. Blocks."""
        begun_s = time.thread_time()
        try:
            return self._drawn()
        finally:
            self._cost_s = time.thread_time() - begun_s

    def _drawn(self) -> tuple[Panels, str, bool]:
        now_s = self._desk.clock()
        try:
            if time.monotonic() >= self._healths_due:
                self._healths = None
                self._healths_due = time.monotonic() + _HEALTH_S
            found = self._desk.ask(lambda store: gather(self._desk.settings, store, now_s, self._healths))
            self._healths = {line.line_id: line.health for line in found.lines if line.health is not None} or None
            if time.monotonic() >= self._curve_due:
                self._curve = wall.flow_chart(*self._desk.ask(lambda store: curve(store, now_s)))
                self._curve_due = time.monotonic() + _CURVE_S
        except GsmsendError as error:
            made = wall.panels(Found(now_s, trouble=error.words))
            return {"sentence": made["sentence"], "spoken": made["spoken"], _BEAT: _clock(now_s)}, "", False
        shape = wall.shape(found)
        other, self._shape = shape != self._shape, shape
        return {**wall.panels(found), "curve": self._curve, _BEAT: _clock(now_s)}, wall.grid(found), other

    async def subscribe(self, still: Callable[[], bool]) -> AsyncIterator[tuple[str, str]]:
        """What one viewer is sent: pieces by name, first all of them as they are now, then each that changed.

        A viewer who reads slowly is sent the newest of each piece only. Ends once `still` says no (asked as often
        as the wall is drawn).
        """
        seat = _Seat()
        self._seats.add(seat)
        self._wanted.set()
        try:
            while True:
                news = await seat.take()
                if not await run_in_threadpool(still):
                    return
                for name, html in news.items():
                    yield name, html
        finally:
            self._seats.discard(seat)

    @property
    def viewers(self) -> int:
        """How many look now."""
        return len(self._seats)

    def _pulse(self) -> Pulse | None:
        with suppress(GsmsendError):
            return self._desk.ask(lambda store: store.pulse())
        return None

    def _tell(self, made: Panels, grid: str, other: bool) -> None:  # noqa: FBT001 - what `draw` gives
        changed = {name: html for name, html in made.items() if self._panels.get(name) != html}
        self._panels = {**self._panels, **made}
        for seat in self._seats:
            # The grid has all lines in it: it comes before what stands in its places, or that would be undone.
            if grid and (other or seat.new):
                seat.put({"lines": grid})
            seat.put(made if seat.new else changed)
            seat.new = False


class _Seat:
    """What is still to be sent to one viewer; `new` until the first of it."""

    def __init__(self) -> None:
        self.new = True
        self._news: Panels = {}
        self._some = asyncio.Event()

    def put(self, news: Panels) -> None:
        for name in news:  # the newest comes last, also of what was waiting
            self._news.pop(name, None)
        self._news.update(news)
        self._some.set()

    async def take(self) -> Panels:
        await self._some.wait()
        self._some.clear()
        news, self._news = self._news, {}
        return news


def _clock(at_s: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at_s))
