"""The thread that sends alerts: no text waits for it, and it does not die of a service that is away."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, wait_exponential

from gsmsend.alerting.sending import Addresses
from gsmsend.alerting.wording import Message

_TRIES = 6
_WAIT = wait_exponential(multiplier=10, max=900)
"""After 10 s, 20 s, 40 s, ... to an address that did not take it."""
_MOST_WAITING = 100


@dataclass(slots=True)
class _Letter:
    message: Message
    place: int
    tries: int = 0
    due_s: float = 0.0


class AlertDesk:
    """`post` never waits. `sent` and `failed` count what became of letters, one for each address.

    `tell` is given words (level, text) when an address stops taking letters, and when it takes them again.
    """

    def __init__(self, addresses: Addresses, tell: Callable[[str, str], None]) -> None:
        self._addresses = addresses
        self._tell = tell
        self._letters: deque[_Letter] = deque(maxlen=_MOST_WAITING)
        self._some = threading.Condition()
        self._closing_s: float | None = None
        self._away: set[int] = set()
        self.sent = self.failed = self.given_up = 0
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Letters that are still to go."""
        with self._some:
            return len(self._letters)

    def post(self, message: Message) -> None:
        """Have it sent to every address."""
        with self._some:
            self._letters.extend(_Letter(message, place) for place in range(len(self._addresses)))
            self._some.notify_all()

    def close(self, within_s: float) -> None:
        """Try once more what is left, and wait so long for it at most."""
        with self._some:
            self._closing_s = time.monotonic() + within_s
            for letter in self._letters:
                letter.due_s = 0.0
            self._some.notify_all()
        self._thread.join(within_s)

    def _run(self) -> None:
        for place in self._addresses.unusable():
            self._away.add(place)
            self._tell("error", f"alerts: {_name(place)} is no address that apprise knows: nobody is told there")
        while (letter := self._next()) is not None:
            self._deliver(letter)

    def _next(self) -> _Letter | None:
        """The next letter that is due; None once the desk is closed and nothing is left to try."""
        with self._some:
            while True:
                now_s = time.monotonic()
                due = min(self._letters, key=lambda one: one.due_s, default=None)
                if due is not None and due.due_s <= now_s:
                    self._letters.remove(due)
                    return due
                if self._closing_s is not None:
                    return None
                self._some.wait(due.due_s - now_s if due is not None else None)

    def _deliver(self, letter: _Letter) -> None:
        letter.tries += 1
        last = self._closing_s is not None
        if self._addresses.send(letter.place, letter.message):
            self.sent += 1
            if letter.place in self._away:
                self._away.discard(letter.place)
                self._tell("info", f"alerts: {_name(letter.place)} takes them again")
            return
        self.failed += 1
        if letter.place not in self._away:
            self._away.add(letter.place)
            self._tell("warning", f"alerts: {_name(letter.place)} did not take one; it is tried again")
        with self._some:
            if letter.tries >= _TRIES or last:
                self.given_up += 1
                return
            letter.due_s = 0.0 if self._closing_s is not None else time.monotonic() + _wait_s(letter.tries)
            self._letters.append(letter)


def _wait_s(tries: int) -> float:
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = tries
    return float(_WAIT(state))


def _name(place: int) -> str:
    return f"address {place + 1} of [alerts] to"
