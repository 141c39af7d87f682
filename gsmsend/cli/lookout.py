"""Looks now and then at what is so, on a thread of its own: for the metrics, and to tell somebody what is wrong.

No text waits for it: it asks the store a few cheap questions, more rarely where they take long.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import cast

from gsmsend.alerting import FallSeen, Ledger, Scene, Trouble, troubles
from gsmsend.alerting.asking import Asker
from gsmsend.alerting.lines import LineBook
from gsmsend.alerting.memory import remember
from gsmsend.alerting.wording import Message, message
from gsmsend.cli import edge, fall_view
from gsmsend.cli.standing import ALONE
from gsmsend.clockfacts import ClockFacts, ClockWatch
from gsmsend.config import Settings
from gsmsend.contract import HostRow, HostState, Store, StoreView
from gsmsend.errors import GsmsendError
from gsmsend.model import State

LOOK_S = 5.0
_SHARE = 50
_LONGEST_S = 120.0
"""It looks again at the earliest after so many times as long as it took, at the latest after so long."""
_ANSWER_S = 10.0
_CAMPAIGNS_S = 30.0
_CLOCK_S = 60.0
_AWAY = (HostState.SILENT, HostState.LOST)
_OPEN = (State.DRAFT, State.QUEUED, State.SENDING)


class Lookout:
    """`look` is one look; `start` looks on a thread until `stop`. `post` sends a message; None if nobody is told.

    `still` says why the run stands still, "" while it goes round. `operation` and `host` stand in messages.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        book: LineBook,
        ledger: Ledger,
        *,
        still: Callable[[], str],
        post: Callable[[Message], None] | None,
        host: str,
        clock: ClockWatch | None = None,
    ) -> None:
        self._settings = settings
        self._store = cast("StoreView", store)
        self._book = book
        self._ledger = ledger
        self._still = still
        self._post = post
        self._host = host
        self._clock = clock or ClockWatch()
        self._clock_facts: ClockFacts | None = None
        self._clock_s = self._campaigns_s = float("-inf")
        self._open: frozenset[str] = frozenset()
        self._done: tuple[str, ...] = ()
        self._counted: Mapping[State, int] = {}
        self._woken = threading.Event()
        self._ended = False
        self.scene = Scene()
        self.hosts: Sequence[HostRow] = ()
        self.readable = True
        self.looked_s: float | None = None
        self._thread: threading.Thread | None = None
        self._asker: Asker[Scene | GsmsendError] = Asker()

    @property
    def active(self) -> tuple[Trouble, ...]:
        """What is wrong now and has been for long enough."""
        return self._ledger.active

    @property
    def clock_facts(self) -> ClockFacts | None:
        """How the computer's clock is kept, None before the first look."""
        return self._clock_facts

    def look(self, now_s: float, steady_s: float, *, stopped: str = "") -> None:
        """Look once, and tell what is to be told. `stopped`: why the run ended."""
        self.scene = replace(self._scene(steady_s), stopped=stopped)
        self.looked_s = steady_s
        news = self._ledger.look(troubles(self.scene), now_s, steady_s)
        if news is not None and self._post is not None:
            self._post(message(news, self._settings.name, self._host))
            remember(self._settings.folder, self._ledger.told)

    def start(self) -> None:
        """Look on a thread of its own from now on."""
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something happened that cannot wait: look now."""
        self._woken.set()

    def stop(self, stopped: str) -> None:
        """Look for the last time. `stopped`: why the run ended, "" if nobody need know."""
        self._ended = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join(_ANSWER_S)
        self._campaigns_s = float("-inf")
        self.look(time.time(), time.monotonic(), stopped=stopped)

    def _run(self) -> None:
        while not self._ended:
            began_s = time.monotonic()
            self.look(time.time(), began_s)
            took_s = time.monotonic() - began_s if self.readable else 0.0
            self._woken.wait(max(LOOK_S, min(_SHARE * took_s, _LONGEST_S)))
            self._woken.clear()

    def _scene(self, steady_s: float) -> Scene:
        found, why = self._read_in_time(steady_s)
        self.readable = found is not None
        scene = found or replace(self.scene, store=f"The store cannot be read: {why}")
        return replace(
            scene,
            lines=self._book.seen(),
            still=self._still(),
            disk_free=self._disk(),
            clock=self._wrong(steady_s),
        )

    def _read_in_time(self, steady_s: float) -> tuple[Scene | None, str]:
        """What the store says, or why it says nothing: one on a server is waited for as long as it is away."""

        def ask() -> Scene | GsmsendError:
            try:
                return self._read(steady_s)
            except GsmsendError as error:
                return error
            except Exception as fault:  # noqa: BLE001 - a bug here must not end what tells of others
                with suppress(OSError, GsmsendError):
                    edge.kept(fault)
                return GsmsendError(f"a bug in gsmsend ({type(fault).__name__}), kept in its folder of faults")

        answer = self._asker.ask(ask, _ANSWER_S)
        if answer is None:
            return None, "it does not answer"
        return (answer, "") if isinstance(answer, Scene) else (None, answer.words)

    def _read(self, steady_s: float) -> Scene:
        store, totals = self._store, self._store.totals()
        self.hosts = hosts = store.hosts() if store.leases_expire else []
        if totals != self._counted and steady_s - self._campaigns_s >= _CAMPAIGNS_S:
            self._counted, self._campaigns_s = totals, steady_s
            self._campaigns()
        return Scene(
            totals=totals,
            dangers=store.unseen_dangers(),
            missing=tuple(one.name for one in store.wanted_lines() if one.waiting),
            falls=self._falls(),
            done=self._done,
            lost_hosts=tuple(row.name for row in hosts if row.state in _AWAY),
        )

    def _falls(self) -> tuple[FallSeen, ...]:
        if not self._settings.fallbacks:
            return ()
        rows = fall_view.collect(self._settings, self._store, time.time())
        return tuple(fall_view.seen(row) for row in rows)

    def _campaigns(self) -> None:
        """Which campaigns were at work in this run, and are through."""
        opened = frozenset(
            row.name
            for row in self._store.campaigns()
            if not row.name.startswith(ALONE) and not row.cancelled
            and any(self._store.campaign_totals(row.campaign_id)[state] for state in _OPEN)
        )  # fmt: skip
        ended = [name for name in sorted(self._open - opened) if name not in self._done]
        self._done = tuple(name for name in (*self._done, *ended) if name not in opened)
        self._open |= opened

    def _disk(self) -> tuple[float, float] | None:
        with suppress(OSError):
            return float(shutil.disk_usage(self._settings.folder).free), self._settings.alerts.disk_bytes
        return None

    def _wrong(self, steady_s: float) -> str:
        if steady_s - self._clock_s >= _CLOCK_S:
            self._clock_s, self._clock_facts = steady_s, self._clock.read()
        return clock_words(self._clock_facts, self._settings.alerts.clock_s)


def clock_words(facts: ClockFacts | None, most_s: float) -> str:
    """What is wrong with the clock; "" if nothing is, or nothing is known."""
    if facts is None or facts.synchronised is None:
        return ""
    if not facts.synchronised:
        return "no service keeps it in step"
    if facts.error_ms is not None and facts.error_ms / 1000 > most_s:
        return f"it may be off by {facts.error_ms / 1000:.1f} seconds"
    return ""
