"""The time stamp of the newest head of the audit log, or why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StampRow:
    """What is on record for the newest head `n`, shown as `short`: service and time, or `why` there is no stamp.

    `time` is as entries have it, empty without a stamp. `why` is empty too where none was asked for, or not yet.
    """

    n: int
    short: str
    service: str = ""
    time: str = ""
    why: str = ""


class StampView(Protocol):
    """What can be asked about time stamps."""

    def last_stamp(self) -> StampRow | None:
        """About the newest head that was signed; None while there is none."""
        ...
