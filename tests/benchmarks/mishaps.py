"""What befalls the modems of a long run, drawn by its seed: pulled out and put back, or hanging for a while."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

POINTS = ("now", "now", "now", "before-prompt", "at-prompt", "mid-pdu", "after-ctrl-z", "before-result")
"""Where in the exchange of a text a modem is pulled out, or begins to hang."""
_NEW_NAME = 0.3
_LONG = 0.15
_SHORT_S, _LONG_S = (1.0, 20.0), (20.0, 120.0)
_WEDGED_S = (10.0, 120.0)
_SPARED_S = 30.0
"""After a modem is whole again it has nothing to fear for so long, so that its mishaps can be told apart."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """One of them: the bench's fault switch for `modem`, and for how many seconds it lasts."""

    at_s: float
    modem: int
    kind: str
    lasts_s: float
    switch: str


class Mishaps:
    """One modem is unplugged each `unplug_every_s`, one hangs each `wedge_every_s`; none that is out."""

    def __init__(
        self, dice: random.Random, modems: int, *, unplug_every_s: float = 60.0, wedge_every_s: float = 300.0
    ) -> None:
        self._dice = dice
        self._busy_until_s = dict.fromkeys(range(1, modems + 1), 0.0)
        self._every = {"unplug": unplug_every_s, "wedge": wedge_every_s}
        self._next = {kind: every_s / 2 for kind, every_s in self._every.items()}

    def due(self, now_s: float) -> Iterator[Mishap]:
        """What happens by `now_s` seconds from the start."""
        for kind, at_s in self._next.items():
            if now_s >= at_s:
                self._next[kind] = at_s + self._every[kind]
                drawn = self._draw(kind, now_s)
                if drawn is not None:
                    yield drawn

    def _draw(self, kind: str, now_s: float) -> Mishap | None:
        whole = [modem for modem, until_s in self._busy_until_s.items() if until_s <= now_s]
        if not whole:
            return None
        dice = self._dice
        modem, point = dice.choice(whole), dice.choice(POINTS)
        if kind == "unplug":
            lasts_s = round(dice.uniform(*(_LONG_S if dice.random() < _LONG else _SHORT_S)), 1)
            name = "new" if dice.random() < _NEW_NAME else "same"
            switch = f"unplug:at={point},back={lasts_s},name={name},modem={modem}"
        else:
            lasts_s = round(dice.uniform(*_WEDGED_S), 1)
            switch = f"wedge:how=silent,at={point},for={lasts_s},modem={modem}"
        self._busy_until_s[modem] = now_s + lasts_s + _SPARED_S
        return Mishap(now_s, modem, kind, lasts_s, switch)
