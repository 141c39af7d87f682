"""Status reports that ModemManager received, and the texts that they are of.

ModemManager splits a text by itself, tells the TP-MR of its last part only, and gives each report with the TP-MR
of its part. Parts are handed over one after the other, so theirs are the ones before it (TS 23.040 9.2.3.6: they
count up by one). It asks the network for a report of the last part only (seen with 1.20.4): of a longer text the
others stay unconfirmed, as nothing says that they arrived.

Who a text went to is known in memory alone, while the process lives: a handle stands in clear in the log and in
what is handed out, and anything in it that is made of a number leads back to that number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gsmsend.model import ReportOutcome
from gsmsend.requesting import Status
from gsmsend.sms import tp_status

_TEXT_OF_OURS = 16
_ENDING = 7
_NOT_3GPP = 0x100
_MOST = 5000
"""So many texts are remembered, far more than there are TP-MR to tell them by."""
_PATIENCE_S = 10.0
"""After a restart, how long until the texts from before are asked about, and so are known."""


@dataclass(frozen=True, slots=True)
class Handle:
    """What a text over ModemManager is known by.

    `own`: the beginning of its submission's key; `reference`: the TP-MR of its last part; `parts`: how many
    ModemManager made, `total`: how many gsmsend counts. Nothing in it is made of the recipient.
    """

    own: str
    reference: int
    parts: int
    total: int

    @classmethod
    def of(cls, key: str, reference: int, parts: int, total: int) -> Handle:
        """For a text that was sent."""
        return cls(key[:_TEXT_OF_OURS], reference, parts, total)

    @classmethod
    def parsed(cls, handle: str) -> Handle | None:
        """From what `str` gave; None if it did not."""
        own, *rest = handle.split("-")
        if len(rest) != 3 or not all(part.isascii() and part.isdigit() for part in rest):
            return None
        return cls(own, int(rest[0]), int(rest[1]), int(rest[2]))

    def __str__(self) -> str:
        return f"{self.own}-{self.reference}-{self.parts}-{self.total}"

    def part(self, reference: int) -> str:
        """What the part with this TP-MR is known by, as gsmsend.requesting names parts; empty if by nothing."""
        if self.parts == 1:
            return str(self)
        if self.parts == self.total:
            return f"{self}#{self.parts - (self.reference - reference) % 256}"
        return ""

    def has(self, reference: int) -> bool:
        """Whether a report with this TP-MR can be of it."""
        return (self.reference - reference) % 256 < self.parts


@dataclass(slots=True)
class _Text:
    """`ending`: the last digits of its recipient, as reports may have it in national form; empty if not known."""

    handle: Handle
    ending: str = ""
    reports: dict[int, Status] = field(default_factory=dict)


class Reports:
    """Those of one link: texts that reports are wanted for, the newest last, and reports that nobody wanted."""

    def __init__(self) -> None:
        self._texts: dict[str, _Text] = {}
        self._unclaimed: dict[str, tuple[int, Status]] = {}
        self._came_s: dict[str, float] = {}

    def sent(self, handle: Handle, recipient: str) -> None:
        """Reports are wanted for a text of this process. None can be older than it."""
        text = self._texts[str(handle)] = _Text(handle, recipient[-_ENDING:])
        for path, (reference, status) in list(self._unclaimed.items()):
            if handle.has(reference) and text.ending == status.recipient[-_ENDING:]:
                del self._unclaimed[path]
                self._came_s.pop(path, None)

    def expect(self, handles: Sequence[str]) -> Iterator[Status]:
        """Reports are wanted for these, too; what is known already of those that are new."""
        for handle in handles:
            parsed = Handle.parsed(handle)
            if parsed is not None and handle not in self._texts:
                self._texts[handle] = _Text(parsed)
        for handle in list(self._texts)[: max(0, len(self._texts) - _MOST)]:
            del self._texts[handle]
        for path, (reference, status) in list(self._unclaimed.items()):
            text = self._claim(reference, status)
            if text is not None:
                del self._unclaimed[path]
                self._came_s.pop(path, None)
                yield from _told(text.handle, reference, status)

    def take(self, path: str, properties: dict[str, Any], now_s: float) -> Iterator[Status]:
        """A report that came at `now_s` (monotonic): what is known of its text now."""
        reference, status = int(properties.get("MessageReference", 0)), _status(properties)
        text = self._claim(reference, status)
        if text is None:
            self._unclaimed[path] = (reference, status)
            self._came_s[path] = now_s
            return
        yield from _told(text.handle, reference, status)

    def unmatched(self, now_s: float) -> Iterator[Status]:
        """Reports that came a while ago and are of no text that is known: to be kept and shown, each once."""
        for path in [path for path, came_s in self._came_s.items() if now_s - came_s >= _PATIENCE_S]:
            del self._came_s[path]
            reference, status = self._unclaimed[path]
            yield replace(status, handle=f"unmatched-{reference}", how="event")

    def keep(self, path: str, properties: dict[str, Any]) -> None:
        """A report that was there before: it counts once its text is wanted."""
        self._unclaimed[path] = (int(properties.get("MessageReference", 0)), _status(properties))

    def _claim(self, reference: int, status: Status) -> _Text | None:
        """The newest text of this process without a final report for this TP-MR, to this recipient.

        If there is none: the text from before with this TP-MR, if there is but one. To whom that went is not known
        here; the report says it, and whoever keeps the texts compares. It may be refused there, so the text stays.
        """
        ours = [text for text in reversed(self._texts.values()) if text.handle.has(reference)]
        ending = status.recipient[-_ENDING:]
        for text in ours:
            known = text.reports.get(reference)
            open_still = known is None or not tp_status(known.status).final
            if open_still and text.ending and text.ending == ending:
                text.reports[reference] = status
                return text
        before = [text for text in ours if not text.ending]
        return before[0] if len(before) == 1 and ending else None


def _told(handle: Handle, reference: int, status: Status) -> Iterator[Status]:
    """The report as one of its part. Where parts cannot be told apart, only bad news is news of the whole."""
    known = handle.part(reference)
    if not known and tp_status(status.status).outcome is ReportOutcome.UNDELIVERED:
        known = str(handle)
    if known:
        yield replace(status, handle=known, how="event")


def _status(properties: dict[str, Any]) -> Status:
    """One report. A state that is not of 3GPP (MMSmsDeliveryState from 0x100) says nothing final here."""
    state = int(properties.get("DeliveryState", _NOT_3GPP))
    known, said = 0x30, f"delivery state {state:#x}"
    if state < _NOT_3GPP:
        known, said = state, f"TP-Status 0x{state:02X}: {tp_status(state).name}"
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
