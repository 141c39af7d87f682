"""Where a run sends from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from gsmsend import registry
from gsmsend.config import Settings
from gsmsend.contract import Altering, Driver, Endpoint, Explaining, Unready
from gsmsend.errors import DriverError, GsmsendError, NoRoute, UsageError

_MODEMS = "atmodem"
"""The driver of a port that names none."""
_AT_ONCE = 8
_DRIVER = re.compile(r"(?!rfcomm:)[a-z][a-z0-9_-]+:", re.IGNORECASE)
"""A word before a colon is meant for a driver: Windows' drives are one letter, rfcomm is of the modems' driver."""
Route = tuple[Driver, Endpoint]


@dataclass(frozen=True, slots=True)
class Survey:
    """What all installed drivers find. `broken`: by name those that could not be asked, and why."""

    found: tuple[Route, ...]
    broken: tuple[tuple[str, GsmsendError], ...]


def endpoints(settings: Settings, ports: Sequence[str] = ()) -> list[Route]:
    """Where to send from: the ports given, else those of the config, else whatever modems are plugged in.

    Raises UsageError for a port that cannot be one, NoRoute if there is none at all.
    """
    if wanted := named(settings, ports):
        return wanted
    if folders := named_ports(settings, ports):
        raise NoRoute(
            f"there is no virtual modem in {' or '.join(folders)}",
            remedy=f"Start a bench there: gsmsend bench --modems 2 --dir {folders[0]}",
        )
    seen = survey() if settings.discover else Survey((), ())
    found = by_itself(seen.found)
    if found:
        return found
    for one in unready():
        raise NoRoute(
            f"no modem was found; in USB socket {one.place} there is a {one.title}, which shows itself as "
            f"{one.mode}",
            remedy=f"{one.advice}\ngsmsend changes nothing of this.",
        )
    raise NoRoute(
        "no modem was found" + "".join(f"; the driver {name} could not be asked" for name, _ in seen.broken[:3]),
        remedy=_by_name(seen.found)
        or "Plug one in and see 'gsmsend modems' and 'gsmsend doctor', or name its port with --port.",
    )


def named(settings: Settings, ports: Sequence[str] = ()) -> list[Route]:
    """The routes that are named: the ports given, else those of the config. Raises UsageError, DriverError.

    A folder is all virtual modems in it, in a lab.
    """
    found: list[Route] = []
    for port in named_ports(settings, ports):
        folder = folder_of(port)
        if folder is not None and not settings.lab:
            raise UsageError(
                f"{port} is a folder, which stands for the virtual modems in it: that is for lab operations only",
                remedy="Name the lab operation with --operation DIR, or one port, such as /dev/ttyUSB2.",
            )
        found += in_folder(folder) if folder is not None else [route(port)]
    return found


def named_ports(settings: Settings, ports: Sequence[str] = ()) -> list[str]:
    """The ports given, else those of the config, each once."""
    return list(dict.fromkeys(ports or [_in_folder(settings, port) for port in settings.ports]))


def folder_of(port: str) -> Path | None:
    """The folder of a virtual bench, where a port is named so; None if it is none."""
    path = Path(port)
    return path if path.is_dir() and not port.startswith("/dev/") else None


def in_folder(folder: Path) -> list[Route]:
    """The virtual modems of a bench: the pseudo-terminals that it has in its folder, in order of their numbers."""
    driver = registry.driver(_MODEMS)
    found = []
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (len(path.name), path.name))
    except OSError:
        return []
    for path in paths:
        if path.is_char_device():
            endpoint = driver.endpoint(str(path))
            found += [(driver, endpoint)] if endpoint.virtual else []
    return found


def route(port: str) -> Route:
    """The route that a person named. Raises UsageError if it cannot be one, DriverError for a broken driver.

    A port is a device (`/dev/ttyUSB2`, `COM5`) for the AT modem driver, or `DRIVER:ADDRESS`; `DRIVER` alone is the
    one that gsmsend.toml describes under [driver.DRIVER].
    """
    scheme = port.partition(":")[0]
    installed = registry.names()
    driver = registry.driver(scheme if scheme in installed else _MODEMS)
    try:
        return driver, driver.endpoint(port.removeprefix(f"{_MODEMS}:"))
    except UsageError:
        if scheme not in installed and _DRIVER.match(port):
            raise _no_driver(port, scheme, installed) from None
        raise


def _no_driver(port: str, scheme: str, installed: Sequence[str]) -> UsageError:
    near = get_close_matches(scheme, installed, n=1)
    return UsageError(
        f"{port}: there is no driver named {scheme}",
        remedy=(f"Did you mean {near[0]}? " if near else "") + "See which there are with: gsmsend drivers",
    )


def named_as(driver: Driver, endpoint: Endpoint) -> str:
    """What to type, or to put into [modems] ports, for this route."""
    known = driver.name in (_MODEMS, endpoint.address.partition(":")[0])
    return endpoint.address if known else f"{driver.name}:{endpoint.address}"


def changes(driver: Driver, endpoint: Endpoint) -> tuple[str, ...]:
    """What sending over a route changes on the device that it sends from, a sentence each; nothing for a modem."""
    return tuple(driver.changes(endpoint)) if isinstance(driver, Altering) else ()


def survey() -> Survey:
    """Ask every installed driver what is plugged in. One that is broken, or fails, hides no other."""

    def ask(name: str) -> tuple[Route, ...] | GsmsendError:
        try:
            driver = registry.driver(name)
            return tuple((driver, endpoint) for endpoint in driver.discover())
        except GsmsendError as error:
            return error
        except Exception as fault:  # noqa: BLE001 - a stranger's driver; the others must be asked all the same
            return DriverError(
                f"the driver {name} failed when it was asked what there is ({type(fault).__name__})"
            )

    names = registry.names()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        said = dict(zip(names, pool.map(ask, names), strict=True))
    found = [one for answer in said.values() if not isinstance(answer, GsmsendError) for one in answer]
    broken = [(name, answer) for name, answer in said.items() if isinstance(answer, GsmsendError)]
    return Survey(tuple(found), tuple(broken))


def unready() -> list[Unready]:
    """What is plugged in and cannot send as it is, by all drivers that can tell."""
    found: list[Unready] = []
    for name in registry.names():
        with suppress(GsmsendError):
            driver = registry.driver(name)
            if isinstance(driver, Explaining):
                found += driver.unready()
    return found


def by_itself(found: Sequence[Route]) -> list[Route]:
    """What of this a run takes without its being named.

    Not accounts, which have another sender; not what leaves traces on a device, which an officer must want; and a
    modem that several drivers find is left to its own ports.
    """
    direct = [endpoint for driver, endpoint in found if driver.name == _MODEMS]
    return [
        (driver, endpoint)
        for driver, endpoint in found
        if not endpoint.cloud
        and not changes(driver, endpoint)
        and (driver.name == _MODEMS or not any(same_device(endpoint, other) for other in direct))
    ]


def same_device(one: Endpoint, other: Endpoint) -> bool:
    """Whether two endpoints lead to one device, as far as can be told without opening either."""
    if {one.address, *one.others} & {other.address, *other.others}:
        return True
    return one.usb_location is not None and one.usb_location == other.usb_location


def _by_name(found: Sequence[Route]) -> str:
    if not found:
        return ""
    example = named_as(*found[0])
    return (
        f"There is {example}, which is used only where it is named: put it into [modems] ports in gsmsend.toml. "
        f"What sending over it changes on the device is shown by: gsmsend accept {example}"
    )


def _in_folder(settings: Settings, port: str) -> str:
    """A port that gsmsend.toml names from its own folder is that wherever one is; any other is as it stands."""
    inside = settings.folder / port
    return str(inside) if not Path(port).is_absolute() and inside.exists() else port


def drama_allowed(routes: Sequence[Route] | None) -> bool:
    """Whether numbers of the drama range may be queued: with virtual modems, or while no modem is named yet."""
    return not routes or any(endpoint.virtual for _, endpoint in routes)
