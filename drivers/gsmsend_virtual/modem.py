"""A GSM modem as a sans-IO AT interpreter: octets in, octets out, time through the shared timers.

`receive` takes what the client wrote; what the modem says is in `terminal.out`, and `on_output` is called
when something is there. Commands are found in `gsmsend_virtual.commands.TABLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gsmsend.sms import Timestamp
from gsmsend_virtual import charset, commands, textmode
from gsmsend_virtual.atline import Call, parse
from gsmsend_virtual.codes import CME_TEXTS, CMS_TEXTS, AtError
from gsmsend_virtual.delivery import Delivery
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.network import Mt, Network
from gsmsend_virtual.personality import Personality
from gsmsend_virtual.sending import Sending
from gsmsend_virtual.sim import PhonebookEntry, PinState, Sim, imei_of
from gsmsend_virtual.simfiles import Channel
from gsmsend_virtual.storage import MessageStore
from gsmsend_virtual.storage_view import Joined, Memory
from gsmsend_virtual.table import PENDING, Pending, Setting
from gsmsend_virtual.terminal import Entry, Terminal
from gsmsend_virtual.timers import Timer

BASIC_RESULTS = {"OK": "0", "CONNECT": "1", "RING": "2", "NO CARRIER": "3", "ERROR": "4", "NO DIALTONE": "6",
                 "BUSY": "7", "NO ANSWER": "8"}  # fmt: skip
TYPING_GRACE_S = 1.0  # unsolicited lines wait this long at most for a half typed command line


class Modem:
    """One modem. `sim` may be None (not inserted)."""

    def __init__(
        self, index: int, personality: Personality, sim: Sim | None, network: Network, journal: Journal
    ) -> None:
        self.index = index
        self.personality = personality
        self.network = network
        self.timers = network.timers
        self.journal = journal
        self.imei = imei_of(index)
        self.sim: Sim | None = None
        self.stores = {
            name: MessageStore(name, personality.capacity.get(name, 50))
            for name in personality.memories
            if name != "SM"
        }
        self.powered = False
        self.attached = True
        self.registration = 1
        self.signal = 24
        self.function = 1
        self.operator_mode, self.operator_format = 0, 0
        self.card_channel = Channel()
        self.phonebooks: dict[str, dict[int, PhonebookEntry]] = {}
        self.saved: dict[str, dict[str, list[int | str]]] = {}
        self.on_output: Callable[[], None] = lambda: None
        self.terminal = Terminal(self._on_line, self._repeat)
        self.sending = Sending(self)
        self.delivery = Delivery(self)
        self.settings: dict[str, Setting] = commands.SETTINGS | dict(personality.settings)
        self.values: dict[str, list[int | str]] = {}
        self.s: dict[int, int] = {}
        self._last_line = ""
        self._calls: Sequence[Call] = ()
        self._next_call = 0
        self._held: list[str] = []
        self._grace: Timer | None = None
        self._clock: list[Timer] = []
        self.who: dict[str, object] = {}
        for store in self.stores.values():
            store.on_write = self._on_write
        self.insert(sim)
        self.restore_defaults()

    # -- power and SIM ----------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        """The MSISDN of the SIM; empty without one."""
        return self.sim.number if self.sim else ""

    @property
    def sim_usable(self) -> bool:
        """Whether a SIM is in and unlocked."""
        return self.sim is not None and self.sim.pin_state is PinState.READY

    @property
    def registered(self) -> bool:
        """Whether the network serves this modem now."""
        return self.powered and self.function == 1 and self.sim_usable and self.registration in (1, 5)

    @property
    def reachable(self) -> bool:
        """Whether a short message can be offered to it."""
        return self.registered

    @property
    def shown_registration(self) -> int:
        """<stat> of +CREG: 0 without a usable SIM or with the radio off."""
        return self.registration if self.function == 1 and self.sim_usable else 0

    @property
    def has_lte(self) -> bool:
        """Whether +CEREG is known."""
        return "+CEREG" not in self.personality.missing

    @property
    def smsc(self) -> str:
        """The service centre on the SIM; empty if none."""
        return self.sim.smsc if self.sim else ""

    def set_smsc(self, number: str) -> None:
        """AT+CSCA=: the SIM keeps it (EF-SMSP)."""
        if self.sim is not None and self.sim.smsc != number:
            before, self.sim.smsc = self.sim.smsc, number
            self.log_write("EF-SMSP", 1, "TP-SCA", before, number)

    # -- what commands ask of it ------------------------------------------------------------------------

    def charset_in(self, text: str) -> str:
        """A string parameter, from the TE's character set. Raises ValueError."""
        return charset.from_te(text, str(self.values["+CSCS"][0]))

    def charset_out(self, text: str) -> str:
        """A string parameter, in the TE's character set."""
        return charset.to_te(text, str(self.values["+CSCS"][0]))

    @property
    def view(self) -> textmode.View:
        """How text mode lines are to look."""
        return textmode.View(str(self.values["+CSCS"][0]), bool(self.values["+CSDH"][0]))

    def compose(self, number: str, kind: str | None, octets: bytes, *, deliver: bool = False) -> bytes:
        """The TPDU of text mode input, by +CSMP. Raises SmsError or ValueError."""
        first, period, protocol, coding = self.values["+CSMP"]
        to = textmode.address(number, kind)
        typed, te = octets.decode("latin-1"), str(self.values["+CSCS"][0])
        fo = int(first) & ~3 if deliver else int(first)
        return textmode.compose(fo, to, int(protocol), int(coding), str(period), typed, te)

    def memory(self, which: int) -> str:
        """The name of <mem1>, <mem2> or <mem3> (0 to 2)."""
        return self._memories[which]

    def choose_memory(self, which: int, name: str) -> None:
        """Take a memory as <mem1>, <mem2> or <mem3>."""
        self._memories[which] = name

    def store(self, which: int) -> Memory:
        """<mem1>, <mem2> or <mem3>."""
        name = self._memories[which]
        if name == "MT":
            return Joined([self.stores[it] for it in ("ME", "SM") if it in self.stores])
        return self.stores.get(name) or MessageStore(name, 0)

    def network_time(self) -> Timestamp:
        """The time the network tells, in its zone."""
        return Timestamp.of_epoch(self.network.epoch(), 15 * self.network.conditions.zone_quarters)

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Do something later, unless power goes."""
        self._clock = [timer for timer in self._clock if timer.pending]
        self._clock.append(self.timers.after(delay_s, call))

    def sim_unlocked(self) -> None:
        """The PIN was right: register."""
        self.network.alert(self.number)

    def set_registration(self, stat: int) -> None:
        """The network takes this modem, or drops it; says so where +CREG asked for it."""
        if stat == self.registration:
            return
        self.registration = stat
        for name in ("+CREG", "+CGREG", "+CEREG"):
            if self.values[name][0] and name not in self.personality.missing:
                self.urc(f"{name}: {commands.service.registration_line(self, name)}")
        if self.registered:
            self.network.alert(self.number)

    def set_function(self, function: int) -> None:
        """AT+CFUN: the radio goes off or comes on."""
        self.function = function
        if self.registered:
            self.network.alert(self.number)

    def forget_rest(self) -> None:
        """The commands left on this line are not run."""
        self._calls = ()

    def insert(self, sim: Sim | None) -> None:
        """Swap the SIM; what was on the old one stays on it."""
        if self.sim is not None:
            self.network.unsubscribe(self)
            self.sim.messages.on_write = None
            self.sim.on_smss = None
            self.stores.pop("SM", None)
        self.sim = sim
        self.who = {"modem": self.index, "imei": self.imei, "iccid": sim.iccid if sim else None}
        if sim is not None:
            sim.messages.on_write = self._on_write
            sim.on_smss = self._on_smss
            if "SM" in self.personality.memories:
                self.stores["SM"] = sim.messages
            sim.power_up()
            self.network.subscribe(self)

    def boot(self, why: str = "power on") -> None:
        """Start (again): settings at their defaults, nothing pending, then the lines of the personality."""
        self.power_off(why="restart") if self.powered else None
        self.powered = True
        self.function = 1
        if self.sim is not None:
            self.sim.power_up()
        self.restore_defaults()
        self.journal.write(self.timers.now, "boot", self.who, why=why)
        for urc in self.personality.boot:
            if urc.needs != "sim" or self.sim_usable:
                self._clock.append(self.timers.after(urc.after_s, lambda text=urc.text: self.urc(text)))  # type: ignore[misc]
        for urc in self.personality.chatter:
            self._chatter(urc.text, urc.every_s)
        self.network.alert(self.number)

    def power_off(self, why: str) -> None:
        """Lose power: what is on air stays on air, its answer is lost."""
        self.powered = False
        for timer in self._clock:
            timer.cancel()
        self._clock.clear()
        self._held.clear()
        self._calls = ()
        self._next_call = 0
        self.sending.abandon()
        self.delivery.abandon("modem off")
        self.terminal.power_cycle()
        self.journal.write(self.timers.now, "off", self.who, why=why)

    def _chatter(self, text: str, every_s: float) -> None:
        def say() -> None:
            self.urc(text.replace("{csq}", str(self.signal)))
            self._chatter(text, every_s)

        self._clock.append(self.timers.after(every_s, say))
        self._clock = [timer for timer in self._clock if timer.pending]

    def restore_defaults(self) -> None:
        """What power-on and AT&F do: every setting as the personality has it."""
        self.values = {name: list(setting.default) for name, setting in self.settings.items()}
        self.s = {0: 0, 3: 13, 4: 10, 5: 8, 7: 60}
        self.verbose, self.quiet = True, False
        self._memories = list(self.personality.preferred)
        self.phonebook = "SM"
        self.terminal.echo = self.personality.echo
        self.terminal.echo_end = self.personality.echo_end
        self.terminal.prompt = self.personality.prompt.encode("latin-1")
        self.use_registers()

    def use_registers(self) -> None:
        """Take S3, S4, S5 and V into use."""
        self.terminal.cr, self.terminal.lf, self.terminal.bs = self.s[3], self.s[4], self.s[5]
        end = chr(self.s[3]) + chr(self.s[4])
        self._head = end if self.verbose else ""
        self._tail = end
        self._ok = (end + "OK" + end).encode("latin-1") if self.verbose else b"0" + bytes((self.s[3],))

    def take(self, mt: Mt) -> None:
        """A short message arrives from the network."""
        self.delivery.take(mt)

    # -- the client -------------------------------------------------------------------------------------

    def attach(self) -> None:
        """A client opened the port."""
        self.attached = True
        self.journal.write(self.timers.now, "attached", self.who)
        self.delivery.attached()

    def detach(self) -> None:
        """The last client closed the port: what is on air stays on air; nobody hears the rest."""
        self.attached = False
        self.journal.write(self.timers.now, "detached", self.who)
        self.delivery.detached()

    def receive(self, octets: bytes) -> None:
        """Take what the client wrote. Output is in `terminal.out`."""
        if self.powered:
            self.terminal.receive(octets)
            if self.terminal.out:
                self.on_output()

    def _repeat(self) -> None:
        self._run(self._last_line)

    def _on_line(self, line: bytes) -> None:
        at = line.upper().find(b"AT")
        if at < 0:
            self.flush_held()
            return
        self._last_line = line[at + 2 :].decode("latin-1")
        self._run(self._last_line)

    def _run(self, body: str) -> None:
        self._calls = parse(body)
        self._next_call = 0
        self.go_on()

    def go_on(self) -> None:
        """Run the commands left on this line, then give the final result."""
        self.terminal.blocked = True
        calls = self._calls
        while self._next_call < len(calls):
            call = calls[self._next_call]
            self._next_call += 1
            try:
                reply = commands.answer(self, call)
            except AtError as fault:
                self.fail(fault)
                return
            if isinstance(reply, Pending):
                return
            if reply:
                self.inform(reply)
        self.succeed()

    def succeed(self) -> None:
        """End the line with OK."""
        if not self.quiet:
            self.terminal.out += self._ok
        self._end_line()

    def complete(self, reply: str | list[str] | None = None) -> None:
        """A pending command is done; the rest of its line follows."""
        if reply:
            self.inform(reply)
        self.go_on()
        self.terminal.process()
        self.on_output()

    def abort(self, fault: AtError) -> None:
        """A pending command failed."""
        self.fail(fault)
        self.terminal.process()
        self.on_output()

    def fail(self, fault: AtError) -> None:
        """End the line with ERROR, +CME ERROR or +CMS ERROR, as +CMEE has it."""
        level = self.values["+CMEE"][0]
        silent = fault.kind == "CME" or (fault.kind == "CMS" and self.personality.cms_follows_cmee)
        if level == 0 and silent:
            self.result("ERROR")
        elif fault.kind in ("CME", "CMS"):
            texts = CME_TEXTS if fault.kind == "CME" else CMS_TEXTS
            words = texts.get(fault.code, str(fault.code)) if level == 2 else str(fault.code)
            self.result(f"+{fault.kind} ERROR: {words}")
        else:
            self.result(fault.kind)
        self._calls = ()
        self._next_call = 0
        self._end_line()

    def result(self, words: str) -> None:
        """A final or unsolicited result code, in V1 or V0 form; nothing under Q1."""
        if self.quiet:
            return
        if self.verbose:
            self.terminal.out += f"{self._tail}{words}{self._tail}".encode("latin-1")
        else:
            self.terminal.out += (BASIC_RESULTS.get(words, words) + chr(self.s[3])).encode("latin-1")

    def inform(self, reply: str | list[str]) -> None:
        """Information text: one line, or several in one go."""
        text = reply if isinstance(reply, str) else self._tail.join(reply)
        self.terminal.out += f"{self._head}{text}{self._tail}".encode("latin-1", "replace")

    def _end_line(self) -> None:
        self.terminal.blocked = False
        self.flush_held()

    # -- prompts ----------------------------------------------------------------------------------------

    def ask(self, done: Callable[[bytes], None], *, lines: bool) -> Pending:
        """Prompt for a text or PDU; `done` gets it with the line still pending."""
        timeout: list[Timer] = []

        def entered(octets: bytes) -> None:
            timeout[0].cancel()
            self.terminal.blocked = True
            done(octets)

        def cancelled() -> None:
            timeout[0].cancel()
            self.terminal.blocked = True
            self._calls = ()
            self.result(self.personality.escape_answer)
            self._end_line()

        def expired() -> None:
            self.terminal.forget_entry()
            self.abort(AtError())

        def show() -> None:
            timeout.append(self.timers.after(self.personality.prompt_timeout_s, expired))
            self._clock.append(timeout[0])
            self.terminal.blocked = False
            self.terminal.open_entry(Entry(entered, cancelled, lines))

        def show_late() -> None:
            show()
            self.on_output()

        if self.personality.prompt_delay_s <= 0:
            show()
        else:
            self.later(self.personality.prompt_delay_s, show_late)
        return PENDING

    # -- unsolicited ------------------------------------------------------------------------------------

    def urc(self, words: str) -> None:
        """Say something unasked: at once, or after the line or entry that is being typed."""
        if not self.powered:
            return
        if self.terminal.typing and not self.terminal.blocked:
            self._held.append(words)
            if self.terminal.entry is None and (self._grace is None or not self._grace.pending):
                self._grace = self.timers.after(TYPING_GRACE_S, self._grace_over)
            return
        self.result(words)
        self.on_output()

    def _grace_over(self) -> None:
        if self.terminal.entry is None:
            self.flush_held()
            self.on_output()

    def flush_held(self) -> None:
        """Say what was held back while the client typed."""
        if self._held:
            held, self._held = self._held, []
            for words in held:
                self.result(words)

    # -- records ----------------------------------------------------------------------------------------

    def _on_write(self, memory: str, index: int, what: str, before: bytes, after: bytes) -> None:
        if self.journal.active:
            old, new = (octets.rstrip(b"\xff").hex().upper() for octets in (before, after))
            self.log_write(memory, index, what, old, new)

    def _on_smss(self, before: int, after: int) -> None:
        self.log_write("EF-SMSS", 0, "TP-MR", f"{before:02X}", f"{after:02X}")

    def log_write(self, memory: str, index: int, what: str, before: str, after: str) -> None:
        """Record a change on the SIM or in a memory."""
        self.journal.write(
            self.timers.now, "write", self.who, memory=memory, index=index, what=what, before=before, after=after
        )

    def log_pin(self, *, right: bool) -> None:
        """Record that a PIN or PUK was tried."""
        if self.sim is not None:
            self.journal.write(
                self.timers.now, "pin", self.who, right=right, pin_tries=self.sim.pin_tries,
                puk_tries=self.sim.puk_tries,
            )  # fmt: skip
