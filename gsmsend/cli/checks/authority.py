"""Five or more devices that can use a SIM: whether gsmsend.toml says by what right they are held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gsmsend import wiring
from gsmsend.cli.checks import Finding, Level
from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint
from gsmsend.errors import GuardStop


def enough(settings: Settings, used: Sequence[tuple[Driver, Endpoint]]) -> Iterator[Finding]:
    """A run refuses without it."""
    try:
        wiring.check_authority(settings, used)
    except GuardStop as stop:
        yield Finding(Level.BAD, "authority", str(stop), stop.remedy, exit_code=stop.exit_code)
