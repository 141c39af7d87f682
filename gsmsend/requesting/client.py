"""What a driver writes: how its route is asked to send a text, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract import Submission
from gsmsend.model import Facts, Inbound, Outcome, Refusal


@dataclass(frozen=True, slots=True)
class Status:
    """What a route says of one text that it took; `handle` is what it calls the text.

    `status` is the TP-Status (TS 23.040 9.2.3.15) that says the same as `said`, the route's own word; `raw` is
    what it gave, `discharged_at_s` when it says that this became so, in epoch seconds. `how` is the way it came.
    """

    handle: str
    status: int
    said: str
    raw: str = ""
    discharged_at_s: float | None = None
    recipient: str = ""
    how: str = "poll"


Heard = Status | Inbound | Facts | Outcome
"""What may come unasked. An Outcome is the late answer to the last text that was sent, which had been UNKNOWN."""


class NeverLeft(Exception):
    """Raised by `Client.send`: it is proven that the text was not handed over; `why` is plain English.

    `lost`: the route itself is gone, so the link is too.
    """

    def __init__(
        self,
        why: str,
        *,
        refusal: Refusal = Refusal.RETRY,
        raw: str = "",
        code: int | None = None,
        lost: bool = False,
    ) -> None:
        super().__init__(why)
        self.why, self.refusal, self.raw, self.code, self.lost = why, refusal, raw, code, lost


class Busy(Exception):
    """Raised by what only asks: the route wants to be left alone for `wait_s`."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"asked to wait {wait_s:g} s")
        self.wait_s = wait_s


class Client(Protocol):
    """One account or handset. Used on one thread, but for `wake`. Errors and words name no recipient."""

    def bring_up(self) -> Facts:
        """Sign in, and say who it is: an account, a SIM. Sends nothing. Raises GuardStop or LinkLost."""
        ...

    def wire(self, submission: Submission) -> str:
        """What `send` is going to hand over, or the id and reference of that; empty if it cannot be coded."""
        ...

    def send(self, submission: Submission) -> Outcome:
        """Hand the whole of `submission.text` over; `handle` of an accepted one is what the route calls it.

        Raises NeverLeft on proof; whatever else it raises leaves the text in doubt. An answer that asks to wait is
        REFUSED with `wait_s`, where it is proof that nothing was taken.
        """
        ...

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What has become of these; those of which nothing is known are left out. Raises LinkLost or Busy."""
        ...

    def lookup(self, key: str) -> Outcome | None:
        """As `contract.Requesting.lookup`, with the route's own handle. Raises LinkLost or Busy.

        None also where the route keeps no record that can be asked by key.
        """
        ...

    def hear(self, timeout_s: float) -> Iterable[Heard] | None:
        """Wait for what comes unasked, at most so long or until `wake`; None where nothing ever does, at once.

        Raises LinkLost or GuardStop.
        """
        ...

    def check(self) -> None:
        """Is it still there, and the same? Raises LinkLost or GuardStop."""
        ...

    def wake(self) -> None:
        """Make a blocked `hear` return soon. Thread-safe; safe after `close`."""
        ...

    def close(self) -> None:
        """Let go. Never raises."""
        ...
