"""What a store tells people: lines, messages with their parts, received texts; and what came of a report."""

from __future__ import annotations

from dataclasses import dataclass, field

from gsmsend.model import OutcomeKind, ReportOutcome, State


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a report: the message it matched and that message's move, or nothing (kept unmatched).

    `number` is whom that was to, where the report does not say so.
    """

    message_id: int | None
    seq: int | None
    outcome: ReportOutcome
    old: State | None = None
    new: State | None = None
    repeated: bool = False
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as the store knows it.

    `account` is what makes it where there is no SIM; `cloud`: its texts do not bear the number that people know;
    `virtual`: no radio is behind it.
    """

    line_id: int
    name: str
    iccid: str | None
    imsi: str | None
    imei: str | None
    device: str
    number: str | None
    state: str
    signal_dbm: int | None
    operator: str
    sent: int
    why: str
    driver: str = ""
    account: str = ""
    cloud: bool = False
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as people see it; the fields of `messages --json`.

    `handle` is what a route without TP-MR calls it, `said` that route's own word of what became of it.
    """

    seq: int
    line: str | None
    reference: int | None
    outcome: str | None
    cms_error: int | None
    report: str | None
    tp_status: int | None
    attempts: int
    handle: str | None = None
    said: str | None = None

    @property
    def given_status(self) -> int | None:
        """The TP-Status as it was given (TS 23.040 9.2.3.15); None where a provider has its own words instead.

        `tp_status` is then the one that gsmsend reads those words as.
        """
        own_word = self.said and not self.said.startswith("TP-Status ")
        return None if own_word else self.tp_status


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as people see it; `fallback`: it goes, or went, over its campaign's fallback, in that wording."""

    message_id: int
    number: str
    state: State
    why: str
    text: str
    due_at_s: float
    parts: tuple[PartRow, ...]
    fallback: bool = False

    @property
    def sent_in_part(self) -> bool:
        """Whether it failed after some of its parts had gone out."""
        return self.state is State.FAILED and any(part.outcome == OutcomeKind.ACCEPTED for part in self.parts)


@dataclass(frozen=True, slots=True)
class InboundRow:
    """A received text, joined from its parts where they are all there."""

    line: str
    sender: str
    text: str
    received_at_s: float
    parts: int
    complete: bool


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """`matched` and `unmatched` reports, and parts still `waiting` for one."""

    matched: int
    unmatched: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A named person settles an uncertain message."""

    message_id: int
    as_sent: bool
    reason: str
    person: str
    at_s: float
