"""Other ways out: what they need installed, what they change on a phone, and whether accounts answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

from gsmsend import clockfacts, registry, wiring
from gsmsend.cli import options, retention
from gsmsend.cli.checks import Finding, Level, modem
from gsmsend.cli.inspection import Seen, look
from gsmsend.cli.route_list import Listed, RouteList, Use, routes_of
from gsmsend.cli.words import count
from gsmsend.config import Settings
from gsmsend.engine import exhibits
from gsmsend.engine.identifying import line_of_sender, line_without_number, number_it, numeric
from gsmsend.errors import GsmsendError, GuardStop

_FAR_MS = 20_000
"""A clock that may be off by more than this has requests refused: Notify takes a key's token for 30 seconds."""


def drivers(settings: Settings, found: RouteList) -> Iterator[Finding]:
    """Whether the drivers that gsmsend.toml wants can be loaded, and have what they need."""
    broken = {one.name: one.error for one in found.broken}
    listed = (*found.run, *(one for one in found.others if one.use is not Use.NAMED_ONLY))
    wanted = [one.driver.name for one in listed] + [name for name in settings.drivers if name in broken]
    wanted += [terms.route.partition(":")[0] for terms in settings.fallbacks.values()]
    for name in dict.fromkeys(wanted):
        needs = registry.needs(name)
        if needs is not None and needs.missing:
            words = f"the driver {name} lacks {', '.join(needs.missing)}: nothing can be sent over it"
            yield Finding(Level.BAD, "driver", words, f"Install it: {needs.install}")
        elif name in broken:
            yield Finding(Level.BAD, "driver", str(broken[name]), broken[name].remedy)
    for name in sorted(broken.keys() - set(wanted)):
        if name.partition(":")[0] != name:  # a fallback's route that is none
            yield Finding(Level.BAD, "route", str(broken[name]), broken[name].remedy)


def all_of(settings: Settings, found: RouteList) -> Iterator[Finding]:
    """What routes change, whether accounts answer, and what is found but not used."""
    yield from accepted(settings, [one for one in (*found.run, *found.others) if one.use is not Use.NAMED_ONLY])
    yield from _unused(found)
    accounts = [one for one in found.others if one.use is not Use.NAMED_ONLY]
    if accounts or any(one.endpoint.cloud for one in found.run):
        yield from clock(_clock_facts())
    ready = [one for one in accounts if not _lacks(one)]
    for one, seen in zip(ready, look(settings, routes_of(ready)), strict=True):
        for finding in modem.one(seen):
            yield Finding(finding.level, "account", _for_whom(one, finding.says), finding.do)
        yield from _sender(settings, one, seen)


def accepted(settings: Settings, listed: Sequence[Listed]) -> Iterator[Finding]:
    """Whether an officer accepted what a route changes on the device that it sends from."""
    altering = [one for one in listed if one.changes]
    if not altering or settings.lab:
        return
    where = options.where(settings.folder)
    try:
        with closing(wiring.open_view(settings)) as view:
            for one in altering:
                by = exhibits.acceptance(view, one.driver, one.endpoint, one.changes)
                things = count(len(one.changes), "thing")
                if exhibits.unnamed(one.driver, one.endpoint):
                    words = f"{one.name} names no device, and changes {things} on it: nothing is sent over it"
                    code = GuardStop.exit_code if one.use is Use.RUN else 0
                    yield Finding(Level.BAD, "accepted", words, exhibits.named_instead(one.driver), code)
                elif by is not None:
                    on = retention.day(settings, by.at_s)
                    words = f"{one.name} changes {things} on the device; {by.person} accepted that on {on}"
                    words += ", for one device by its IMEI, which a run asks for" if one.endpoint.place else ""
                    yield Finding(Level.OK, "accepted", words)
                else:
                    yield Finding(
                        Level.BAD,
                        "accepted",
                        f"{one.name} changes {things} on the device, and no officer has accepted that: nothing is "
                        "sent over it",
                        f"See what, and who accepts it: gsmsend accept{where} {one.name}",
                        GuardStop.exit_code if one.use is Use.RUN else 0,
                    )
    except GsmsendError:
        return  # the check of the store says so


def clock(facts: clockfacts.ClockFacts) -> Iterator[Finding]:
    """Providers refuse requests that are signed by a clock which is off; said only if it may be."""
    off = max(abs(facts.offset_ms or 0), facts.error_ms or 0)
    if off > _FAR_MS:
        words = (
            f"this computer's clock may be off by {off / 1000:.0f} seconds: providers refuse signed requests then"
        )
        yield Finding(Level.BAD, "clock", words, _set_it())
    elif facts.synchronised is False:
        words = "this computer's clock is kept by no time service: providers refuse signed requests if it is off"
        yield Finding(Level.NOTE, "clock", words, _set_it())


def _clock_facts() -> clockfacts.ClockFacts:
    watch = clockfacts.ClockWatch()
    watch.read()
    watch.wait()  # where a program must be asked: at most some seconds
    return watch.read()


def _set_it() -> str:
    return (
        "sudo timedatectl set-ntp true" if sys.platform.startswith("linux") else "Set it by the internet's time."
    )


def _unused(found: RouteList) -> Iterator[Finding]:
    for one in found.others:
        if one.use is Use.NAMED_ONLY:
            yield Finding(
                Level.NOTE,
                "routes",
                f"{one.name} is there, but is used only where it is named",
                f'To send over it: ports = ["{one.name}"] under [modems] in gsmsend.toml',
            )
        elif one.use is Use.ACCOUNT:
            yield Finding(
                Level.NOTE,
                "routes",
                f"{one.name} has a table in gsmsend.toml, but is the fallback of no campaign: it carries nothing",
                "See docs/routes.md, or take its table out.",
            )


def _sender(settings: Settings, one: Listed, seen: Seen) -> Iterator[Finding]:
    """Whether an account sends under the number of a line: a run refuses that."""
    if seen.facts is None or not one.endpoint.cloud:
        return
    try:
        with closing(wiring.open_view(settings)) as view:
            lines = view.lines()
    except GsmsendError:
        lines = []
    if name := line_of_sender(settings, lines, seen.facts.device.account):
        words = f"{one.name} sends under the number of the line {name}: nothing is sent over it"
        yield Finding(Level.BAD, "account", words, "Give the account a sender of its own.")
    elif name := line_without_number(settings, lines, seen.facts.device.account):
        words = f"{one.name} sends under a number, and that of the line {name} is not known: it may be the same"
        words += "" if settings.lab else ", so nothing is sent over it"
        yield Finding(Level.NOTE if settings.lab else Level.BAD, "account", words, number_it(name))
    elif not settings.lab and numeric(seen.facts.device.account) and all(line.cloud for line in lines):
        words = f"{one.name} sends under a number, and no line has been up yet that it could be compared with"
        yield Finding(Level.NOTE, "account", words, "See that it is the number of none of your lines.")


def _lacks(one: Listed) -> bool:
    needs = registry.needs(one.driver.name)
    return needs is not None and bool(needs.missing)


def _for_whom(one: Listed, says: str) -> str:
    return f"fallback of {', '.join(one.campaigns)}: {says}" if one.campaigns else says
