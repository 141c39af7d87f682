"""How a line's worker gets its device back: by the ladder, under another name; and its SIM, in another device."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import suppress

from gsmsend import transcripts
from gsmsend.config import LineTerms
from gsmsend.contract import Driver, Endpoint, LineRow, OpenOptions, Recoverable, Relocatable, Step
from gsmsend.engine import identifying, ladder
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.engine.recording import LineRecord
from gsmsend.errors import (
    DeviceGone,
    FenceLost,
    GsmsendError,
    GuardStop,
    LineBarred,
    LineElsewhere,
    LinkLost,
    NotInstalled,
    SimStop,
)
from gsmsend.model import Facts

_GIVE_UP_S = 300.0
"""A device that was lost is given up after so long, unless the run stays."""
_SIM_LOOK_S = 1.0
_ELSEWHERE_S = 1.0
_SIM_PATIENCE_S = 15.0
"""So long a modem of a lab may be without the SIM that it had before that counts as its end in this run."""

_PUT_BACK = "Put it back, or into another modem of this bench: its line goes on there by itself."
_TAKES = "Put a SIM in that this operation knows: the run takes it by itself."


class Comeback(ABC):
    """The base of LineWorker: its thread's main loop.

    `ready`: it can send. `given_up`: it will not come back in this run. `guard`: why a guard stopped it;
    `fault`: an error that must stop the whole run. `lost_since_s`: since when it is gone, in epoch seconds, None
    while it is there or has not come up yet; `quarantined`: all was tried to get it back. While it is `patient` it
    is not given up for having been lost for long. `unplugged`: its device was pulled out, so nothing is opened;
    `gone`: its port was not there when it was last opened. `seeks`: it looks by itself where its device may be.
    `disputes`: the address of the worker that holds the line whose SIM was found here. `elsewhere`: another host
    has its line, as far as is known.
    """

    def __init__(self, context: RunContext, driver: Driver, endpoint: Endpoint, *, stay: bool) -> None:
        self._context = context
        self._driver = driver
        self._endpoint = endpoint
        self._stay = stay
        self._record = LineRecord(context)
        self._line: LineRow | None = None
        self._facts: Facts | None = None
        self._shown = ("", "", "")
        self._woken = threading.Event()
        self.ready = False
        self.given_up = False
        self.quarantined = self.patient = False
        self.lost_since_s: float | None = None
        self.terms: LineTerms | None = None
        self.guard: GuardStop | None = None
        self.fault: Exception | None = None
        self.why = ""
        self.unplugged = self.gone = self.retired = self.vacant = False
        self.seeks = True
        self.elsewhere = False
        self.disputes = ""
        self._next: Endpoint | None = None
        self._nudged = self._away = self._doubted = False
        self._left: LineRow | None = None
        self._sim_since_s: float | None = None

    # -- what the coordinator tells of its device, from another thread ------------------------------------

    @property
    def endpoint(self) -> Endpoint:
        """Where its device is, or was."""
        return self._endpoint

    @property
    def driver(self) -> Driver:
        """Who opens it."""
        return self._driver

    def unplug(self) -> None:
        """Its device was pulled out: nothing is opened until `plug`."""
        self.unplugged = self._away = True
        self.nudge()

    def plug(self, endpoint: Endpoint) -> None:
        """Its device is there, at this endpoint: try at once."""
        self._next = endpoint
        self.unplugged = False
        self.nudge()

    def nudge(self) -> None:
        """Something was plugged in: look for the device again now, and begin with the mildest."""
        self._nudged = True
        self.poke()

    def doubt(self) -> None:
        """Its SIM was found in another modem: open the device anew, and see which one is there."""
        self._doubted = True
        self.poke()

    def vacate(self) -> None:
        """Its line goes on elsewhere: it takes any line of the operation that nobody has, where it finds one."""
        if not self.vacant:
            self.vacant = True
            self.nudge()

    def retire(self, why: str) -> None:
        """Another worker has its line: end."""
        self.why = why
        self.retired = True
        self.nudge()

    @abstractmethod
    def poke(self) -> None:
        """There may be work, or it is time to stop: look."""

    # -- the thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        tries, lost_s = 0, None
        clock, stopping = self._context.clock, self._context.stopping
        while not (stopping.is_set() or self.retired):
            goes_on = self._serve()
            if goes_on is not None:
                if goes_on:
                    continue
                break
            if self.ready:
                self.ready, tries, lost_s = False, 0, clock.monotonic()
                self.lost_since_s = clock.now()
            if self._nudged:
                self._nudged, tries = False, 0
            tries += 1
            over = lost_s is not None and clock.monotonic() - lost_s > _GIVE_UP_S
            over = over and not (self._stay or self.patient)
            if not self._climb(tries, came_up=lost_s is not None or self._stay, over=over):
                self.given_up = True
                break
        self.ready = False
        with suppress(GsmsendError):  # the store is what has failed: the run ends with that
            self._record.gone(self.why)
        self._show("removed" if self.retired else "stopped", "", self.why)
        self._context.tick.set()

    def _serve(self) -> bool | None:
        """One session, to its end: whether to begin another at once; None if the device was lost."""
        try:
            self._arrive()
            self._session()
        except (FenceLost, LineElsewhere) as stop:
            return self._yields(stop)
        except GuardStop as stop:
            return self._follows(stop) or self._guarded(stop)
        except DeviceGone as gone:
            self.why, self.gone, self._away = gone.words, True, True
            return True if self._moved() else None
        except LinkLost as lost:
            self.why, self.gone = lost.words, False
        except NotInstalled as missing:
            self.given_up, self.why = True, missing.words
            return False
        except Exception as fault:  # noqa: BLE001 - the coordinator raises it on the main thread
            self.fault, self.why = fault, fault.words if isinstance(fault, GsmsendError) else ""
            return False
        return None

    def _yields(self, stop: GuardStop) -> bool:
        """Wait until the line may be this host's (again); then everything begins anew, the port too."""
        context = self._context
        self.ready, self.why, self.elsewhere = False, stop.words, isinstance(stop, LineElsewhere)
        self._show("recovering", "another host has it" if self.elsewhere else "beginning anew", stop.words)
        context.tick.set()
        if not self.elsewhere:
            context.lease.wait_anew(_ELSEWHERE_S)
        elif not context.stopping.is_set():
            self._woken.clear()
            self._woken.wait(_ELSEWHERE_S)
        return True

    def _guarded(self, stop: GuardStop) -> bool:
        """Whether a line that a guard stopped goes on receiving."""
        if isinstance(self.guard, SimStop):
            self.guard = None
        first = self.guard is None
        self.guard, self.why = self.guard or stop, stop.words
        receives = first and isinstance(stop, LineBarred) and self._context.receives_on
        self.ready = self.ready and not receives
        return receives

    def _arrive(self) -> None:
        """Be where the device is. Raises LinkLost while it is unplugged."""
        following, self._next = self._next, None
        if following is not None:
            self._go_to(following)
        if self.unplugged:
            raise LinkLost(f"{self._endpoint.address} was unplugged", remedy="Plug it in again.")

    def _go_to(self, endpoint: Endpoint) -> None:
        before, self._endpoint = self._endpoint, endpoint
        if before.address != endpoint.address:
            self._tell_gone(before.address)

    def _climb(self, tries: int, *, came_up: bool, over: bool) -> bool:
        """Do what the ladder has next for this device, and wait; False if it is given up."""
        settings = self._context.settings
        if self._context.stopping.is_set() or self.retired:
            return True
        if over:
            return False
        rung = ladder.rung(tries, settings) if came_up else ladder.first(tries, settings)
        if rung is None:
            return False
        if rung.step is not None and (self.unplugged or not self._recover(rung.step)) and not came_up:
            return self._climb(tries + 1, came_up=came_up, over=over)
        told, self.quarantined = self.quarantined, rung.quarantined
        if rung.quarantined:
            if not told:
                words = f"{self._endpoint.address} is out of use: {self.why}; it is tried again now and then"
                self._context.publish(Notice(self._context.clock.now(), "error", words))
            self._show("quarantined", "waiting to try again", self.why)
        else:
            self._show("recovering", "waiting to open the port again", self.why)
        self._woken.clear()
        if not (self._nudged or self._context.stopping.is_set()):
            self._woken.wait(rung.wait_s)
        return True

    # -- the device under another name ---------------------------------------------------------------------

    def _moved(self) -> bool:
        """Whether the device was found under another name, by its SIM or IMEI; this worker then goes there."""
        line = self._line
        if line is None or self.unplugged or not self.seeks or not isinstance(self._driver, Relocatable):
            return False
        for other in self._driver.elsewhere(self._endpoint):
            if not self._context.places.take(other.address, self._endpoint.address):
                continue
            found = self._free(other) if self.vacant else line if self._is_it(other, line) else None
            if found is not None:
                words = f"{self._title(found)} has come back as {other.address} (it was {self._endpoint.address})"
                if found is not line:
                    words = f"{found.name} has come back as {other.address}"
                self._context.publish(Notice(self._context.clock.now(), "info", words))
                self._context.places.leave(self._endpoint.address)
                self._go_to(other)
                return True
            self._context.places.leave(other.address)
        return False

    def _free(self, endpoint: Endpoint) -> LineRow | None:
        """The line of this operation whose SIM is there, if no worker has it."""
        try:
            transcript = transcripts.place(self._context.settings, endpoint.address, looking=True)
            facts = self._driver.inspect(endpoint, OpenOptions(transcript))
        except GsmsendError:
            return None
        lines = self._context.store.lines(counted=False)
        found = next((row for row in lines if identifying.same(row, facts)), None)
        return found if found is not None and self._context.sims.holder(found.line_id) is None else None

    def _is_it(self, endpoint: Endpoint, line: LineRow) -> bool:
        """Whether the device at `endpoint` holds the line's SIM, or is its device if its SIM cannot be read."""
        try:
            transcript = transcripts.place(self._context.settings, endpoint.address, looking=True)
            facts = self._driver.inspect(endpoint, OpenOptions(transcript))
        except GsmsendError:
            return False
        readable = (line.iccid and facts.sim.iccid) or (line.imsi and facts.sim.imsi) or line.account
        if readable:
            return identifying.same(line, facts)
        if self._context.devices.shared(line.imei):  # cheap arrays have one IMEI for all
            return endpoint.usb_location is not None and endpoint.usb_location == self._endpoint.usb_location
        return line.imei is not None and line.imei == facts.device.imei

    def _recover(self, step: Step) -> bool:
        """One step of the ladder; a fault in it is only told. Whether it was done."""
        if not isinstance(self._driver, Recoverable):
            return False
        self._show("recovering", step.value, self.why)
        self._context.store.forget_marks()
        try:
            done = self._driver.recover(self._endpoint, step, self._options())
        except GsmsendError as fault:
            done, words = False, fault.words
        else:
            words = "it cannot be done to this modem"
        told = f"{self._endpoint.address}: {step.value}: {'done' if done else words}"
        self._context.publish(Notice(self._context.clock.now(), "info", told))
        self._record.acted(told)
        return done

    # -- the SIM in another device --------------------------------------------------------------------------

    def _follows(self, stop: GuardStop) -> bool:
        """Whether the worker waits for whichever SIM is in its device next: in a lab a line follows its SIM."""
        context, now_s = self._context, self._context.clock.monotonic()
        if not (context.follows and isinstance(stop, SimStop)):
            return False
        had_one = self._line is not None or self._left is not None
        if self._line is not None:
            self._record.gone(stop.words)
            self._left, self._line, self._facts = self._line, None, None
            if context.sims.holder(self._left.line_id) is None:
                words = f"its SIM is no longer in {self._endpoint.address}. {_PUT_BACK}"
                context.store.line_state(self._left.line_id, "stopped", words, None, "")
        words = f"{str(stop).removesuffix('.')}. {_TAKES}" if stop.remedy else stop.words
        self.ready, self.why, self.terms = False, words, None
        if self._sim_since_s is None:
            self._sim_since_s = now_s
        if not had_one or now_s - self._sim_since_s >= _SIM_PATIENCE_S:
            self.guard = stop
        self._show("recovering", "waiting for a SIM", words)
        context.tick.set()
        self._woken.clear()
        if not (self._nudged or context.stopping.is_set()):
            self._woken.wait(_SIM_LOOK_S)
        self._nudged = False
        return True

    def _expected(self, facts: Facts) -> LineRow | None:
        """The line whose SIM must be in the device, None if it may be any.

        In a lab it may be any that this operation knows, and any at all once the device was pulled out.
        """
        before = self._line or self._left
        if before is None or not self._context.follows:
            return self._line
        known = identifying.known(self._context.settings, self._context.store, facts)
        return None if self._away or known else before

    def _settle_in(self) -> None:
        """Device and SIM are there and may be used."""
        self.lost_since_s, self.disputes = None, ""
        self.quarantined = self.gone = self.vacant = self._away = False
        self._left = self._sim_since_s = None
        if isinstance(self.guard, SimStop):
            self.guard = None

    def _now(self, facts: Facts) -> Facts:
        """What is known of the device now. Raises LinkLost if its SIM was found in another."""
        if self._doubted or self.retired:
            self._doubted = False
            raise LinkLost(
                f"the SIM of {self._endpoint.address} was found in another modem",
                remedy="Its line goes on there; this modem takes whichever SIM is in it.",
            )
        return self._facts or facts

    # -- what LineWorker does -------------------------------------------------------------------------------

    @abstractmethod
    def _session(self) -> None: ...

    @abstractmethod
    def _options(self) -> OpenOptions: ...

    @abstractmethod
    def _title(self, line: LineRow) -> str: ...

    @abstractmethod
    def _show(self, state: str, doing: str, why: str, *, force: bool = False) -> None: ...

    @abstractmethod
    def _tell_gone(self, address: str) -> None: ...
