"""`gsmsend doctor`: checks everything before it matters and says in plain words what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from gsmsend import config, wiring
from gsmsend.cli import options
from gsmsend.cli.checks import (
    Finding,
    Level,
    authority,
    clock,
    evidence,
    fallbacks,
    host,
    key,
    modem,
    operation,
    ports,
    retention,
    routes,
    sign_in,
)  # fmt: skip
from gsmsend.cli.route_list import collect, routes_of, settings_or_default
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError, UsageError

_SIGNS = {
    Level.OK: click.style("ok  ", fg="green"),
    Level.NOTE: click.style("note", fg="yellow"),
    Level.BAD: click.style("BAD ", fg="red", bold=True),
}


@click.command()
@options.operation
@click.option("--port", "named", metavar="PATH", multiple=True, help="Check this port; again for more.")
@options.as_json
def doctor(folder: Path, named: tuple[str, ...], *, as_json: bool) -> int:
    """Check this computer, the operation and the modems; say what to do about each finding.

    Changes nothing. Exits with 0 if texts can be sent, 2 if the config is wrong, 5 if a person must act on a
    SIM, 6 if no modem can be used.
    """
    code = 0
    findings: list[Finding] = []
    for finding in examine(folder, named):
        findings.append(finding)
        code = code or finding.exit_code
        if not as_json:
            for line in lines_of(finding):
                options.tell(line, hang=3 if line.startswith(" ") else 6)
    if as_json:
        click.echo(json.dumps({"findings": [as_object(finding) for finding in findings], "exit": code}))
    else:
        options.tell(_verdict(findings, code))
    return code


def examine(folder: Path, named: tuple[str, ...]) -> Iterator[Finding]:
    """All findings, each as soon as it is known."""
    settings: Settings | None = None
    wrong: UsageError | None = None
    busy: list[Finding] = []
    try:
        settings = settings_or_default(folder)
    except UsageError as error:
        wrong = error
    if settings is not None and (folder / config.FILE).exists():
        yield from operation.newest(settings)
    yield from host.python()
    if wrong is not None:
        yield Finding(Level.BAD, "config", str(wrong), wrong.remedy, exit_code=2)
    if (folder / config.FILE).exists():
        yield from operation.folder(folder)
        if settings is not None:
            yield Finding(Level.OK, "config", f"{folder / config.FILE} is in order")
            yield from operation.store(settings)
            yield from clock.against_the_log(settings)
            yield from key.kept(settings)
            signed_in = list(sign_in.found(settings))
            yield from signed_in
            if not any(one.level is Level.BAD for one in signed_in):  # it names campaigns
                yield from retention.due(settings)
                yield from fallbacks.complete(settings)
            yield from evidence.timestamps(settings)
            busy = list(operation.in_use(settings))
            yield from busy
    elif settings is not None:
        yield Finding(
            Level.NOTE,
            "operation",
            "this folder is not an operation",
            "That is fine for looking at modems. To make one: gsmsend init DIR",
        )
    yield from host.disk(folder if folder.is_dir() else Path())
    if not busy:
        yield from _modems(settings or Settings(folder=folder, name=""), named)


def _modems(settings: Settings, named: tuple[str, ...]) -> Iterator[Finding]:
    try:
        found = collect(settings, named)
    except GsmsendError as error:
        yield Finding(Level.BAD, "ports", str(error), error.remedy, exit_code=error.exit_code)
        return
    used = routes_of(found.run)
    addresses = [
        path for _, endpoint in used for path in (endpoint.address, *endpoint.others) if ports.is_device(path)
    ]
    wanted = any(driver.name == "modemmanager" for driver, _ in used)  # it must run then
    if os.name == "posix" and not wanted and (addresses or not used):
        yield from ports.modem_manager(addresses)
    yield from ports.found(used)
    yield from ports.unready(wiring.unready() if not named else ())
    yield from authority.enough(settings, used)
    yield from ports.access(addresses)
    yield from routes.drivers(settings, found)
    yield from modem.all_of(settings, used)
    yield from routes.all_of(settings, found)


def as_object(finding: Finding) -> dict[str, object]:
    """One finding for scripts."""
    return {"check": finding.check, "level": finding.level.value, "says": finding.says, "do": finding.do}


def lines_of(finding: Finding) -> Iterator[str]:
    """One finding for people."""
    yield f"{_SIGNS[finding.level]}  {finding.says}"
    for place, line in enumerate(finding.do.splitlines()):
        yield f"      {'  ' if place else '->'} {line}"


def _verdict(findings: list[Finding], code: int) -> str:
    bad = sum(finding.level is Level.BAD for finding in findings)
    if code:
        return f"\nNot ready: {bad} thing{'s' if bad != 1 else ''} to put right first (marked BAD)."
    if bad:
        return "\nTexts can be sent, but see what is marked BAD."
    if any(finding.check == "in use" for finding in findings):
        return "\nA run is going on."
    return "\nReady: texts can be sent."
