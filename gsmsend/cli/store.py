"""`gsmsend store`: where the operation's store is; moving it to a server and back."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.cli import options, unlocking
from gsmsend.cli.operation import person, settings_of
from gsmsend.config import FILE, Settings
from gsmsend.store import schema
from gsmsend.store.engine import is_there
from gsmsend.store.generation import Revision

_MANY = 10_000
"""From so many rows on, a table is named while it is copied."""


@click.group(invoke_without_command=True)
@options.operation
@options.as_json
@click.pass_context
def store(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Where this operation's store is: in a file of its folder, or in a PostgreSQL database.

    In a database several hosts work on it at once.
    """
    ctx.obj = folder
    if ctx.invoked_subcommand is None:
        show(settings_of(folder), as_json=as_json)


def show(settings: Settings, *, as_json: bool) -> None:
    """Say where it is, of which schema, and how far its audit log has come. Raises StoreError, MovedStop."""
    found = wiring.place_of(settings)
    there = is_there(found.place)
    with closing(wiring.open_view(settings)) as view:
        newest = view.newest_entry()
        hosts = [one for one in view.hosts() if one.lines]
    entries = newest.number if newest is not None else 0
    own = Revision.of(schema.HEAD)
    generation = own.generation if own is not None else 0
    if as_json:
        options.emit({
            "store": found.url or str(found.place), "there": there, "schema": schema.HEAD,
            "generation": generation,
            "entries": entries, "hosts": {one.name: list(one.lines) for one in hosts},
        })  # fmt: skip
        return
    options.tell(f"The store is {found.place}." if there else f"There is no store yet; it will be {found.place}.")
    options.tell(f"Schema {schema.HEAD}, generation {generation}; {entries} entries in its audit log.")
    for host in hosts:
        options.tell(f"{host.name} is {host.state}, and has {', '.join(host.lines)}.")


@store.command()
@click.option("--to", metavar="WHERE", required=True, help="postgresql://USER@HOST/DATABASE, or sqlite: the file.")
@options.operation_or_groups
@unlocking.unlocks
def move(to: str, folder: Path) -> None:
    """Move the store, with nothing lost, while no run goes on on any host.

    All of it is copied, compared row by row and checked against the audit log; then the old store is marked, so
    that nothing can be sent from it any more. Cut off at any moment, one of the two is the store: give the same
    command again. At the end it says what to write into gsmsend.toml on each host.
    """
    settings = settings_of(folder)
    said = ""

    def tell(table: str, rows: int) -> None:
        nonlocal said
        if rows >= _MANY and table != said:
            said = table
            options.say(f"copying {table} ...")

    was = wiring.place_of(settings)
    moved, found = wiring.move_store(settings, to, person=person(), now_s=time.time(), tell=tell)
    rows, entries = sum(moved.rows.values()), moved.verdict.entries
    options.tell(
        f"The store is now {found.place}: {rows} rows in {len(moved.rows)} tables, all of them as they were, and "
        f"as the {entries} entries of the audit log tell."
    )
    if moved.verdict.closed:
        options.tell(f"Who wrote the entries was not checked: {moved.verdict.closed}.")
    options.tell(f"Next, on each host, write under [operation] in {FILE}: {found.line}")
    options.tell(
        f"{was.place} is kept, and nothing is sent from it any more. What is forgotten from now on is not "
        "forgotten there: delete it once the new one has a backup."
    )
