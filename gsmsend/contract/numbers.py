"""The part of a store that is about the numbers (TP-MR) which a line's device gives to its texts."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from gsmsend.model import Evidence, Outcome, OutcomeKind


@dataclass(frozen=True, slots=True)
class Tried:
    """A closed attempt of one line, as far as the sequence of TP-MRs tells of it; `by`, how it became known.

    `number` tells recipients apart and no more: it may be the hash of one.
    """

    attempt_id: int
    message_id: int
    opened_at_s: float
    number: str
    kind: OutcomeKind
    reference: int | None = None
    code: int | None = None
    by: Evidence | None = None


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """A line's last attempt, which is unknown.

    `reference` is what the SIM's own count (EF-SMSS) still is if this one never left, None if that is not known.
    `counter_seen` is the IMEI of the device that was seen to keep that count.
    """

    message_id: int
    opened_at_s: float
    reference: int | None
    counter_seen: str | None


class Numbers(Protocol):
    """What a store keeps of the SIM's own count, and of the stretch in which a device counts in one piece."""

    def last_unknown(self, line_id: int) -> OpenEnd | None:
        """The line's last attempt, if it is unknown."""
        ...

    def counter_seen(self, line_id: int, imei: str) -> None:
        """The SIM's own count of texts was seen to advance in this device."""
        ...

    def keeps_counter(self, line_id: int, imei: str | None) -> bool:
        """Whether this device was seen to keep the SIM's own count."""
        ...

    def counter_read(self, line_id: int, value: int) -> None:
        """The SIM's own count as it was just read, before any further attempt of the line."""
        ...

    def mark(self, line_id: int) -> str | None:
        """The mark under which this line's device counts in one piece, None if it has none."""
        ...

    def set_mark(self, line_id: int, mark: str | None) -> None:
        """The device was marked just now: it counts in one piece from the line's next attempt on.

        On disk before any further attempt of the line.
        """
        ...

    def forget_marks(self) -> None:
        """Some device is about to be restarted: no line's mark says anything about what was before. On disk."""
        ...

    def unsettled(self, line_id: int, quiet_s: float) -> int | None:
        """How many unknown attempts the texts after them prove not sent, None if none is unknown.

        Of those since the line's device was marked; of a long stretch, the newest. `quiet_s` as in Rules.
        """
        ...

    def settle_by_next(
        self, line_id: int, mark: str, quiet_s: float, outcome: Outcome, now_s: float
    ) -> Future[list[int]]:
        """Settle those as not sent, if the line's mark is still this one; the message ids.

        Call it only once the device was found to have that mark, after the texts that prove it.
        """
        ...
