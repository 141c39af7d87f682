"""The metrics of a run and whether it is alive, joined from its events and from what the lookout found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector

from gsmsend import __version__
from gsmsend.alerting.lines import LineBook
from gsmsend.cli.lookout import Lookout
from gsmsend.cli.progress import Progress
from gsmsend.config import MetricsTerms
from gsmsend.engine.events import Event
from gsmsend.logs import words
from gsmsend.metrics.recorder import Recorder
from gsmsend.metrics.serving import Health, MetricsServer
from gsmsend.metrics.standing import Letters, Sight, Snapshot, Standing

if TYPE_CHECKING:
    from gsmsend.alerting.desk import AlertDesk

_NAMED = 3


class Exposed:
    """A server that answers with all that is known; `take` counts events. `still` as in engine.run.Run.

    Raises UsageError if the address cannot be listened on.
    """

    def __init__(
        self,
        terms: MetricsTerms,
        lookout: Lookout,
        progress: Progress,
        book: LineBook,
        still: Callable[[], str],
        desk: AlertDesk | None,
    ) -> None:
        registry = CollectorRegistry()
        self._recorder = Recorder(registry)
        self._lookout, self._book, self._desk = lookout, book, desk
        sight = Sight(
            snapshot=self._snapshot, troubles=lambda: lookout.active, letters=self._letters, standing_still=still,
            time_left_s=lambda: progress.time_left_s(time.time()),
        )  # fmt: skip
        registry.register(Standing(__version__, self._recorder, sight, time.time, time.monotonic))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.server = MetricsServer(terms, registry, Health(still, self.unready))
        self.server.start()

    def take(self, batch: Sequence[Event]) -> None:
        """Count what happened."""
        self._recorder.take(batch)

    def unready(self) -> str:
        """Why nothing can be sent now, "" if it can."""
        if self._recorder.finished:
            return "the run has ended"
        if not self._recorder.started:
            return "the run is starting"
        if self._book.up:
            return ""
        lines = [f"{words(one.title)} ({words(one.why)})" for one in self._book.seen()]
        more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
        return f"no line can send: {', '.join(lines[:_NAMED])}{more}" if lines else "no line is there yet"

    def _snapshot(self) -> Snapshot | None:
        found = self._lookout
        if found.looked_s is None:
            return None
        scene = found.scene
        return Snapshot(
            found.looked_s, found.readable, scene.totals, scene.dangers, len(scene.missing),
            scene.disk_free[0] if scene.disk_free is not None else None, found.clock_facts,
            {row.name: len(row.lines) for row in found.hosts}, len(scene.lost_hosts),
        )  # fmt: skip

    def _letters(self) -> Letters:
        desk = self._desk
        return Letters(desk.sent, desk.failed, desk.waiting) if desk is not None else Letters()
