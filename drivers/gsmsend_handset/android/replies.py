"""Texts that come in, as far as the app tells them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from gsmsend.contract import Clock
from gsmsend.model import Inbound
from gsmsend_handset.android.app import App, sound
from gsmsend_handset.android.settings import Settings
from gsmsend_handset.android.wire import Answered

NOT_TOLD = (
    "replies are not seen over this route: this version of the app does not tell received texts (1.59.0 and later "
    "do); they are in the handset's inbox"
)
NOT_ASKED = "replies are not seen over this route, as driver.android.replies_s is 0"
REFUSED = "replies are not seen over this route: the app refuses to tell received texts (HTTP {})"
_NOT_THERE = frozenset({404, 405, 501})


class Replies:
    """Asks for received texts now and then. `why_not` says why there are none to ask for, "" while there are."""

    def __init__(self, app: App, settings: Settings, clock: Clock) -> None:
        self._app, self._settings, self._clock = app, settings, clock
        self._asked_s = float("-inf")
        self._heard: set[str] = set()
        self.why_not = "" if settings.replies_s > 0 else NOT_ASKED

    def due_in_s(self) -> float:
        """How long until they are asked for again, in seconds."""
        if self.why_not:
            return float("inf")
        return max(0.0, self._asked_s + self._settings.replies_s - self._clock.monotonic())

    def poll(self, slot: int) -> list[Inbound]:
        """What was not told yet of what came in for the SIM in this slot, oldest first. Raises NoAnswer."""
        self._asked_s = self._clock.monotonic()
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        found: list[Inbound] = []
        try:
            # What the network delivers late bears its old time, so the whole span is asked for each time.
            for one in self._app.received(now - timedelta(hours=self._settings.replies_hours)):
                if one["id"] not in self._heard and one["sim"] in {None, slot}:
                    self._heard.add(one["id"])
                    found.append(inbound(one))
        except Answered as answered:
            if answered.status in _NOT_THERE:
                self.why_not = NOT_TOLD
            elif answered.status < 500:
                self.why_not = REFUSED.format(answered.status)
        return found[::-1]


def inbound(one: dict[str, Any]) -> Inbound:
    """A received text as the engine has it; `raw` tells it from any other."""
    raw = json.dumps(one, sort_keys=True, separators=(",", ":"))
    return Inbound(sound(one["sender"]), sound(one["text"]), sent_at_s=one["at"], raw=raw, how="poll")
