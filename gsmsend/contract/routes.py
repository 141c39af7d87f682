"""The part of a store that is about routes with records of their own: handles, look-ups, and what they change."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from gsmsend.contract.queueing import InDoubt
from gsmsend.model import Outcome


@dataclass(frozen=True, slots=True)
class AcceptedChanges:
    """A named officer accepted what sending over a route changes on the device that it sends from.

    `what` names the driver, the device and the words that were accepted, as `changes_there` puts it and the
    log has it. `signature` is the officer's, in hex, of that (campaign.signing.Acceptance).
    """

    person: str
    at_s: float
    what: str = ""
    signature: str = ""


def changes_there(driver: str, address: str, words: Sequence[str]) -> str:
    """What is accepted, signed, and stands in the log: these very words, for this very device."""
    return f"{driver} {address} changes there: {' '.join(words)}"


class RoutesView(Protocol):
    """What can be asked of such routes."""

    def accepted_changes(self, driver: str, address: str, words: Sequence[str]) -> AcceptedChanges | None:
        """Who accepted exactly these words (`Altering.changes`) for this endpoint, the newest; None if nobody.

        Who is no approver any more, or never was, is nobody.
        """
        ...

    def all_accepted_changes(self) -> list[AcceptedChanges]:
        """All that was ever accepted so, oldest first."""
        ...


class Routes(RoutesView, Protocol):
    """What a store does for them."""

    def awaited_handles(self, line_id: int, since_s: float) -> list[str]:
        """Handles of the line's accepted parts, tried since then, without a final report, oldest first."""
        ...

    def in_doubt(self, line_id: int, since_s: float) -> list[InDoubt]:
        """The line's unknown attempts since then that have a key, oldest first."""
        ...

    def settle_lookup(self, attempt_id: int, outcome: Outcome, now_s: float) -> Future[int | None]:
        """The route's own record settles an attempt that is still unknown, whichever; its message, else None."""
        ...

    def accept_changes(
        self,
        person: str,
        driver: str,
        address: str,
        words: Sequence[str],
        reason: str,
        now_s: float,
        signature: str = "",
    ) -> None:
        """A named officer accepts what sending over this endpoint changes there, in exactly these words.

        `words` name no recipient; they stand in clear in the audit log, the reason sealed. `signature` is of
        `changes_there` and `now_s`.
        """
        ...
