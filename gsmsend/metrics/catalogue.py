"""Every metric by name: what it is, its labels, its words. docs/monitoring.md and hw/ are held to this list."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gsmsend.config import Alarm
from gsmsend.model import OutcomeKind, Refusal, Registration, ReportOutcome, State

OTHER = "other"
"""A value that is in no list, or a line beyond the most that are told apart."""
LINE_STATES = (
    "opening", "ready", "sending", "waiting", "no network", "recovering", "quarantined", "barred", "closed",
    "stopped", OTHER,
)  # fmt: skip
LEVELS = ("info", "warning", "error", OTHER)
VALUES: dict[str, tuple[str, ...]] = {
    "outcome": tuple(one.value for one in OutcomeKind),
    "refusal": (*(one.value for one in Refusal), OTHER),
    "report": tuple(one.value for one in ReportOutcome),
    "registration": tuple(one.value for one in Registration),
    "level": LEVELS,
    "kind": tuple(one.value for one in Alarm),
    "state": (*(one.value for one in State), *LINE_STATES),
}
"""What a label can be; `line`, `host` and `version` are names, as many as there are."""


class Kind(StrEnum):
    """Prometheus's types."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` without the `_total` of a counter, as prometheus-client has it."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def shown(self) -> str:
        """The name as it stands in queries."""
        return f"{self.name}_total" if self.kind is Kind.COUNTER else self.name


SUBMISSION_S = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0)
REPORT_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0)

_LINE = ("line",)
_C, _G, _H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM
METRICS: tuple[Metric, ...] = (
    # -- the run
    Metric("gsmsend_build_info", _G, "Always 1; the version of gsmsend is the label.", ("version",)),
    Metric("gsmsend_run_alive", _G, "1 while the run goes round, 0 if it stands still."),
    Metric("gsmsend_run_ready", _G, "1 while the run is up and at least one line can send."),
    Metric("gsmsend_run_held_back", _G, "1 while something keeps every text that is left from leaving."),
    Metric("gsmsend_notices", _C, "Things that the run told a person, by level.", ("level",)),
    # -- texts
    Metric("gsmsend_messages", _G, "Texts of the operation by state.", ("state",)),
    Metric("gsmsend_message_moves", _C, "Texts that came into a state in this run.", ("state",)),
    Metric("gsmsend_queue_time_left_seconds", _G, "How long the queue takes at the pace of the last texts."),
    Metric("gsmsend_danger_replies", _G, "Replies that suggest danger to life and that nobody has looked at."),
    Metric("gsmsend_missing_lines", _G, "Lines that texts wait for and that were not plugged in yet."),
    # -- lines
    Metric("gsmsend_line_up", _G, "1 while a line can send, or does.", _LINE),
    Metric("gsmsend_line_state", _G, "1 for the state that a line is in.", ("line", "state")),
    Metric("gsmsend_line_registration", _G, "1 for how a line is registered.", ("line", "registration")),
    Metric("gsmsend_line_signal_dbm", _G, "Signal strength of a line in dBm, where it is known.", _LINE),
    Metric("gsmsend_line_temperature_celsius", _G, "Temperature of a line's modem, where it tells.", _LINE),
    Metric("gsmsend_line_health_ratio", _G, "How well a line works, from 0 to 1.", _LINE),
    Metric("gsmsend_line_busy_seconds", _C, "Time that a line spent sending.", _LINE),
    Metric("gsmsend_parts", _C, "Parts of texts that were handed over, by what came of it.", ("line", "outcome")),
    Metric("gsmsend_refusals", _C, "Parts that were refused, by the kind of refusal.", ("line", "refusal")),
    Metric("gsmsend_submission_seconds", _H, "Time from handing a part over to the answer.", _LINE, SUBMISSION_S),
    Metric("gsmsend_reports", _C, "Delivery reports, by what they say.", ("line", "report")),
    Metric("gsmsend_reports_unmatched", _C, "Delivery reports that match no text yet.", _LINE),
    Metric(
        "gsmsend_report_delay_seconds", _H, "Time from a part's acceptance to its final report.", _LINE, REPORT_S
    ),
    Metric("gsmsend_inbound", _C, "Received parts of texts.", _LINE),
    Metric("gsmsend_replies_flagged", _C, "Replies that suggest danger to life.", _LINE),
    Metric("gsmsend_opt_outs", _C, "Replies by which a person wants no more texts.", _LINE),
    # -- what is wrong
    Metric("gsmsend_troubles", _G, "What is wrong now, by kind.", ("kind",)),
    Metric("gsmsend_alert_letters_sent", _C, "Alerts that an address took."),
    Metric("gsmsend_alert_letters_failed", _C, "Tries to send an alert that an address did not take."),
    Metric("gsmsend_alert_letters_waiting", _G, "Alerts that are still to be sent."),
    # -- store and computer
    Metric("gsmsend_store_up", _G, "1 if the store could be read at the last look."),
    Metric("gsmsend_store_look_age_seconds", _G, "How long ago the store was read for what stands here."),
    Metric("gsmsend_disk_free_bytes", _G, "Free space of the disk that the operation is on."),
    Metric("gsmsend_clock_synchronised", _G, "1 if a time service keeps the clock in step, where it is known."),
    Metric("gsmsend_clock_error_seconds", _G, "The most that the clock may be off, where it is known."),
    Metric("gsmsend_hosts_lost", _G, "Hosts of this operation that are not heard of any more."),
    Metric("gsmsend_host_lines", _G, "Lines that a host holds.", ("host",)),
)
BY_NAME = {metric.name: metric for metric in METRICS}
