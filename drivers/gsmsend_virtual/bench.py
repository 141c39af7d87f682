"""The bench without ports: N modems, their SIMs and one network, all on one set of timers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gsmsend_virtual.journal import Journal
from gsmsend_virtual.modem import Modem
from gsmsend_virtual.network import Conditions, Network
from gsmsend_virtual.personality import load
from gsmsend_virtual.sim import make_sim
from gsmsend_virtual.timers import Timers


@dataclass
class Plan:
    """What to build. `personalities` are dealt round robin."""

    modems: int = 1
    personalities: Sequence[str] = ("generic",)
    conditions: Conditions = field(default_factory=Conditions)
    seed: int = 0


class Bench:
    """N modems and their network. `now` and `epoch_s` are one instant on both clocks."""

    def __init__(
        self, plan: Plan, journal: Journal | None = None, *, now: float = 0.0, epoch_s: float = 1_767_225_600.0
    ) -> None:
        self.plan = plan
        self.timers = Timers(now)
        self.journal = journal or Journal()
        self.journal.epoch_offset_s = epoch_s - now
        self.network = Network(self.timers, self.journal, plan.conditions, seed=plan.seed)
        self.network.epoch_offset_s = epoch_s - now
        self.modems: list[Modem] = []
        for index in range(1, plan.modems + 1):
            personality = load(plan.personalities[(index - 1) % len(plan.personalities)])
            self.modems.append(Modem(index, personality, make_sim(index), self.network, self.journal))

    def power_on(self) -> None:
        """Start every modem."""
        for modem in self.modems:
            modem.boot()
