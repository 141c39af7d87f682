"""A provider in memory, its client, and a driver over them: what gsmsend.requesting is tested with.

`MemoryProvider` is the far end: it outlives links, as a provider does, and has its fault switches.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from gsmsend.contract import Clock, Endpoint, Link, OpenOptions, Sink, Submission
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Inbound, Outcome, OutcomeKind, Refusal, Registration, Sim
from gsmsend.requesting import Busy, Heard, NeverLeft, Pulse, RequestLink, Status
from gsmsend.testing.driver_bench import OnAir

REFUSALS = {
    400: Refusal.MESSAGE, 404: Refusal.RECIPIENT, 402: Refusal.LINE, 409: Refusal.RETRY, 503: Refusal.LATER,
}  # fmt: skip
UNPROVEN = 500
QUICK = Pulse(first_s=0.02, longest_s=0.1, check_s=0.05)
"""For tests: what takes minutes takes a moment."""
Fault = Callable[["MemoryClient", Submission], Outcome | None]
"""Instead of the ordinary answer; None: the text is taken as ever."""


@dataclass
class MemoryProvider:
    """`record`: whether texts can be looked up by key; `pushes`: whether it tells what happens unasked.

    `reports` is the TP-Status with its word that every text gets at once, None for none. Used from any thread.
    """

    account: str = "memory AC0001 as Help"
    record: bool = True
    pushes: bool = False
    reports: tuple[int, str] | None = None
    on_air: list[OnAir] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    gone: bool = False
    busy_s: float | None = None
    unasked: queue.SimpleQueue[Heard | None] = field(default_factory=queue.SimpleQueue)

    def take(self, submission: Submission, wire: str) -> str:
        """The text goes out; its handle. One with the same key is the same text."""
        if submission.key in self.keys:
            return self.keys[submission.key]
        handle = f"M{len(self.on_air) + 1}"
        self.keys[submission.key] = handle
        self.on_air.append(OnAir(submission.destination, submission.text, wire=wire, handle=handle))
        if self.reports is not None:
            self.report(handle, *self.reports)
        return handle

    def report(self, handle: str, status: int, said: str) -> None:
        """What became of a text, from now on."""
        found = Status(handle, status, said, raw=f'{{"id": "{handle}", "status": "{said}"}}')
        self.statuses[handle] = found
        if self.pushes:
            self.unasked.put(found)


class MemoryClient:
    """requesting.Client: how the provider in memory is spoken to."""

    def __init__(self, provider: MemoryProvider, *, virtual: bool = True, iccid: str = "") -> None:
        self.provider = provider
        self._sim = Sim(iccid=iccid) if iccid else Sim()
        self._virtual = virtual
        self._account = provider.account

    def bring_up(self) -> Facts:
        """Who it is now."""
        self._there()
        self._account = self.provider.account
        device = Device(
            "memory", "memory:", virtual=self._virtual, account="" if self._sim.known else self._account
        )
        return Facts(device, self._sim, registration=Registration.HOME)

    def wire(self, submission: Submission) -> str:
        """The request."""
        return f"{submission.key} to {submission.destination}: {submission.text}"

    def send(self, submission: Submission) -> Outcome:
        """Hand it over, or do as the next fault says."""
        provider = self.provider
        if provider.gone:
            raise NeverLeft("the connection was refused", lost=True)
        fault = provider.faults.popleft() if provider.faults else None
        outcome = fault(self, submission) if fault is not None else None
        return outcome or self.accept(submission)

    def accept(self, submission: Submission) -> Outcome:
        """As it is without a fault."""
        return Outcome(OutcomeKind.ACCEPTED, handle=self.provider.take(submission, self.wire(submission)))

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What is known of them."""
        self._there()
        if self.provider.pushes:
            return []
        self.provider.asked.extend(handles)
        if self.provider.busy_s is not None:
            raise Busy(self.provider.busy_s)
        return [self.provider.statuses[handle] for handle in handles if handle in self.provider.statuses]

    def lookup(self, key: str) -> Outcome | None:
        """By our own key; a provider that keeps a record proves what it has not."""
        self._there()
        provider = self.provider
        provider.asked.append(key)
        if not provider.record:
            return None
        if key in provider.keys:
            return Outcome(OutcomeKind.ACCEPTED, handle=provider.keys[key], why="the provider's record has it")
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why="the provider's record has no such text")

    def hear(self, timeout_s: float) -> Iterable[Heard] | None:
        """What the provider pushes; None if it never does."""
        if not self.provider.pushes:
            return None
        try:
            found = self.provider.unasked.get(block=timeout_s > 0, timeout=timeout_s or None)
        except queue.Empty:
            return []
        return [found] if found is not None else []

    def check(self) -> None:
        """Still there, and still the same account?"""
        self._there()
        if self.provider.account != self._account:
            raise GuardStop(f"another account is there: it was {self._account}, and is {self.provider.account}")

    def wake(self) -> None:
        """End a `hear`."""
        if self.provider.pushes:
            self.provider.unasked.put(None)

    def close(self) -> None:
        """There is nothing to let go of."""

    def _there(self) -> None:
        if self.provider.gone:
            raise LinkLost("the provider cannot be reached")


@dataclass
class MemoryDriver:
    """contract.Driver over one provider. `cloud` as in Endpoint; `iccid`: it is a phone with this SIM."""

    provider: MemoryProvider = field(default_factory=MemoryProvider)
    cloud: bool = False
    virtual: bool = True
    name: str = "memory"
    summary: str = "a provider in memory"
    opened: int = 0
    iccid: str = ""

    def discover(self) -> Sequence[Endpoint]:
        """It is named, not found."""
        return ()

    def endpoint(self, address: str) -> Endpoint:
        """Any address."""
        return Endpoint(self.name, address, virtual=self.virtual, cloud=self.cloud)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Who it is."""
        return MemoryClient(self.provider, virtual=self.virtual, iccid=self.iccid).bring_up()

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        """A link with a quick pulse."""
        self.opened += 1
        client = MemoryClient(self.provider, virtual=self.virtual, iccid=self.iccid)
        return RequestLink(client, sink, "the provider in memory", QUICK)


class MemoryBench:
    """driver_bench.Bench over a provider in memory."""

    two_step = False

    def __init__(self, *, pushes: bool = False) -> None:
        self.provider = MemoryProvider(pushes=pushes)
        self.timers: list[threading.Timer] = []

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        """A link. The far end times out at once: there is no wire to wait on."""
        return RequestLink(MemoryClient(self.provider), sink, "the provider in memory", QUICK)

    def on_air(self) -> Sequence[OnAir]:
        """What went out."""
        return list(self.provider.on_air)

    def refuse_next(self, code: int) -> None:
        """An answer with this code."""
        self.provider.faults.append(refusing(code))

    def refuse_next_early(self) -> None:
        """It is never asked before."""

    def silence_next(self) -> None:
        """It goes out; no answer comes."""
        self.provider.faults.append(silent)

    def delay_next(self, seconds: float) -> None:
        """It goes out; its answer comes unasked."""

        def late(client: MemoryClient, submission: Submission) -> Outcome:
            answer = client.accept(submission)
            self.timers.append(threading.Timer(seconds, lambda: self.provider.unasked.put(answer)))
            self.timers[-1].start()
            raise TimeoutError

        self.provider.faults.append(late)

    def send_report(self, part: OnAir, status: int = 0) -> None:
        """The text's status is this now."""
        self.provider.report(part.handle, status, "delivered" if status == 0 else "failed")

    def send_inbound(self, sender: str, text: str) -> None:
        """A text comes in."""
        self.provider.unasked.put(Inbound(sender, text, raw=text, how="event"))

    def held(self) -> object:
        """Nothing of ours changes what it holds."""
        return None

    def swap_sim(self) -> None:
        """Another account answers."""
        self.provider.account = "memory AC0002 as Help"

    def unplug(self) -> None:
        """It cannot be reached."""
        self.provider.gone = True

    def dispose(self) -> None:
        """No timer is left."""
        for timer in self.timers:
            timer.cancel()
            timer.join()


def refusing(code: int) -> Fault:
    """The provider answers so; of UNPROVEN nobody knows whether the text was taken."""

    def answer(_client: MemoryClient, _submission: Submission) -> Outcome:
        if code == UNPROVEN:
            return Outcome(OutcomeKind.UNKNOWN, code=code, raw=f"error {code}", why="the provider failed at it")
        return Outcome(OutcomeKind.REFUSED, refusal=REFUSALS[code], code=code, raw=f"error {code}", why="refused")

    return answer


def silent(client: MemoryClient, submission: Submission) -> Outcome:
    """The text is taken, and the answer is lost."""
    client.accept(submission)
    raise TimeoutError


def unreached(_client: MemoryClient, _submission: Submission) -> Outcome:
    """The request goes nowhere, and nobody can tell."""
    raise TimeoutError


def busy(wait_s: float) -> Fault:
    """The provider asks to be left alone."""

    def answer(_client: MemoryClient, _submission: Submission) -> Outcome:
        return Outcome(
            OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=429, raw="429", why="too many requests", wait_s=wait_s
        )

    return answer
