"""The end of retention: a campaign's key is destroyed, and with it all that was sealed under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gsmsend.masking import FORGOTTEN

__all__ = ["FORGOTTEN", "Forgetting", "Forgot"]


@dataclass(frozen=True, slots=True)
class Forgot:
    """What forgetting a campaign came to: how many of its `messages` and texts it got (`replies`) are empty.

    `already`: it was forgotten before. `wiped`: the store's files hold nothing of it any more; else another
    program has the store open, and it is wiped when the store is opened next.
    """

    campaign: str
    messages: int
    replies: int
    already: bool
    wiped: bool


class Forgetting(Protocol):
    """The part of a store that forgets."""

    def forget(self, campaign: str, by: str, reason: str, now_s: float) -> Forgot:
        """Destroy the campaign's key, and that of the answers to its replies; totals and the audit log stay.

        Opt-outs and the never-contact list stay too: they are of persons, not of a campaign. Old copies of the
        store are not reached: who has one, and the operation's key, can read what was forgotten since.
        Raises UsageError for a campaign that is not there or that answers another's replies, and while texts of it
        wait, are under way or uncertain.
        """
        ...
