"""What a driver may tell of devices that it cannot use yet: that some came or went, and why others are no use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gsmsend.contract.driver import Endpoint


@runtime_checkable
class Watching(Protocol):
    """A driver that can tell when what `discover` finds may have changed."""

    def watch(self, stirred: Callable[[], None]) -> Callable[[], None]:
        """Call `stirred`, from any thread, whenever something is plugged in or pulled out.

        Until what this returns is called, which waits for nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Unready:
    """A device that is plugged in and cannot send as it is: which, in what mode, and what a person may do.

    `place` is its USB socket as Endpoint has it; `usb` its ids (`12d1:14db`).
    """

    place: str
    usb: str
    title: str
    mode: str
    advice: str


@runtime_checkable
class Explaining(Protocol):
    """A driver that recognises devices which it could use if they were set otherwise."""

    def unready(self) -> Sequence[Unready]:
        """Those that are plugged in now. Opens nothing."""
        ...


class Reservation(Protocol):
    """Keeps other programs of this computer off devices. Used on one thread; `close` once, at the end."""

    def hold(self, endpoints: Sequence[Endpoint]) -> None:
        """Keep them off these too; returns within seconds, also where it cannot be done."""
        ...

    def close(self) -> None:
        """Let them have the devices again."""
        ...


@runtime_checkable
class Reserving(Protocol):
    """A driver whose devices another program may speak to at the same time."""

    def reserve(self, told: Callable[[str], None]) -> Reservation:
        """For the length of a run. `told` hears, from any thread, where it cannot be done and what to do."""
        ...
