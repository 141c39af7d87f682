"""One modem brought up: who it is, how it is set, and the SIM it must keep."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from gsmsend.at import replies
from gsmsend.contract import PinDesk
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Sim
from gsmsend_atmodem import ability, routing, stock, survey, unlocking
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.inbox import Inbox
from gsmsend_atmodem.profile import Profile, Profiles
from gsmsend_atmodem.sweep import sweep

RESTARTS_ALLOWED = 3
"""During one bring-up; a modem that restarts more often has a fault, mostly of its power supply."""

READ_AGAIN = 2
"""What the SIM is said to be is read again where it makes no sense: noise on the line is no reason to stop it."""

NETWORK_EVERY_S = 2.0
"""Registration is read no more often, however often the modem says that it has changed.

But for a network that was found: after the first word of it at once.
"""

RADIO_TIMEOUT_S = 10.0
"""For AT+CFUN=1: the SIM is read again before it answers."""

_RADIO_OFF = {"0", "4"}
"""+CFUN <fun>: minimum functionality; transmit and receive circuits disabled (TS 27.007 8.2)."""


class Modem:
    """What is known of the modem behind `dialogue`. The signs that it must be looked at again are set from
    outside: `restarted` (its settings are gone), `sim_doubt` (the SIM may be another), `network_doubt`.
    `unsighted`: it was without a network since the SIM was last read. Changing the SIM looks no different from
    that where the modem does not see its holder, so the SIM is read again once the network is back.
    `found`: how it was set before we set anything, by the names of the commands.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        inbox: Inbox,
        profiles: Profiles,
        profile: Profile,
        device: Device,
        *,
        exhibit: bool = False,
        pins: PinDesk | None = None,
    ) -> None:
        self.profile = profile
        self.facts = Facts(device)
        self.found: dict[str, str] = {}
        self._found_read = False
        self.restarted = ""
        self.sim_doubt = ""
        self.sim_checked_at = 0.0
        self.network_doubt = False
        self.unsighted = False
        self.routing_seen_at = 0.0
        self.signal_read_at = 0.0
        self._tells_no_temperature: str | None = None
        self._registered = False
        self._network_read_at = 0.0
        self._network_doubted_at = -inf
        self._dialogue = dialogue
        self._inbox = inbox
        self._profiles = profiles
        self._exhibit = exhibit
        self._pins = pins

    def set_up(self) -> None:
        """Read who it is and set it for sending, the same SIM as before in it. Raises GuardStop, LinkLost."""
        for _ in range(RESTARTS_ALLOWED):
            starting = bool(self.restarted)
            if starting:
                self._inbox.forget()
            self._dialogue.wake()
            self.restarted = self.sim_doubt = ""
            switched_on = self._mind_radio()
            self._identify(starting=starting or switched_on)
            if switched_on:
                self.note("The modem's radio was off; it was switched on.")
            self._configure()
            self.read_network(switch_on=True)
            if not self.restarted:
                self.unsighted = not self._registered
                self.sweep()
                return
        raise LinkLost(
            f"the modem on {self._dialogue.port.address} restarts again and again ({self.restarted})",
            remedy="Check its power supply: sending takes up to 2 A for a moment.",
        )

    def sweep(self) -> None:
        """Take what the modem's own memories hold. Raises LinkLost."""
        swept = sweep(self._dialogue, self._inbox, self.profile, exhibit=self._exhibit)
        self.facts = replace(self.facts, device=replace(self.facts.device, holds=swept.holds))
        for text in swept.notes:
            self.note(text)

    def check_sim(self) -> None:
        """Read the SIM's identity again. Raises GuardStop if it is another, LinkLost."""
        self.sim_doubt = ""
        self._guard(starting=True)
        self.unsighted = not self._registered

    def network_says(self, *, usable: bool) -> None:
        """The newest word on whether there is a network."""
        self._registered = usable
        self.unsighted |= not usable

    def network_due_at(self, otherwise: float) -> float:
        """When registration is to be read again; a modem that talks of nothing else does not hold us up."""
        if not self.network_doubt:
            return otherwise
        found = self._registered and not self.facts.registration.usable
        return (self._network_doubted_at if found else self._network_read_at) + NETWORK_EVERY_S

    def read_network(self, *, switch_on: bool = False) -> bool:
        """Read registration, operator and signal; whether anything has changed. Raises LinkLost."""
        self._network_read_at = self._dialogue.now()
        if self.network_doubt:
            self.network_doubt, self._network_doubted_at = False, self._network_read_at
        before = self.facts
        self.facts = survey.read_network(self._dialogue, self.profile, before, switch_on=switch_on)
        self._read_temperature()
        self.network_says(usable=self.facts.registration.usable)
        return self.facts != before

    def read_signal(self) -> None:
        """Read signal and temperature alone, between texts of a line that is never idle. Raises LinkLost."""
        self.signal_read_at = self._dialogue.now()
        dbm = replies.signal_dbm(self._dialogue.ask("AT+CSQ", self.profile.command_timeout_s).lines)
        self.facts = replace(self.facts, signal_dbm=dbm)
        self._read_temperature()

    def _read_temperature(self) -> None:
        """Not of an exhibit: it is asked for nothing that sending does not need."""
        self.signal_read_at = self._dialogue.now()
        if self._exhibit or self._tells_no_temperature == self.profile.name:
            return
        found = survey.read_temperature(self._dialogue, self.profile)
        if found is None:
            self._tells_no_temperature = self.profile.name
        self.facts = replace(self.facts, temperature_c=found)

    def routes(self) -> bool:
        """Whether reports and texts still come as set up; a modem that does not say is believed. Raises LinkLost.

        With an acknowledgement missing the modem sets <mt> and <ds> to 0 (TS 27.005 3.4.4), and nothing tells of
        it if the report's own line was garbled.
        """
        self.routing_seen_at = self._dialogue.now()
        if not self._inbox.routing.commands:
            return True
        reply = self._dialogue.ask("AT+CNMI?", self.profile.command_timeout_s)
        is_now = replies.fields(replies.value(reply.lines, "+CNMI:") or "")
        wanted = replies.fields(self._inbox.routing.commands[0].partition("=")[2])
        return len(is_now) < 4 or (is_now[1], is_now[3]) == (wanted[1], wanted[3])

    def route_again(self) -> None:
        """Set +CNMI up again after the modem has switched its routing off. Raises LinkLost."""
        for command in self._inbox.routing.commands:
            self._dialogue.ask(command, self.profile.command_timeout_s)

    def route(self) -> None:
        """Choose how reports and texts come, by what the modem offers and has room for. Raises LinkLost."""
        made = routing.set_up(self._dialogue, self.profile, exhibit=self._exhibit)
        self._inbox.route(made)
        self.routing_seen_at = self._dialogue.now()
        self.facts = replace(self.facts, reports=made.reports)
        for text in made.notes:
            self.note(text)

    def note(self, text: str) -> None:
        """Add what a person should know, once."""
        if text not in self.facts.notes:
            self.facts = replace(self.facts, notes=(*self.facts.notes, text))

    def _mind_radio(self) -> bool:
        """Switch the radio on if it is off, as a program leaves it that ends in mid-recovery; whether it was.

        On an exhibit it was not gsmsend: whoever switched it off may have wanted no network to reach it. Then it
        stays so: raises GuardStop. Raises LinkLost.
        """
        dialogue = self._dialogue
        reply = dialogue.ask("AT+CFUN?", self.profile.command_timeout_s)
        function = (replies.value(reply.lines, "+CFUN:") or "").partition(",")[0].strip()
        if function not in _RADIO_OFF:
            return False
        if self._exhibit:
            raise GuardStop(
                f"The radio of the modem on {dialogue.port.address} is off (+CFUN: {function}). gsmsend has not "
                "switched it off, and leaves an exhibit as it was found.",
                remedy="If it may go on the network, end its flight mode (AT+CFUN=1); then run again.",
            )
        if not dialogue.ask("AT+CFUN=1", RADIO_TIMEOUT_S).ok:
            raise LinkLost(
                f"the radio of the modem on {dialogue.port.address} is off and does not go on (AT+CFUN=1)",
                remedy="Unplug the modem and plug it in again.",
            )
        return True

    def _identify(self, *, starting: bool) -> None:
        subject = survey.Subject(self.facts.device, self.profile)
        subject = survey.identify(self._dialogue, subject, self._profiles)
        self.profile = subject.profile
        self.facts = replace(self.facts, device=subject.device, notes=())
        sim = self._guard(starting=starting)
        device = subject.device
        if not (sim.known or device.manufacturer or device.model or device.imei):
            raise LinkLost(
                f"what is on {device.address} says OK to everything and tells nothing",
                remedy="Is it a modem, and the right port of it? Unplug it and plug it in again.",
            )
        self.facts = replace(self.facts, sim=sim)
        self.facts = survey.read_settings_of_sim(self._dialogue, self.profile, self.facts)

    def _guard(self, *, starting: bool) -> Sim:
        state = survey.sim_state(self._dialogue, self.profile, starting=starting)
        for _ in range(READ_AGAIN):
            if survey.known_state(state):
                break
            state = survey.sim_state(self._dialogue, self.profile, starting=starting)
        if state == unlocking.WANTED and self._pins is not None:
            state = unlocking.unlock(self._dialogue, self.profile, self.facts, self._pins)
        self.facts = replace(self.facts, sim_state=state or "READY")
        survey.guard_sim_state(state, self.facts.device)
        sim = survey.read_sim(self._dialogue, self.profile)
        if survey.differs(self.facts.sim, sim):
            sim = survey.read_sim(self._dialogue, self.profile)
        self.sim_checked_at = self._dialogue.now()
        survey.guard_same_sim(self.facts.sim, sim, self.facts.device)
        return sim

    def _configure(self) -> None:
        dialogue, profile = self._dialogue, self.profile
        if not self._found_read:
            self._found_read = True
            self.found = stock.read_settings(dialogue, profile)
        if not ability.sends(self.found):
            raise LinkLost(
                f"what is on {dialogue.port.address} answers AT but sends no texts (+CSMS: {self.found['CSMS']})",
                remedy="Put its SIM into a modem, or try another way to the same handset: `gsmsend drivers`.",
            )
        if not dialogue.ask("AT+CMGF=0", profile.command_timeout_s).ok:
            raise LinkLost(
                f"the modem on {dialogue.port.address} does not do PDU mode (AT+CMGF=0)",
                remedy="It cannot be used for texts; try another port of the stick, or another modem.",
            )
        self.route()
        if profile.cmms:
            dialogue.ask("AT+CMMS=2", profile.command_timeout_s)
