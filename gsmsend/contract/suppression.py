"""People who must not be texted: what a store answers about them, and what it does when one more is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gsmsend.model import State


class Suppression(StrEnum):
    """Why a person is not texted: named by the operation, or by their own wish."""

    NEVER = "never"
    OPT_OUT = "opt-out"


@dataclass(frozen=True, slots=True)
class StoppedMessage:
    """A message of which nothing more is sent, what it was before and why. `halfway`: a part may have gone out.

    One that is being sent, or may have gone out, is not `moved`: it keeps its state until that is known.
    """

    message_id: int
    number: str
    old: State
    why: str
    halfway: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What became of naming people: how many are new, how many were on the list before.

    `stopped` texts to them will not be sent, `halfway` had gone out in part or may be on air at this moment.
    """

    added: int
    known: int
    stopped: int
    halfway: int


@dataclass(frozen=True, slots=True)
class SuppressionCount:
    """How many people are on the list for one reason; `newest_s` is when the last of them was added."""

    kind: Suppression
    reason: str
    people: int
    newest_s: float


class SuppressionView(Protocol):
    """What can be asked about suppressions. Numbers are E.164; the store holds no number, only keyed hashes."""

    def suppressed(self, numbers: Sequence[str]) -> dict[str, Suppression]:
        """Those of the numbers that must not be texted. Raises StoreError if the operation's key is lost."""
        ...

    def suppressions(self) -> list[SuppressionCount]:
        """Counts by kind and reason, the never-contact list first."""
        ...


class SuppressionStore(SuppressionView, Protocol):
    """Changes of the list, each one transaction."""

    def suppress(
        self, numbers: Sequence[str], kind: Suppression, reason: str, person: str, now_s: float
    ) -> Suppressed:
        """Never text these again, in no campaign, and send nothing more of what waits for them."""
        ...

    def unsuppress(self, number: str, kind: Suppression, reason: str, person: str, now_s: float) -> bool:
        """Take a person off the list; False if they were not on it. Texts that were stopped stay stopped."""
        ...
