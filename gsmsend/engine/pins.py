"""PINs (invariant 6): typed at most once for each approval, never with one try left; PUK is never typed."""

from __future__ import annotations

import re

from gsmsend.engine.context import RunContext
from gsmsend.errors import GuardStop
from gsmsend.model import Sim

_SAFE_TRIES = 2
"""With fewer tries left a wrong PIN would block the SIM, or leave a single try."""


class Pins:
    """contract.PinDesk from the config and the store's memory of what was typed."""

    def __init__(self, context: RunContext, address: str) -> None:
        self._context = context
        self._address = address

    def pin(self, sim: Sim, tries_left: int | None) -> str:
        """The PIN, written down as tried before it is handed out. Raises GuardStop."""
        asks = f"the SIM in {self._address} asks for its PIN"
        if sim.iccid is None:
            raise GuardStop(f"{asks}, and does not tell its ICCID; nothing was typed", remedy=_BY_HAND)
        asks = f"the SIM {sim.iccid} in {self._address} asks for its PIN"
        entry = self._context.settings.pins.get(sim.iccid)
        if entry is None:
            raise GuardStop(f"{asks}, and gsmsend.toml has none for it; nothing was typed", remedy=_BY_HAND)
        value = entry.value()
        if value is None:
            raise GuardStop(
                f"{asks}, and the environment variable {entry.variable} is not set; nothing was typed",
                remedy=f"Set {entry.variable} and run again.",
            )
        if not re.fullmatch(r"\d{4,8}", value):
            raise GuardStop(
                f"{asks}, and {entry.variable} does not hold 4 to 8 digits; nothing was typed",
                remedy=f"Set {entry.variable} to the PIN and run again.",
            )
        if tries_left is None or tries_left < _SAFE_TRIES:
            left = "it does not say how many tries are left" if tries_left is None else f"{tries_left} try is left"
            raise GuardStop(f"{asks}, but {left}; nothing was typed", remedy=_BY_HAND)
        if not self._context.store.pin_try(sim.iccid, entry.approval, self._context.clock.now()):
            raise GuardStop(
                f"{asks}, and refused the one of approval {entry.approval} before; nothing was typed",
                remedy="Find out the right PIN, set it, and raise the number of the approval in gsmsend.toml.",
            )
        return value

    def accepted(self, sim: Sim) -> None:
        """The SIM took it."""
        entry = self._context.settings.pins.get(sim.iccid or "")
        if entry is not None and sim.iccid is not None:
            self._context.store.pin_accepted(sim.iccid, entry.approval, self._context.clock.now())


_BY_HAND = "Unlock the SIM in a phone and switch its PIN off, or name its PIN in gsmsend.toml under [pin.ICCID]."
