"""`gsmsend modems --watch`: the same picture again and again, on a terminal in place, else one below the other."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gsmsend.cli import health_view, options
from gsmsend.cli.modems_sources import STEP_S, STEPS, Memory, Picture, Row, Source
from gsmsend.cli.words import clock, count, plain
from gsmsend.config import Settings
from gsmsend.errors import StoreError, UsageError
from gsmsend.inert import line

RUN_EVERY_S = 1.0
"""What a run records is cheap to read."""
ASK_EVERY_S = 15.0
LEAST_ASK_S = 5.0
"""Modems themselves are asked at a gentle rhythm: each is opened, asked some twenty questions, and closed."""
_TICKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_WEAKEST_DBM, _STRONGEST_DBM = -113, -51
_GRADES = {"well": "green", "weak": "yellow", "sick": "bold red"}
_WIDE = 100


def watch(
    settings: Settings,
    ports: Sequence[str],
    *,
    every_s: float | None,
    times: int | None,
    as_json: bool,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> int:
    """Until Ctrl-C, or `times` pictures. Raises UsageError for a rhythm that would be too quick."""
    if every_s is not None and every_s < RUN_EVERY_S:
        raise UsageError(f"--every {every_s:g} is too quick: at least {RUN_EVERY_S:g} second")
    source, memory = Source(settings, ports), Memory()
    live = None
    if sys.stdout.isatty() and not as_json:
        live = Live(console=Console(), auto_refresh=False, vertical_overflow="crop")
        live.start()
    try:
        for picture in _pictures(source, every_s, times, sleep, now):
            memory.keep(picture)
            if live is not None:
                live.update(drawn(picture, memory, live.console.width, live.console.height), refresh=True)
            elif as_json:
                click.echo(json.dumps(as_object(picture)))
            else:
                _plainly(picture, memory)
    except KeyboardInterrupt:
        return 0
    finally:
        source.close()
        if live is not None:
            live.stop()
    return 0


def _pictures(
    source: Source,
    every_s: float | None,
    times: int | None,
    sleep: Callable[[float], None],
    now: Callable[[], float],
) -> Iterator[Picture]:
    taken, failed, run = 0, False, True
    while times is None or taken < times:
        if taken or failed:
            sleep(pause_s(every_s, run=run))
        try:
            picture = source.picture(now())
        except StoreError:  # in the moment in which a run begins or ends; again, then it is told
            if failed:
                raise
            failed, run = True, True
            continue
        failed, run = False, bool(picture.run)
        taken += 1
        yield picture


def pause_s(every_s: float | None, *, run: bool) -> float:
    """How long to wait between two pictures, in seconds: what is asked of modems themselves is asked seldom."""
    if run:
        return every_s if every_s is not None else RUN_EVERY_S
    return max(LEAST_ASK_S, every_s) if every_s is not None else ASK_EVERY_S


def sparkline(values: Iterable[float | None], least: float, most: float) -> str:
    """A column for each value, from `least` to `most`; a dot where it is unknown."""
    return "".join("\u00b7" if value is None else _TICKS[_step(value, least, most)] for value in values)


def _step(value: float, least: float, most: float) -> int:
    share = (value - least) / (most - least) if most > least else 0.0
    return min(len(_TICKS) - 1, max(0, int(share * len(_TICKS))))


def signal_line(row: Row, memory: Memory) -> str:
    """The signals seen so far."""
    return sparkline(memory.signals.get(row.key, ()), _WEAKEST_DBM, _STRONGEST_DBM)


def rate_line(row: Row, most: int) -> str:
    """Parts in each stretch of time, by the same measure for all lines."""
    return sparkline(row.rates, 0, max(most, 1)) if row.rates else ""


def drawn(picture: Picture, memory: Memory, width: int, height: int) -> RenderableType:
    """The whole picture for a terminal of this size; lines in trouble first when not all fit."""
    wide, most = width >= _WIDE, _most(picture)
    room = max(1, height - 5)
    rows = list(picture.rows)
    if len(rows) > room:
        rows = sorted(rows, key=_score)[: room - 1]
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("Line", no_wrap=True, min_width=10, max_width=24, overflow="ellipsis")
    table.add_column("State", no_wrap=True, min_width=7)
    table.add_column("Health", no_wrap=True, width=6)
    table.add_column("Signal", no_wrap=True, width=8)
    table.add_column("", no_wrap=True, width=STEPS)
    table.add_column("/min", no_wrap=True, justify="right", width=4)
    if wide:
        table.add_column(f"last {STEPS * STEP_S / 60:.0f} min", no_wrap=True, width=STEPS)
        table.add_column("\u00b0C", no_wrap=True, justify="right", width=3)
    table.add_column("Why", ratio=1, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*_cells(row, memory, most, wide=wide))
    hidden = len(picture.rows) - len(rows)
    rest = [Text(f"and {hidden} more", style="dim")] if hidden else []
    return Group(Text(_head(picture), style="bold"), table, *rest, Text("Ctrl-C ends this.", style="dim"))


def _cells(row: Row, memory: Memory, most: int, *, wide: bool) -> list[Text]:
    health = Text(_health(row), style=_GRADES[row.health.grade.value] if row.health is not None else "")
    cells = [
        Text(plain(row.title)), Text(plain(row.state)), health, Text(_signal(row)),
        Text(signal_line(row, memory), style="green"), Text(_rate(row)),
    ]  # fmt: skip
    if wide:
        cells += [Text(rate_line(row, most), style="cyan"), Text(_warmth(row))]
    return [*cells, Text(plain(_why(row)))]


def _plainly(picture: Picture, memory: Memory) -> None:
    """One picture for a pipe or a file: a line of head, and one for each modem."""
    most = _most(picture)
    options.tell(_head(picture))
    for row in picture.rows:
        words = (
            f"  {line(row.title):<24.24} {line(row.state):<13.13} {_health(row):<6} {_signal(row):>8} "
            f"{signal_line(row, memory):<{STEPS}} {_rate(row):>4} {rate_line(row, most):<{STEPS}} {_why(row)}"
        )
        options.tell(words.rstrip())
    sys.stdout.flush()


def as_object(picture: Picture) -> dict[str, object]:
    """One picture as scripts get it."""
    return {
        "at": options.iso(picture.at_s),
        "run": picture.run or None,
        "lines": [
            {
                "name": row.key, "known_as": row.title, "state": row.state, "device": row.device,
                "operator": row.operator, "signal": row.signal_dbm, "temperature": row.temperature_c,
                "health": health_view.as_object(row.health) if row.health is not None else None,
                "rates": list(row.rates), "step_s": STEP_S if row.rates else None, "why": row.why,
            }
            for row in picture.rows
        ],
    }  # fmt: skip


def _head(picture: Picture) -> str:
    number = count(len(picture.rows), "line" if picture.run else "modem")
    whose = f"as the run records them ({picture.run})" if picture.run else "asked themselves: no run has them"
    return f"{clock(picture.at_s)}  {number}, {whose}"


def _score(row: Row) -> int:
    return row.health.score if row.health is not None else -1


def _health(row: Row) -> str:
    return health_view.sign(row.health.grade.value, row.health.score) if row.health is not None else ""


def _signal(row: Row) -> str:
    return f"{row.signal_dbm} dBm" if row.signal_dbm is not None else "?"


def _rate(row: Row) -> str:
    per_minute = round(60 / STEP_S)
    return f"{sum(row.rates[-per_minute:])}" if row.rates else ""


def _warmth(row: Row) -> str:
    return f"{row.temperature_c:.0f}" if row.temperature_c is not None else ""


def _most(picture: Picture) -> int:
    return max((rate for row in picture.rows for rate in row.rates), default=1)


def _why(row: Row) -> str:
    return line(row.why or (row.health.why if row.health is not None else ""))
