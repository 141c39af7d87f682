"""What the shared suites need of the far end, alike for all providers on loopback."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from gsmsend.contract import Link, Sink
from gsmsend.testing.driver_bench import OnAir

from .far_side import FarSide, Fault


class HttpBench(ABC):
    """One account."""

    two_step = False
    far: FarSide

    @abstractmethod
    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        """A link to it, not yet signed in."""

    @abstractmethod
    def refuse_next(self, code: int) -> None:
        """The next text is refused."""

    @abstractmethod
    def send_report(self, part: OnAir, status: int = 0) -> None:
        """A text has come so far."""

    def on_air(self) -> Sequence[OnAir]:
        return tuple(self.far.sent)

    def refuse_next_early(self) -> None:
        raise AssertionError("it asks for nothing before it takes a text")

    def silence_next(self) -> None:
        self.far.fault = Fault.SILENCE

    def delay_next(self, seconds: float) -> None:
        raise AssertionError("no answer comes late: its connection is gone")

    def send_inbound(self, sender: str, text: str) -> None:
        raise AssertionError("nothing comes in")

    def held(self) -> object:
        return None

    def swap_sim(self) -> None:
        raise AssertionError("an account does not turn into another")

    def unplug(self) -> None:
        self.far.unplug()

    def dispose(self) -> None:
        self.far.dispose()
