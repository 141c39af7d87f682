"""Who may work with a line: the host that holds its SIM, by a lease that it renews, under a fence that goes up.

A host is one run on one computer. All its lines are its own until it was silent for the time of its lease, by
the clock of the store; then any other host makes its open attempts unknown, gives back what it had taken up, and
raises its fence, in one transaction. From then on nothing that it began under the old fence opens an attempt,
takes up a message or moves one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class HostState(StrEnum):
    """`SILENT`: its lease has run out, and nobody has taken its lines from it yet; it may come back as it was."""

    UP = "up"
    SILENT = "silent"
    LEFT = "left"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Joining:
    """Who wants to work: `host` is its name, `run` a random one of this run, `mark` a hash of where it runs.

    A run with the mark of another one is known to be the only one there (by a lock of the operating system): it
    need not wait for that one's lease to run out. `lease_s`: so long may it be silent.
    """

    host: str
    run: str
    mark: str
    lease_s: float


@dataclass(frozen=True, slots=True)
class Joined:
    """`fence` is the host's from now on, None if another run has its name: seen then, for `left_s` more seconds.

    `uncertain` and `freed`: what it had left open and taken up under an older fence.
    """

    fence: int | None
    uncertain: int = 0
    freed: int = 0
    seen_at_s: float = 0.0
    left_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LostHost:
    """A host that was found dead: its lines by their ids, what became uncertain and what is free again."""

    host: str
    lines: tuple[int, ...]
    uncertain: int
    freed: int


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host, with the names of the lines that it has; `seen_s` seconds ago it was heard of."""

    name: str
    state: HostState
    seen_s: float
    lines: tuple[str, ...]
    fence: int


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A line that another host worked with last: whether it holds it now, and whether that host is there."""

    line_id: int
    host: str
    held: bool
    up: bool


class LeaseView(Protocol):
    """What can be asked of who works."""

    @property
    def leases_expire(self) -> bool:
        """Whether several hosts may be at work, so that leases must be renewed and run out."""
        ...

    def hosts(self) -> list[HostRow]:
        """All hosts that ever worked on it, by name."""
        ...


class Leasing(LeaseView, Protocol):
    """The leases of one open store. Who has joined none has all lines to itself, as before there were any.

    Where no other process can be at work (an embedded store), leases never run out.
    """

    def join(self, who: Joining, now_s: float) -> Joined:
        """Begin to work as a host, or begin anew: its fence goes up, what it had under an older one is free.

        `now_s` is the time that goes on record; leases are by the store's clock.
        """
        ...

    def renew(self) -> bool:
        """Say that this host is there. False: its fence is not the newest any more. Raises StoreError."""
        ...

    def leave(self, now_s: float) -> None:
        """The run ends: its lines are free, and what it left of them after all is uncertain or queued."""
        ...

    def let_go(self, line_id: int) -> None:
        """Give up the lease of a line: another host may have it from now on."""
        ...

    def silent(self) -> list[str]:
        """Other hosts whose leases have run out. Asks only, without waiting for the store's writer."""
        ...

    def bury(self, host: str, now_s: float) -> LostHost | None:
        """Take a host for dead, if its lease has run out: see above. None if it has not, or another was first."""
        ...

    def other_lines(self) -> list[OtherLine]:
        """The lines that other hosts worked with last."""
        ...
