"""What a run tells the supervisor that started it: how it stands, in counts that anybody may read."""

from __future__ import annotations

from gsmsend.cli.progress import Progress
from gsmsend.cli.words import count
from gsmsend.engine.events import Event, Finished, Started
from gsmsend.model import State
from gsmsend.supervised import Supervisor


class Tended:
    """A feed.Show: ready once the run has begun, stopping once it is over."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._progress = Progress()

    def event(self, event: Event) -> None:
        """Ready and stopping are told at once, the rest with the next beat."""
        self._progress.take(event)
        if isinstance(event, Started):
            self._supervisor.status(standing(self._progress))
            self._supervisor.ready()
        elif isinstance(event, Finished):
            self._supervisor.status(f"Ended: {standing(self._progress)}")
            self._supervisor.stopping()

    def tick(self, _now_s: float) -> None:
        """How it stands now."""
        if self._progress.finished is None:
            self._supervisor.status(standing(self._progress))

    def close(self) -> None:
        """Stopping was told."""


def standing(progress: Progress) -> str:
    """Lines and texts in counts: no name, and no reason, as both may quote what is nobody else's business."""
    lines, totals = progress.lines.values(), progress.totals
    ready = sum(view.up for view in lines)
    words = [f"{ready} of {count(len(lines), 'line')} at work"]
    shut = sum(view.state in ("stopped", "quarantined") for view in lines)
    if shut:
        words.append(f"{shut} out of use")
    words.append(f"{count(progress.left, 'text')} to send")
    if progress.left and progress.held_back:
        words.append("all held back for now")
    if totals[State.SENT]:
        words.append(f"{totals[State.SENT]:,} waiting for reports")
    doubtful = totals[State.UNCERTAIN] + totals[State.HELD]
    if doubtful:
        words.append(f"{count(doubtful, 'text')} for a person to look at")
    return ", ".join(words)
