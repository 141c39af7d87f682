"""A link over a route that is asked to send: the whole text goes with part 1, and no other part is handed over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from time import monotonic
from typing import Literal

from gsmsend.contract import Receipt, Sink, Submission, sibling
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Facts, Inbound, Outcome, OutcomeKind, Refusal, Report, ReportOutcome
from gsmsend.requesting.client import Busy, Client, Heard, NeverLeft, Status
from gsmsend.sms import tp_status

_MARK = "#"
_MOST_ENDED = 1000
"""Texts whose end is remembered for parts of theirs that are handed over, or found, only later."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How often a route is asked, in seconds: about a text (soon, then ever more rarely), and whether it is there.

    `batch`: about so many texts at once. `over_s`: what has no last word by then is asked about no more.
    """

    first_s: float = 3.0
    longest_s: float = 300.0
    growth: float = 1.5
    check_s: float = 30.0
    batch: int = 50
    over_s: float = 3 * 86_400.0


@dataclass(slots=True)
class _Awaited:
    """A text that reports are still wanted for: the handles of its parts, and when it is asked about next."""

    parts: set[str]
    due_s: float
    wait_s: float
    over_s: float
    said: str = ""
    final: Status | None = None
    receipts: list[Receipt] = field(default_factory=list)


class RequestLink:
    """contract.Link, Requesting and WholeTexts, over a `Client`. `name`: what people call the route."""

    takes_whole: Literal[True] = True

    def __init__(self, client: Client, sink: Sink, name: str, pulse: Pulse = Pulse()) -> None:
        self._client, self._sink, self._name, self._pulse = client, sink, name, pulse
        self._awaited: dict[str, _Awaited] = {}
        self._ended: dict[str, Status] = {}
        self._woken = threading.Event()
        self._closed = False
        self._lost: LinkLost | None = None
        self._checked_s = monotonic()
        self._asleep_until_s = 0.0
        self._total = 1

    def bring_up(self) -> Facts:
        """Sign in, and say who it is."""
        self._there()
        return self._client.bring_up()

    def expect(self, handles: Sequence[str]) -> None:
        """Reports are still wanted for these."""
        for handle in handles:
            self._expect(handle)

    def raw(self, submission: Submission) -> str:
        """The request for part 1; there is none for the others, which go with it."""
        if submission.seq > 1 or not (submission.destination and submission.text and submission.segment.text):
            return ""
        return self._client.wire(submission)

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        """Hand the whole text over with part 1. Another part is refused: part 1 may not have carried it."""
        self._there()
        wire = self.raw(submission)
        if not wire:
            why = "the text cannot be sent over this route as it is"
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, why=why)
        commit(wire)
        self._total = submission.total
        try:
            outcome = self._client.send(submission)
        except NeverLeft as proof:
            if proof.lost:
                self._lost = LinkLost(f"{self._name}: {proof.why}")
            return Outcome(
                OutcomeKind.REFUSED, refusal=proof.refusal, code=proof.code, raw=proof.raw, why=proof.why
            )
        except Exception as fault:  # noqa: BLE001 - the text may have been taken, whatever went wrong
            if isinstance(fault, LinkLost):
                self._lost = fault
            why = f"the connection to {self._name} failed after the text was handed over; it may have gone out"
            return Outcome(OutcomeKind.UNKNOWN, raw=type(fault).__name__, why=why)
        if outcome.kind is OutcomeKind.ACCEPTED and outcome.handle:
            return replace(outcome, handle=self._expect_all(outcome.handle, submission.total))
        return outcome

    def lookup(self, key: str, total: int) -> Outcome | None:
        """The route's own record of a submission of a text that has so many parts."""
        self._there()
        if monotonic() < self._asleep_until_s:
            return None
        try:
            found = self._client.lookup(key)
        except Busy as busy:
            self._asleep_until_s = monotonic() + busy.wait_s
            return None
        except LinkLost as lost:
            self._lost = lost
            raise
        if found is not None and found.kind is OutcomeKind.ACCEPTED and found.handle:
            return replace(found, handle=self._expect_all(found.handle, total))
        return found

    def listen(self, timeout_s: float) -> None:
        """Hear what comes, and ask about what is awaited."""
        until_s = monotonic() + timeout_s
        while True:
            self._there()
            now_s = monotonic()
            self._look(now_s)
            over = self._woken.is_set() or now_s >= until_s
            self._wait(0.0 if over else max(0.0, min(until_s, self._next_s()) - monotonic()))
            if over:
                self._woken.clear()
                return

    def counter(self) -> int | None:
        """There is none."""
        return None

    def wake(self) -> None:
        """Make a blocked `listen` return."""
        self._woken.set()
        self._client.wake()

    def close(self) -> None:
        """Let go of the route."""
        self._closed = True
        with suppress(Exception):
            self._client.close()

    def _there(self) -> None:
        if self._closed:
            raise LinkLost(f"{self._name} is closed")
        if self._lost is not None:
            raise self._lost

    def _expect_all(self, route: str, total: int) -> str:
        """Reports are wanted for all parts of a text; the handle of its part 1."""
        handles = [_part_handle(route, seq, total) for seq in range(1, total + 1)]
        for handle in handles:
            self._expect(handle)
        return handles[0]

    def _expect(self, handle: str) -> None:
        now_s, route = monotonic(), _route_handle(handle)
        entry = self._awaited.get(route)
        if entry is None and handle != route and route in self._ended:
            self._sink.report(_report(self._ended[route], handle))
            return
        if entry is None:
            first_s, over_s = self._pulse.first_s, self._pulse.over_s
            entry = self._awaited[route] = _Awaited(set(), now_s + first_s, first_s, now_s + over_s)
        entry.parts.add(handle)
        if entry.final is not None:  # this part was handed over after the report had come
            self._tell(handle, entry, entry.final)

    def _next_s(self) -> float:
        due = [entry.due_s for entry in self._awaited.values()]
        return min(
            [max(self._asleep_until_s, min(due, default=float("inf"))), self._checked_s + self._pulse.check_s]
        )

    def _wait(self, timeout_s: float) -> None:
        try:
            heard = self._client.hear(timeout_s)
            if heard is None:
                self._woken.wait(timeout_s)
            else:
                self._hear(heard)
        except LinkLost as lost:
            self._lost = lost
            raise

    def _hear(self, heard: Iterable[Heard]) -> None:
        for one in heard:
            if isinstance(one, Status):
                self._status(one)
            elif isinstance(one, Inbound):
                self._sink.inbound(one)
            elif isinstance(one, Outcome):
                if one.handle:
                    one = replace(one, handle=self._expect_all(one.handle, self._total))  # noqa: PLW2901
                self._sink.late_outcome(one)
            else:
                self._sink.changed(one)

    def _look(self, now_s: float) -> None:
        """Ask whether the route is there, and about texts whose time has come: so many that it stays in reach."""
        if now_s - self._checked_s >= self._pulse.check_s:
            self._checked_s = now_s
            try:
                self._client.check()
            except (LinkLost, GuardStop) as gone:
                self._lost = gone if isinstance(gone, LinkLost) else None
                raise
        for route in [route for route, entry in self._awaited.items() if self._told(entry, now_s)]:
            final = self._awaited.pop(route).final
            if final is not None:
                self._remember(final)
        if now_s < self._asleep_until_s:
            return
        due = [route for route, entry in self._awaited.items() if entry.due_s <= now_s]
        batch = nsmallest(self._pulse.batch, due, key=lambda route: self._awaited[route].due_s)
        if not batch:
            return
        for route in batch:
            entry = self._awaited[route]
            entry.due_s = now_s + entry.wait_s
            entry.wait_s = min(entry.wait_s * self._pulse.growth, self._pulse.longest_s)
        try:
            for status in self._client.ask(batch):
                self._status(status)
        except Busy as busy:
            self._asleep_until_s = now_s + busy.wait_s
        except LinkLost as lost:
            self._lost = lost
            raise

    def _told(self, entry: _Awaited, now_s: float) -> bool:
        """Whether its end is on disk, or will not come."""
        if entry.final is None:
            return now_s >= entry.over_s
        return all(receipt.durable for receipt in entry.receipts)

    def _remember(self, final: Status) -> None:
        self._ended[final.handle] = final
        if len(self._ended) > _MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def _status(self, status: Status) -> None:
        entry = self._awaited.get(status.handle)
        final = tp_status(status.status).outcome is not ReportOutcome.PENDING
        if entry is None:  # of another program, or it comes before its answer: the store keeps it
            if final:
                self._remember(status)
            self._sink.report(_report(status, status.handle))
            return
        if entry.final is not None or status.said == entry.said:
            return
        entry.said = status.said
        if final:
            entry.final = status
        for handle in sorted(entry.parts):
            self._tell(handle, entry, status)

    def _tell(self, handle: str, entry: _Awaited, status: Status) -> None:
        receipt = self._sink.report(_report(status, handle))
        if entry.final is not None:
            entry.receipts.append(receipt)


def _report(status: Status, handle: str) -> Report:
    return Report(
        None, status.recipient, status.status, discharged_at_s=status.discharged_at_s, raw=status.raw,
        how=status.how, handle=handle, said=status.said,
    )  # fmt: skip


def _part_handle(route: str, seq: int, total: int) -> str:
    """What one part is known by: the route's handle; with the part's number where there are several."""
    return route if total == 1 and _MARK not in route else sibling(f"{route}{_MARK}1", seq)


def _route_handle(handle: str) -> str:
    route, mark, seq = handle.rpartition(_MARK)
    return route if mark and seq.isdigit() else handle
