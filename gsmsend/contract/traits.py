"""What a driver says of its kind of route, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Traits:
    """What a kind of route is and can do, known before any is opened: plain words, for a person to choose by.

    `kind`: what it is ("phone over Bluetooth"). `reports`: how delivery reports come back, "" if none do.
    `replies`: how replies are seen, "" if they are not. `unknown`: what settles a text that may have gone out,
    "" if only a person can.
    """

    kind: str
    reports: str = ""
    replies: str = ""
    unknown: str = ""


@runtime_checkable
class Described(Protocol):
    """A driver that says what its kind of route can do."""

    @property
    def traits(self) -> Traits:
        """What its routes can do. Opens nothing, imports nothing."""
        ...
