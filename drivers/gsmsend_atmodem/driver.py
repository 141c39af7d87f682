"""The driver: finds AT modems and handsets, looks at them, opens links to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from gsmsend.contract import Clock, Endpoint, OpenOptions, Reservation, Sink, Step, Stored, Traits, Unready
from gsmsend.errors import DeviceGone, LinkLost
from gsmsend.model import Device, Facts, Sim
from gsmsend_atmodem import ability, discovery, modes, recovery, relocation, rfcomm, stored, survey, udev
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.inhibiting import Inhibition
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.port import Port
from gsmsend_atmodem.port import open_port as open_serial
from gsmsend_atmodem.profile import Profile, Profiles
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings
from gsmsend_atmodem.transcript import MOST_OCTETS, Transcript

_T = TypeVar("_T")
_SHOWN_S = 0.5


class AtModemDriver:
    """Satisfies `gsmsend.contract.Driver`, and all that a driver may be beside it but `Described`."""

    name = discovery.NAME
    summary = "GSM, UMTS and LTE modems that speak AT, on USB, serial or Bluetooth (TS 27.005 PDU mode)"
    traits = Traits(
        "modem, or phone that takes AT commands",
        reports="status reports, where it can route them",
        replies="as they come",
        unknown="its late answer, the report, the SIM's count of texts, the next text's number; else a person",
    )

    def discover(self) -> Sequence[Endpoint]:
        """What is plugged in, by name only: opens nothing."""
        return discovery.find_sticks(discovery.list_ports(), standard_profiles())

    def endpoint(self, address: str) -> Endpoint:
        """The endpoint for a port that a person named. Raises UsageError if there can be no such port."""
        if rfcomm.is_address(address):
            where = rfcomm.place(address)
            return Endpoint(discovery.NAME, where.address, description=f"Bluetooth {where.peer}")
        if discovery.is_pseudo_terminal(address):
            return discovery.endpoint_for(address, (), standard_profiles())
        found = discovery.endpoint_for(address, discovery.list_ports(), standard_profiles())
        return replace(found, place=rfcomm.is_port(found))

    def watch(self, stirred: Callable[[], None]) -> Callable[[], None]:
        """Call `stirred` whenever something may be plugged in or pulled out, until what this returns is called."""
        return discovery.watch(stirred)

    def reserve(self, told: Callable[[str], None]) -> Reservation:
        """Keep ModemManager off the modems of a run."""
        return Inhibition(told)

    def unready(self) -> Sequence[Unready]:
        """Sticks that are plugged in and show no port for commands, with what may be done. Linux only."""
        ports = {(info.location or "").partition(":")[0] for info in discovery.list_ports()}
        return tuple(modes.unready(udev.usb_devices(recovery.SYS_USB), ports, standard_profiles()))

    def elsewhere(self, endpoint: Endpoint) -> Sequence[Endpoint]:
        """Where the modem may be that is not at `endpoint` any more, likeliest first. Opens nothing."""
        if _over_bluetooth(endpoint):
            return ()
        infos = () if endpoint.virtual else discovery.list_ports()
        return relocation.elsewhere(endpoint, infos, standard_profiles())

    def changes(self, endpoint: Endpoint) -> Sequence[str]:
        """What sending changes on a handset over Bluetooth; nothing on a modem or handset on a cable."""
        return rfcomm.CHANGES if _over_bluetooth(endpoint) else ()

    def recover(self, endpoint: Endpoint, step: Step, options: OpenOptions) -> bool:
        """Do one step to the device; False if it cannot be done to it, or it is an exhibit. Raises LinkLost."""
        if options.exhibit:
            return False
        if step is Step.USB:
            return recovery.reset_usb(endpoint.usb_location)
        if step is Step.POWER:
            return recovery.cycle_power(endpoint.usb_location)
        return self._on_some_port(endpoint, options, recovery.cycle_radio)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Open, ask, close; only settings of the session change. Raises LinkLost if nobody answers."""

        def do(dialogue: Dialogue, profile: Profile) -> Facts:
            return _look(dialogue, profile, endpoint, exhibit=options.exhibit)

        return self._on_some_port(endpoint, options, do)

    def show_itself(self, endpoint: Endpoint, options: OpenOptions, seconds: float) -> int:
        """Half a second of AT, half a second of silence, again and again: whatever blinks with its port does so.

        Raises LinkLost.
        """

        def do(dialogue: Dialogue, profile: Profile) -> int:
            dialogue.wake()
            until, answers = dialogue.now() + seconds, 0
            while (begun := dialogue.now()) < until:
                while dialogue.now() < begun + _SHOWN_S:
                    answers += dialogue.ask("AT", profile.command_timeout_s).ok
                dialogue.rest(_SHOWN_S)
            return answers

        return self._on_some_port(endpoint, options, do)

    def read_stored(self, endpoint: Endpoint, options: OpenOptions) -> Stored:
        """Who is in the phonebooks and stored messages; nothing stored changes. Raises LinkLost, GuardStop."""
        profiles = standard_profiles()

        def do(dialogue: Dialogue, profile: Profile) -> Stored:
            return stored.read(dialogue, profile, _device(endpoint, dialogue.port.address), profiles)

        return self._on_some_port(endpoint, options, do)

    def _on_some_port(self, endpoint: Endpoint, options: OpenOptions, do: Callable[[Dialogue, Profile], _T]) -> _T:
        """Do something on the first of the endpoint's ports that can be had and answers. Raises LinkLost."""
        profile, clock = _profile(endpoint, standard_profiles()), _SteadyClock()
        baudrate = Settings.of(options.settings).baudrate or profile.baudrate
        transcript = _transcript(endpoint, options, clock)
        lost = LinkLost(f"{endpoint.address}: nothing answers AT", remedy="Unplug the modem and plug it in again.")
        try:
            for address in (endpoint.address, *endpoint.others):
                try:
                    with closing(open_port(address, baudrate)) as port:
                        return do(Dialogue(port, profile, clock, transcript), profile)
                except LinkLost as fault:
                    lost = fault
        finally:
            if transcript is not None:
                transcript.close()
        raise lost

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> AtLink:
        """Open the first of the endpoint's ports that can be had. Raises LinkLost, ConfigError."""
        settings, profiles = Settings.of(options.settings), standard_profiles()
        profile = _profile(endpoint, profiles)
        addresses = [endpoint.address, *endpoint.others]

        def open_next() -> Port | None:
            told: LinkLost | None = None
            while addresses:
                try:
                    return open_port(addresses.pop(0), settings.baudrate or profile.baudrate)
                except LinkLost as fault:
                    # A port that is there and in use says more than one that is not there.
                    told = fault if told is None or isinstance(told, DeviceGone) else told
            if told is not None:
                raise told
            return None

        port = open_next()
        if port is None:
            raise LinkLost(f"{endpoint.address} has no port to open")
        transcript = _transcript(endpoint, options, clock)
        device = _device(endpoint, port.address)
        return AtLink(
            port,
            endpoint,
            device,
            profiles,
            sink,
            clock,
            settings,
            transcript,
            open_next,
            listen_first_s=options.listen_first_s,
            exhibit=options.exhibit,
            pins=options.pins,
        )


def open_port(address: str, baudrate: int) -> Port:
    """The port at `address`, serial or over Bluetooth. Raises LinkLost."""
    return rfcomm.open_port(address) if rfcomm.is_address(address) else open_serial(address, baudrate)


class _SteadyClock:
    """For `inspect`, which is handed no clock and records no time."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


def _profile(endpoint: Endpoint, profiles: Profiles) -> Profile:
    return profiles.by_usb(endpoint.usb_vid, endpoint.usb_pid) or profiles.generic


def _device(endpoint: Endpoint, address: str) -> Device:
    usb = None
    if endpoint.usb_vid is not None and endpoint.usb_pid is not None:
        words = [f"{endpoint.usb_vid:04x}:{endpoint.usb_pid:04x}", endpoint.usb_serial, endpoint.usb_location]
        usb = " ".join(word for word in words if word)
    return Device(discovery.NAME, address, usb=usb, virtual=discovery.is_pseudo_terminal(address))


def _transcript(endpoint: Endpoint, options: OpenOptions, clock: Clock) -> Transcript | None:
    if options.transcript is None:
        return None
    try:
        title = f"{endpoint.address} {endpoint.description}"
        most = None if options.exhibit else MOST_OCTETS
        return Transcript(options.transcript, title, clock.monotonic(), clock.now(), most_octets=most)
    except OSError:
        return None  # the record is for later; its want must not stop the work


def _over_bluetooth(endpoint: Endpoint) -> bool:
    return rfcomm.is_address(endpoint.address) or rfcomm.is_port(endpoint)


def _look(dialogue: Dialogue, profile: Profile, endpoint: Endpoint, *, exhibit: bool) -> Facts:
    dialogue.wake()
    subject = survey.Subject(_device(endpoint, dialogue.port.address), profile)
    subject = survey.identify(dialogue, subject, standard_profiles())
    profile = subject.profile
    state = survey.sim_state(dialogue, profile)
    facts = Facts(subject.device, sim_state=state or "READY")
    if state in {"", "READY"}:
        facts = replace(facts, sim=survey.read_sim(dialogue, profile))
        facts = survey.read_settings_of_sim(dialogue, profile, facts)
    elif "SIM P" in state:  # its PIN is named in gsmsend.toml by its ICCID
        facts = replace(facts, sim=Sim(iccid=survey.read_iccid(dialogue, profile)))
    facts = survey.read_network(dialogue, profile, facts, switch_on=False)
    if not exhibit:
        facts = replace(facts, temperature_c=survey.read_temperature(dialogue, profile))
    return ability.look(dialogue, profile, facts)
