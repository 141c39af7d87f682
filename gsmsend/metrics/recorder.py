"""From the events of a run to counters, histograms and what its lines are at.

Counters begin at 0 with each run, as Prometheus expects; every label that a line can have is there from its first
event on, so that the first text counts too. What must be right over restarts is read from the store (`Standing`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from gsmsend.engine.events import (
    Event,
    Finished,
    HealthChanged,
    HeldBack,
    InboundArrived,
    LineChanged,
    MessageMoved,
    Notice,
    OptedOut,
    PartAnswered,
    ReplyFlagged,
    ReportArrived,
    Started,
)
from gsmsend.masking import mask_words
from gsmsend.metrics.catalogue import BY_NAME, LEVELS, LINE_STATES, METRICS, OTHER, VALUES, Kind
from gsmsend.model import OutcomeKind, Registration, ReportOutcome, State

UP = frozenset({"ready", "sending", "waiting"})
"""States of a line that can send, or does."""
_MOST_LINES = 1000
"""A bench has 64; what comes after so many is counted together."""
_MOST_AWAITED = 16_384
"""Parts whose reports are waited for to the second; of older ones a report is counted, its delay is not."""
_FINAL = frozenset({ReportOutcome.DELIVERED, ReportOutcome.UNDELIVERED})
_RECKONED = frozenset({"gsmsend_line_busy_seconds", "gsmsend_alert_letters_sent", "gsmsend_alert_letters_failed"})
"""Counters that are reckoned when they are asked for."""


@dataclass(slots=True)
class _Line:
    """One line by its label. `address`: where it is, "" for nowhere; `busy_s`: till `since_s`, its last event."""

    address: str = ""
    name: str = ""
    state: str = "opening"
    since_s: float = 0.0
    busy_s: float = 0.0
    shown_busy_s: float = 0.0
    signal_dbm: int | None = None
    registration: Registration = Registration.UNKNOWN
    temperature_c: float | None = None
    health: float | None = None


class Recorder:
    """`take` every event in order, on one thread; what is shown may be asked for on any."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._titles: dict[str, str] = {}
        self._accepted: OrderedDict[tuple[int, int], float] = OrderedDict()
        self._counters = {
            metric.name: Counter(metric.name, metric.help, metric.labels, registry=registry)
            for metric in METRICS
            if metric.kind is Kind.COUNTER and metric.name not in _RECKONED
        }
        self._histograms = {
            metric.name: Histogram(
                metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets
            )
            for metric in METRICS
            if metric.kind is Kind.HISTOGRAM
        }
        self.started = self.finished = self.held_back = False
        for level in LEVELS:
            self._counters["gsmsend_notices"].labels(level)
        for state in State:
            self._counters["gsmsend_message_moves"].labels(state.value)

    # -- what happened ----------------------------------------------------------------------------------

    def take(self, events: Iterable[Event]) -> None:
        """Count what happened."""
        with self._lock:
            for event in events:
                self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case MessageMoved():
                self._counters["gsmsend_message_moves"].labels(event.new.value).inc()
            case PartAnswered():
                self._part(event)
            case ReportArrived():
                self._report(event)
            case LineChanged():
                self._line(event)
            case HealthChanged():
                self._health(event)
            case InboundArrived():
                self._count("gsmsend_inbound", event.line)
            case ReplyFlagged():
                self._count("gsmsend_replies_flagged", event.line)
            case OptedOut():
                self._count("gsmsend_opt_outs", event.line)
            case _:
                self._run(event)

    def _run(self, event: Event) -> None:
        """What is not of one line or text."""
        if isinstance(event, Notice):
            self._counters["gsmsend_notices"].labels(_listed(event.level, LEVELS)).inc()
        elif isinstance(event, HeldBack):
            self.held_back = bool(event.why)
        elif isinstance(event, Started):
            self.started = True
        elif isinstance(event, Finished):
            self.finished = True

    def _line(self, event: LineChanged) -> None:
        if event.state == "removed":  # it is there no more, or its SIM is in another device
            for one in self._lines.values():
                if one.address == event.address:
                    one.busy_s, one.state, one.address = _busy_s(one, event.at_s), "stopped", ""
            return
        if not event.known_as and event.name == event.address:
            return  # not known yet whose SIM it is: a port's name is no line's
        title = self._titles[event.name] = self._title(event.known_as or event.name)
        line = self._lines[title]
        line.busy_s = _busy_s(line, event.at_s)
        line.address, line.name, line.state, line.since_s = event.address, event.name, event.state, event.at_s
        if event.facts is not None:
            line.signal_dbm, line.registration = event.facts.signal_dbm, event.facts.registration
            line.temperature_c = event.facts.temperature_c

    def _health(self, event: HealthChanged) -> None:
        line = self._lines[self._of(event.line)]
        line.health = event.score / 100
        if event.temperature_c is not None:
            line.temperature_c = event.temperature_c

    def _part(self, event: PartAnswered) -> None:
        outcome, line = event.outcome, self._of(event.line)
        self._counters["gsmsend_parts"].labels(line, outcome.kind.value).inc()
        if outcome.kind is OutcomeKind.REFUSED:
            refusal = outcome.refusal.value if outcome.refusal is not None else OTHER
            self._counters["gsmsend_refusals"].labels(line, refusal).inc()
        if event.took_s is not None:
            self._histograms["gsmsend_submission_seconds"].labels(line).observe(event.took_s)
        if outcome.kind is OutcomeKind.ACCEPTED:
            self._accepted[event.message_id, event.seq] = event.at_s
            if len(self._accepted) > _MOST_AWAITED:
                self._accepted.popitem(last=False)

    def _report(self, event: ReportArrived) -> None:
        line = self._of(event.line)
        self._counters["gsmsend_reports"].labels(line, event.outcome.value).inc()
        if event.message_id is None or event.seq is None:
            self._count("gsmsend_reports_unmatched", event.line)
        elif event.outcome in _FINAL:
            accepted_s = self._accepted.pop((event.message_id, event.seq), None)
            if accepted_s is not None:
                delay_s = max(0.0, event.at_s - accepted_s)
                self._histograms["gsmsend_report_delay_seconds"].labels(line).observe(delay_s)

    def _count(self, name: str, line: str) -> None:
        self._counters[name].labels(self._of(line)).inc()

    def _of(self, name: str) -> str:
        """The label of the line that the store knows by this name."""
        return self._titles.get(name) or self._title(name)

    def _title(self, name: str) -> str:
        """A line's label, with all its counters at 0 once it is there."""
        title = mask_words(name)
        if title not in self._lines and len(self._lines) >= _MOST_LINES:
            title = OTHER
        if title not in self._lines:
            self._lines[title] = _Line()
            for metric, made in (*self._counters.items(), *self._histograms.items()):
                match BY_NAME[metric].labels:
                    case ("line",):
                        made.labels(title)
                    case ("line", more):
                        for value in VALUES[more]:
                            made.labels(title, value)
        return title

    # -- what is so now ---------------------------------------------------------------------------------

    @property
    def up(self) -> int:
        """How many lines can send, or do."""
        with self._lock:
            return sum(line.state in UP for line in self._lines.values())

    def collect(self, now_s: float) -> Iterator[Metric]:
        """Metrics of the lines as they are now. Of one that is nowhere only what it has done."""
        with self._lock:
            lines = [(title, line) for title, line in self._lines.items() if line.address]
            busy = [(title, _shown_busy_s(line, now_s)) for title, line in self._lines.items()]
        up, state, registration, signal, warm, health = (
            _gauge(name)
            for name in (
                "gsmsend_line_up", "gsmsend_line_state", "gsmsend_line_registration", "gsmsend_line_signal_dbm",
                "gsmsend_line_temperature_celsius", "gsmsend_line_health_ratio",
            )
        )  # fmt: skip
        for title, line in lines:
            up.add_metric([title], line.state in UP)
            _set(state, title, LINE_STATES, _listed(line.state, LINE_STATES))
            _set(registration, title, VALUES["registration"], line.registration.value)
            for family, value in ((signal, line.signal_dbm), (warm, line.temperature_c), (health, line.health)):
                if value is not None:
                    family.add_metric([title], value)
        yield from (up, state, registration, signal, warm, health)
        worked = BY_NAME["gsmsend_line_busy_seconds"]
        seconds = CounterMetricFamily(worked.name, worked.help, labels=worked.labels)
        for title, busy_s in busy:
            seconds.add_metric([title], busy_s)
        yield seconds


def _busy_s(line: _Line, now_s: float) -> float:
    """With the text that is going out now."""
    return line.busy_s + (max(0.0, now_s - line.since_s) if line.state == "sending" else 0.0)


def _shown_busy_s(line: _Line, now_s: float) -> float:
    """The same, and never less than was shown before: an event may have been read a moment after it happened."""
    line.shown_busy_s = max(line.shown_busy_s, _busy_s(line, now_s))
    return line.shown_busy_s


def _gauge(name: str) -> GaugeMetricFamily:
    metric = BY_NAME[name]
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)


def _set(family: GaugeMetricFamily, title: str, values: tuple[str, ...], now: str) -> None:
    for value in values:
        family.add_metric([title, value], value == now)


def _listed(value: str, values: tuple[str, ...]) -> str:
    return value if value in values else OTHER
