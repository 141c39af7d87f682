"""What the TP-Status of an SMS-STATUS-REPORT means (TS 23.040 9.2.3.15; gsmsend/data/tp-status.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from gsmsend.model import ReportOutcome
from gsmsend.sms.octets import check_octet


class Finality(StrEnum):
    """How an undelivered message ended, which says whether trying again can help."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TpStatus:
    """`value` is the octet as received; `finality` is None unless the outcome is undelivered."""

    value: int
    name: str
    outcome: ReportOutcome
    finality: Finality | None = None

    @property
    def final(self) -> bool:
        """Whether no further report is to be expected: the service centre has stopped trying."""
        return self.outcome is not ReportOutcome.PENDING


def tp_status(value: int) -> TpStatus:
    """What a raw TP-Status means; reserved values have a reading too. Raises SmsError outside 0 to 255."""
    return _table()[check_octet(value, "TP-ST")]


@cache
def _table() -> tuple[TpStatus, ...]:
    import csv  # noqa: PLC0415 - 7 ms of imports that only those who read reports need
    from importlib import resources  # noqa: PLC0415

    text = resources.files("gsmsend").joinpath("data", "tp-status.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    statuses = {}
    for row in rows:
        first, _dash, last = row["value"].partition("-")
        outcome, _space, finality = row["outcome"].partition(" ")
        for value in range(int(first, 16), int(last or first, 16) + 1):
            ended = Finality(finality) if finality else None
            statuses[value] = TpStatus(value, row["name"], ReportOutcome(outcome), ended)
    return tuple(statuses[value] for value in range(256))
