"""What a store is: the queue, its attempts, reports and lines, each method one transaction.

Methods that are on the way of a text return a `Future`, resolved once the change is on disk (committed and
synced), so that one sync serves all lines that wait for it. The others block. Changes are made in the order in
which they were handed over: a blocking one returns after every future before it has called its callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract.approvals import Approvals, ApprovalsView
from gsmsend.contract.campaigns import CampaignStore, CampaignViews
from gsmsend.contract.numbers import Numbers, Tried
from gsmsend.contract.replies import Received, ReplyReading, ReplyStore, ReplyView
from gsmsend.contract.results import ResultsDesk, ResultsView
from gsmsend.contract.suppression import SuppressionStore, SuppressionView
from gsmsend.model import Device, Evidence, Inbound, Outcome, OutcomeKind, Report, ReportOutcome, Sim, State


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One accepted row. `number` is E.164; `row` the row number in its source, from 1.

    `place` is the sheet or section of the source, `original` the number as it stood there, `kind` what the row is
    (list, contact, call, message, phonebook), `seen` how often it stood there, `at_s` when it was seen.
    """

    number: str
    text: str
    row: int
    segments: int
    place: str = ""
    original: str = ""
    kind: str = "list"
    seen: int = 1
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused row: where, the value as it stood there, and why in plain English."""

    row: int
    value: str
    why: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """Where rows come from. `digest` (hex SHA-256 of file and text) makes a second import of it a no-op.

    `person` asked for it. `line` is the `[line.NAME]` that its people know and wait for, empty for any. `draft`:
    its messages wait for the campaign's approval. `gap_s` is the least time since a text of another campaign.
    """

    name: str
    digest: str
    campaign: str
    at_s: float
    person: str = ""
    line: str = ""
    draft: bool = False
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows: rows = accepted + duplicates + refused.

    `other_text`: of the refused, those whose person is in this campaign already with another text. `suppressed`:
    of the accepted, those who must not be texted. Of the duplicates, in people: `on_both` were in another source
    with another line, `elsewhere` in another source, `earlier` have a text of an earlier campaign.
    """

    accepted: int
    duplicates: int
    refused: int
    repeated: bool = False
    first_id: int | None = None
    other_text: int = 0
    suppressed: int = 0
    on_both: int = 0
    elsewhere: int = 0
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """Why a person is on the list: a row of a source that led to their message, or was found to be the same."""

    source: str
    place: str
    row: int
    original: str
    kind: str
    seen: int = 1
    first_s: float | None = None
    last_s: float | None = None
    line: str = ""


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
    """The intent to send one part: on disk before anything goes on air."""

    message_id: int
    seq: int
    line_id: int
    at_s: float


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
class Advanced:
    """The new attempt's id, None if none was opened; `state`, what the closed attempt's message is now.

    `withheld`: the attempt asked for may not be opened; what its message is now, and `why` in plain English.
    """

    attempt_id: int | None
    state: State | None
    withheld: State | None = None
    why: str = ""


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

    `cut_off_s` says when each such attempt was opened, by the address of the device it was given to.
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


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a report: the message it matched and that message's move, or nothing (kept unmatched)."""

    message_id: int | None
    seq: int | None
    outcome: ReportOutcome
    old: State | None = None
    new: State | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as the store knows it."""

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


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as people see it; the fields of `messages --json`."""

    seq: int
    line: str | None
    reference: int | None
    outcome: str | None
    cms_error: int | None
    report: str | None
    tp_status: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as people see it."""

    message_id: int
    number: str
    state: State
    why: str
    text: str
    due_at_s: float
    parts: tuple[PartRow, ...]

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


class StoreView(SuppressionView, ApprovalsView, ResultsView, CampaignViews, ReplyView, Protocol):
    """What can be asked of a store that is only looked at; the same questions that a Store answers."""

    def totals(self) -> dict[State, int]: ...

    def lines(self) -> list[LineRow]: ...

    def messages(self, *states: State, message_id: int | None = None) -> Iterator[MessageRow]: ...

    def inbox(self) -> list[InboundRow]: ...

    def sightings(self, message_id: int) -> list[Sighting]: ...

    def report_counts(self) -> ReportCounts: ...

    def sent_times(self, line_id: int, since_s: float) -> list[float]: ...

    def close(self) -> None: ...


class Store(Numbers, SuppressionStore, Approvals, ResultsDesk, CampaignStore, ReplyStore, Protocol):
    """The durable queue. Every method is one transaction."""

    def add(
        self,
        source: ImportSource,
        rows: Iterable[NewMessage | Refused],
        *,
        one_text_each: bool = False,
        refuse: Callable[[Refused], None] | None = None,
    ) -> ImportResult:
        """Queue the rows of one import; the same number and text in one campaign is queued once.

        With `one_text_each` rows for a person who has had, or may yet have, another text of this store are
        refused, each told to `refuse`. Such an import is no no-op when it comes again.
        """
        ...

    def claim(self, line_id: int, limit: int, now_s: float, without: Sequence[int] = ()) -> Future[list[Claimed]]:
        """Take up to `limit` due messages for a line (its own first): queued becomes sending.

        Those of the campaigns `without` are left out.
        """
        ...

    def release(self, message_ids: Sequence[int], now_s: float) -> Future[None]:
        """Give claimed messages back: sending becomes queued, or what a message becomes that must stop."""
        ...

    def advance(self, close: AttemptClose | None, intent: AttemptOpen | None) -> Future[Advanced]:
        """Close one attempt and open the next, together; none is opened for a message that may not leave now."""
        ...

    def drop(self, message_id: int, why: str, now_s: float) -> Future[None]:
        """A claimed message that cannot be sent at all: sending becomes failed."""
        ...

    def settle_last(self, line_id: int, outcome: Outcome, by: Evidence, now_s: float) -> Future[int | None]:
        """Evidence of what came of this line's last attempt, if that is unknown; the message id it settled."""
        ...

    def record_report(self, line_id: int, report: Report, now_s: float) -> Future[Arrival]:
        """Keep a report and match it to its part."""
        ...

    def record_inbound(self, line_id: int, inbound: Inbound, now_s: float) -> Future[Received]:
        """Keep a received part with what it answers and says; falsy if the very same was kept before.

        An opt-out takes effect in the same transaction, and an acknowledgement is queued in it.
        """
        ...

    def line(self, sim: Sim, device: Device, now_s: float) -> LineRow:
        """The line for this SIM, made if it is new."""
        ...

    def line_state(self, line_id: int, state: str, why: str, signal_dbm: int | None, operator: str) -> None:
        """What a line is doing, for `status` in another process."""
        ...

    def explain(self, message_id: int, why: str) -> Future[None]:
        """Say what is known of an uncertain message, in plain English."""
        ...

    def recover(self, now_s: float) -> Recovered:
        """After a stop of any kind: open attempts become unknown, claimed messages free.

        It does what `clock_set_back` does, should that have happened meanwhile.
        """
        ...

    def clock_set_back(self, now_s: float) -> int:
        """The clock was set back: waits that were reckoned from it begin now. How many."""
        ...

    def expire(self, before_s: float, now_s: float) -> int:
        """Messages sent before `before_s` with no final report become unconfirmed. How many."""
        ...

    def resolve(self, decision: Decision) -> State:
        """Settle an uncertain message. The state it has now. Raises UsageError if it is not uncertain."""
        ...

    def note(self, person: str, what: str, reason: str, now_s: float) -> None:
        """Keep a decision that is not about one message, such as showing numbers in full."""
        ...

    def pin_try(self, sim: str, approval: int, now_s: float) -> bool:
        """Write down that a PIN is about to be typed into this SIM (its ICCID); False if it was in vain before."""
        ...

    def pin_accepted(self, sim: str, approval: int) -> None:
        """The SIM took the PIN: the approval may be used again."""
        ...

    def totals(self) -> dict[State, int]:
        """Messages by state; every state is there."""
        ...

    def uncertain_since(self, since_s: float) -> int:
        """Uncertain messages that became so since then: evidence may still come."""
        ...

    def next_due_s(self) -> float | None:
        """When the next queued message may be tried, or None."""
        ...

    def lines(self) -> list[LineRow]: ...

    def messages(self, *states: State, message_id: int | None = None) -> Iterator[MessageRow]: ...

    def inbox(self) -> list[InboundRow]: ...

    def sightings(self, message_id: int) -> list[Sighting]: ...

    def report_counts(self) -> ReportCounts: ...

    def sent_times(self, line_id: int, since_s: float) -> list[float]:
        """When this line sent its parts since then, oldest first: the memory of the pace."""
        ...

    def close(self) -> None: ...
