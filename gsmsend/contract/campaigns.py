"""What a store knows of campaigns: released, paused, cancelled, their first texts, the lines they wait for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from gsmsend.model import State


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign. `paused`, `cancelled` and `canary_passed` say by whom and why, empty if it is not so.

    `released_at_s` is None until its texts may be sent. `canary` is how many first texts go alone.
    """

    campaign_id: int
    name: str
    parent_id: int | None
    created_at_s: float
    released_at_s: float | None
    canary: int
    canary_passed: str
    paused: str
    cancelled: str


@dataclass(frozen=True, slots=True)
class Halt:
    """A campaign none of whose texts may leave, for its own sake or its parent's; `words` say by whom and why."""

    campaign_id: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class FirstTexts:
    """First texts that hold back the rest of a campaign: `delivered` of `wanted`, `out` may still be reported.

    `lost` will not be delivered as far as is known; `rest` texts wait. Those that go over the fallback are
    `elsewhere` and nothing else: they say nothing of the line and wording that the rest would go by.
    """

    campaign_id: int
    name: str
    wanted: int
    delivered: int
    out: int
    lost: int
    rest: int
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class QueuedFor:
    """That some texts are queued for a line, and when the first of them is due.

    `bound_line` is 0 if any line may take them, below 0 if they wait for that wanted line to be plugged in.
    """

    bound_line: int
    due_at_s: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that the config names and an import asked for; `line_id` once its SIM was seen.

    `waiting` texts are queued for it while it was not seen yet.
    """

    wanted_id: int
    name: str
    line_id: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class CancelCounts:
    """What a cancellation does: `cancelled` texts will never leave; `in_hand` may be on the air and are let be."""

    cancelled: int
    in_hand: int
    over: int


class CampaignViews(Protocol):
    """Questions about campaigns."""

    def campaigns(self) -> list[CampaignRow]:
        """All campaigns, oldest first."""
        ...

    def campaign(self, name: str) -> CampaignRow | None:
        """One of them."""
        ...

    def campaign_totals(self, campaign_id: int) -> dict[State, int]:
        """Messages of one campaign by state; every state is there."""
        ...

    def halts(self) -> list[Halt]:
        """Campaigns that are paused or cancelled."""
        ...

    def first_texts(self) -> list[FirstTexts]:
        """Campaigns whose first texts hold back the rest."""
        ...

    def wanted_lines(self) -> list[Wanted]:
        """Lines that the config names and imports asked for."""
        ...

    def cancel_counts(self, name: str) -> CancelCounts:
        """What cancelling a campaign now would do. Raises UsageError if there is none of that name."""
        ...


class CampaignStore(CampaignViews, Protocol):
    """Changes to campaigns, each one transaction. A parent's children, its acknowledgements, go along.

    Each raises UsageError if there is no campaign of that name.
    """

    def release_campaign(
        self, name: str, first: int, now_s: float, *, judged: Collection[int] = (), people: int | None = None
    ) -> int:
        """Its drafts may be sent, only the first of them while `first` texts must be delivered. How many.

        `judged` are the approvals (by their id) and `people` the number of recipients on which that was decided:
        where one does not stand any more, or there are more or fewer people now, nothing is released.
        """
        ...

    def withdraw(self, name: str, why: str, now_s: float) -> int:
        """Its approval is void: what was not begun becomes draft again. How many."""
        ...

    def pass_canary(self, name: str, why: str, now_s: float, person: str = "") -> int:
        """The rest may follow: the first texts were delivered, or a person says so. How many."""
        ...

    def pause(self, name: str, person: str, reason: str, now_s: float) -> bool:
        """No attempt is opened for it any more. False if it was paused."""
        ...

    def resume(self, name: str, person: str, reason: str, now_s: float) -> bool:
        """It goes on. False if it was not paused."""
        ...

    def cancel(self, name: str, person: str, reason: str, now_s: float) -> CancelCounts:
        """No further text of it leaves, ever."""
        ...

    def line_found(self, name: str, line_id: int) -> int:
        """The SIM of a wanted line was seen: texts that wait for it are bound to it. How many.

        An empty name is a SIM that the config does not name. Texts that were bound under another name, before the
        config was corrected, are bound anew unless a part of them may have gone out.
        """
        ...

    def hold_line(self, line_id: int, why: str, now_s: float) -> int:
        """A line is closed: queued texts that must leave over it are held for a decision. How many."""
        ...

    def queued_for(self, without: Sequence[int] = ()) -> list[QueuedFor]:
        """For which lines texts are queued, those of some campaigns left out."""
        ...
