"""What became of texts, as AWS writes it into CloudWatch Logs: a laptop can read them, and needs no address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gsmsend.contract import Clock
from gsmsend.requesting import Busy, Status
from gsmsend.sms import tp_status
from gsmsend_cloud.aws_calls import Calls
from gsmsend_cloud.provider_table import ProviderTable

CONTEXT = "gsmsend"
"""Under this name our key is in Context (SendTextMessage), and so in the events."""
_BACK_S = 4 * 86400.0
"""How far back the first look goes: the longest validity, three days, and one more."""
_AGAIN_S = 600.0
"""Events come late and out of order: so much is read again each time."""
_PAGES = 100
_STILL_TRYING = 0x30
"""TP-Status of what is still under way (TS 23.040 9.2.3.15, service centre specific)."""
_NUMBERS = ("destinationPhoneNumber", "destination")
_TAKEN = ("TEXT_QUEUED",)
"""This says only that AWS took it, which its answer said already."""
_MOST = 20_000


class EventLog:
    """The events of some log groups: those of SMS voice v2, or those of SNS."""

    def __init__(self, calls: Calls, groups: Sequence[str], table: ProviderTable, clock: Clock) -> None:
        self._calls, self._groups, self._table, self._clock = calls, groups, table, clock
        self._client = calls.client("logs") if groups else None
        self._since_s = clock.now() - _BACK_S
        self._statuses: dict[str, Status] = {}
        self._handles: dict[str, str] = {}
        self._places: dict[str, str] = {}

    def missing(self) -> list[str]:
        """Those groups that are not there. Raises GuardStop, LinkLost, Busy."""
        return [group for group in self._groups if self._page(group, self._clock.now(), "", limit=1) is None]

    def look(self) -> None:
        """Read what is new. Raises GuardStop, LinkLost, Busy."""
        now_s = self._clock.now()
        for group in self._groups:
            place = self._places.pop(group, "")
            for _ in range(_PAGES):
                page = self._page(group, self._since_s, place) or {}
                for event in page.get("events", ()):
                    self._read(event)
                place = page.get("nextToken", "")
                if not place:
                    break
            else:
                self._places[group] = place  # far behind: the next look goes on there
                raise Busy(1.0)
        self._since_s = max(self._since_s, now_s - _AGAIN_S)
        for kept in (self._statuses, self._handles):
            while len(kept) > _MOST:
                kept.pop(next(iter(kept)))

    def status(self, handle: str) -> Status | None:
        """The last that was said of a text; an end stays one."""
        return self._statuses.get(handle)

    def handle(self, key: str) -> str:
        """The MessageId of the text that was handed over under our key; empty if no event has it."""
        return self._handles.get(key, "")

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()

    def _page(self, group: str, since_s: float, place: str, limit: int = 10_000) -> dict[str, Any] | None:
        assert self._client is not None  # noqa: S101 - there is one as there are groups
        more = {"nextToken": place} if place else {}
        page: dict[str, Any] | None = self._calls.ask(
            self._client.filter_log_events,
            logGroupName=group,
            startTime=max(0, int(since_s * 1000)),
            limit=limit,
            **more,
        )
        return page

    def _read(self, event: dict[str, Any]) -> None:
        try:
            told = json.loads(str(event.get("message", "")))
        except ValueError:
            return
        if not isinstance(told, dict):
            return
        status = event_status(told, self._table, float(event.get("timestamp", 0)) / 1000 or None, "poll")
        if status is None:
            return
        key = _inside(told, "context", CONTEXT)
        if key:
            self._handles[key] = status.handle
        before = self._statuses.get(status.handle)
        if status.said not in _TAKEN and (before is None or not tp_status(before.status).final):
            self._statuses[status.handle] = status


def event_status(told: dict[str, Any], table: ProviderTable, at_s: float | None, how: str) -> Status | None:
    """What an event says of a text, None for one that says nothing; `raw` is the event without the number."""
    handle, said, ended, recipient = _of_sns(told, table) if "delivery" in told else _of_voice(told)
    if not handle or not said:
        return None
    status = table.tp(said)
    if not ended and tp_status(status).final:
        status = _STILL_TRYING
    raw = json.dumps(_without(told), sort_keys=True, ensure_ascii=True)
    return Status(handle, status, said, raw, at_s, recipient, how)


def _without(told: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without(value) if isinstance(value, dict) else value
        for name, value in told.items()
        if name not in _NUMBERS
    }


def _of_voice(told: dict[str, Any]) -> tuple[str, str, bool, str]:
    """MessageId, eventType, whether it is the end, whom it went to: an event of SMS voice v2."""
    ended = told.get("isFinal") is not False
    return _word(told, "messageId"), _word(told, "eventType"), ended, _word(told, "destinationPhoneNumber")


def _of_sns(told: dict[str, Any], table: ProviderTable) -> tuple[str, str, bool, str]:
    """The same of SNS, whose word is the providerResponse if the table has it, else SUCCESS or FAILURE."""
    handle = _inside(told, "notification", "messageId")
    said = _inside(told, "delivery", "providerResponse")
    if not any(row.said == said for row in table.rows if row.tp is not None):
        said = _word(told, "status")
    return handle, said, True, _inside(told, "delivery", "destination")


def _inside(told: dict[str, Any], outer: str, name: str) -> str:
    found = told.get(outer)
    return _word(found, name) if isinstance(found, dict) else ""


def _word(told: dict[str, Any], name: str) -> str:
    found = told.get(name)
    return found if isinstance(found, str) else ""
