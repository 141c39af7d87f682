"""What watches a run beside its screen: metrics, log and alerts, as gsmsend.toml asks (docs/monitoring.md).

The lines hand each event over and go on; all else is done on other threads. What fails here is told, and stops no
text.
"""

from __future__ import annotations

import logging
import platform
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from gsmsend import logs
from gsmsend.alerting import Ledger
from gsmsend.alerting.lines import LineBook
from gsmsend.alerting.memory import remembered
from gsmsend.cli import edge
from gsmsend.cli.lookout import Lookout
from gsmsend.cli.progress import Progress
from gsmsend.config import FILE, LogTo, Settings
from gsmsend.contract import Store
from gsmsend.engine.events import Event, Finished, Notice, ReplyFlagged
from gsmsend.errors import GsmsendError, UsageError
from gsmsend.window import Window

if TYPE_CHECKING:
    from gsmsend.alerting.desk import AlertDesk
    from gsmsend.metrics.serving import MetricsServer

_GATHER_S = 0.2
_FAREWELL_S = 10.0
"""So long the end of a run waits for its last alert to leave."""
_STOPPED = frozenset({1, 2, 5, 6})
"""Exit codes of a run that stopped by itself and should not have."""

Publish = Callable[[Event], None]


class Job(Protocol):
    """A run."""

    def standing_still(self) -> str:
        """Why it does nothing any more."""
        ...


def log_of(settings: Settings, asked: LogTo | None) -> LogTo:
    """Where the log of a run goes. Raises UsageError if it cannot go there."""
    terms = settings.logs if asked is None else replace(settings.logs, to=asked)
    return logs.where(terms, sys.stderr)


def said_in_journal(log: LogTo | None) -> bool:
    """Whether the journal would have everything twice: as the log, and as what the run says on stdout."""
    return log is LogTo.JOURNAL and logs.journal_reads(sys.stdout)


@contextmanager
def monitored(settings: Settings, store: Store, show: Publish, log: LogTo | None) -> Iterator[Monitor]:
    """While this lasts, what the run publishes to the Monitor is shown by `show`, counted, logged and minded.

    `log` is None for a run that nobody minds, such as that of one text.

    Raises UsageError, ConfigError or GuardStop if what gsmsend.toml asks for cannot be.
    """
    monitor = Monitor(show)
    try:
        if log is not None:
            monitor.begin(settings, store, log)
        yield monitor
    except BaseException as fault:
        monitor.end(fault)
        raise
    monitor.end(None)


class Monitor:
    """What the run publishes to; `attend` tells it which run that is."""

    def __init__(self, show: Publish) -> None:
        self._show = show
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._takers: dict[str, Callable[[Sequence[Event]], None]] = {}
        self._job: Job | None = None
        self._progress = Progress()
        self._book = LineBook()
        self._lookout: Lookout | None = None
        self._log: logs.RunLog | None = None
        self._desk: AlertDesk | None = None
        self._server: MetricsServer | None = None
        self._finished: Finished | None = None
        self.publish: Publish = show

    def attend(self, job: Job) -> None:
        """Ask this run whether it is alive."""
        self._job = job

    def standing_still(self) -> str:
        """Why the run does nothing any more, "" while all is well."""
        return self._job.standing_still() if self._job is not None else ""

    # -- beginning and end ------------------------------------------------------------------------------

    def begin(self, settings: Settings, store: Store, log: LogTo) -> None:
        """Set up what is asked for. Raises UsageError, ConfigError or GuardStop if it cannot be."""
        terms, alerted = settings.metrics, bool(settings.alerts.to)
        if log is not LogTo.NONE:
            self._log = logs.RunLog(log, settings.logs.level)
            self._takers["log"] = self._log.take
        if alerted:
            self._desk = self._alert_desk(settings)
        if terms.address or alerted:
            self._takers["lines"] = self._fold
            zone = (settings.window or Window()).zone
            ledger = Ledger(settings.alerts, zone, remembered(settings.folder) if alerted else None)
            self._lookout = Lookout(
                settings, store, self._book, ledger, still=self.standing_still, host=platform.node(),
                post=self._desk.post if self._desk is not None else None,
            )  # fmt: skip
            if terms.address:
                self._expose(settings, self._lookout)
        if self._takers:
            self.publish = self._hand_over
            self._thread = threading.Thread(target=self._drain, name="monitor", daemon=True)
            self._thread.start()
        if self._lookout is not None:
            self._lookout.start()
        if self._server is not None:
            self._told("info", f"Metrics are at {self._server.url}/metrics")

    def end(self, fault: BaseException | None) -> None:
        """Tell the last of it, and stop."""
        if self._thread is not None:
            self._events.put(None)
            self._thread.join(_FAREWELL_S)  # a log that nobody reads any more must not keep the run from its end
        stopped = self._stopped(fault)
        if self._lookout is not None:
            with suppress(GsmsendError):
                self._lookout.stop(stopped)
        if self._log is not None:
            if fault is not None and stopped:
                self._log.say(logging.ERROR, "broken", stopped, time.time())
            self._log.close()
        if self._desk is not None:
            self._desk.close(_FAREWELL_S)
        if self._server is not None:
            self._server.stop()

    def _stopped(self, fault: BaseException | None) -> str:
        if isinstance(fault, GsmsendError):
            return fault.words
        if isinstance(fault, Exception):
            return f"an unexpected fault ({type(fault).__name__})"
        ended = self._finished
        return ended.why if ended is not None and ended.exit_code in _STOPPED else ""

    # -- events -----------------------------------------------------------------------------------------

    def _hand_over(self, event: Event) -> None:
        self._show(event)
        self._events.put(event)

    def _drain(self) -> None:
        ended = False
        while not ended:
            batch = [self._events.get()]
            time.sleep(_GATHER_S if batch[0] is not None else 0)
            while not self._events.empty():
                batch.append(self._events.get())
            ended = None in batch
            fresh = [event for event in batch if event is not None]
            for name, take in tuple(self._takers.items()):
                try:
                    take(fresh)
                except Exception as fault:  # noqa: BLE001 - whatever it is, the texts go on
                    del self._takers[name]
                    self._broken(name, fault)

    def _broken(self, name: str, fault: Exception) -> None:
        place = "nowhere: they could not be written"
        with suppress(OSError, GsmsendError):
            place = str(edge.kept(fault))
        told = f"a bug in gsmsend: its {name} stopped (texts go on); the details are in {place}"
        self._show(Notice(time.time(), "error", told))

    def _fold(self, batch: Sequence[Event]) -> None:
        for event in batch:
            self._progress.take(event)
            self._book.take(event)
            if isinstance(event, Finished):
                self._finished = event
            elif isinstance(event, ReplyFlagged) and self._lookout is not None:
                self._lookout.wake()

    def _expose(self, settings: Settings, lookout: Lookout) -> None:
        if find_spec("prometheus_client") is None:
            raise UsageError(
                f"{settings.folder / FILE} asks for metrics, and prometheus-client is not installed",
                remedy="pip install 'gsmsend[metrics]', or take [metrics] address out.",
            )
        from gsmsend.cli.exposing import Exposed  # noqa: PLC0415 - an extra

        exposed = Exposed(settings.metrics, lookout, self._progress, self._book, self.standing_still, self._desk)
        self._server = exposed.server
        self._takers["metrics"] = exposed.take

    # -- alerts -----------------------------------------------------------------------------------------

    def _alert_desk(self, settings: Settings) -> AlertDesk:
        from gsmsend.alerting.desk import AlertDesk  # noqa: PLC0415 - only who has alerts
        from gsmsend.alerting.sending import Addresses, addresses_of, needs_extra  # noqa: PLC0415 - as above

        needs_extra()
        return AlertDesk(Addresses(addresses_of(settings)), self._told)

    def _told(self, level: str, text: str) -> None:
        self.publish(Notice(time.time(), level, text))
