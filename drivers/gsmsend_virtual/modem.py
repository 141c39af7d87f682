"""A GSM modem as a sans-IO AT interpreter: octets in, octets out, time through the shared timers.

`receive` takes what the client wrote; what the modem says is in `terminal.out`, and `on_output` is called
when something is there. Commands are found in `gsmsend_virtual.commands.TABLE`.
"""

from __future__ import annotations

from typing import Protocol

from gsmsend.sms import Timestamp
from gsmsend_virtual import charset, commands, textmode
from gsmsend_virtual.atline import Call
from gsmsend_virtual.delivery import Delivery
from gsmsend_virtual.dialogue import Dialogue
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.network import Mt, Network
from gsmsend_virtual.personality import Personality, Urc
from gsmsend_virtual.sending import Sending
from gsmsend_virtual.sim import PhonebookEntry, PinState, Sim, imei_of
from gsmsend_virtual.simfiles import Channel
from gsmsend_virtual.storage import MessageStore
from gsmsend_virtual.storage_view import Joined, Memory
from gsmsend_virtual.table import Reply, Setting

SEARCHING, HOME, ROAMING = 2, 1, 5  # <stat> of +CREG, TS 27.007 7.2


class Port(Protocol):
    """What a modem is plugged in by."""

    def vanish(self) -> None:
        """The port is gone: the client gets a hang-up."""
        ...

    def appear(self, *, other_name: bool) -> None:
        """The port is back, under its old name or another."""
        ...

    def stall(self, *, on: bool) -> None:
        """Stop (or go on) taking what the client writes."""
        ...


class Modem(Dialogue):
    """One modem. `sim` may be None (not inserted)."""

    def __init__(
        self, index: int, personality: Personality, sim: Sim | None, network: Network, journal: Journal
    ) -> None:
        super().__init__(personality, network.timers)
        self.index = index
        self.network = network
        self.journal = journal
        self.imei = imei_of(index)
        self.sim: Sim | None = None
        self.stores = {
            name: MessageStore(name, personality.capacity.get(name, 50))
            for name in personality.memories
            if name != "SM"
        }
        self.attached = self.plugged_in = True
        self.port: Port | None = None
        self.hung = False
        self.registration = HOME
        self.signal = 24
        self.function = 1
        self._told_registration = HOME
        self.operator_mode, self.operator_format = 0, 0
        self.phonebook = "SM"
        self.phonebooks: dict[str, dict[int, PhonebookEntry]] = {}
        self.contexts: dict[int, tuple[str, str]] = {1: ("IP", "")}
        self.saved: dict[str, dict[str, list[int | str]]] = {}
        self.card_channel = Channel()
        self.settings: dict[str, Setting] = commands.SETTINGS | dict(personality.settings)
        self.sending = Sending(self)
        self.delivery = Delivery(self)
        self._memories = list(personality.preferred)
        self.who: dict[str, object] = {}
        for store in self.stores.values():
            store.on_write = self._on_write
            store.first = personality.first_index
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
        return self.registered and not self.hung

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

    def sim_unlocked(self) -> None:
        """The PIN was right: register."""
        self._tell_registration()
        self.network.alert(self.number)

    def set_registration(self, stat: int) -> None:
        """The network takes this modem, or drops it; says so where +CREG asked for it."""
        self.registration = stat
        self._tell_registration()

    def _tell_registration(self) -> None:
        shown = self.shown_registration
        if shown == self._told_registration:
            return
        self._told_registration = shown
        self._log_registration()
        for name in ("+CREG", "+CGREG", "+CEREG"):
            if self.values[name][0] and name not in self.personality.missing:
                self.urc(f"{name}: {commands.service.registration_line(self, name)}")
        if self.registered:
            self.network.alert(self.number)

    def set_function(self, function: int) -> None:
        """AT+CFUN: the radio goes off or comes on."""
        self.function = function
        self._tell_registration()

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
            sim.messages.first = self.personality.first_index
            sim.on_smss = self._on_smss
            if "SM" in self.personality.memories:
                self.stores["SM"] = sim.messages
            sim.power_up()
            self.network.subscribe(self)

    def boot(self, why: str = "power on") -> None:
        """Start (again): settings at their defaults, nothing pending, then the lines of the personality.

        At first power-on it is already registered; after a restart it searches for `boot_s` seconds.
        """
        if self.powered:
            self.power_off(why="restart")
        self.powered = True
        self.hung = False
        self.function = 1
        if self.sim is not None:
            self.sim.power_up()
        self.restore_defaults()
        self.journal.write(self.timers.now, "boot", self.who, why=why)
        for urc in self.personality.boot:
            self._say_at_boot(urc)
        for urc in self.personality.chatter:
            self._chatter(urc)
        if why != "power on" and self.personality.boot_s and self.registration in (HOME, ROAMING):
            stat, self.registration = self.registration, SEARCHING
            self.later(self.personality.boot_s, lambda: self.set_registration(stat))
        self._told_registration = self.shown_registration
        self._log_registration()
        self.network.alert(self.number)

    def power_off(self, why: str) -> None:
        """Lose power: what is on air stays on air, its answer is lost."""
        self.powered = False
        self.forget_everything()
        self.sending.abandon()
        self.delivery.abandon("modem off")
        self.journal.write(self.timers.now, "off", self.who, why=why)

    def unplug(self, back_s: float | None, *, other_name: bool = False) -> None:
        """Pull it out, and plug it in again after `back_s` seconds (None: when somebody does)."""
        if self.powered:
            self.power_off("unplugged")
        if self.port is not None:
            self.port.vanish()
        self.attached = self.plugged_in = False
        if back_s is not None:
            self.timers.after(back_s, lambda: self.plug_in(other_name=other_name))

    def plug_in(self, *, other_name: bool = False) -> None:
        """Put it into its socket again; one that is in it stays as it is."""
        if self.plugged_in:
            return
        self.plugged_in = True
        if self.port is not None:
            self.port.appear(other_name=other_name)
        self.boot("plugged in")

    def _say_at_boot(self, urc: Urc) -> None:
        def say() -> None:
            if urc.needs != "sim" or self.sim_usable:
                self.urc(urc.text)

        self.later(urc.after_s, say)

    def _chatter(self, urc: Urc) -> None:
        def say() -> None:
            if urc.needs != "sim" or self.sim_usable:
                self.urc(urc.text.replace("{csq}", str(self.signal)))
            self._chatter(urc)

        self.later(urc.every_s, say)

    def restore_defaults(self) -> None:
        """What power-on and AT&F do: every setting as the personality has it."""
        self.values = {name: list(setting.default) for name, setting in self.settings.items()}
        self._memories = list(self.personality.preferred)
        self.phonebook = "SM"
        self.reset_dialogue()

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
        # SM_P and ME_P of SIMCom: the same memory, preferred.
        name = self._memories[which].removesuffix("_P")
        if name == "MT":
            return Joined([self.stores[it] for it in ("ME", "SM") if it in self.stores])
        return self.stores.get(name) or MessageStore(name, 0)

    def network_time(self) -> Timestamp:
        """The time the network tells, in its zone."""
        return Timestamp.of_epoch(self.network.epoch(), 15 * self.network.conditions.zone_quarters)

    def answer(self, call: Call) -> Reply:
        """Run one command. Raises AtError."""
        return commands.answer(self, call)

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

    # -- records ----------------------------------------------------------------------------------------

    def _log_registration(self) -> None:
        self.journal.write(
            self.timers.now, "registration", self.who, stat=self.shown_registration, registered=self.registered
        )

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
