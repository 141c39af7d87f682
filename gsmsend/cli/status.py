"""`gsmsend status`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gsmsend import wiring
from gsmsend.cli import fall_view, health_view, options, retention, stamps, standing
from gsmsend.cli.line_names import known_as, natural
from gsmsend.cli.operation import looked_at, run_going_on, sent_in_part
from gsmsend.cli.summary import for_a_reader
from gsmsend.cli.words import STATE_WORDS, bars, count, tail
from gsmsend.config import Settings
from gsmsend.contract import LineRow, ReportCounts, StoreView
from gsmsend.engine.health import Health
from gsmsend.errors import KeyStop
from gsmsend.inert import line
from gsmsend.keyplace import Place
from gsmsend.masking import mask_number
from gsmsend.model import State


@click.command()
@options.operation
@options.as_json
def status(folder: Path, *, as_json: bool) -> None:
    """Counts per state, lines and reports of an operation."""
    with looked_at(folder, older_told=True) as (settings, store):
        found = collect(settings, store)
    if as_json:
        click.echo(json.dumps(found))
        return
    for words in lines_of(found, options.where(folder)):
        options.tell(words)


def collect(settings: Settings, store: StoreView) -> dict[str, Any]:
    """The fields of `status --json`."""
    totals, running, now_s = store.totals(), run_going_on(settings, store), time.time()
    lines = store.lines()
    healths = health_view.of_lines(store, lines, now_s, running=bool(running))
    return {
        "operation": settings.name,
        "folder": str(settings.folder.resolve()),
        "older": wiring.older(settings, store) or None,
        "running": running or None,
        "recipients": sum(totals.values()),
        "totals": {state.value: totals[state] for state in State},
        "sent_in_part": sent_in_part(store) if totals[State.FAILED] else 0,
        "uncertain": _uncertain(settings, store) if totals[State.UNCERTAIN] else [],
        "lines": [_line(settings, row, healths[row.line_id], running=bool(running)) for row in lines],
        "reports": _reports(store.report_counts()),
        "dangers": store.unseen_dangers(),
        **standing.collect(settings, store, now_s),
        **retention.collect(settings, store, now_s),
        **stamps.collect(store),
        "fallbacks": fall_view.collect(settings, store, now_s),
    }


def _uncertain(settings: Settings, store: StoreView) -> list[dict[str, Any]]:
    """These texts; with their numbers only where the key is had without asking for a passphrase."""
    try:
        closed = wiring.key_of(settings).place is Place.PASSPHRASE
        rows = list(store.messages(State.UNCERTAIN, closed=closed))
    except KeyStop:
        rows = list(store.messages(State.UNCERTAIN, closed=True))
    return [{"id": row.message_id, "number": mask_number(row.number), "why": row.why} for row in rows]


def _line(settings: Settings, row: LineRow, health: Health, *, running: bool) -> dict[str, Any]:
    # A run that was killed could not write that its lines are down.
    return {
        "name": row.name,
        "known_as": known_as(settings, row) or None,
        "state": row.state if running or row.state == "stopped" else "down",
        "iccid": row.iccid,
        "imsi": row.imsi,
        "imei": row.imei,
        "driver": row.driver or None,
        "account": row.account or None,
        "device": row.device,
        "signal": row.signal_dbm,
        "operator": row.operator,
        "sent": row.sent,
        "why": row.why,
        "health": health_view.as_object(health),
    }


def _reports(counts: ReportCounts) -> dict[str, int]:
    return {"matched": counts.matched, "unmatched": counts.unmatched, "waiting": counts.waiting}


def lines_of(found: dict[str, Any], operation: str) -> Iterator[str]:
    """The same for people, in lines of at most 80 columns."""
    if found["older"]:
        yield options.loud(found["older"])
    yield f"{found['operation']}: {count(found['recipients'], 'text')}"
    yield from for_a_reader(found["dangers"], operation)
    if found["running"]:
        yield f"A run is going on: {found['running']}"
    yield from _states(found)
    yield from standing.lines_of(found, operation)
    yield from fall_view.lines_of(found["fallbacks"], whole=False)
    yield from retention.lines_of(found, operation)
    if not found["recipients"]:
        yield f"  Nothing was imported yet: gsmsend import{operation} people.csv --text-file message.txt"
    reports = found["reports"]
    if any(reports.values()):
        yield (
            f"Delivery reports: {reports['matched']:,} matched, {reports['waiting']:,} awaited"
            + (f", {reports['unmatched']:,} that match no text" if reports["unmatched"] else "")
        )
    if found["lines"]:
        yield "Lines:"
    for one in sorted(found["lines"], key=lambda row: natural(row["known_as"] or row["name"])):
        sim = _whose(one)
        name, state, sent = line(one["known_as"] or one["name"]), one["state"], count(one["sent"], "part")
        health = one["health"]
        does = health_view.sign(health["grade"], health["score"])
        yield f"  {name:<24.24} {state:<11.11} {sim}  {bars(one['signal'])}  {does}  {sent} sent"
        if one["why"]:
            yield f"      {line(one['why'])}"
        if health["reasons"] and "its health is" not in one["why"]:
            yield f"      health {health['score']}: {line('; '.join(health['reasons']))}"
    yield from stamps.lines_of(found)
    if found["uncertain"]:
        yield "These may or may not have gone out; a person must find out and say so:"
        for row in found["uncertain"][:10]:
            yield f"  message {row['id']} to {row['number']}: {line(row['why'])}"
        if len(found["uncertain"]) > 10:
            yield f"  and {len(found['uncertain']) - 10} more: gsmsend messages{operation} --state uncertain"
        yield f"  gsmsend resolve{operation} ID --as sent|not-sent --because 'how you know'"


def _whose(one: dict[str, Any]) -> str:
    """What makes the line, in a few letters: its SIM's end, or by what it goes where there is no SIM to read."""
    if number := one["iccid"] or one["imsi"]:
        return f"SIM {line(tail(number))}"
    return f"over {line(one['driver'])}" if one["account"] and one["driver"] else "SIM unknown"


def _states(found: dict[str, Any]) -> Iterator[str]:
    totals = found["totals"]
    for state in State:
        if totals[state.value]:
            yield f"  {totals[state.value]:>7,}  {state.value:<12} {STATE_WORDS[state]}"
        if state is State.FAILED and found["sent_in_part"]:
            yield f"  {found['sent_in_part']:>7,}  of these in part: some parts went out, the rest did not"
