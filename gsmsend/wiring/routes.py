"""Where a run sends from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gsmsend import registry
from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint
from gsmsend.errors import NoRoute


def endpoints(settings: Settings, ports: Sequence[str] = ()) -> list[tuple[Driver, Endpoint]]:
    """Where to send from: the ports given, else those of the config, else whatever is plugged in.

    A port is a device (`/dev/ttyUSB2`, `COM5`) for the AT modem driver, or `DRIVER:ADDRESS`.
    Raises UsageError for a port that cannot be one, NoRoute if there is none at all.
    """
    found: list[tuple[Driver, Endpoint]] = []
    wanted = list(dict.fromkeys(ports or [_in_folder(settings, port) for port in settings.ports]))
    if wanted:
        known = registry.names()
        for port in wanted:
            scheme = port.partition(":")[0]
            driver = registry.driver(scheme if ":" in port and scheme in known else "atmodem")
            found.append((driver, driver.endpoint(port)))
        return found
    if settings.discover:
        for name in registry.names():
            driver = registry.driver(name)
            found += [(driver, endpoint) for endpoint in driver.discover()]
    if not found:
        raise NoRoute(
            "no modem was found",
            remedy="Plug one in and see 'gsmsend modems' and 'gsmsend doctor', or name its port with --port.",
        )
    return found


def _in_folder(settings: Settings, port: str) -> str:
    """A port that gsmsend.toml names from its own folder is that wherever one is; any other is as it stands."""
    inside = settings.folder / port
    return str(inside) if not Path(port).is_absolute() and inside.exists() else port


def drama_allowed(routes: Sequence[tuple[Driver, Endpoint]] | None) -> bool:
    """Whether numbers of the drama range may be queued: with virtual modems, or while no modem is named yet."""
    return not routes or any(endpoint.virtual for _, endpoint in routes)
