"""The live screen of a run: progress with time left, a row per line, counts, the last notices. 80 columns do."""

from __future__ import annotations

from pathlib import PurePath

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gsmsend.cli import health_view
from gsmsend.cli.progress import LineView, Progress
from gsmsend.cli.words import bars, clock, duration, plain, tail
from gsmsend.engine.events import Event, HealthChanged, ReplyFlagged
from gsmsend.engine.health import Grade
from gsmsend.model import State

_COLOURS = {
    State.QUEUED: "cyan",
    State.SENDING: "cyan",
    State.SENT: "blue",
    State.DELIVERED: "green",
    State.UNDELIVERED: "red",
    State.FAILED: "red",
    State.UNCERTAIN: "yellow",
    State.HELD: "yellow",
}
_GRADES = {Grade.WELL.value: "green", Grade.WEAK.value: "yellow", Grade.SICK.value: "bold red"}
_LEVELS = {"info": "dim", "warning": "yellow", "error": "bold red"}
_NOTICES = 3
_TROUBLES = 3
_AROUND = 8  # rows that are neither lines nor words about them
_WIDE = 72  # columns that operator and signal need to fit in as well


class LiveScreen:
    """A feed.Show on a terminal."""

    def __init__(self, title: str, progress: Progress | None = None, console: Console | None = None) -> None:
        self._title = title
        self._progress = progress or Progress()
        self._console = console or Console()
        self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="crop")
        self._live.start()

    def event(self, event: Event) -> None:
        """Fold it in; the next tick shows it."""
        self._progress.take(event)
        if isinstance(event, ReplyFlagged):
            self._console.bell()

    def tick(self, now_s: float) -> None:
        """Draw."""
        self._live.update(draw(self._progress, self._title, now_s, *self._console.size), refresh=True)

    def close(self) -> None:
        """Leave the last picture standing."""
        self._live.stop()


def draw(progress: Progress, title: str, now_s: float, width: int = 80, height: int = 24) -> RenderableType:
    """The whole picture for a terminal of this size."""
    said = [*_dangers(progress), *_held_back(progress), *_troubles(progress), *_notices(progress)]
    room = max(1, height - _AROUND - sum(len(text.plain) // width + 1 for text in said))
    lines = _lines(progress, room, wide=width >= _WIDE)
    top = (_head(progress, title, now_s), _bar(progress, now_s), Text())
    return Group(*top, lines, Text(), _counts(progress), *said)


def _dangers(progress: Progress) -> list[Text]:
    """Replies that suggest danger to life, for as long as the run goes on: nobody may overlook them."""
    if not progress.dangers:
        return []
    last = progress.dangers[-1]
    replies = "a reply suggests" if len(progress.dangers) == 1 else f"{len(progress.dangers)} replies suggest"
    said = f" DANGER TO LIFE? {replies} it; the last came at {clock(last.at_s)}. Read: gsmsend inbox --flagged "
    return [Text(said, style="bold white on red")]


def _held_back(progress: Progress) -> list[Text]:
    """What keeps all that is left from leaving, as long as it does."""
    words = progress.held_back if progress.finished is None else ""
    return [Text(plain(f"{words[:1].upper()}{words[1:]}"), style="bold yellow")] if words else []


def _troubles(progress: Progress) -> list[Text]:
    """Why lines do not work, in full; their rows have no room for it."""
    down = [view for view in progress.lines.values() if view.why and not view.up]
    shown = [
        Text(plain(f"{_name(view)} {view.state}: {view.why}"), style=_colour(view)) for view in down[:_TROUBLES]
    ]
    for view in progress.lines.values():
        health = progress.healths.get(view.name)
        if view.up and health is not None and health.grade == Grade.SICK and len(shown) < _TROUBLES:
            words = f"{_name(view)} works badly: {'; '.join(health.reasons)}"
            shown.append(Text(plain(words), style="yellow"))
    if len(down) > _TROUBLES:
        shown.append(Text(f"and {len(down) - _TROUBLES} more lines are down", style="yellow"))
    return shown


def _notices(progress: Progress) -> list[Text]:
    shown = list(progress.notices)[-_NOTICES:]
    return [Text(f"{clock(notice.at_s)}  {plain(notice.text)}", _LEVELS.get(notice.level, "")) for notice in shown]


def _head(progress: Progress, title: str, now_s: float) -> Table:
    ran = duration(now_s - progress.began_s) if progress.began_s is not None else "0 s"
    if progress.finished is None:
        up = sum(view.up for view in progress.lines.values())
        ran = f"{up} of {len(progress.lines)} lines up  {ran}"
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_row(
        Text(f"gsmsend  {title}", style="bold"),
        Text(ran, style="dim"),
    )
    return grid


def _bar(progress: Progress, now_s: float) -> Table:
    total, done = progress.total, progress.total - progress.left
    left_s = progress.time_left_s(now_s)
    if left_s is not None:
        words = f"about {duration(left_s)} left"
    elif progress.totals[State.SENT] and not progress.left:
        words = f"waiting for {progress.totals[State.SENT]:,} reports"
    else:
        words = "" if progress.left or not total else "all sent"
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True, min_width=18)
    grid.add_row(f"{done:,} of {total:,}", ProgressBar(total=max(total, 1), completed=done), words)
    return grid


def _lines(progress: Progress, room: int, *, wide: bool) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("Line", no_wrap=True, width=12, overflow="ellipsis")
    table.add_column("SIM", no_wrap=True, width=6)
    if wide:
        table.add_column("Operator", no_wrap=True, width=12, overflow="ellipsis")
        table.add_column("Signal", no_wrap=True, width=6)
        table.add_column("Health", no_wrap=True, width=6)
    table.add_column("Doing now", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("Parts", justify="right", no_wrap=True, min_width=4)
    # Lines in trouble come first when not all fit.
    views = list(progress.lines.values())
    if len(views) > room:
        views = sorted(views, key=lambda view: view.up)[: room - 1]
    for view in views:
        table.add_row(*_row(view, progress.healths.get(view.name), wide=wide))
    hidden = len(progress.lines) - len(views)
    words = f"and {hidden} more" if hidden else "" if views else "no line is in use"
    if words:
        table.add_row(*[""] * (5 if wide else 2), Text(words, style="dim"), "")
    return table


def _row(view: LineView, health: HealthChanged | None, *, wide: bool) -> tuple[RenderableType, ...]:
    facts = view.facts
    sim = Text(tail(facts.sim.iccid or facts.sim.imsi if facts else None))
    words = view.doing or view.state
    if words == "sending" and view.next_part:
        words = f"sending {view.next_part}"
    doing = Text(words, style="" if view.up else _colour(view))
    network = (
        Text(plain(facts.operator) if facts else ""),
        Text(bars(facts.signal_dbm if facts else None), style="green"),
        _health(health) if view.up else Text(),
    )
    return (Text(_name(view)), sim, *(network if wide else ()), doing, Text(f"{view.sent:,}"))


def _health(health: HealthChanged | None) -> Text:
    if health is None:
        return Text()
    return Text(health_view.sign(health.grade, health.score), style=_GRADES[health.grade])


def _name(view: LineView) -> str:
    return view.known_as or PurePath(view.address).name


def _colour(view: LineView) -> str:
    if view.state == "stopped":
        return "red" if view.why else "dim"  # with no reason it is the end of the run
    return "yellow"


def _counts(progress: Progress) -> Text:
    words = Text()
    shown = [(state, number) for state, number in progress.totals.items() if number]
    for place, (state, number) in enumerate(shown):
        words.append("   " if place else "")
        words.append(f"{number:,}", style=f"bold {_COLOURS.get(state, '')}".strip())
        words.append(f" {state.value}")
    return words
