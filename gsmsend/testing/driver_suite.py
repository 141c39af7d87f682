"""The shared suite of any driver: subclass DriverSuite, give it a `bench` fixture, and pytest does the rest.

    class TestMyDriver(DriverSuite):
        @pytest.fixture
        def bench(self) -> Iterator[Bench]:
            bench = MyBench()
            yield bench
            bench.dispose()

`Bench` is what the suite needs of the far end. A fault applies to the next submission only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract import Link, Sink

PATIENCE_S = 5.0
"""How long a check waits for something that should take milliseconds."""


@dataclass(frozen=True, slots=True)
class OnAir:
    """One part that the far end took for sending. `reference` is the TP-MR, None where the route has none."""

    destination: str
    text: str
    reference: int | None = None


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

    def swap_sim(self) -> None:
        """Another SIM is in the device, and the device says so."""
        ...

    def unplug(self) -> None:
        """The device goes away."""
        ...

    def dispose(self) -> None:
        """Let go of everything."""
        ...
