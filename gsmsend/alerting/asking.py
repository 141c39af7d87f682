"""Asking what may not answer for long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Asker(Generic[T]):
    """Asks what may not be answered for long, on one thread of its own, so that whoever asks need not wait."""

    def __init__(self) -> None:
        self._questions: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._waiting = False
        self._thread: threading.Thread | None = None

    def ask(self, question: Callable[[], T], within_s: float) -> T | None:
        """The answer, None if there is none yet; the next one who asks gets it then, in place of a new one."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="lookout asks", daemon=True)
            self._thread.start()
        if not self._waiting:
            self._waiting = True
            self._questions.put(question)
        try:
            answer = self._answers.get(timeout=within_s)
        except queue.Empty:
            return None
        self._waiting = False
        return answer

    def _run(self) -> None:
        while True:
            self._answers.put(self._questions.get()())
