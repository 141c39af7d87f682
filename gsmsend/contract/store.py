"""What a store is: the queue, its attempts, reports and lines, each method one transaction.

Methods that are on the way of a text return a `Future`, resolved once the change is on disk (committed and
synced), so that one sync serves all lines that wait for it. The others block. Changes are made in the order in
which they were handed over: a blocking one returns after every future before it has called its callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Protocol

from gsmsend.contract.approvals import Approvals, ApprovalsView
from gsmsend.contract.campaigns import CampaignStore, CampaignViews
from gsmsend.contract.chronicle import ChronicleView
from gsmsend.contract.falling import FallbackStore, FallbackView
from gsmsend.contract.forgetting import Forgetting
from gsmsend.contract.heads import HeadDesk, HeadView
from gsmsend.contract.imports import ImportResult, ImportSource, NewMessage, Refused, Sighting
from gsmsend.contract.leasing import LeaseView, Leasing
from gsmsend.contract.numbers import Numbers
from gsmsend.contract.queueing import (
    Advanced,
    AttemptClose,
    AttemptOpen,
    Claimed,
    Recovered,
)
from gsmsend.contract.recording import Recording
from gsmsend.contract.replies import Received, ReplyStore, ReplyView
from gsmsend.contract.results import ResultsDesk, ResultsView
from gsmsend.contract.retention import RetentionView
from gsmsend.contract.routes import Routes, RoutesView
from gsmsend.contract.rows import Arrival, Decision, InboundRow, LineRow, MessageRow, ReportCounts
from gsmsend.contract.stamps import StampView
from gsmsend.contract.suppression import SuppressionStore, SuppressionView
from gsmsend.contract.watching import WatchView
from gsmsend.model import Device, Evidence, Inbound, Outcome, Report, Sim, State


class StoreView(
    SuppressionView, ApprovalsView, ResultsView, CampaignViews, ReplyView, RetentionView, ChronicleView,
    HeadView, StampView, RoutesView, FallbackView, WatchView, LeaseView, Protocol,
):  # fmt: skip
    """What can be asked of a store that is only looked at; the same questions that a Store answers."""

    def totals(self) -> dict[State, int]: ...

    def lines(self, *, counted: bool = True) -> list[LineRow]:
        """Every line, by name; with how many parts each has had accepted, unless they are not to be `counted`."""
        ...

    def messages(
        self, *states: State, message_id: int | None = None, closed: bool = False
    ) -> Iterator[MessageRow]:
        """Messages with their parts, in order of import; `closed`: numbers and texts stay sealed."""
        ...

    def inbox(self) -> list[InboundRow]: ...

    def sightings(self, message_id: int) -> list[Sighting]: ...

    def report_counts(self) -> ReportCounts: ...

    def sent_times(self, line_id: int, since_s: float) -> list[float]: ...

    def close(self) -> None: ...


class Store(
    Numbers,
    Routes,
    FallbackStore,
    SuppressionStore,
    Approvals,
    ResultsDesk,
    CampaignStore,
    ReplyStore,
    Recording,
    HeadDesk,
    RetentionView,
    StampView,
    ChronicleView,
    WatchView,
    Forgetting,
    Leasing,
    Protocol,
):
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

    def claim(
        self, line_id: int, limit: int, now_s: float, without: Sequence[int] = (), *, bound_only: bool = False
    ) -> Future[list[Claimed]]:
        """Take up to `limit` due messages for a line (its own first): queued becomes sending.

        Those of the campaigns `without` are left out, with `bound_only` also those that any line may carry. Raises
        FenceLost.
        """
        ...

    def release(self, message_ids: Sequence[int], now_s: float, line_id: int | None = None) -> Future[None]:
        """Give claimed messages back: sending becomes queued, or what a message becomes that must stop.

        Nothing happens if the lease of the line that had claimed them was lost: they were given back then.
        """
        ...

    def advance(self, close: AttemptClose | None, intent: AttemptOpen | None) -> Future[Advanced]:
        """Close one attempt and open the next, together; none is opened for a message that may not leave now.

        An attempt that another host made unknown, as this one was taken for dead, is settled by what came of it.
        """
        ...

    def drop(self, message_id: int, why: str, now_s: float, line_id: int | None = None) -> Future[None]:
        """A claimed message that cannot be sent at all: sending becomes failed. Raises FenceLost."""
        ...

    def settle_last(self, line_id: int, outcome: Outcome, by: Evidence, now_s: float) -> Future[int | None]:
        """Evidence of what came of this line's last attempt, if that is unknown; the message id it settled."""
        ...

    def record_report(self, line_id: int, report: Report, now_s: float) -> Future[Arrival]:
        """Keep a report and match it to its part: by TP-MR and recipient, or by the handle alone where it has one.

        What is said of a part that has its final report is kept with it and changes nothing.
        """
        ...

    def record_inbound(self, line_id: int, inbound: Inbound, now_s: float) -> Future[Received]:
        """Keep a received part with what it answers and says; falsy if the very same was kept before.

        An opt-out takes effect in the same transaction, and an acknowledgement is queued in it.
        """
        ...

    def line(self, sim: Sim, device: Device, now_s: float, *, cloud: bool = False) -> LineRow:
        """The line for this SIM, or else for this account, made if it is new. `cloud` as in Endpoint.

        Once a host has joined, the line's lease is taken with it. Raises LineElsewhere, FenceLost then.
        """
        ...

    def line_state(self, line_id: int, state: str, why: str, signal_dbm: int | None, operator: str) -> None:
        """What a line is doing, for `status` in another process."""
        ...

    def explain(self, message_id: int, why: str) -> Future[None]:
        """Say what is known of an uncertain message, in plain English."""
        ...

    def recover(self, now_s: float) -> Recovered:
        """After a stop of any kind: open attempts become unknown, claimed messages free.

        Not those of lines that other hosts work with.

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

    def pin_accepted(self, sim: str, approval: int, now_s: float) -> None:
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

    def lines(self, *, counted: bool = True) -> list[LineRow]:
        """Every line, by name; with how many parts each has had accepted, unless they are not to be `counted`."""
        ...

    def messages(
        self, *states: State, message_id: int | None = None, closed: bool = False
    ) -> Iterator[MessageRow]:
        """Messages with their parts, in order of import; `closed`: numbers and texts stay sealed."""
        ...

    def inbox(self) -> list[InboundRow]: ...

    def sightings(self, message_id: int) -> list[Sighting]: ...

    def report_counts(self) -> ReportCounts: ...

    def sent_times(self, line_id: int, since_s: float) -> list[float]:
        """When this line sent its parts since then, oldest first: the memory of the pace."""
        ...

    def close(self) -> None: ...
