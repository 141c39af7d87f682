"""What the shared driver suite needs of the far end of a link, and its small tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract import Link, Sink, Submission
from gsmsend.sms import Segment


@dataclass(frozen=True, slots=True)
class OnAir:
    """One part that the far end took for sending. `reference` is the TP-MR, None where the route has none.

    `wire` is what came over the wire for it, in the form of `Link.raw`.
    """

    destination: str
    text: str
    reference: int | None = None
    wire: str = ""


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
        """The next part is refused with this +CMS ERROR code (or the route's equivalent), nothing sent."""
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
    return Submission(destination, Segment(text, units=len(text)), text, seq, total, concat_reference=77)
