"""`gsmsend hosts`: which hosts work on an operation, with which lines, and when each was heard of last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from gsmsend.cli import options
from gsmsend.cli.operation import looked_at
from gsmsend.cli.words import count
from gsmsend.contract import HostRow, HostState
from gsmsend.inert import line

_WORDS = {
    HostState.UP: "at work",
    HostState.SILENT: "not heard of; its lines are free soon",
    HostState.LEFT: "has ended",
    HostState.LOST: "was lost; its lines are free",
}


@click.command()
@options.operation
@options.as_json
def hosts(folder: Path, *, as_json: bool) -> None:
    """Which hosts work on it, with which lines, and when each was heard of last."""
    with looked_at(folder) as (_, store):
        shared, rows = store.leases_expire, store.hosts()
    if as_json:
        for row in rows:
            click.echo(json.dumps(_object(row, shared=shared)))
        return
    for words in _lines(rows, shared=shared):
        options.tell(words)


def _object(row: HostRow, *, shared: bool) -> dict[str, object]:
    """One object of `hosts --json`. Where only one host can be at work, nobody says that it is there."""
    return {
        "name": row.name,
        "state": row.state.value,
        "seen_seconds_ago": round(row.seen_s, 1) if shared else None,
        "lines": list(row.lines),
        "fence": row.fence,
    }


def _lines(rows: list[HostRow], *, shared: bool) -> Iterator[str]:
    if not shared:
        yield "The store is a file, so one host at a time works on it: see 'gsmsend status'."
        yield "For several, the store must be on a PostgreSQL server: docs/hosts.md"
        return
    if not rows:
        yield "No host has worked on it yet."
    for row in rows:
        ago = f"{row.seen_s:.0f} s" if row.seen_s < 600 else f"{row.seen_s / 3600:.1f} h"
        yield f"{line(row.name)}: {_WORDS[row.state]}, {count(len(row.lines), 'line')}, heard of {ago} ago"
        if row.lines:
            yield f"  {', '.join(map(line, row.lines))}"
