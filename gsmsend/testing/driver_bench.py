"""What the shared driver suite needs of the far end of a link, and its small tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from gsmsend.contract import Link, Sink, Submission
from gsmsend.model import Refusal
from gsmsend.sms import Segment


@dataclass(frozen=True, slots=True)
class Traits:
    """What kind of route it is, as far as the checks differ by it.

    `whole`: it takes whole texts, with part 1. `references`: outcomes and reports have a TP-MR, else a handle.
    `refusals`: codes for `Bench.refuse_next`, with the class that each has; `unproven`: one that proves nothing,
    or None. `late`: the answer of a submission may come after it was given up; `lookup`: the route can be asked
    for it. `two_way`: texts come in. `reports`: so do reports. `swaps`: another SIM or account can turn up while
    it is open.
    """

    whole: bool = False
    references: bool = True
    refusals: tuple[tuple[int, Refusal], ...] = (
        (1, Refusal.RECIPIENT), (8, Refusal.LINE), (41, Refusal.RETRY), (42, Refusal.LATER), (96, Refusal.MESSAGE),
        (320, Refusal.MODEM),
    )  # fmt: skip
    unproven: int | None = 332
    late: bool = True
    lookup: bool = False
    two_way: bool = True
    reports: bool = True
    swaps: bool = True


@dataclass(frozen=True, slots=True)
class OnAir:
    """One part, or whole text, that the far end took. `reference` is the TP-MR, None where the route has none.

    `wire` is what came over the wire for it, in the form of `Link.raw`; `handle` what the route calls it.
    """

    destination: str
    text: str
    reference: int | None = None
    wire: str = ""
    handle: str = ""


class Bench(Protocol):
    """The far end of one link: what it has on air, and its fault switches. Made fresh for each check."""

    @property
    def two_step(self) -> bool:
        """Whether the route asks for a part before it takes it (a prompt), so that it can refuse before."""
        ...

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        """An open link to the far end, not yet brought up. The suite closes it."""
        ...

    def on_air(self) -> Sequence[OnAir]:
        """All parts that went out so far, in order. Callable from any thread."""
        ...

    def refuse_next(self, code: int) -> None:
        """The next part is refused with this code, one of `Traits` (+CMS ERROR, or the route's own); not sent."""
        ...

    def refuse_next_early(self) -> None:
        """The next part is refused before it could be handed over. Called only if `two_step`."""
        ...

    def silence_next(self) -> None:
        """The next part goes out and its answer never comes."""
        ...

    def delay_next(self, seconds: float) -> None:
        """The next part goes out and its answer comes only after `seconds`."""
        ...

    def send_report(self, part: OnAir, status: int = 0) -> None:
        """A status report about `part` arrives now."""
        ...

    def send_inbound(self, sender: str, text: str) -> None:
        """A text arrives now."""
        ...

    def held(self) -> object:
        """All that SIM and device hold, and how the device is set: to be compared."""
        ...

    def swap_sim(self) -> None:
        """Another SIM is in the device, and the device says so."""
        ...

    def unplug(self) -> None:
        """The device goes away."""
        ...

    def dispose(self) -> None:
        """Let go of everything."""
        ...


@dataclass
class Commit:
    """A commit that notes how often it was called and what was on air then, and may do more, or raise."""

    bench: Bench
    then: Callable[[], object] = lambda: None
    calls: int = 0
    on_air_before: int = -1
    raw: str = ""

    def __call__(self, raw: str) -> None:
        """Note the call."""
        self.calls += 1
        self.raw = raw
        self.on_air_before = len(self.bench.on_air())
        self.then()


def expect(condition: object, what: str) -> None:
    """Raise AssertionError saying what should have been so."""
    if not condition:
        raise AssertionError(what)


def part(
    destination: str = "+447700900123", text: str = "Help is there", *, seq: int = 1, total: int = 1
) -> Submission:
    """A submission of plain GSM 7 bit text."""
    return Submission(
        destination, Segment(text, units=len(text)), text, seq, total, concat_reference=77, key=uuid4().hex
    )
