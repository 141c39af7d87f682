"""What a run tells those who watch it: values, published from any thread, shown by the screen or as JSON.

Nothing here carries a recipient's text; numbers are masked by whoever shows them. Every event is published
only after what it tells is on disk.
"""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.model import Facts, Outcome, ReportOutcome, State


@dataclass(frozen=True, slots=True)
class Started:
    """The run began: how many messages are in each state."""

    at_s: float
    totals: dict[State, int]


@dataclass(frozen=True, slots=True)
class LineChanged:
    """A line is up, down, or doing something else.

    `state` is one of: opening, ready, sending, waiting, no network, recovering, stopped; removed, where
    nothing is at that address any more. `why` is plain English.
    `name` is the address until the SIM is known, then the line's name in the store; `address` never changes.
    `known_as` is the `[line.NAME]` of gsmsend.toml that it is, or empty.
    """

    at_s: float
    address: str
    name: str
    state: str
    doing: str
    why: str
    sent: int
    facts: Facts | None
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class PartAnswered:
    """An attempt was closed; `took_s` after it was begun to be handed over."""

    at_s: float
    line: str
    message_id: int
    number: str
    seq: int
    total: int
    outcome: Outcome
    took_s: float | None = None


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """How well a line does, where that changed by more than a little.

    `score` is 0 to 100, `grade` well, weak or sick; `reasons` are plain English, what costs most first. `line` is
    its name in the store.
    """

    at_s: float
    line: str
    score: int
    grade: str
    reasons: tuple[str, ...]
    signal_dbm: int | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True)
class MessageMoved:
    """A message changed its state. `why` is plain English, empty where the state says it all."""

    at_s: float
    message_id: int
    number: str
    old: State
    new: State
    why: str


@dataclass(frozen=True, slots=True)
class ReportArrived:
    """A status report was kept; `message_id` is None while no part matches it."""

    at_s: float
    line: str
    message_id: int | None
    seq: int | None
    outcome: ReportOutcome
    status: int


@dataclass(frozen=True, slots=True)
class InboundArrived:
    """A text came in; its words are in the inbox only."""

    at_s: float
    line: str
    sender: str


@dataclass(frozen=True, slots=True)
class ReplyFlagged:
    """A reply suggests danger to somebody's life: a person must read it now. Its words are in the inbox only.

    `reply_id` names it there; `message_id` is the message that it answers, None if that is nobody's text.
    """

    at_s: float
    line: str
    sender: str
    reply_id: int
    message_id: int | None


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A person wants no more texts; `stopped` texts to them will not be sent. `doubtful`: a person should look."""

    at_s: float
    line: str
    sender: str
    reply_id: int
    stopped: int
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should read now. `level` is `info`, `warning` or `error`."""

    at_s: float
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What keeps every text that is left from leaving now, in plain English; `why` is empty once nothing does."""

    at_s: float
    why: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Messages by state as the store has them: drafts were let go, or people changed the queue elsewhere."""

    at_s: float
    totals: dict[State, int]


@dataclass(frozen=True, slots=True)
class HeadSigned:
    """The head of the audit log was signed: that of entry `number`, `short` to write into a notebook.

    `to_note`: a person should be told now; the last one of a run is in its summary.
    """

    at_s: float
    number: int
    short: str
    to_note: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The run ended."""

    at_s: float
    totals: dict[State, int]
    exit_code: int
    why: str


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """An acknowledgement of a reply was queued, as a message of its own."""

    at_s: float
    message_id: int
    number: str
    reply_id: int


Event = (
    Started | LineChanged | PartAnswered | MessageMoved | ReportArrived | InboundArrived | ReplyFlagged | OptedOut
    | Acknowledging | HealthChanged | Notice | HeldBack | Counted | HeadSigned | Finished
)  # fmt: skip
