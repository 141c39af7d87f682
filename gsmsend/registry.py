"""Drivers by entry point `gsmsend.drivers`: loaded only when asked for, duplicate names refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points

from gsmsend.contract import Driver
from gsmsend.errors import DriverError

GROUP = "gsmsend.drivers"
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)[^;]*;(.*\bextra == ['\"]([\w.-]+)['\"].*)")
_PLATFORM = re.compile(r"sys_platform == ['\"](\w+)['\"]")


@dataclass(frozen=True, slots=True)
class Extra:
    """What a driver needs besides its own package: the extra that is named as it is.

    `install` is what to type for it. `missing` are distributions of it that are not installed.
    """

    name: str
    install: str
    missing: tuple[str, ...]


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


def needs(name: str) -> Extra | None:
    """What the driver of this name needs installed; None if it needs nothing of its own, or there is no such."""
    entry = _by_name().get(name)
    if entry is None or entry.dist is None:
        return None
    wanted = list(_requirements(entry.dist.requires or [], name))
    if not wanted:
        return None
    missing = tuple(one for one in wanted if not _installed(one))
    return Extra(name, f"pip install '{_origin(entry)}[{name}]'", missing)


def _requirements(lines: list[str], name: str) -> Iterator[str]:
    for line in lines:
        found = _REQUIREMENT.fullmatch(line)
        platform = _PLATFORM.search(line)
        if found and found[3] == name and (platform is None or platform[1] == sys.platform):
            yield found[1]


def _installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


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
