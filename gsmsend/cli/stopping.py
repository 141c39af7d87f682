"""Signals that end a run: the open attempts are finished first, however often they come."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from gsmsend.engine.events import Event, Notice

_SIGNALS = [
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if (number := getattr(signal, name, None)) is not None
]
_FIRST = "Stopping: the texts being sent are finished first; the queue keeps the rest."
_AGAIN = "Still finishing the texts being sent. To break off now could leave one in doubt."


@contextmanager
def stops_on_signals(stop: Callable[[], None], publish: Callable[[Event], None]) -> Iterator[None]:
    """While this lasts, SIGINT, SIGTERM and SIGHUP call `stop` and say what is going on.

    A signal that is ignored (as nohup does with SIGHUP) stays ignored. `stop` is called on a thread: it takes
    locks that the interrupted main thread may hold, and only a SimpleQueue may be touched in a handler.
    """
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()

    def handle(number: int, _frame: FrameType | None) -> None:
        asked.put(number)

    def attend() -> None:
        words = _FIRST
        while asked.get():
            publish(Notice(time.time(), "warning", words))
            words = _AGAIN
            stop()

    before = {}
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, handle)
    attendant = threading.Thread(target=attend, name="signals", daemon=True)
    attendant.start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        asked.put(0)
        attendant.join()
