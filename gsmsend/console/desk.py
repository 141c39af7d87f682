"""What the pages stand on: an operation that is looked at all day, and changed as a command changes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from gsmsend import wiring
from gsmsend.audit import Kind
from gsmsend.caller import Caller
from gsmsend.cli import access, timekeeping
from gsmsend.cli.reasons import refuse_number
from gsmsend.config import Settings
from gsmsend.console.sessions import Sessions, Throttle, Token, Viewer
from gsmsend.contract import OfficerRow, Store, StoreView
from gsmsend.errors import GuardStop, KeyStop, LogStop, StoreError, UsageError

T = TypeVar("T")
_TRIES = 3


class Desk:
    """One operation behind a console. Thread-safe; `clock` gives the time in seconds since the epoch."""

    def __init__(
        self, settings: Settings, starter: Viewer, url: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings, self.starter, self.url, self.clock = settings, starter, url, clock
        self.sessions, self.token, self.throttle = Sessions(), Token(), Throttle()
        self.announce: Callable[[str], None] = lambda _words: None
        self._views, self._changes = threading.Lock(), threading.Lock()
        self._view: StoreView | None = None
        self._standing: Store | None = None

    def ask(self, question: Callable[[StoreView], T]) -> T:
        """Put a question to the store, which is opened anew if it was made or changed hands since.

        Raises StoreError, KeyStop, LogStop.
        """
        for left in reversed(range(_TRIES)):
            view = self._opened()
            try:
                return question(view)
            except (KeyStop, LogStop):
                raise
            except StoreError:  # a run began or ended: what was read by itself is shared now, or the reverse
                self._drop(view)
                if not left:
                    raise
        raise AssertionError("the last round returns or raises")

    @contextmanager
    def change(self, viewer: Viewer, *, older_stops: bool = True) -> Iterator[Store]:
        """The store for one change, with a session of its own in the audit log, in the officer's name.

        Raises StoreError, KeyStop, or GuardStop: the store is an older copy.
        """
        with self._changes:
            Caller.officer = staticmethod(lambda: viewer.officer)
            Caller.command = staticmethod(lambda: "serve")
            store = wiring.open_store(self.settings, older_stops=older_stops)
            try:
                if older_stops:
                    timekeeping.mind(store)
                yield store
            finally:
                store.close()

    def standing(self) -> Store:
        """The store for what comes in by itself (webhooks): opened once, in the name of who started the console.

        Raises StoreError, KeyStop.
        """
        with self._changes:
            if self._standing is None:
                Caller.officer = staticmethod(lambda: self.starter.officer)
                Caller.command = staticmethod(lambda: "serve")
                self._standing = wiring.open_store(self.settings, older_stops=False)
            return self._standing

    def officers(self) -> list[OfficerRow]:
        """Who is registered now."""
        return self.ask(lambda store: store.officers())

    def allow(self, viewer: Viewer, command: str) -> None:
        """Raise GuardStop unless this viewer's role covers what this command needs, by cli/access.py's table."""
        if not may(viewer, command):
            least = access.LEAST.get(command, None)
            raise GuardStop(
                f"that is for {least}s; {viewer.name} is signed in as {viewer.role}",
                remedy="Ask an officer who may do it, or sign in as one.",
            )

    def reason(self, given: str, *, needed: bool) -> str:
        """A reason that a person typed. Raises UsageError for none, or one with a phone number in it."""
        words = " ".join(given.split())
        if needed and not words:
            raise UsageError("the reason is empty: it goes on record", remedy="Say how you know, or why.")
        if len(words) > 500:
            raise UsageError("the reason is longer than 500 characters", remedy="Say it in a sentence.")
        if words:
            refuse_number(words, "the reason", self.settings.region)
        return words

    def record_unmasking(self, viewer: Viewer, what: str) -> None:
        """Put on record that this viewer is shown numbers in full. Raises GuardStop if they may not be."""
        if not viewer.unmask:
            raise GuardStop(
                f"{viewer.name} may not see numbers in full here",
                remedy="Ask an approver for that right: gsmsend officer role NAME --unmask",
            )
        by = {"officer": viewer.officer} if viewer.officer else {"login": viewer.login}
        with self.change(viewer, older_stops=False) as store:
            store.record_now(Kind.UNMASK, {**by, "command": f"serve {what}"}, self.clock())

    def close(self) -> None:
        """Let go of the store."""
        if self._view is not None:
            self._drop(self._view)
        if self._standing is not None:
            self._standing.close()

    def _opened(self) -> StoreView:
        with self._views:
            if self._view is None or (not self._had_store and self.settings.may_have_store):
                self._had_store = self.settings.may_have_store
                self._view = wiring.open_view(self.settings)
            return self._view

    _had_store = False

    def _drop(self, view: StoreView) -> None:
        with self._views:
            if self._view is view:
                self._view = None
        view.close()


def may(viewer: Viewer, command: str) -> bool:
    """Whether a viewer's role covers what a command needs. What anybody may type, any viewer may do."""
    least = access.LEAST[command]
    return least is None or viewer.role.covers(least)
