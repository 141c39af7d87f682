"""A run in plain lines: where there is no terminal, or none that can redraw."""

from __future__ import annotations

from collections.abc import Callable

from gsmsend.cli.progress import LineView, Progress
from gsmsend.cli.words import clock, count, duration
from gsmsend.engine.events import (
    Event,
    Finished,
    HeadSigned,
    InboundArrived,
    LineChanged,
    Notice,
    OptedOut,
    ReplyFlagged,
    Started,
)
from gsmsend.inert import line
from gsmsend.model import State

_EVERY_S = 5.0


class PlainLines:
    """A feed.Show: a line when something changes that a person wants to know, and the counts now and then."""

    def __init__(self, write: Callable[[str], None], progress: Progress | None = None) -> None:
        self._write = write
        self._progress = progress or Progress()
        self._next_s = 0.0
        self._said = ""
        self._states: dict[str, tuple[str, str]] = {}

    def event(self, event: Event) -> None:
        """Say it at once if it is news."""
        self._progress.take(event)
        if isinstance(event, Started):
            self._next_s = event.at_s + _EVERY_S
            if self._progress.left:
                self._say(event.at_s, f"{count(self._progress.left, 'text')} to send")
        elif isinstance(event, LineChanged):
            self._line(event)
        elif isinstance(event, Notice | InboundArrived | ReplyFlagged | OptedOut) or (
            isinstance(event, HeadSigned) and event.to_note
        ):
            notice = self._progress.notices[-1]
            self._say(event.at_s, notice.text if notice.level == "info" else f"{notice.level}: {notice.text}")

    def tick(self, now_s: float) -> None:
        """The counts, when they have changed and some time has gone by."""
        if now_s < self._next_s or isinstance(self._progress.finished, Finished):
            return
        self._next_s = now_s + _EVERY_S
        words = counts(self._progress)
        if words != self._said:
            self._said = words
            left_s = self._progress.time_left_s(now_s)
            self._say(now_s, words + (f", about {duration(left_s)} left" if left_s is not None else ""))

    def close(self) -> None:
        """The summary is for the command to write."""

    def _line(self, event: LineChanged) -> None:
        view = self._progress.lines.get(event.address)
        if view is None:
            self._states.pop(event.address, None)
            return
        news = ("up" if view.up else view.state, view.why)
        if self._states.get(event.address) == news:
            return
        self._states[event.address] = news
        if view.state != "opening" and (view.state != "stopped" or view.why):  # all stop at the end
            self._say(event.at_s, line_words(view))

    def _say(self, at_s: float, words: str) -> None:
        self._write(f"{clock(at_s)}  {line(words)}")


def counts(progress: Progress) -> str:
    """`12 of 40 sent, 9 delivered, 1 failed`."""
    totals = progress.totals
    known = (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.UNCERTAIN, State.HELD)
    outcomes = [f"{totals[state]:,} {state.value}" for state in known if totals[state]]
    return ", ".join([f"{progress.out:,} of {progress.total:,} sent", *outcomes])


def line_words(view: LineView) -> str:
    """What became of a line, in one sentence."""
    name = view.title if view.title == view.address else f"{view.title} ({view.address})"
    if view.up:
        operator = f", {view.facts.operator}" if view.facts and view.facts.operator else ""
        return f"{name} is ready{operator}"
    return f"{name}: {view.state}{f' ({view.why})' if view.why else ''}"
