"""A hub with modems that a test plugs in and pulls out, and a run that watches it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gsmsend.contract import Clock, Endpoint, Link, OpenOptions, Sink, Submission
from gsmsend.engine.authority import Authority
from gsmsend.engine.events import Finished
from gsmsend.engine.plugging import Plugged
from gsmsend.engine.run import Run
from gsmsend.errors import DeviceGone, LinkLost, SimStop
from gsmsend.model import Device, Facts, Outcome, Registration, Sim
from gsmsend.testing.scripted import Desk, RealClock, ScriptedDriver, ScriptedLink

PATIENCE_S = 20.0


@dataclass
class Modem:
    """In a socket under a port's name; `card` is the ICCID of the SIM in it, None for none."""

    endpoint: Endpoint
    card: str | None
    imei: str
    made: int
    opened: int = 0


class HubLink(ScriptedLink):
    """A link that knows when its modem is pulled out and when it has another SIM."""

    def __init__(self, hub: Hub, modem: Modem, sink: Sink) -> None:
        super().__init__(hub, modem.endpoint, sink)
        self.hub, self.modem, self.card = hub, modem, modem.card

    def _check(self) -> None:
        if self.hub.there.get(self.endpoint.address) is not self.modem:
            raise LinkLost(f"{self.endpoint.address} went away")
        if self.modem.card is None or self.modem.card != self.card:
            raise SimStop(f"another SIM, or none, is in {self.endpoint.address}", remedy="Put it back.")

    def bring_up(self) -> Facts:
        self._check()
        self.hub.set_up.append(self.endpoint.address)
        return self.hub.facts(self.modem)

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        time.sleep(self.hub.radio_s)
        self._check()
        outcome = super().submit(submission, commit)
        self.hub.sent.append((self.endpoint.address, self.card or ""))
        return outcome

    def listen(self, timeout_s: float) -> None:
        until_s = time.monotonic() + timeout_s
        while True:
            self._check()
            left_s = until_s - time.monotonic()
            super().listen(max(0.0, min(left_s, 0.02)))
            if left_s <= 0.02 or self.heard.empty():
                self._check()
                if left_s <= 0.02 or self.woken:
                    self.woken = False
                    return

    woken = False

    def wake(self) -> None:
        self.woken = True
        super().wake()


@dataclass
class Hub(ScriptedDriver):
    """contract.Driver and engine.plugging.Plugs over what is plugged in now. `sent`: port and SIM of each text.

    `asked` are ports at which it was only asked who is there, `set_up` those that were made ready for sending.
    """

    there: dict[str, Modem] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    radio_s: float = 0.03
    made: int = 0
    stirred: Callable[[], None] = lambda: None
    changed: bool = True
    watched: bool = True
    asked: list[str] = field(default_factory=list)
    set_up: list[str] = field(default_factory=list)

    def plug(self, address: str, card: str | None, *, imei: str = "", **usb: object) -> Modem:
        self.made += 1
        endpoint = Endpoint("fake", address, virtual=self.virtual, **usb)  # type: ignore[arg-type]
        modem = Modem(endpoint, card, imei or f"35{self.made:013d}", self.made)
        self.there[address] = modem
        self._stir()
        return modem

    def back(self, modem: Modem, address: str) -> None:
        """The same modem again, under this name."""
        self.made += 1
        usb = modem.endpoint
        modem.endpoint = Endpoint(
            "fake", address, (), usb.usb_vid, usb.usb_pid, usb.usb_serial, usb.usb_location, virtual=self.virtual
        )
        modem.made = self.made
        self.there[address] = modem
        self._stir()

    def unplug(self, address: str) -> Modem:
        modem = self.there.pop(address)
        self._stir()
        return modem

    def _stir(self) -> None:
        self.changed = True
        self.stirred()

    def facts(self, modem: Modem) -> Facts:
        """What it tells when it is asked."""
        device = Device("fake", modem.endpoint.address, imei=modem.imei, virtual=modem.endpoint.virtual)
        return Facts(device, Sim(iccid=modem.card), registration=Registration.HOME)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        modem = self.there.get(endpoint.address)
        if modem is None:
            raise DeviceGone(f"{endpoint.address} is not there")
        self.asked.append(endpoint.address)
        return self.facts(modem)

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        modem = self.there.get(endpoint.address)
        if modem is None:
            raise DeviceGone(f"{endpoint.address} is not there")
        modem.opened += 1
        return HubLink(self, modem, sink)

    # Plugs

    def start(self, stirred: Callable[[], None], told: Callable[[str], None]) -> None:
        self.stirred = stirred

    def watches(self, endpoint: Endpoint) -> bool:
        return True

    def news(self) -> Sequence[Plugged] | None:
        changed, self.changed = self.changed, False
        return [Plugged(self, one.endpoint, one.made) for one in self.there.values()] if changed else None

    def close(self) -> None:
        return

    def left_from(self, address: str) -> int:
        """How many texts left from a port."""
        return sum(place == address for place, _ in list(self.sent))


def begin(
    desk: Desk, hub: Hub, during: Callable[[Run], None], *, stay: bool = False, authority: Authority | None = None
) -> Finished:
    """Run over what is plugged in, while `during` goes on in another thread; a fault in it fails the test."""
    routes = [(hub, modem.endpoint) for modem in hub.there.values()]
    run = Run(
        desk.settings, desk.store, RealClock(), routes, publish=desk.events.append, wait_reports_s=0.5, stay=stay,
        plugs=hub, authority=authority,
    )  # fmt: skip
    faults: list[BaseException] = []

    def beside() -> None:
        try:
            during(run)
        except BaseException as fault:  # noqa: BLE001 - raised again below, on the test's own thread
            faults.append(fault)
            run.stop()

    thread = threading.Thread(target=beside)
    thread.start()
    finished = run.execute()
    thread.join()
    for fault in faults:
        raise fault
    return finished


def until(condition: Callable[[], object]) -> None:
    """Wait for it."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.005)
