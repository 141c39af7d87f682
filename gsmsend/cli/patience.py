"""When nothing happens for a while: what the run waits for, and how to stop it. Never silence."""

from __future__ import annotations

from collections.abc import Callable

from gsmsend.cli.progress import Progress
from gsmsend.cli.words import count
from gsmsend.engine.events import Event, MessageMoved, Notice, PartAnswered, ReportArrived, Started
from gsmsend.model import State

_FIRST_S = 15.0
"""Longer than the pace of an operation keeps two texts apart."""
_LONGEST_S = 600.0
_LINES = 3


class Patience:
    """A feed.Show that tells a Notice: first after a quarter of a minute, then ever more rarely."""

    def __init__(self, tell: Callable[[Notice], None], *, stay: bool) -> None:
        self._tell = tell
        self._stay = stay
        self._progress = Progress()
        self._since_s: float | None = None
        self._wait_s = _FIRST_S

    def event(self, event: Event) -> None:
        """A text or report that moves begins the wait anew."""
        self._progress.take(event)
        if isinstance(event, Started | PartAnswered | MessageMoved | ReportArrived):
            self._since_s, self._wait_s = event.at_s, _FIRST_S

    def tick(self, now_s: float) -> None:
        """Say it if it is time."""
        if self._since_s is None or self._progress.finished is not None:
            return
        self._since_s = min(self._since_s, now_s)  # the clock may have been set back
        if now_s - self._since_s < self._wait_s:
            return
        self._since_s, self._wait_s = now_s, min(2 * self._wait_s, _LONGEST_S)
        words = waiting_for(self._progress, stay=self._stay)
        if words:
            self._tell(Notice(now_s, "info", words))

    def close(self) -> None:
        """The summary says the rest."""


def waiting_for(progress: Progress, *, stay: bool) -> str:
    """What the run waits for, in a few sentences; nothing if it has nothing to do."""
    if progress.left:
        verb = "waits" if progress.left == 1 else "wait"
        reasons = _reasons(progress) or ["no modem has answered yet"]
        if progress.held_back:
            reasons = [progress.held_back]
        return (
            f"{count(progress.left, 'text')} {verb}. {'; '.join(reasons)}. Ctrl-C stops; the queue keeps the rest."
        )
    sent = progress.totals[State.SENT]
    if sent and not stay:
        return f"{count(sent, 'text')} sent, with no delivery report yet. Ctrl-C stops waiting; nothing is lost."
    return ""


def _reasons(progress: Progress) -> list[str]:
    """What each line is at; lines in trouble first."""
    found = []
    for view in sorted(progress.lines.values(), key=lambda view: view.up):
        if view.up and view.state == "ready":
            words = "ready; what is left was refused for now and is tried again later"
        elif view.up:
            words = view.doing or view.state
        else:
            words = f"{view.state}, {view.why}" if view.why else view.doing or view.state
        found.append(f"{view.title}: {words}")
    hidden = len(found) - _LINES
    return [*found[:_LINES], *([f"and {count(hidden, 'more line')}"] if hidden > 0 else [])]
