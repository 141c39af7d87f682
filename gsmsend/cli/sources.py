"""Why a person is on the list: where their number stood, as `gsmsend messages --id N` shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from gsmsend.cli import options
from gsmsend.cli.operation import NumberView
from gsmsend.contract import Sighting
from gsmsend.inert import line as one_line

_SHOWN = 20


def source_object(one: Sighting, view: NumberView) -> dict[str, object]:
    """One object of `sources` in `messages --id N --json`."""
    return {
        "file": one.source,
        "place": one.place,
        "row": one.row,
        "kind": one.kind,
        "original": view(one.original),
        "seen": one.seen,
        "first": options.iso(one.first_s) if one.first_s is not None else None,
        "last": options.iso(one.last_s) if one.last_s is not None else None,
        "line": one.line or None,
    }


def source_lines(seen: Sequence[Sighting], view: NumberView) -> Iterator[str]:
    """The same for people, the first ones."""
    if seen:
        yield "         found in:"
    for one in seen[:_SHOWN]:
        place = f", {one.place}" if one.place else ""
        on = f" on {datetime.fromtimestamp(one.first_s, UTC):%Y-%m-%d}" if one.first_s is not None else ""
        times = f", {one.seen} times" if one.seen > 1 else ""
        line = f", line {one.line}" if one.line else ""
        yield one_line(
            f"         {one.source}{place}, row {one.row}: {view(one.original)} ({one.kind}{on}{times}{line})"
        )
    if len(seen) > _SHOWN:
        yield f"         and {len(seen) - _SHOWN:,} more: gsmsend messages --id N --json"
