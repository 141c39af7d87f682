"""The network that the driver `virtual` sends through: stations without AT, shared by its links.

Links are owned by threads of their own, so everything here happens under one lock, and each link's inbox
is emptied by its own thread alone.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from gsmsend.contract import Clock
from gsmsend.model import Outcome, OutcomeKind
from gsmsend_virtual import tpdu
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.network import Conditions, Mt, Network, Submission
from gsmsend_virtual.sim import Sim, imei_of, make_sim
from gsmsend_virtual.timers import Timers

MOST_STATIONS = 400


@dataclass
class Station:
    """One virtual modem at network level. `inbox` holds what the network handed over and waits for an answer."""

    index: int
    sim: Sim
    plugged: bool = True
    registered: bool = True
    listening: bool = False
    inbox: deque[Mt] = field(default_factory=deque)
    answers: deque[tuple[int, int | None]] = field(default_factory=deque)
    stirred: threading.Event = field(default_factory=threading.Event)

    @property
    def number(self) -> str:
        """The MSISDN."""
        return self.sim.number

    @property
    def imei(self) -> str:
        """Of the device."""
        return imei_of(self.index)

    @property
    def who(self) -> dict[str, object]:
        """For the journal."""
        return {"modem": self.index, "imei": self.imei, "iccid": self.sim.iccid}

    @property
    def reachable(self) -> bool:
        """Only while a link is open is there anybody to take a message."""
        return self.plugged and self.registered and self.listening

    def take(self, mt: Mt) -> None:
        """A short message arrives; the link answers for it once its receipt is durable."""
        self.inbox.append(mt)
        self.stirred.set()


class World:
    """One network and its stations. Times are those of the clock it was made with."""

    def __init__(
        self, clock: Clock, conditions: Conditions, *, seed: int = 0, journal: Journal | None = None
    ) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        now = clock.monotonic()
        self.timers = Timers(now, live=True)
        self.journal = journal or Journal()
        self.network = Network(self.timers, self.journal, conditions, seed=seed)
        self.network.epoch_offset_s = self.journal.epoch_offset_s = clock.now() - now
        self._stations: dict[int, Station] = {}

    def station(self, index: int) -> Station:
        """The station of that number, made at its first use."""
        with self.lock:
            found = self._stations.get(index)
            if found is None:
                found = self._stations[index] = Station(index, make_sim(index))
                self.network.subscribe(found)
            return found

    def advance(self) -> float | None:
        """Do what is due; seconds until something else is, None for nothing."""
        with self.lock:
            now = self.clock.monotonic()
            self.timers.advance(now)
            deadline = self.timers.deadline
            return None if deadline is None else max(0.0, deadline - now)

    def submit(self, station: Station, octets: bytes) -> Submission:
        """Put an SMS-SUBMIT on air; its answer goes to `station.answers` as (serial, code or None)."""
        with self.lock:
            self.timers.advance(self.clock.monotonic())
            reference = (station.sim.last_reference + 1) % 256
            submit = tpdu.read_submit(octets[:1] + bytes((reference,)) + octets[2:])
            station.sim.used_reference(reference)

            def answer(code: int | None) -> None:
                station.answers.append((submission.serial, code))
                station.stirred.set()

            submission = self.network.prepare(station, submit, tpdu.sca(station.sim.smsc), answer)
            self.network.send(submission)
            return submission

    def acknowledge(self, station: Station, mt: Mt) -> None:
        """The link has this message on disk."""
        with self.lock:
            self.network.acknowledged(station.number, mt, "client")

    def listen(self, station: Station, *, on: bool) -> None:
        """A link opens or closes: what was not acknowledged goes back to the network."""
        with self.lock:
            station.listening = on
            while station.inbox:
                self.network.not_taken(station.number, station.inbox.popleft(), "link closed", again=False)
            if on:
                self.network.alert(station.number)

    def unplug(self, station: Station) -> None:
        """Pull it out."""
        with self.lock:
            station.plugged = False
            station.stirred.set()

    def swap(self, station: Station, sim: Sim) -> None:
        """Put another SIM in."""
        with self.lock:
            self.network.unsubscribe(station)
            station.sim = sim
            self.network.subscribe(station)
            station.stirred.set()


def unknown(why: str) -> Outcome:
    """It may have gone out."""
    return Outcome(OutcomeKind.UNKNOWN, why=why)
