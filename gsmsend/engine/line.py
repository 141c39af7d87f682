"""The owner thread of one line: opens its link, learns whose SIM it is, works, and comes back when it is lost."""

from __future__ import annotations

import threading
from dataclasses import replace

from gsmsend import transcripts
from gsmsend.contract import FALLBACK, Driver, Endpoint, LineRow, Link, OpenOptions, Requesting
from gsmsend.engine import counter, identifying
from gsmsend.engine.comeback import Comeback
from gsmsend.engine.context import RunContext
from gsmsend.engine.ear import Ear
from gsmsend.engine.events import LineChanged, Notice
from gsmsend.engine.gate import terms_of
from gsmsend.engine.lookups import ASKED_FOR_S
from gsmsend.engine.pins import Pins
from gsmsend.engine.talk import Talk
from gsmsend.errors import GuardStop, LineBarred, LinkLost, SimStop
from gsmsend.model import Facts, Registration

_LISTEN_S = 0.3
"""However long ago a text was cut off, its answer may still lie in the port's buffer."""


class LineWorker(Comeback):
    """One thread, one endpoint. `poke`, `join` and the attributes may be used from other threads.

    `joined`: its device was plugged in while the run went on.
    """

    def __init__(
        self, context: RunContext, driver: Driver, endpoint: Endpoint, *, stay: bool, joined: bool = False
    ) -> None:
        super().__init__(context, driver, endpoint, stay=stay)
        self._joined = joined
        self._ear = Ear(context, on_durable=self._durable, on_change=self._changed)
        self._link: Link | None = None
        self._talk: Talk | None = None
        self._stored = (0, "", "", 0)
        self._sent = 0
        self._awaits = False
        self._thread = threading.Thread(target=self._run, name=f"line {endpoint.address}", daemon=True)

    @property
    def ended(self) -> bool:
        """Whether its thread was started and does nothing more."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do and nothing at hand."""
        talk = self._talk
        return talk is None or not talk.busy

    @property
    def line_id(self) -> int | None:
        """The line whose SIM it has, once that is known."""
        return self._line.line_id if self._line is not None else None

    @property
    def cloud(self) -> bool:
        """Whether its texts do not bear the number that people know: it takes only what is meant for it."""
        return self._endpoint.cloud

    @property
    def route(self) -> str:
        """The address by which gsmsend.toml names it; of an account all of it, since a provider may have two."""
        return self._endpoint.address

    @property
    def title(self) -> str:
        """What people call it: its name in gsmsend.toml, else in the store, else its address."""
        return self._title(self._line) if self._line is not None else self._endpoint.address

    @property
    def known_as(self) -> str:
        """The name that texts wait for it by: of gsmsend.toml, or as a fallback's route; empty for none."""
        if self.terms is not None:
            return self.terms.name
        return f"{FALLBACK}{self.route}" if self.cloud else ""

    @property
    def sent(self) -> int:
        """Parts that it has had accepted, in this run and before."""
        talk = self._talk
        return talk.sent if talk is not None else self._sent

    @property
    def imei(self) -> str | None:
        """Of the device that has its SIM now."""
        return self._facts.device.imei if self._facts is not None else None

    @property
    def registration(self) -> Registration:
        """Whether it has a network, as it said last."""
        return self._facts.registration if self._facts is not None else Registration.UNKNOWN

    @property
    def awaits(self) -> bool:
        """Whether it has sent, or is asked for reports of what it sent before."""
        talk = self._talk
        return self._awaits or (talk is not None and talk.handed_over)

    @property
    def why_closed(self) -> str:
        """Why it receives and sends nothing any more, once the closing day of its line has come."""
        words = self._context.gate.closed(self.terms, self._context.clock.now())
        return f"{self._title(self._line) if self._line is not None else 'the line'} is {words}" if words else ""

    @property
    def closed(self) -> bool:
        """Whether that day has come."""
        return bool(self.why_closed)

    @property
    def reports(self) -> bool:
        """Whether delivery reports can come back over it."""
        return self._facts is not None and self._facts.reports

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for the thread's end."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def poke(self) -> None:
        """There may be work, or it is time to stop: look."""
        talk, link = self._talk, self._link
        if talk is not None:
            talk.intake.poke()
        self._woken.set()
        if link is not None:
            link.wake()

    def try_again(self) -> None:
        """Let a barred line that receives take texts once more: the network may take them now."""
        talk = self._talk
        if talk is not None and isinstance(self.guard, LineBarred):
            self.guard, self.why = None, ""
            talk.barred = ""
            self.poke()

    def _durable(self) -> None:
        talk, link = self._talk, self._link
        if link is not None and talk is not None and talk.listening:
            link.wake()

    def _session(self) -> None:
        """From opening the port to losing it."""
        self._check_changes()
        self._look_first()
        if self._sim_since_s is None and not self.elsewhere:  # else it only looks again, each second: told once
            self._show("opening", "opening the port", "")
        self._link = link = self._driver.open(self._endpoint, self._ear, self._context.clock, self._options())
        held: int | None = None
        try:
            self._facts = facts = link.bring_up()
            self._check_changes(facts)
            fence = self._context.lease.fence
            self._line = line = self._identify(facts)
            self.elsewhere = False
            # A number that the SIM told once holds, also where it does not tell it again.
            sim = replace(facts.sim, number=facts.sim.number or line.number)
            self.terms = terms_of(self._context.settings.lines, sim)
            holder = self._context.sims.take(line.line_id, self._endpoint.address)
            if holder is not None:
                what = "account behind" if line.account else "SIM in"
                self.disputes = holder
                raise SimStop(f"the {what} {self._endpoint.address} is already in use through {holder}")
            held = line.line_id
            self._record.line(line, facts)
            self._ear.attach(line.line_id, line.name, self._title(line))
            self._expect(link, line)
            counter.settle(self._context, link, line, facts)
            self._context.store.line_found(self.known_as, line.line_id)
            self._record.before(line, link)
            self._talk = talk = Talk(self._context, link, line, self._show_work, self.terms, cloud=self.cloud)
            talk.fence = fence
            self._settle_in()
            talk.barred = self.why = self.guard.words if self.guard is not None else ""
            self.ready = True
            for words in facts.notes:
                self._context.publish(Notice(self._context.clock.now(), "info", f"{self._title(line)}: {words}"))
            self._context.tick.set()
            talk.work(lambda: self._now(facts))
            self._record.after(link)
        finally:
            self._talk = None
            self._link = None
            self._ear.detach()
            link.close()
            if held is not None:
                self._context.sims.leave(held, self._endpoint.address)
                self._context.store.let_go(held)

    def _look_first(self) -> None:
        """Outside labs a device that was plugged in meanwhile is only asked whose SIM it has, until that may join.

        It may be an exhibit that nobody meant for this run: to set it up for sending would route its texts here.
        """
        context = self._context
        if not self._joined or context.settings.lab or self._line is not None:
            return
        if self._listen_first_s() > _LISTEN_S:
            return  # a text that a stop cut off may be under way from it: it is listened to before it is asked
        self._show("opening", "asking whose SIM it has", "")
        transcript = transcripts.place(context.settings, self._endpoint.address, looking=True)
        facts = self._driver.inspect(self._endpoint, replace(self._options(), transcript=transcript, pins=None))
        if not (facts.sim.known or facts.device.account):
            raise LinkLost(
                f"{self._endpoint.address} does not tell whose SIM it has",
                remedy="Outside labs nothing more is said to what was plugged in meanwhile. Is a SIM in it?",
            )
        self._may_be_used(facts)

    def _check_changes(self, facts: Facts | None = None) -> None:
        """Whether what sending changes was accepted for this device, before it is opened and once it told more."""
        if facts is None and self._endpoint.place and self._listen_first_s():
            return  # a text may be under way from it: nothing may be said to it, and it is checked once it is up
        settings, store = self._context.settings, self._context.store
        identifying.check_changes(settings, store, self._driver, self._endpoint, facts)

    def _expect(self, link: Link, line: LineRow) -> None:
        """Have a route that keeps records of its own asked for reports of what it took before."""
        if isinstance(link, Requesting):
            handles = self._context.store.awaited_handles(line.line_id, self._context.clock.now() - ASKED_FOR_S)
            self._awaits = self._awaits or bool(handles)
            link.expect(handles)

    def _options(self) -> OpenOptions:
        settings = self._context.settings
        transcript = transcripts.place(settings, self._endpoint.address)
        table = dict(settings.drivers.get(self._driver.name, {}))
        pins = Pins(self._context, self._endpoint.address)
        listen_s, exhibit = self._listen_first_s(), not settings.lab
        return OpenOptions(transcript, table, listen_s, pins, exhibit=exhibit, folder=settings.folder)

    def _listen_first_s(self) -> float:
        """How long a text that was cut off may still be under way, in seconds; 0 if none was."""
        begun_s = self._cut_off_s()
        if self._line is not None:
            end = self._context.store.last_unknown(self._line.line_id)
            begun_s = end.opened_at_s if end is not None else None
        if begun_s is None:
            return 0.0
        left_s = begun_s + self._context.settings.listen_first_s - self._context.clock.now()
        return max(_LISTEN_S, min(left_s, self._context.settings.listen_first_s))

    def _cut_off_s(self) -> float | None:
        """When a text was cut off that this device may be sending; any may, if that one has a new name."""
        cut_off_s = self._context.cut_off_s
        here = cut_off_s.get(self._endpoint.address)
        elsewhere = [at_s for address, at_s in cut_off_s.items() if address not in self._context.addresses]
        return here if here is not None else max(elsewhere, default=None)

    def _identify(self, facts: Facts) -> LineRow:
        """The line of the SIM or account that is there. Raises GuardStop if it is one that may not be used."""
        context, store = self._context, self._context.store
        why, remedy = context.refusal(self._endpoint)
        if why:
            raise GuardStop(f"{why}; nothing was sent from {self._endpoint.address}", remedy=remedy)
        known = self._may_be_used(facts)
        if known is not None and self._changed_device(known, facts):
            # What one device counted and kept proves nothing of another. On disk before anything is judged by it.
            store.set_mark(known.line_id, None)
            store.counter_seen(known.line_id, "")
        line = store.line(facts.sim, facts.device, context.clock.now(), cloud=self.cloud)
        context.devices.seen(line.line_id, facts.device.imei, self._endpoint)
        return line

    def _changed_device(self, known: LineRow, facts: Facts) -> bool:
        imei, lines = facts.device.imei, self._context.store.lines(counted=False)
        twins = any(line.imei == imei and line.line_id != known.line_id for line in lines)
        return self._context.devices.changed(known, facts.device, self._endpoint, twins=imei is not None and twins)

    def _may_be_used(self, facts: Facts) -> LineRow | None:
        """The line that is known by the SIM or account that is there. Raises GuardStop if that may not be used."""
        settings, store = self._context.settings, self._context.store
        identifying.check(settings, store, self._endpoint, facts, self._expected(facts))
        known = next((line for line in store.lines(counted=False) if identifying.same(line, facts)), None)
        if self._joined:
            identifying.check_joined(settings, self._endpoint, facts, known)
        return known

    def _changed(self, facts: Facts | None, doing: str) -> None:
        if facts is not None:
            before, self._facts = self._facts, facts
            link, line = self._link, self._line
            if self._talk is not None and line is not None:
                self._record.line(line, facts)
            if link is not None and before is not None and before.registration is not facts.registration:
                link.wake()
        self._show(self._shown[0], doing or self._shown[1], self._shown[2], force=facts is not None)

    def _title(self, line: LineRow) -> str:
        """What people call it: as gsmsend.toml does, where its SIM is named there."""
        return self.terms.name if self.terms is not None else line.name

    def _tell_gone(self, address: str) -> None:
        """Nothing is at that address any more, for those who watch."""
        name = self._line.name if self._line is not None else address
        now_s = self._context.clock.now()
        self._context.publish(LineChanged(now_s, address, name, "removed", "", "", self.sent, None))

    def _show_work(self, state: str, doing: str, why: str) -> None:
        self._show(state, doing, why)

    def _show(self, state: str, doing: str, why: str, *, force: bool = False) -> None:
        if (state, doing, why) == self._shown and not force:
            return
        self._shown = (state, doing, why)
        line, facts, now_s = self._line, self._facts, self._context.clock.now()
        name = line.name if line is not None else self._endpoint.address
        self._sent = self._talk.sent if self._talk is not None else self._sent
        address, sent = self._endpoint.address, self._sent
        known_as = self.known_as if line is not None else ""
        self._context.publish(LineChanged(now_s, address, name, state, doing, why, sent, facts, known_as))
        signal = facts.signal_dbm if facts is not None else None
        if line is not None and not self.elsewhere and (line.line_id, state, why, signal or 0) != self._stored:
            self._stored = (line.line_id, state, why, signal or 0)
            operator = facts.operator if facts is not None else ""
            self._context.store.line_state(line.line_id, state, why, signal, operator)
