"""Which device it is that sending changes: an acceptance is for that one, and for none that takes its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gsmsend import transcripts
from gsmsend.config import Settings
from gsmsend.contract import AcceptedChanges, Altering, Driver, Endpoint, OpenOptions, RoutesView
from gsmsend.errors import GsmsendError, GuardStop
from gsmsend.model import Facts

_BY_IMEI = re.compile(r"(IMEI \d+) ")
_MOST = 4


def changes(driver: Driver, endpoint: Endpoint) -> tuple[str, ...]:
    """What sending over it changes on the device that it sends from, a sentence each; nothing for a modem."""
    return tuple(driver.changes(endpoint)) if isinstance(driver, Altering) else ()


def unnamed(driver: Driver, endpoint: Endpoint) -> bool:
    """Whether a route names its driver alone, so that it is any device, whichever the config means that day."""
    return endpoint.address.removesuffix(":") in ("", driver.name)


def named_instead(driver: Driver) -> str:
    """What to do where no device is named: the addresses of those that are there, if the driver can tell."""
    try:
        there = [f"{driver.name}:{endpoint.address}" for endpoint in driver.discover()]
    except GsmsendError:
        there = []
    told = (
        " or ".join(there[:_MOST]) or f"{driver.name}:ADDRESS, as gsmsend modems or [driver.{driver.name}] has it"
    )
    return f"Name the device, under [modems] ports too: {told}"


def device(settings: Settings, driver: Driver, endpoint: Endpoint, facts: Facts | None = None) -> str:
    """The name of the device behind an endpoint that an acceptance is bound to: serial number, MAC, or IMEI.

    Where the address is that of a port, the device is asked for its IMEI (`facts` are what it told already).
    Raises GuardStop if none is named, or it does not tell; LinkLost if nobody answers.
    """
    if unnamed(driver, endpoint):
        raise GuardStop(
            f"{driver.name} alone names no device, so nothing is known to be accepted for it; nothing was sent",
            remedy=named_instead(driver),
        )
    if not endpoint.place:
        return endpoint.address
    if facts is None:
        transcript = transcripts.place(settings, endpoint.address, looking=True)
        table = dict(settings.drivers.get(driver.name, {}))
        facts = driver.inspect(endpoint, OpenOptions(transcript, table, exhibit=True))
    if not facts.device.imei:
        raise GuardStop(
            f"the device at {endpoint.address} does not tell its IMEI, so that it is the one for which an officer "
            "accepted what changes cannot be known; nothing was sent",
            remedy="Reach it by an address of its own: docs/routes.md says which routes have one.",
        )
    return f"IMEI {facts.device.imei}"


def acceptance(
    view: RoutesView, driver: Driver, endpoint: Endpoint, words: Sequence[str]
) -> AcceptedChanges | None:
    """Who accepted it, the device not being asked: behind a port it may be another, which a run finds out."""
    if unnamed(driver, endpoint):
        return None
    if not endpoint.place:
        return view.accepted_changes(driver.name, endpoint.address, words)
    for row in reversed(view.all_accepted_changes()):
        found = _BY_IMEI.match(row.what.removeprefix(f"{driver.name} "))
        by = view.accepted_changes(driver.name, found[1], words) if found is not None else None
        if by is not None:
            return by
    return None
