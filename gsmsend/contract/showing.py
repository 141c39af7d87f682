"""A driver that can make a device be found by whoever stands before a bench of them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from gsmsend.contract.driver import Endpoint, OpenOptions


@runtime_checkable
class Findable(Protocol):
    """A driver whose devices show when they are spoken to."""

    def show_itself(self, endpoint: Endpoint, options: OpenOptions, seconds: float) -> int:
        """Speak to the device in a rhythm for so long, with a question that changes nothing. Raises LinkLost.

        How often it answered.
        """
        ...
