"""Frozen settings of what watches a run: `[metrics]`, `[logs]` and `[alerts]` (docs/monitoring.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class MetricsTerms:
    """Where a run answers Prometheus and supervisors: `address` is an IP address and a port, "" for nowhere.

    `others`: computers other than this one may ask, which shows them the names and counts of lines.
    """

    address: str = ""
    others: bool = False

    @property
    def host(self) -> str:
        """The IP address alone."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The TCP port; 0 takes any that is free."""
        return int(self.address.rpartition(":")[2] or 0)


class LogTo(StrEnum):
    """Where a run's log goes. `AUTO`: to the journal if systemd reads what the run says, else nowhere."""

    AUTO = "auto"
    NONE = "none"
    PLAIN = "plain"
    JSON = "json"
    JOURNAL = "journal"


class LogLevel(StrEnum):
    """From which level on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogTerms:
    """Where a run's log goes, and how much of it."""

    to: LogTo = LogTo.AUTO
    level: LogLevel = LogLevel.INFO


class Alarm(StrEnum):
    """A kind of trouble; `on` of `[alerts]` names those that are told."""

    DANGER = "danger"  # a reply suggests danger to life, and nobody has looked at it
    STOPPED = "stopped"  # a run ended by a guard, a fault, or for want of a route
    STILL = "standing still"  # a run goes on, and does nothing any more
    STORE = "store"  # the store cannot be read, or is an older copy
    VERIFY = "verify"  # `gsmsend verify` found something
    HOST = "host"  # a host has not been heard of for longer than its leases last
    ALL_LINES = "all lines"  # no line can send
    LINE = "line"  # a line is out of use
    SICK = "sick line"  # a line works, and badly
    MISSING = "missing line"  # texts wait for a line that was not plugged in
    UNCERTAIN = "uncertain"  # texts that may or may not have gone out
    HELD = "held"  # texts that wait for a decision
    FALLBACK = "fallback"  # a fallback carries texts, or is not ready while its line is out
    BUDGET = "budget"  # a fallback's budget is spent
    DISK = "disk"  # the disk is nearly full
    CLOCK = "clock"  # this computer's clock is wrong
    FAILED = "failed"  # texts that were not sent
    DONE = "done"  # a campaign has nothing left to send


@dataclass(frozen=True, slots=True)
class AlertTerms:
    """Who is told of trouble: `to` names secrets, each the address (a URL of apprise) of somebody or a service.

    `on`: which kinds. `line_s`: so long must a line have been out of use. From `quiet_from` to `quiet_to` only
    what cannot wait is told. `per_hour` messages at most. `disk_bytes`: less free than that is nearly full.
    `clock_s`: the most that the clock may be off. `over`: tell also that it is over.
    """

    to: tuple[str, ...] = ()
    on: frozenset[Alarm] = frozenset(Alarm) - {Alarm.FAILED}
    line_s: float = 300.0
    quiet_from: time | None = None
    quiet_to: time | None = None
    per_hour: int = 12
    disk_bytes: float = 500e6
    clock_s: float = 2.0
    over: bool = True
