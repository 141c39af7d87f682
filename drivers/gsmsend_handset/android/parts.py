"""Delivery of a text in several parts: the app's word is about one of them, its log has the report of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gsmsend.contract import Clock
from gsmsend.errors import SmsError
from gsmsend.model import ReportOutcome
from gsmsend.requesting import Status
from gsmsend.sms import StatusReport, from_pdu, tp_status
from gsmsend_handset.android.app import App, TextState
from gsmsend_handset.android.wire import Answered

_LATEST_S = 3600.0
"""Parts are delivered together, or hours later: after so long the word about one of them stands."""
_FRESH_S = 5.0
_MARGIN_S = 60.0


class PartReports:
    """What the log says of the parts of texts of which the app says "Delivered"."""

    def __init__(self, app: App, clock: Clock) -> None:
        self._app, self._clock = app, clock
        self._first_s: dict[str, float] = {}
        self._entries: list[dict[str, Any]] = []
        self._read_s = self._since_s = float("inf")

    def all_of(self, status: Status, known: TextState, parts: int) -> Status | None:
        """What the reports of all parts say together; None while some are missing.

        `status`, which says that one part at least was delivered, stands where the log does not have them, or not
        within an hour. Raises NoAnswer.
        """
        now_s = self._clock.monotonic()
        late = now_s - self._first_s.setdefault(status.handle, now_s) > _LATEST_S
        delivered_s = dict(known.at_s).get(known.word)
        if parts < 2 or delivered_s is None or not self._read(delivered_s - _MARGIN_S, now_s):
            return status
        found = reports_of(self._entries, status.handle)
        if not found or late:
            return status
        if len(found) < parts:
            return None
        worst = min(found.values(), key=lambda each: tp_status(each[0]).outcome is ReportOutcome.DELIVERED)[0]
        raw = json.dumps({"said": known.word, "pdus": [pdu for _, pdu in found.values()]}, separators=(",", ":"))
        words = f"{known.word} (reports of {len(found)} parts)"
        return replace(status, status=worst, said=words, raw=raw)

    def _read(self, since_s: float, now_s: float) -> bool:
        """Whether the log could be read from then on."""
        if since_s >= self._since_s and now_s - self._read_s < _FRESH_S:
            return True
        try:
            self._entries = self._app.log(since_s)
        except Answered:
            return False
        self._since_s, self._read_s = since_s, now_s
        return True


def reports_of(entries: Iterable[Mapping[str, Any]], key: str) -> dict[int, tuple[int, str]]:
    """By TP-MR, the final TP-Status and the PDU (hex) of each status report about the text with this id.

    The log has them as Android hands them to the app: with the service centre in front, as +CDS does.
    """
    found: dict[int, tuple[int, str]] = {}
    for entry in entries:
        context = entry.get("context")
        about = context.get("data") if isinstance(context, Mapping) else None
        pdu = context.get("pdu") if isinstance(context, Mapping) else None
        if not isinstance(about, str) or not isinstance(pdu, str) or not about.startswith(f"{key}|"):
            continue
        try:
            _, report = from_pdu(pdu, "from_network")
        except SmsError:
            continue
        if isinstance(report, StatusReport) and tp_status(report.status).outcome is not ReportOutcome.PENDING:
            found[report.reference] = (report.status, pdu.upper())
    return found
