"""By what right five or more SIMs are used: the engine's authority, over this host and all others."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint, Store
from gsmsend.engine.authority import Authority
from gsmsend.errors import GuardStop


def authority_of(settings: Settings, store: Store) -> Authority:
    """Asks the store which lines other hosts have now."""

    def elsewhere() -> int:
        held = {one.line_id for one in store.other_lines() if one.held}
        if not held:
            return 0
        return sum(line.line_id in held and not line.virtual and not line.cloud for line in store.lines())

    return Authority(settings, time.time, elsewhere)


def check_authority(settings: Settings, routes: Sequence[tuple[Driver, Endpoint]]) -> None:
    """Raise GuardStop if five or more devices here can use a SIM and gsmsend.toml does not say by what right."""
    authority = Authority(settings, time.time, lambda: 0)
    why, remedy = authority.refusal((endpoint for _, endpoint in routes), alone=True)
    if why:
        raise GuardStop(f"{why}; nothing was sent", remedy=remedy)
