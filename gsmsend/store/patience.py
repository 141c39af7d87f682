"""Waiting for a store's server that does not answer: how long, who is told, and what ends it."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Collection, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

from gsmsend.errors import StoreError

SHORT_S = 20.0
"""How long a command waits; a run waits until it is stopped."""
_FIRST_S, _LONGEST_S = 0.05, 1.0
_SAY_AGAIN_S = 30.0
P = ParamSpec("P")
R = TypeVar("R")


class ServerAway(StoreError):
    """The server does not answer, or cut the connection off: what was asked may be asked again."""


class Patience:
    """How long a process waits for its store: a command a while, a run until it is to stop. Thread-safe."""

    def __init__(self) -> None:
        self._tell: Callable[[str], None] = lambda _: None
        self._stopping: Callable[[], bool] = lambda: True
        self._ended = threading.Event()
        self.broken: StoreError | None = None
        """Why nothing may be written any more by this process, whoever answers."""
        self._lock = threading.Lock()
        self._told_s = 0.0

    def of_run(self, tell: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        """Wait without end from now on, but for a while only once `stopping` says so.

        `tell` is called with words for people when it begins to wait, each half minute, and when it goes on; with
        none in between.
        """
        self._tell, self._stopping = tell, stopping

    def end(self) -> None:
        """Nobody waits any more: the store is being closed, or the run was told to stop."""
        self._ended.set()

    def tries(self) -> Iterator[None]:
        """One round for each try, with a pause before all but the first; it ends when nobody waits any more."""
        until_s, pause_s = time.monotonic() + SHORT_S, _FIRST_S
        yield
        while not self._ended.wait(pause_s):
            if not self._stopping():
                until_s = time.monotonic() + SHORT_S
            elif time.monotonic() > until_s:
                return
            pause_s = min(pause_s * 1.5, _LONGEST_S)
            yield

    def waits(self, error: StoreError) -> None:
        """It has to be waited for; people hear of it now and then, once for all who wait."""
        now_s = time.monotonic()
        with self._lock:
            silent = self._told_s and now_s - self._told_s < _SAY_AGAIN_S
            self._told_s = self._told_s if silent else now_s
        words = f"{error}. Nothing is handed to a modem until it answers; then this goes on by itself"
        self._tell("" if silent else words)

    def goes_on(self) -> None:
        """It answers."""
        with self._lock:
            if not self._told_s:
                return
            self._told_s = 0.0
        self._tell("the store's server answers again: this goes on")


def ask_again(store: object, kind: type, names: Collection[str], patience: Patience) -> None:
    """Have the questions of `kind`, and those named, asked again of this store while its server does not answer.

    Each is one snapshot and changes nothing, so it may be asked twice. Those that give row after row are left out.
    """
    for name in {*dir(kind), *names}:
        method = getattr(store, name)
        if not name.startswith("_") and inspect.ismethod(method) and not inspect.isgeneratorfunction(method):
            setattr(store, name, _again(method, patience))


def _again(method: Callable[P, R], patience: Patience) -> Callable[P, R]:
    @wraps(method)
    def asked(*words: P.args, **named: P.kwargs) -> R:
        for _ in patience.tries():
            try:
                found = method(*words, **named)
            except ServerAway as error:
                away = error
                patience.waits(error)
            else:
                patience.goes_on()
                return found
        raise away

    return asked
