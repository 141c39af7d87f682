"""What the workers of one run share."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gsmsend.config import Settings
from gsmsend.contract import Clock, Endpoint, LineRow, OtherLine, Store
from gsmsend.engine.care import CareBook
from gsmsend.engine.events import Event
from gsmsend.engine.gate import Gate
from gsmsend.engine.hosting import HostLease
from gsmsend.model import Device


class SimBook:
    """Which line is held by which worker now, so that one SIM is never driven through two ports."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: dict[int, str] = {}

    def take(self, line_id: int, address: str) -> str | None:
        """Take the line for the device at `address`; the address that has it already, if another does."""
        with self._lock:
            holder = self._holders.setdefault(line_id, address)
            return None if holder == address else holder

    def leave(self, line_id: int, address: str) -> None:
        """Let go of the line."""
        with self._lock:
            if self._holders.get(line_id) == address:
                del self._holders[line_id]

    def holder(self, line_id: int) -> str | None:
        """The address of the device that has the line now."""
        with self._lock:
            return self._holders.get(line_id)


class PlaceBook:
    """Which addresses are some worker's, so that a device that has moved is not looked for where another is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[str] = set()

    def take(self, address: str, by: str = "") -> bool:
        """Take an address; False if a worker has it, unless it is `by` itself."""
        with self._lock:
            if address in self._taken and address != by:
                return False
            self._taken.add(address)
            return True

    def leave(self, address: str) -> None:
        """Let go of it."""
        with self._lock:
            self._taken.discard(address)


class DeviceBook:
    """In which device each line was last, as far as can be told: by IMEI and USB socket."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[int, tuple[str | None, str | None]] = {}

    def changed(self, line: LineRow, device: Device, endpoint: Endpoint, *, twins: bool) -> bool:
        """Whether the line may be in another device than last, in this run or before it (as `line` has it).

        A modem in another socket may be another of the same IMEI. Where it was before this run is known by its
        port's name only: if other lines have that IMEI too (`twins`), or the port on USB is another, nothing is.
        """
        here = device.imei, endpoint.usb_location
        with self._lock:
            before = self._last.get(line.line_id)
        if before is not None:
            return before != here
        unsure = twins or (endpoint.usb_location is not None and line.device != device.address)
        return unsure or line.imei != device.imei

    def seen(self, line_id: int, imei: str | None, endpoint: Endpoint) -> None:
        """The line is in this device now."""
        with self._lock:
            self._last[line_id] = imei, endpoint.usb_location

    def shared(self, imei: str | None) -> bool:
        """Whether several lines are in devices of this IMEI."""
        with self._lock:
            return imei is not None and sum(one == imei for one, _ in self._last.values()) > 1


@dataclass(slots=True)
class RunContext:
    """`stopping`: finish the open attempts and stop. `tick`: something changed, the coordinator should look.
    `gate`: what may leave now. `random` gives numbers from 0 to 1, for the pace.
    `addresses` are those of all devices of the run.
    `receives_on`: a line that may not send any more goes on receiving reports and replies: the run does not end.
    `follows`: a line follows its SIM into another device: a lab where devices are watched.
    `lease`: this host's. `steady` is the clock that it is reckoned by, `mark` where the run runs (Joining).
    `others`: lines that other hosts worked with last, as of the last look.
    `refusal`: why a device may not be used beside the others, and what to do, as the engine's authority has it.
    `cut_off_s`: when a text was begun that a stop cut off, in epoch seconds, by the address of its device.
    """

    store: Store
    clock: Clock
    settings: Settings
    publish: Callable[[Event], None]
    random: Callable[[], float] = random.random
    stopping: threading.Event = field(default_factory=threading.Event)
    tick: threading.Event = field(default_factory=threading.Event)
    sims: SimBook = field(default_factory=SimBook)
    addresses: frozenset[str] = frozenset()
    places: PlaceBook = field(default_factory=PlaceBook)
    cut_off_s: dict[str, float] = field(default_factory=dict)
    care: CareBook = field(default_factory=CareBook)
    devices: DeviceBook = field(default_factory=DeviceBook)
    receives_on: bool = False
    follows: bool = False
    refusal: Callable[[Endpoint], tuple[str, str]] = lambda _endpoint: ("", "")
    steady: Callable[[], float] | None = None
    mark: str = ""
    lease: HostLease = field(init=False)
    others: Sequence[OtherLine] = ()
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.gate = Gate(self.settings)
        self.lease = HostLease(
            self.store, self.clock, self.settings, self.publish, steady=self.steady, mark=self.mark
        )
