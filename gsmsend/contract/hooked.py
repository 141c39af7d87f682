"""What a driver offers whose provider tells by webhook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from gsmsend.model import Inbound, Report


@runtime_checkable
class Hooked(Protocol):
    """A driver whose provider also tells by webhook what it knows."""

    def received(
        self, headers: Mapping[str, str], body: bytes, url: str, secret: str, now_s: float
    ) -> Sequence[Report | Inbound]:
        """What one request brings. Pure; `url` is the address that the provider was given.

        Raises UsageError if `secret` does not prove it to be the provider's; its words repeat nothing of it.
        """
        ...
