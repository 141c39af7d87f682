"""Status reports that ModemManager received, put together for texts that it split by itself.

ModemManager tells the TP-MR of a text's last part only, and gives each report with a TP-MR of its own. Parts of
one text are handed over one after the other, so theirs are the ones before it (TS 23.040 9.2.3.6: they count up by
one). A text is delivered when so many reports came as it has parts, each for another TP-MR.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from gsmsend.model import ReportOutcome
from gsmsend.requesting import Status
from gsmsend.sms import tp_status

_TEXT_OF_OURS = 16
_NOT_3GPP = 0x100
_PATIENCE_S = 10.0
"""After a restart, how long until the texts from before are asked about, and so are known."""


@dataclass(frozen=True, slots=True)
class Handle:
    """What a text over ModemManager is known by.

    `own`: the beginning of its submission's key; `reference`: the TP-MR of its last part; `parts`: how many
    ModemManager made; `check`: two octets that tell its recipient from most others, and tell nobody who it is.
    """

    own: str
    reference: int
    parts: int
    check: str

    @classmethod
    def of(cls, key: str, reference: int, parts: int, recipient: str) -> Handle:
        """For a text that was sent."""
        own = key[:_TEXT_OF_OURS]
        return cls(own, reference, parts, _check(own, recipient))

    @classmethod
    def parsed(cls, handle: str) -> Handle | None:
        """From what `str` gave; None if it did not."""
        own, *rest = handle.split("-")
        if len(rest) != 3 or not all(part.isascii() and part.isdigit() for part in rest[:2]):
            return None
        return cls(own, int(rest[0]), int(rest[1]), rest[2])

    def __str__(self) -> str:
        return f"{self.own}-{self.reference}-{self.parts}-{self.check}"

    def has(self, reference: int, recipient: str) -> bool:
        """Whether a report with this TP-MR about this recipient can be of it."""
        back = (self.reference - reference) % 256
        return back < self.parts and self.check == _check(self.own, recipient)


def _check(own: str, recipient: str) -> str:
    """Reports may have a number in its national form, so only its last digits are looked at."""
    return sha256(f"{own} {recipient[-7:]}".encode()).hexdigest()[:4]


@dataclass(slots=True)
class _Collected:
    handle: Handle
    reports: dict[int, Status] = field(default_factory=dict)


class Reports:
    """Those of one link: texts that reports are wanted for, the newest last, and reports that nobody wanted."""

    def __init__(self) -> None:
        self._texts: dict[str, _Collected] = {}
        self._unclaimed: dict[str, tuple[int, Status]] = {}
        self._came_s: dict[str, float] = {}

    def expect(self, handles: Sequence[str]) -> Iterator[Status]:
        """Reports are wanted for these, too; what is known already of those that are new."""
        for handle in handles:
            parsed = Handle.parsed(handle)
            if parsed is not None and handle not in self._texts:
                self._texts[handle] = _Collected(parsed)
        for path, (reference, status) in list(self._unclaimed.items()):
            found = self._claim(reference, status)
            if found is not None:
                del self._unclaimed[path]
                self._came_s.pop(path, None)
                yield from self._sum(found)

    def take(self, path: str, properties: dict[str, Any], now_s: float) -> Iterator[Status]:
        """A report that came at `now_s` (monotonic): what is known of its text now."""
        reference, status = int(properties.get("MessageReference", 0)), _status(properties)
        found = self._claim(reference, status)
        if found is None:
            self._unclaimed[path] = (reference, status)
            self._came_s[path] = now_s
            return
        yield from self._sum(found)

    def unmatched(self, now_s: float) -> Iterator[Status]:
        """Reports that came a while ago and are of no text that is known: to be kept and shown, each once."""
        for path in [path for path, came_s in self._came_s.items() if now_s - came_s >= _PATIENCE_S]:
            del self._came_s[path]
            reference, status = self._unclaimed[path]
            yield replace(status, handle=f"unmatched-{reference}", how="event")

    def keep(self, path: str, properties: dict[str, Any]) -> None:
        """A report that was there before: it counts once its text is wanted."""
        self._unclaimed[path] = (int(properties.get("MessageReference", 0)), _status(properties))

    def _claim(self, reference: int, status: Status) -> _Collected | None:
        """The newest text without a final report for this TP-MR that it can be of."""
        for text in reversed(self._texts.values()):
            known = text.reports.get(reference)
            open_still = known is None or not tp_status(known.status).final
            if open_still and text.handle.has(reference, status.recipient):
                text.reports[reference] = status
                return text
        return None

    def _sum(self, text: _Collected) -> Iterator[Status]:
        """What its reports come to: its worst end, delivered once there are enough, or still under way."""
        handle, reports = str(text.handle), list(text.reports.values())
        bad = [one for one in reports if tp_status(one.status).outcome is ReportOutcome.UNDELIVERED]
        final = [one for one in reports if tp_status(one.status).final]
        chosen = None
        if bad:
            chosen = bad[0]
        elif len(final) >= text.handle.parts:
            chosen = max(final, key=lambda one: one.status)  # forwarded or replaced is less than delivered (0)
        elif len(final) < len(reports):
            chosen = next(one for one in reports if not tp_status(one.status).final)
        if chosen is not None:
            raw = "; ".join(one.raw for one in reports)
            yield Status(
                handle, chosen.status, chosen.said, raw, chosen.discharged_at_s, chosen.recipient, how="event"
            )


def _status(properties: dict[str, Any]) -> Status:
    """One report. A state that is not of 3GPP (MMSmsDeliveryState from 0x100) says nothing final here."""
    state = int(properties.get("DeliveryState", _NOT_3GPP))
    known = state if state < _NOT_3GPP else 0x30
    said = tp_status(state).name if state < _NOT_3GPP else f"delivery state {state:#x}"
    raw = json.dumps({
        name: properties.get(name)
        for name in ("MessageReference", "DeliveryState", "Timestamp", "DischargeTimestamp")
    }, sort_keys=True)  # fmt: skip
    recipient = str(properties.get("Number", ""))
    return Status("", known, said, raw, epoch_s(properties.get("DischargeTimestamp")), recipient)


def epoch_s(stamp: object) -> float | None:
    """Seconds since the epoch of an ISO 8601 time as ModemManager gives it (`2026-11-22T10:00:00+00`), or None."""
    try:
        moment = datetime.fromisoformat(str(stamp))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None
