"""The way of a text through the queue: claimed, attempts opened and closed, and the pure rules in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gsmsend.contract.numbers import Tried
from gsmsend.contract.replies import ReplyReading
from gsmsend.model import Outcome, OutcomeKind, Report, ReportOutcome, State


@dataclass(frozen=True, slots=True)
class PartToSend:
    """A part not yet accepted: its number, 1..n, and how often it was tried."""

    seq: int
    tries: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message taken off the queue for one line; `parts` are those still to send, in order."""

    message_id: int
    number: str
    text: str
    total: int
    parts: tuple[PartToSend, ...]
    campaign_id: int = 0


@dataclass(frozen=True, slots=True)
class AttemptOpen:
    """The intent to send one part: on disk before anything goes on air; `raw`, what is handed to the route.

    `key` is our own name for the attempt, where its route can be asked for it (Submission.key). `whole`: the whole
    text goes with it (WholeTexts); once it is accepted, all parts of its text are.
    """

    message_id: int
    seq: int
    line_id: int
    at_s: float
    raw: str = field(default="", repr=False)
    key: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class AttemptClose:
    """What came of an attempt, and the message's next state.

    `counts` is False if it is no try of the text (the line had no network).
    `state` is one of SENDING (more parts to go), SENT, QUEUED (due again at `due_at_s`), FAILED, UNCERTAIN.
    """

    attempt_id: int
    message_id: int
    seq: int
    total: int
    line_id: int
    outcome: Outcome
    at_s: float
    state: State
    why: str = ""
    due_at_s: float | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class InDoubt:
    """An unknown attempt whose route can be asked for it by `key`; `total`: so many parts has its text."""

    attempt_id: int
    message_id: int
    seq: int
    total: int
    key: str
    opened_at_s: float


@dataclass(frozen=True, slots=True)
class Advanced:
    """The new attempt's id, None if none was opened; `state`, what the closed attempt's message is now.

    `withheld`: the attempt asked for may not be opened; what its message is now, and `why` in plain English.
    `fenced`: it may not because this host was taken for dead (FenceLost).
    """

    attempt_id: int | None
    state: State | None
    withheld: State | None = None
    why: str = ""
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part that a report may be about. `attempt_id` orders candidates by when they were sent."""

    message_id: int
    seq: int
    attempt_id: int
    number: str


@dataclass(frozen=True, slots=True)
class PartView:
    """What is known of one part, for the rules that decide its message's state."""

    seq: int
    outcome: OutcomeKind | None
    report: ReportOutcome | None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a stop left: attempts that became unknown, messages given back.

    `cut_off_s` says when each such attempt was opened, by the address of the device it was given to; not of those
    that their route is asked for by key.
    """

    uncertain: int
    freed: int
    cut_off_s: dict[str, float]


class Rules(Protocol):
    """The pure decisions that a store must make inside its transactions; `gsmsend.engine.rules` has them."""

    def check(self, old: State, new: State) -> None:
        """Raise IllegalMove unless the lifecycle lists the move."""
        ...

    def choose(self, report: Report, candidates: Sequence[Candidate]) -> Candidate | None:
        """The part that a report is about, or None: same recipient, newest unanswered first."""
        ...

    def follows(self, reference: int, before: int, after: int | None, gap: int) -> bool:
        """Whether a TP-MR fits between those of the accepted attempts before and after, `gap` steps at most."""
        ...

    def never_left(self, tries: Sequence[Tried], quiet_s: float) -> list[int]:
        """The unknown attempts that the TP-MRs of the accepted ones around them prove not sent."""
        ...

    def settle(self, parts: Sequence[PartView]) -> State | None:
        """The state that all reports so far give a fully sent message, or None while it stays `sent`."""
        ...

    def outcome_of(self, status: int) -> ReportOutcome:
        """The meaning of a raw TP-Status."""
        ...

    def read_reply(self, text: str) -> ReplyReading:
        """What a received text says, and the acknowledgement that it gets."""
        ...

    def e164(self, sender: str) -> str | None:
        """A sender's number in E.164; None for a name, a short code, or what is no number."""
        ...

    def same_recipient(self, sent_to: str, sender: str) -> bool:
        """Whether a sender, in whatever form, is the number in E.164 that was texted."""
        ...
