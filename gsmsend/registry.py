"""Drivers by entry point `gsmsend.drivers`: loaded only when asked for, duplicate names refused."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from gsmsend.contract import Driver
from gsmsend.errors import DriverError

GROUP = "gsmsend.drivers"


def names() -> list[str]:
    """The names of all installed drivers, sorted. Loads none of them. Raises DriverError on a duplicate."""
    return sorted(_by_name())


def driver(name: str) -> Driver:
    """Load one driver. Raises DriverError if it is not installed, cannot be loaded or is no driver."""
    found = _by_name()
    if name not in found:
        raise DriverError(
            f"there is no driver named {name}", remedy=f"Installed are: {', '.join(sorted(found)) or 'none'}."
        )
    entry = found[name]
    try:
        loaded = entry.load()
    except Exception as error:
        raise DriverError(
            f"driver {name} ({_origin(entry)}) cannot be loaded: {error}",
            remedy="Install it again, or remove it.",
        ) from error
    if not isinstance(loaded, Driver) or loaded.name != name:
        raise DriverError(
            f"{entry.value} ({_origin(entry)}) does not satisfy gsmsend.contract.Driver under the name {name}",
            remedy="Tell its author: drivers/README.md says what a driver must have.",
        )
    return loaded


def _by_name() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        other = found.get(entry.name)
        if other is not None and (other.value, _origin(other)) != (entry.value, _origin(entry)):
            raise DriverError(
                f"two drivers are named {entry.name}: {other.value} ({_origin(other)}) and {entry.value} "
                f"({_origin(entry)}); neither was loaded",
                remedy=f"Remove one of them with: pip uninstall {_origin(entry)}",
            )
        found[entry.name] = entry
    return found


def _origin(entry: EntryPoint) -> str:
    """The distribution that an entry point comes from."""
    return entry.dist.name if entry.dist is not None else "unknown package"
