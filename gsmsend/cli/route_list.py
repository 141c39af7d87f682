"""All ways to send that this computer and gsmsend.toml have, and what for; none of them is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gsmsend import config, registry, wiring
from gsmsend.cli.operation import settings_of
from gsmsend.config import Settings
from gsmsend.contract import Described, Driver, Endpoint, Traits
from gsmsend.errors import GsmsendError


class Use(StrEnum):
    """What a route is there for."""

    RUN = "run"
    NAMED_ONLY = "only where it is named"
    FALLBACK = "fallback"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Listed:
    """One route. `name` is what to type for it; `campaigns` are those whose fallback it is.

    `changes`: what sending over it changes on the device that it sends from, a sentence each.
    """

    driver: Driver
    endpoint: Endpoint
    use: Use
    name: str
    changes: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()

    @property
    def traits(self) -> Traits | None:
        """What its kind of route can do, as far as its driver says."""
        return self.driver.traits if isinstance(self.driver, Described) else None


@dataclass(frozen=True, slots=True)
class Broken:
    """A driver, or a route that gsmsend.toml names, of which nothing can be said but why."""

    name: str
    error: GsmsendError


@dataclass(frozen=True, slots=True)
class RouteList:
    """`run`: what a run sends over. `others`: found and not used by it, and accounts."""

    run: tuple[Listed, ...]
    others: tuple[Listed, ...]
    broken: tuple[Broken, ...]


def settings_or_default(folder: Path) -> Settings:
    """The operation's settings, or the defaults where the folder is none: looking needs no operation."""
    if (folder / config.FILE).exists() or folder != Path():
        return settings_of(folder)
    return Settings(folder=folder, name="")


def collect(settings: Settings, ports: Sequence[str] = ()) -> RouteList:
    """What there is. With `ports` only these. Raises UsageError for one that cannot be a port."""
    named = wiring.named(settings, ports)
    if ports:
        return RouteList(tuple(_listed(one, Use.RUN) for one in named), (), ())
    seen = wiring.survey() if settings.discover or named else wiring.Survey((), ())
    run = named or (wiring.by_itself(seen.found) if settings.discover else [])
    listed = {one.name: one for one in (_listed(one, Use.RUN) for one in run)}
    others: dict[str, Listed] = {}
    broken = {name: Broken(name, error) for name, error in seen.broken}
    for one in seen.found:
        found = _listed(one, Use.NAMED_ONLY)
        if found.name not in listed:
            others[found.name] = found
    for found in _accounts(settings, broken):
        if found.name not in listed:
            others[found.name] = found
    return RouteList(tuple(listed.values()), tuple(others.values()), tuple(broken.values()))


def routes_of(listed: Sequence[Listed]) -> list[wiring.Route]:
    """The same as pairs."""
    return [(one.driver, one.endpoint) for one in listed]


def wanting(found: RouteList) -> list[Listed]:
    """Those over which texts may leave that change something, so that an officer must accept it."""
    used = (Use.RUN, Use.FALLBACK)
    return [one for one in (*found.run, *found.others) if one.changes and one.use in used]


def _accounts(settings: Settings, broken: dict[str, Broken]) -> Iterator[Listed]:
    """The clouds that have a table, and the routes of fallbacks."""
    campaigns: dict[str, list[str]] = {}
    for terms in settings.fallbacks.values():
        campaigns.setdefault(terms.route, []).append(terms.campaign)
    installed = registry.names()
    tables = [
        name if place is None else f"{name}:{place}"
        for name, table in settings.drivers.items()
        for place in (None, *(key for key, value in table.items() if isinstance(value, dict)))
    ]
    for port in dict.fromkeys((*campaigns, *tables)):
        name = port.partition(":")[0]
        if name in broken or (port not in campaigns and name not in installed):
            continue
        try:
            driver, endpoint = wiring.route(port)
        except GsmsendError as error:
            if port in campaigns:
                broken[port] = Broken(port, error)
            continue
        if port in campaigns:
            yield _listed((driver, endpoint), Use.FALLBACK, tuple(campaigns[port]))
        elif endpoint.cloud:
            yield _listed((driver, endpoint), Use.ACCOUNT)


def _listed(route: wiring.Route, use: Use, campaigns: tuple[str, ...] = ()) -> Listed:
    driver, endpoint = route
    name, changes = wiring.named_as(driver, endpoint), wiring.changes(driver, endpoint)
    return Listed(driver, endpoint, use, name, changes, campaigns)


def twice(found: Sequence[Listed]) -> list[tuple[Listed, Listed]]:
    """Pairs of them that lead to one device, as far as can be told unopened."""
    return [
        (one, other)
        for place, one in enumerate(found)
        for other in found[place + 1 :]
        if wiring.same_device(one.endpoint, other.endpoint)
    ]
