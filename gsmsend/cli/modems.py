"""`gsmsend modems` and `gsmsend drivers`: what is plugged in and what is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from gsmsend import config, registry
from gsmsend.cli import options
from gsmsend.cli.inspection import Seen, look, places
from gsmsend.cli.operation import settings_of
from gsmsend.cli.options import say
from gsmsend.cli.words import bars
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError, NoRoute
from gsmsend.inert import line


@click.command()
@options.operation
@click.option("--port", "ports", metavar="PATH", multiple=True, help="Look at this port; again for more.")
@options.as_json
def modems(folder: Path, ports: tuple[str, ...], *, as_json: bool) -> int:
    """What is plugged in: maker, IMEI, SIM, network, signal, port. Changes nothing on it."""
    settings = settings_or_default(folder)
    found = places(settings, ports)
    if not as_json and found:
        say(f"Asking {len(found)} modem{'s' if len(found) > 1 else ''} ...")
    answered = 0
    for seen in look(settings, found):
        answered += seen.facts is not None
        if as_json:
            click.echo(json.dumps(as_object(seen)))
        else:
            for words in lines_of(seen):
                click.echo(line(words))
    if not found:
        raise NoRoute("no modem was found", remedy="Plug one in, or see: gsmsend doctor")
    return 0 if answered else NoRoute.exit_code


def settings_or_default(folder: Path) -> Settings:
    """The operation's settings, or the defaults where the folder is none: looking needs no operation."""
    if (folder / config.FILE).exists() or folder != Path():
        return settings_of(folder)
    return Settings(folder=folder, name="")


def as_object(seen: Seen) -> dict[str, object]:
    """One object of `modems --json`."""
    found: dict[str, object] = {
        "driver": seen.endpoint.driver,
        "port": seen.endpoint.address,
        "error": seen.problem,
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
        "sim_state": facts.sim_state,
        "iccid": sim.iccid,
        "imsi": sim.imsi,
        "number": sim.number,
        "operator": facts.operator,
        "registration": facts.registration.value,
        "signal": facts.signal_dbm,
        "smsc": facts.smsc,
        "reports": facts.reports,
        "notes": list(facts.notes),
    }


def lines_of(seen: Seen) -> Iterator[str]:
    """The same for people, in lines of at most 80 columns."""
    facts = seen.facts
    if facts is None:
        yield f"{seen.endpoint.address}  ({seen.endpoint.driver})"
        yield f"  no answer: {seen.problem}"
        return
    device, sim = facts.device, facts.sim
    name = " ".join(word for word in (device.manufacturer, device.model) if word) or "unknown modem"
    yield f"{device.address}  {name}{'  (virtual)' if device.virtual else ''}"
    yield f"  IMEI {device.imei or 'unknown'}   SIM {sim.iccid or sim.imsi or facts.sim_state}" + (
        f"   number {sim.number}" if sim.number else ""
    )
    network = f"{facts.operator or 'no operator'}, {facts.registration.value}"
    signal = (
        f"{bars(facts.signal_dbm)} {facts.signal_dbm} dBm" if facts.signal_dbm is not None else "signal unknown"
    )
    yield f"  {network}   {signal}"
    if facts.sim_state != "READY":
        yield f"  SIM state: {facts.sim_state}"
    for note in facts.notes:
        yield f"  {note}"


@click.command()
@options.as_json
def drivers(*, as_json: bool) -> None:
    """The kinds of routes that are installed."""
    for name in registry.names():
        summary, error = "", ""
        try:
            summary = registry.driver(name).summary
        except GsmsendError as problem:
            error = str(problem)
        if as_json:
            click.echo(json.dumps({"name": name, "summary": summary, "error": error or None}))
        else:
            click.echo(line(f"{name:<12} {error or summary}"))
