"""`gsmsend drivers`: the kinds of routes that are installed, and what each needs."""

from __future__ import annotations

import json

import click

from gsmsend import registry
from gsmsend.cli import options
from gsmsend.contract import Described
from gsmsend.errors import GsmsendError
from gsmsend.inert import line

_WIDTH = 13


@click.command()
@options.as_json
def drivers(*, as_json: bool) -> None:
    """The kinds of routes that are installed, and what each needs besides."""
    for name in registry.names():
        found = row(name)
        if as_json:
            click.echo(json.dumps(found))
            continue
        options.tell(line(f"{name:<{_WIDTH}}{found['error'] or found['summary']}"), hang=_WIDTH)
        needs = registry.needs(name)
        if needs is not None and needs.missing:
            options.tell(f"{'':<{_WIDTH}}not installed: {', '.join(needs.missing)}")
            options.tell(f"{'':<{_WIDTH}}to have it: {needs.install}")


def row(name: str) -> dict[str, object]:
    """One object of `drivers --json`."""
    summary, error, traits = "", None, None
    try:
        driver = registry.driver(name)
        summary, traits = driver.summary, driver.traits if isinstance(driver, Described) else None
    except GsmsendError as problem:
        error = str(problem)
    extra = registry.needs(name)
    return {
        "name": name,
        "summary": summary,
        "error": error,
        "kind": traits.kind if traits else None,
        "delivery_reports": traits.reports or None if traits else None,
        "replies": traits.replies or None if traits else None,
        "unknown": traits.unknown or None if traits else None,
        "extra": extra.name if extra else None,
        "install": extra.install if extra else None,
        "installed": not extra.missing if extra else True,
        "missing": list(extra.missing) if extra else [],
    }
