"""How a run ends: its exit codes, and when no line is left that could do anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gsmsend.model import State

if TYPE_CHECKING:
    from gsmsend.engine.line import LineWorker

EXIT_OK, EXIT_FAULT, EXIT_FAILED, EXIT_UNCERTAIN, EXIT_GUARD, EXIT_NO_ROUTE, EXIT_INTERRUPTED = (
    0, 1, 3, 4, 5, 6, 130,
)  # fmt: skip

_NO_MODEM = "no modem can be used"
_NOT_MEANT = f"{_NO_MODEM}, and an account takes only the texts that are meant for it"


def no_lines(workers: Sequence[LineWorker], *, work_left: bool) -> tuple[int, str] | None:
    """The end (exit code and reason), if no line of these is left that could do anything."""
    closed = [worker.why_closed for worker in workers if work_left and worker.closed]
    gone = [worker for worker in workers if worker.guard is not None or worker.given_up]
    if len(closed) + sum(not (work_left and worker.closed) for worker in gone) < len(workers):
        return None
    if closed:
        return EXIT_GUARD, closed[0]
    reasons = [worker for worker in workers if worker.why]
    why = reasons[0].why if reasons else _NO_MODEM if workers else _NOT_MEANT
    if not work_left:
        return EXIT_OK, f"no more reports can come: {why}"
    if any(worker.guard is not None for worker in workers):
        return EXIT_GUARD, why
    return EXIT_NO_ROUTE, why


def well_ended(totals: Mapping[State, int], why: str, *, danger: Callable[[], object]) -> tuple[int, str]:
    """The exit code of a run that did all it could, and the reason to tell; `danger` asks for such replies."""
    if totals[State.UNCERTAIN] or totals[State.HELD]:
        return EXIT_UNCERTAIN, why
    if danger():
        return EXIT_UNCERTAIN, "a reply suggests danger to life: a person must look at it"
    if totals[State.FAILED] or totals[State.UNDELIVERED]:
        return EXIT_FAILED, why
    return EXIT_OK, why
