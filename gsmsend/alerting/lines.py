"""The lines of a run as its events tell of them: which can send, which should and do not."""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.alerting.troubles import LineSeen
from gsmsend.engine.events import Event, HealthChanged, LineChanged

_UP = frozenset({"ready", "sending", "waiting"})
_MEANT = frozenset({*_UP, "closed"})
"""A line whose closing day has come receives only: that was decided, nothing is wrong with it."""


@dataclass(slots=True)
class _Line:
    title: str
    address: str
    name: str
    state: str
    why: str
    sick: str = ""


class LineBook:
    """`take` every event in order; ask on any thread."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def take(self, event: Event) -> None:
        """Fold one event in."""
        if isinstance(event, LineChanged) and event.state == "removed":
            self._lines = {key: one for key, one in self._lines.items() if one.address != event.address}
        elif isinstance(event, LineChanged):
            title = event.known_as or event.name
            before = self._lines.get(title)
            sick = before.sick if before is not None else ""
            here = {title: _Line(title, event.address, event.name, event.state, event.why, sick)}
            # A port is called by its path until its SIM is known; a line may come back at another port.
            others = {key: one for key, one in self._lines.items() if one.address != event.address or key == title}
            self._lines = {**others, **here}
        elif isinstance(event, HealthChanged):
            for one in self._lines.values():
                if one.name == event.line:
                    one.sick = "; ".join(event.reasons) if event.grade == "sick" else ""

    def seen(self) -> list[LineSeen]:
        """All lines, as troubles() wants them."""
        return [
            LineSeen(one.title, one.state not in _MEANT, one.why or one.state, one.sick)
            for one in self._lines.values()
        ]

    @property
    def up(self) -> int:
        """How many can send, or do."""
        return sum(one.state in _UP for one in self._lines.values())
