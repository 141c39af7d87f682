"""When something was last done in a campaign: its data is kept so many days from then on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Act(StrEnum):
    """What was done last; `IMPORT` where nothing was ever sent or cancelled."""

    SEND = "send"
    REPORT = "report"
    CANCEL = "cancel"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class LastAct:
    """A campaign with the acknowledgements of its replies: what was done last in it, and when.

    `texts` it has, of which `waiting` may still leave or are in doubt: while there are any it cannot be forgotten.
    Times are seconds since the epoch. `forgotten_at_s` is None while its numbers and texts are there.
    """

    campaign_id: int
    name: str
    last_s: float
    what: Act
    texts: int
    waiting: int
    forgotten_at_s: float | None


@dataclass(frozen=True, slots=True)
class LastExport:
    """How many evidence packs were made, and whether anything changed since the last one that had all in it."""

    packs: int
    changed: bool


class RetentionView(Protocol):
    """What retention is counted from, and what should be done before its end."""

    def last_acts(self) -> list[LastAct]:
        """The last act of each campaign, oldest campaign first; acknowledgements count with what they answer."""
        ...

    def unwiped(self) -> bool:
        """Whether the store's files still hold what its tables hold no more: forgetting was cut off."""
        ...

    def last_export(self) -> LastExport:
        """The evidence packs that the audit log knows of."""
        ...
