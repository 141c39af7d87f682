"""What a screen that is watched all day asks of a store: cheap questions, none of which opens what is sealed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract.rows import MessageRow
from gsmsend.model import Outcome, State


@dataclass(frozen=True, slots=True)
class Pulse:
    """Another one means that something changed: the audit log's last entry, and a sum of what lines say."""

    entry: int
    lines: int


@dataclass(frozen=True, slots=True)
class Glance:
    """A line as a wall shows it. `lately` is how many parts it sent since the moment that was asked for."""

    line_id: int
    name: str
    state: str
    why: str
    signal_dbm: int | None
    operator: str
    iccid: str | None
    imsi: str | None
    number: str | None
    device: str
    cloud: bool
    lately: int


@dataclass(frozen=True, slots=True)
class LastTry:
    """An attempt of a line that was closed at `at_s`, `took_s` after it was opened."""

    line_id: int
    at_s: float
    took_s: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Flow:
    """Texts by stretch of time: handed over to the network, and reported delivered."""

    sent: tuple[int, ...]
    delivered: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit log as it stands there (docs/audit-log.md); `line` is its JSON."""

    number: int
    kind: str
    line: str


class WatchView(Protocol):
    """Questions of such a screen."""

    def pulse(self) -> Pulse:
        """Whether anything changed: compare it with the one before."""
        ...

    def glances(self, since_s: float) -> list[Glance]:
        """Every line, with what it sent since then."""
        ...

    def last_tries(self, line_ids: Sequence[int], since_s: float, most: int) -> list[LastTry]:
        """Of each of these lines, the last `most` attempts opened since then that are closed, oldest first."""
        ...

    def rates(
        self, line_ids: Sequence[int], since_s: float, step_s: float, steps: int
    ) -> dict[int, tuple[int, ...]]:
        """Parts that each of these lines sent in each of so many stretches of `step_s`, beginning at `since_s`."""
        ...

    def flow(self, since_s: float, step_s: float, steps: int) -> Flow:
        """What was sent and delivered in each of so many stretches of `step_s`, beginning at `since_s`."""
        ...

    def entries(self, kinds: Collection[str], before: int | None, limit: int) -> list[Entry]:
        """Up to `limit` entries of these kinds (all, if none is named), newest first, older than `before`."""
        ...

    def message_page(self, states: Sequence[State], after: int, limit: int) -> list[MessageRow]:
        """Up to `limit` messages in these states (any, if none is named), with an id above `after`.

        Needs the operation's key.
        """
        ...
