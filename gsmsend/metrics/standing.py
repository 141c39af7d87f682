"""What is so now, as metrics: what was read from the store last, the lines, what is wrong, the computer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gsmsend.alerting import Trouble
from gsmsend.clockfacts import ClockFacts
from gsmsend.masking import mask_words
from gsmsend.metrics.catalogue import BY_NAME, VALUES
from gsmsend.metrics.recorder import Recorder
from gsmsend.model import State


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one look found. `steady_s`: when, by a clock that nobody sets. None and empty: not known, or none.

    `readable`: the store could be read; where it could not, counts are those of the last look that could.
    """

    steady_s: float
    readable: bool = True
    totals: Mapping[State, int] = field(default_factory=dict)
    dangers: int = 0
    missing: int = 0
    disk_free: float | None = None
    clock: ClockFacts | None = None
    host_lines: Mapping[str, int] = field(default_factory=dict)
    hosts_lost: int = 0


@dataclass(frozen=True, slots=True)
class Letters:
    """What became of alerts so far."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(slots=True)
class Sight:
    """Where what is so now is asked for; each is asked once for each scrape, and waits for nothing."""

    snapshot: Callable[[], Snapshot | None] = lambda: None
    troubles: Callable[[], Sequence[Trouble]] = tuple
    letters: Callable[[], Letters] = Letters
    standing_still: Callable[[], str] = str
    time_left_s: Callable[[], float | None] = lambda: None


class Standing(Collector):
    """A collector of prometheus-client over `sight`; `now_s` is the computer's clock, `steady_s` a steady one."""

    def __init__(
        self,
        version: str,
        recorder: Recorder,
        sight: Sight,
        now_s: Callable[[], float],
        steady_s: Callable[[], float],
    ) -> None:
        self._version = version
        self._recorder = recorder
        self._sight = sight
        self._now_s = now_s
        self._steady_s = steady_s

    def collect(self) -> Iterator[Metric]:
        """All of it. A number that is not known is left out."""
        recorder, sight = self._recorder, self._sight
        still = bool(sight.standing_still())
        up = recorder.up
        running = recorder.started and not recorder.finished
        info = _family("gsmsend_build_info")
        info.add_metric([self._version], 1)
        yield info
        yield _one("gsmsend_run_alive", not still)
        yield _one("gsmsend_run_ready", running and up > 0 and not still)
        yield _one("gsmsend_run_held_back", recorder.held_back)
        left_s = sight.time_left_s()
        if left_s is not None:
            yield _one("gsmsend_queue_time_left_seconds", left_s)
        yield from recorder.collect(self._now_s())
        yield from self._troubles()
        snapshot = sight.snapshot()
        if snapshot is not None:
            yield from self._read(snapshot)

    def _troubles(self) -> Iterator[Metric]:
        counts = Counter(one.kind.value for one in self._sight.troubles())
        family = _family("gsmsend_troubles")
        for kind in VALUES["kind"]:
            family.add_metric([kind], counts[kind])
        yield family
        letters = self._sight.letters()
        for name, count in (
            ("gsmsend_alert_letters_sent", letters.sent), ("gsmsend_alert_letters_failed", letters.failed)
        ):  # fmt: skip
            yield CounterMetricFamily(name, BY_NAME[name].help, value=count)
        yield _one("gsmsend_alert_letters_waiting", letters.waiting)

    def _read(self, found: Snapshot) -> Iterator[Metric]:
        yield _one("gsmsend_store_up", found.readable)
        yield _one("gsmsend_store_look_age_seconds", max(0.0, self._steady_s() - found.steady_s))
        if found.totals:
            messages = _family("gsmsend_messages")
            for state in State:
                messages.add_metric([state.value], found.totals.get(state, 0))
            yield messages
            yield _one("gsmsend_danger_replies", found.dangers)
            yield _one("gsmsend_missing_lines", found.missing)
        if found.disk_free is not None:
            yield _one("gsmsend_disk_free_bytes", found.disk_free)
        if found.clock is not None and found.clock.synchronised is not None:
            yield _one("gsmsend_clock_synchronised", found.clock.synchronised)
        if found.clock is not None and found.clock.error_ms is not None:
            yield _one("gsmsend_clock_error_seconds", found.clock.error_ms / 1000)
        if found.host_lines:
            yield _one("gsmsend_hosts_lost", found.hosts_lost)
            lines = _family("gsmsend_host_lines")
            for host, count in found.host_lines.items():
                lines.add_metric([mask_words(host)], count)
            yield lines


def _family(name: str) -> GaugeMetricFamily:
    metric = BY_NAME[name]
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)


def _one(name: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, BY_NAME[name].help, value=value)
