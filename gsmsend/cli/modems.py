"""`gsmsend modems`: what is plugged in, and every other way to send that this computer has."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from gsmsend import registry, wiring
from gsmsend.cli import health_view, options, retention
from gsmsend.cli.inspection import Seen, look, same_sim
from gsmsend.cli.modems_identify import identify
from gsmsend.cli.modems_sources import Past
from gsmsend.cli.operation import run_going_on
from gsmsend.cli.options import say
from gsmsend.cli.route_list import Broken, Listed, RouteList, Use, collect, routes_of, settings_or_default, twice
from gsmsend.cli.sockets import socket_lines, socket_object, twins, unready_lines, unready_object
from gsmsend.cli.words import bars, count
from gsmsend.config import Settings
from gsmsend.contract import AcceptedChanges
from gsmsend.engine import exhibits
from gsmsend.errors import GsmsendError, NoRoute, UsageError
from gsmsend.inert import line

Accepted = dict[str, AcceptedChanges]
"""Who accepted what a route changes, by the route's name."""
_USES = {
    Use.NAMED_ONLY: "A run uses it only if it is named: put {name!r} into [modems] ports.",
    Use.ACCOUNT: "An account: it carries what a [fallback.CAMPAIGN] of gsmsend.toml gives it.",
}


@click.group(invoke_without_command=True)
@options.operation
@click.option("--port", "ports", metavar="PATH", multiple=True, help="Look at this port; again for more.")
@click.option("--watch", "watching", is_flag=True, help="Again and again, until Ctrl-C: signal, health, parts.")
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=float,
    default=None,
    help="With --watch: how often (1 with a run, else 15).",
)
@click.option("--times", metavar="N", type=click.IntRange(min=1), default=None, help="With --watch: so often.")
@options.as_json
@click.pass_context
def modems(
    context: click.Context,
    folder: Path,
    ports: tuple[str, ...],
    *,
    watching: bool,
    every_s: float | None,
    times: int | None,
    as_json: bool,
) -> int:
    """What can send from here: modems, phones, accounts. Changes nothing on them.

    What a run sends over is asked who it is: maker, IMEI, SIM, network, signal. Phones that are not named in
    gsmsend.toml, and accounts, are only listed. With --watch beside a run no port is opened: then it shows what
    the run records.
    """
    if context.invoked_subcommand is not None:
        return 0
    if not watching and (every_s is not None or times is not None):
        raise UsageError("--every and --times go with --watch")
    settings = settings_or_default(folder)
    if watching:
        from gsmsend.cli.modems_watch import watch  # noqa: PLC0415 - rich costs a tenth of a second

        return watch(settings, ports, every_s=every_s, times=times, as_json=as_json)
    return _list(settings, ports, as_json=as_json)


modems.add_command(identify)


def _list(settings: Settings, ports: tuple[str, ...], *, as_json: bool) -> int:
    found = collect(settings, ports)
    if not as_json and found.run:
        say(f"Asking {count(len(found.run), 'modem')} ...")
    accepted = accepted_of(settings, (*found.run, *found.others))
    now_s = time.time()
    past = Past(settings, now_s)
    answered: list[tuple[Listed, Seen]] = []
    for listed, seen in zip(found.run, look(settings, routes_of(found.run)), strict=True):
        answered.append((listed, seen))
        health = past.health(seen.facts, now_s) if seen.facts is not None else None
        if as_json:
            told = health_view.as_object(health) if health is not None else None
            click.echo(json.dumps(as_object(seen) | {"health": told} | about(listed, accepted)))
        else:
            _print(lines_of(seen))
            _print([f"  health {health.words}"] if health is not None and health.reasons else [])
            _print(route_lines(listed, accepted, settings))
    _rest(found, accepted, settings, as_json=as_json)
    if not as_json:
        _print(twofold(answered, found))
        _print(twins([seen for _, seen in answered]))
    for one in wiring.unready() if not ports else ():
        if as_json:
            click.echo(json.dumps(unready_object(one)))
        else:
            _print(unready_lines(one))
    if not as_json and run_going_on(settings):
        say(
            "A run has the modems. What it records of them: gsmsend modems --watch"
            + options.where(settings.folder)
        )
    if not found.run:
        raise NoRoute("no modem was found", remedy="Plug one in, or see: gsmsend doctor")
    return 0 if any(seen.facts is not None for _, seen in answered) else NoRoute.exit_code


def accepted_of(settings: Settings, listed: Sequence[Listed]) -> Accepted:
    """Who accepted what; nobody where there is no store, or it cannot tell."""
    altering = [one for one in listed if one.changes]
    if not altering or not settings.may_have_store:
        return {}
    try:
        with closing(wiring.open_view(settings)) as view:
            asked = {
                one.name: exhibits.acceptance(view, one.driver, one.endpoint, one.changes) for one in altering
            }
    except GsmsendError:
        return {}  # `doctor` says what is wrong with the store
    return {name: found for name, found in asked.items() if found is not None}


def _rest(found: RouteList, accepted: Accepted, settings: Settings, *, as_json: bool) -> None:
    """What is listed without being asked."""
    for one in found.others:
        if as_json:
            empty = {"driver": one.driver.name, "port": one.endpoint.address, "error": None}
            click.echo(json.dumps(empty | about(one, accepted)))
        else:
            title = f"  {one.endpoint.description}" if one.endpoint.description else ""
            _print((f"{one.name}{title}  (not asked)", *route_lines(one, accepted, settings)))
    for broken in found.broken:
        if as_json:
            click.echo(json.dumps({"driver": broken.name, "port": None, "error": str(broken.error)}))
        else:
            _print(broken_lines(broken))


def about(one: Listed, accepted: Accepted) -> dict[str, object]:
    """What `modems --json` says of a route beside what the route itself said."""
    traits, by = one.traits, accepted.get(one.name)
    return {
        "route": one.name,
        "use": one.use.value,
        "campaigns": list(one.campaigns),
        "kind": traits.kind if traits else None,
        "delivery_reports": traits.reports or None if traits else None,
        "replies": traits.replies or None if traits else None,
        "changes": list(one.changes),
        "accepted": {"person": by.person, "at": options.iso(by.at_s)} if by else None,
    }


def as_object(seen: Seen) -> dict[str, object]:
    """What a route said of itself, for `modems --json`."""
    found: dict[str, object] = {
        "driver": seen.endpoint.driver,
        "port": seen.endpoint.address,
        "error": seen.problem,
        **socket_object(seen.endpoint.usb_location),
    }
    facts = seen.facts
    if facts is None:
        return found
    device, sim = facts.device, facts.sim
    return found | {
        "port": device.address,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "revision": device.revision,
        "imei": device.imei,
        "usb": device.usb,
        "profile": device.profile,
        "virtual": device.virtual,
        "account": device.account or None,
        "sim_state": facts.sim_state,
        "iccid": sim.iccid,
        "imsi": sim.imsi,
        "number": sim.number,
        "operator": facts.operator,
        "registration": facts.registration.value,
        "signal": facts.signal_dbm,
        "temperature": facts.temperature_c,
        "smsc": facts.smsc,
        "reports": facts.reports,
        "sends": facts.sends,
        "notes": list(facts.notes),
    }


def lines_of(seen: Seen) -> Iterator[str]:
    """The same for people."""
    facts = seen.facts
    if facts is None:
        yield f"{seen.endpoint.address}  ({seen.endpoint.driver})"
        cannot = "cannot be used" if seen.guard or seen.misconfigured else "no answer"
        yield f"  {cannot}: {seen.problem}"
        yield from socket_lines(seen.endpoint.usb_location)
        return
    device, sim = facts.device, facts.sim
    name = " ".join(word for word in (device.manufacturer, device.model) if word) or "unknown modem"
    yield f"{device.address}  {name}{'  (virtual)' if device.virtual else ''}"
    if device.account and not sim.known:
        yield f"  {device.account}"
    else:
        yield f"  IMEI {device.imei or 'unknown'}   SIM {sim.iccid or sim.imsi or facts.sim_state}" + (
            f"   number {sim.number}" if sim.number else ""
        )
        network = f"{facts.operator or 'no operator'}, {facts.registration.value}"
        dbm = facts.signal_dbm
        warm = f"   {facts.temperature_c:.0f} \u00b0C" if facts.temperature_c is not None else ""
        yield f"  {network}   {f'{bars(dbm)} {dbm} dBm' if dbm is not None else 'signal unknown'}{warm}"
        yield from socket_lines(seen.endpoint.usb_location)
    if facts.sim_state != "READY":
        yield f"  SIM state: {facts.sim_state}"
    for note in facts.notes:
        yield f"  {note}"


def route_lines(one: Listed, accepted: Accepted, settings: Settings) -> Iterator[str]:
    """What kind of route it is, and what an officer must know of it; nothing for a plain modem."""
    where = options.where(settings.folder)
    traits = one.traits
    if traits is not None and (one.use is not Use.RUN or one.changes):
        yield f"  {traits.kind}"
        yield f"  reports: {traits.reports or 'none come back: texts stay unconfirmed'}"
        yield f"  replies: {traits.replies or 'are not seen by gsmsend'}"
    if one.use is Use.FALLBACK:
        yield f"  The fallback of {', '.join(one.campaigns)}. To see whether it is ready: gsmsend doctor{where}"
    elif one.use in _USES:
        yield f"  {_USES[one.use].format(name=one.name)}"
    if one.changes:
        by = accepted.get(one.name)
        told = (
            f"accepted by {by.person} on {retention.day(settings, by.at_s)}"
            if by
            else f"see gsmsend accept{where} {one.name}"
        )
        yield f"  changes on the device: {count(len(one.changes), 'thing')}, {told}"


def broken_lines(broken: Broken) -> Iterator[str]:
    """A driver that cannot be asked, and what to do."""
    extra = registry.needs(broken.name)
    yield f"{broken.name}  (driver)"
    yield f"  {broken.error}"
    if extra is not None and extra.missing:
        yield f"  To install what it needs: {extra.install}"
    elif broken.error.remedy:
        yield f"  {broken.error.remedy}"


def twofold(answered: Sequence[tuple[Listed, Seen]], found: RouteList) -> Iterator[str]:
    """One SIM, or one device, that can be reached by two routes: only one of them may be used."""
    listed = (*found.run, *found.others)
    pairs = {frozenset((one.name, other.name)): (one, other) for one, other in twice(listed)}
    for place, (one, seen) in enumerate(answered):
        also = [other for other, told in answered[place + 1 :] if same_sim(seen, told)]
        imei = seen.facts.device.imei if seen.facts is not None else None
        also += [other for other in found.others if imei is not None and other.endpoint.address == imei]
        pairs |= {frozenset((one.name, other.name)): (one, other) for other in also}
    for one, other in pairs.values():
        yield (
            f"{one.name} and {other.name} lead to one SIM: use one of them only. A run takes the first that is "
            "up, and stops the other."
        )


def _print(lines: Iterable[str]) -> None:
    for words in lines:
        options.tell(line(words), hang=2)
