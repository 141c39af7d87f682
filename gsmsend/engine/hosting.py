"""The lease of this host: renewed in good time, asked right before a text is handed over, begun anew if lost.

What it holds is reckoned from before the last renewal was asked for, by a clock that goes on while the computer
sleeps, and given up a good while before the store would: what was frozen between its intent and the modem must not
send when it wakes. Nothing of this is done where no other process can be at work.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from uuid import uuid4

from gsmsend.config import Settings
from gsmsend.contract import Clock, Joining, Store
from gsmsend.engine.events import Event, Notice
from gsmsend.errors import FenceLost, GuardStop, StoreError

_GRANTED, _SURE = 0.9, 0.8
"""Shares of the lease's time: what is asked of the store, so that its lines are free within all of it; and for how
long after a renewal texts are handed over."""
_RENEWALS = 3
"""So many in the time of a lease: one may fail."""
_LOOKS = 20
_LONGEST_S = 1.0
UNSURE = "the store has not answered for so long that other hosts may take this one for dead"
ANEW = "this host was taken for dead; it begins anew"
_DROPPED = (
    "its lines drop what they had taken up and begin anew; what may have gone out is uncertain until it is known"
)


def steady_s() -> float:
    """Seconds since an arbitrary start, by a clock that goes on while the computer sleeps, where it has one."""
    boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class HostLease:
    """Of one run. `begin`, `look` and `end` are its coordinator's; `sure` and `check` are asked by its lines."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: Settings,
        publish: Callable[[Event], None],
        *,
        steady: Callable[[], float] | None = None,
        mark: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._publish = publish
        self._steady = steady or clock.monotonic
        lease_s = settings.lease_s
        self._lease_s = lease_s
        self._who = Joining(settings.host or platform.node() or "host", uuid4().hex, mark, lease_s * _GRANTED)
        self._fence = 0
        self._lost = self._told = False
        self._busy = (0.0, 0.0)
        self._sure_until_s = self._renewed_s = self._watched_s = float("-inf")
        self._ended = threading.Event()
        self._again = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wake: Callable[[], None] = lambda: None
        self.fault: Exception | None = None
        """Why this host may not work any more."""

    @property
    def host(self) -> str:
        """Its name."""
        return self._who.host

    @property
    def fence(self) -> int:
        """Its fence now, 0 before it has begun."""
        return self._fence

    # -- the run's coordinator ----------------------------------------------------------------------------

    def begin(self, stopping: threading.Event) -> None:
        """Join the hosts that work on the operation. Raises GuardStop if another run has this name."""
        first_s: float | None = None
        while not self._join():
            seen_s, left_s = self._busy
            if first_s is not None and seen_s != first_s:
                raise self._taken()
            if first_s is None:
                words = (
                    f"a host named {self.host} is at work, or was until just now; if it is not heard of again, "
                    f"this run begins in {left_s:.0f} seconds"
                )
                self._publish(Notice(self._clock.now(), "warning", words))
            first_s = seen_s
            if stopping.wait(min(max(left_s, 0.05), _LONGEST_S)):
                raise self._taken()

    def start(self, wake: Callable[[], None]) -> None:
        """Renew the lease from now on; `wake` has all lines look again, once there is news."""
        if self._store.leases_expire:
            self._wake = wake
            self._thread = threading.Thread(target=self._keep, name="host lease", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Look for hosts whose leases have run out, and take what they had. Raises what ended its own renewals."""
        if self.fault is not None:
            raise self.fault
        if not self._store.leases_expire or self._lost or self._steady() - self._watched_s < self._lease_s:
            return  # after an outage of the store all others have the time of a lease to come back, too
        for host in self._store.silent():
            found = self._store.bury(host, self._clock.now())
            if found is not None:
                words = (
                    f"host {host} was not heard of for {self._lease_s:.0f} seconds: its texts go on over other "
                    f"lines; {found.uncertain} of them may have gone out"
                )
                self._publish(Notice(self._clock.now(), "warning", words))
                self._wake()

    def end(self) -> None:
        """Give up all lines and the lease. What the store refuses then is left to the lease's end."""
        self._ended.set()
        with self._again:
            self._again.notify_all()
        if self._thread is not None:
            self._thread.join()
        if self._fence and not self._lost:
            self._store.leave(self._clock.now())

    # -- the lines ----------------------------------------------------------------------------------------

    def sure(self, fence: int) -> bool:
        """Whether what was taken under this fence is this host's for a good while yet."""
        if fence != self._fence or self._lost:
            return False
        return not self._store.leases_expire or self._steady() < self._sure_until_s

    def check(self, fence: int) -> None:
        """Raise FenceLost if what was taken under this fence is not this host's any more."""
        if fence != self._fence or self._lost:
            raise FenceLost(ANEW)

    def wait_anew(self, longest_s: float) -> None:
        """Wait until the host has begun anew, but no longer than so."""
        with self._again:
            self._again.wait_for(lambda: not self._lost or self._ended.is_set(), longest_s)

    # -- its own thread -----------------------------------------------------------------------------------

    def _keep(self) -> None:
        while not self._ended.wait(min(self._lease_s / _LOOKS, _LONGEST_S)):
            due = self._lost or self._steady() - self._renewed_s >= self._lease_s / _RENEWALS
            if not due:
                continue
            try:
                if self._lost or not self._renew():
                    self._anew()
            except StoreError as error:
                if isinstance(error, GuardStop):
                    return self._end_with(error)
                self._tell_unsure()
            except Exception as fault:  # noqa: BLE001 - the coordinator raises it: no host works without its lease
                return self._end_with(fault)
        return None

    def _end_with(self, fault: Exception) -> None:
        self.fault = fault
        self._wake()

    def _renew(self) -> bool:
        asked_s = self._steady()
        if not self._store.renew():
            return False
        self._confirmed(asked_s)
        return True

    def _anew(self) -> None:
        """Others took this host for dead: it takes a new fence, and all its lines drop what they had."""
        if not self._lost:
            self._lost = True
            words = f"host {self.host} was silent for so long that others took it for dead; {_DROPPED}"
            self._publish(Notice(self._clock.now(), "warning", words))
            self._wake()
        if not self._join():
            raise self._taken()
        with self._again:
            self._lost = False
            self._again.notify_all()
        self._wake()

    def _join(self) -> bool:
        asked_s = self._steady()
        joined = self._store.join(self._who, self._clock.now())
        if joined.fence is None:
            self._busy = joined.seen_at_s, joined.left_s
            return False
        self._fence = joined.fence
        self._watched_s = asked_s
        self._confirmed(asked_s)
        return True

    def _confirmed(self, asked_s: float) -> None:
        if asked_s - self._renewed_s > self._who.lease_s:
            self._watched_s = asked_s  # nobody could have been heard of meanwhile
        self._renewed_s = asked_s
        was_unsure, self._told = self._told, False
        self._sure_until_s = asked_s + self._lease_s * _SURE
        if was_unsure:
            self._publish(Notice(self._clock.now(), "info", "the store answers again; the lines go on"))
            self._wake()

    def _tell_unsure(self) -> None:
        if not self._told and self._steady() >= self._sure_until_s:
            self._told = True
            self._publish(Notice(self._clock.now(), "warning", f"{UNSURE}; nothing is handed over until it does"))

    def _taken(self) -> GuardStop:
        return GuardStop(
            f"another run of this operation calls itself host {self.host} and is at work",
            remedy="Each host needs a name of its own: write host = 'NAME' under [operation] in gsmsend.toml of "
            "one of them, or stop the other run.",
        )
