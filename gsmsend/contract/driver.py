"""What a driver is: Driver, Link, Sink, and the values between them.

A driver is found by its entry point in the group `gsmsend.drivers`; the entry point's name is the driver's
name and it loads to an object that satisfies `Driver`. A driver imports this module, `gsmsend.model`,
`gsmsend.at` and `gsmsend.sms`, and nothing else of gsmsend. `gsmsend.testing.driver_suite` tests any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from gsmsend.contract.clock import Clock
from gsmsend.model import Facts, Inbound, Outcome, Report, Sim
from gsmsend.sms import Segment


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place where a driver may find a route. `address` is the driver's own (`/dev/ttyUSB2`, `COM5`).

    `others` are the further ports of the same stick, for the driver to choose from by asking. `virtual`: no
    radio is behind it (a pseudo-terminal, a simulation), so it reaches no person. `cloud`: texts over it bear the
    sender of an account, not the number that people know, so it takes only what is meant for it (a fallback).
    `place`: sending changes something on the device, and the address is a port's, behind which any may be.
    """

    driver: str
    address: str
    others: tuple[str, ...] = ()
    usb_vid: int | None = None
    usb_pid: int | None = None
    usb_serial: str | None = None
    usb_location: str | None = None
    description: str = ""
    virtual: bool = False
    cloud: bool = False
    place: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """One part, ready to be handed to a route.

    `segment` carries the text of this part with its encoding; `total` > 1 asks for a concatenation header
    with `concat_reference`, `total` and `seq` (1..total). `text` is the whole text, for routes that split by
    themselves: they hand it over with part 1, and are handed no other part (WholeTexts). `validity_s` is the
    validity period wanted, in seconds. `key` is our own name for this attempt, never used for another: 32 letters
    and digits, for routes that take a reference or refuse to be asked twice.
    """

    destination: str
    segment: Segment
    text: str
    seq: int = 1
    total: int = 1
    concat_reference: int = 0
    report: bool = True
    validity_s: float | None = None
    key: str = ""


class Step(StrEnum):
    """What may be done to a device that does not come back by being opened again, mildest first."""

    RADIO = "switch its radio off and on"  # AT+CFUN, TS 27.007 8.2: the SIM is read again and may be written
    USB = "reset it on its USB port"
    POWER = "cut its power at the hub"


@runtime_checkable
class Recoverable(Protocol):
    """A driver that can do more for a lost device than open it again."""

    def recover(self, endpoint: Endpoint, step: Step, options: OpenOptions) -> bool:
        """Do one step to the device, its port being closed. False if it cannot be done to this device.

        Never a factory reset. Blocks until the device had its time to come back, at most a minute.
        """
        ...


@runtime_checkable
class Relocatable(Protocol):
    """A driver that can say where a device may be that is not at its endpoint any more."""

    def elsewhere(self, endpoint: Endpoint) -> Sequence[Endpoint]:
        """Endpoints that the same device may have come back as, likeliest first. Opens nothing."""
        ...


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """A number that a SIM or handset holds: `memory` is which (SM, ME), `index` its place there, from 1.

    `message` tells a stored text from a phonebook entry; `at_s` is when a received one was sent, if it says.
    """

    memory: str
    index: int
    number: str
    message: bool = False
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What was read of a SIM and its device; `notes` say what was left alone and why."""

    sim: Sim
    numbers: tuple[StoredNumber, ...]
    notes: tuple[str, ...] = ()


@runtime_checkable
class Readable(Protocol):
    """A driver that can read who is in the phonebooks and stored messages of a SIM and its device."""

    def read_stored(self, endpoint: Endpoint, options: OpenOptions) -> Stored:
        """Open, read, close: nothing that is stored changes, 'unread' included, and every selection is set back.

        What could only be read by changing it is left alone and noted. Names and words of messages are not kept.
        Raises LinkLost if nobody answers, GuardStop if the SIM wants a PIN or there is none.
        """
        ...


class PinDesk(Protocol):
    """Who may type a PIN into a SIM, and when (invariant 6). The link asks; it never decides."""

    def pin(self, sim: Sim, tries_left: int | None) -> str:
        """The PIN for this SIM: type it once, now. Raises GuardStop if it may not be typed.

        It may not without a PIN in the config, with one try left or an unknown number, or if this approval was
        used before. That it is being tried is on disk before it is handed out.
        """
        ...

    def accepted(self, sim: Sim) -> None:
        """The SIM took it."""
        ...


class Receipt(Protocol):
    """The engine's promise for one event: `durable` turns True, from any thread, once it is on disk."""

    @property
    def durable(self) -> bool: ...


class Sink(Protocol):
    """Where a link tells what it hears. Called on the link's owner thread only; never blocks."""

    def report(self, report: Report) -> Receipt:
        """A status report. Acknowledge it to the modem (+CNMA) only once the receipt is durable."""
        ...

    def inbound(self, inbound: Inbound) -> Receipt:
        """A received text; the same rule."""
        ...

    def changed(self, facts: Facts) -> None:
        """Signal, registration or operator changed, or was read again."""
        ...

    def late_outcome(self, outcome: Outcome) -> None:
        """The answer to the last submission came after all; its outcome had been UNKNOWN."""
        ...

    def doing(self, what: str) -> None:
        """What the link is doing now, for the live screen: a few plain words, no recipient data."""
        ...


class Link(Protocol):
    """An open route. Owned by one thread; only `wake` may be called from another."""

    def bring_up(self) -> Facts:
        """Set the route up for sending and read who it is (ICCID, IMSI, IMEI), changing nothing on the SIM.

        Raises GuardStop (PIN, PUK, no SIM: a person must act) or LinkLost (may come back).
        Returns facts even if not registered yet: `listen` reports the registration when it comes.
        """
        ...

    def raw(self, submission: Submission) -> str:
        """What `submit` is going to hand over for it, octet for octet: the record of what was sent.

        For a modem in PDU mode the hexadecimal PDU as it is written after the prompt: the service centre's octets
        (`00`: the one that the SIM has), then the SMS-SUBMIT (TS 27.005 4.3); where a request is made, its id
        or reference. Empty if it cannot be coded: `submit` refuses it then. Says nothing to the device.
        """
        ...

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        """Hand one part over and wait for its answer.

        `commit` makes the intent durable, with what is handed over: that of `raw`, and the very octets that are
        written next. The link calls it exactly once, after all that can be prepared has
        been (AT+CMGS sent, prompt seen) and before anything may go out (PDU and Ctrl-Z). If it raises, the
        link gives the part up with nothing sent and lets the exception pass. If the link fails before
        calling it, it returns a REFUSED outcome (proven not sent) without calling it. After it: never
        raises; whatever is unclear is UNKNOWN, and a link that is lost raises LinkLost on its next call.
        """
        ...

    def listen(self, timeout_s: float) -> None:
        """Hear what the route has to say, telling the sink, for at most `timeout_s` or until `wake`.

        Raises LinkLost if the route is gone, GuardStop if another SIM is in it.
        """
        ...

    def counter(self) -> int | None:
        """The SIM's own record of the last TP-MR it used (EF-SMSS, TS 31.102 4.2.9), read and never written.

        None where the route has no such record or does not let it be read. Raises LinkLost.
        """
        ...

    def wake(self) -> None:
        """Make a blocked `listen` return soon. Thread-safe; also safe after `close`."""
        ...

    def close(self) -> None:
        """Let go of the device, leaving it ready for the next program. Never raises."""
        ...


@runtime_checkable
class Markable(Protocol):
    """A link to a device that can keep a number until it restarts, and no longer."""

    def mark(self) -> int | None:
        """The number that is there now; None if the device has none, or its SIM may have been changed meanwhile.

        The same number again, and it has not restarted between. Raises LinkLost.
        """
        ...

    def set_mark(self, mark: int) -> bool:
        """Let it keep this number, 100 to 250; whether it does. Nothing that outlives its power is written.

        Raises LinkLost.
        """
        ...


@runtime_checkable
class Requesting(Protocol):
    """A link whose route keeps a record of what it was handed, under handles of its own."""

    def expect(self, handles: Sequence[str]) -> None:
        """Reports are still wanted for these handles, of outcomes from before. Called after `bring_up`."""
        ...

    def lookup(self, key: str, total: int) -> Outcome | None:
        """What the route's own record says of the submission with this key, after its outcome was UNKNOWN.

        `total` is the number of parts of its text.

        ACCEPTED with its handle where the record has it; REFUSED only where the record proves that it was never
        taken; None while nothing can be told. Asked again now and then. Raises LinkLost.
        """
        ...


@runtime_checkable
class WholeTexts(Protocol):
    """A link whose route takes whole texts: it is handed part 1 alone, and once that is accepted, all parts are.

    The handles of the others are then `sibling(handle, seq)` of that of part 1.
    """

    @property
    def takes_whole(self) -> Literal[True]:
        """Always."""
        ...


def sibling(handle: str, seq: int) -> str:
    """What another part of the same whole text is called, from the handle of one of its parts; "" without one."""
    route, mark, own = handle.rpartition("#")
    return f"{route if mark and own.isdigit() else handle}#{seq}" if handle else ""


@runtime_checkable
class Altering(Protocol):
    """A driver whose way of sending leaves a trace on the device that it sends from."""

    def changes(self, endpoint: Endpoint) -> Sequence[str]:
        """What sending changes there, a plain sentence each, for the officer who must accept it first."""
        ...


Places = tuple[int, int]
"""How many places of a memory are used, and how many it has."""


@dataclass(frozen=True, slots=True)
class StorageState:
    """How much a SIM and its device hold at one moment, and how the device is set to pass on texts and reports.

    `texts` and `phonebooks`: by memory (`SM` is the SIM's, `ME` the device's). `counter` is as `Link.counter` has
    it. `settings` are the answers to questions by the command's name (`CNMI`: `2,1,0,1,0`), as they are now;
    `found` are those from before this link set any. `not_read` says in words what could not be read.
    """

    texts: Mapping[str, Places] = field(default_factory=dict)
    phonebooks: Mapping[str, Places] = field(default_factory=dict)
    counter: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    not_read: tuple[str, ...] = ()


@runtime_checkable
class Countable(Protocol):
    """A link that can count what its SIM and device hold."""

    def storage(self, within_s: float) -> StorageState:
        """Count in about `within_s` at most: nothing that is stored changes, and every selection is set back.

        What the device refuses to tell is in `not_read`, and is not asked again. Raises LinkLost, GuardStop.
        """
        ...


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """How a link is opened. `transcript` is a file to append the masked dialogue to, None for none.

    `settings` is the driver's own table of gsmsend.toml (`[driver.NAME]`). `listen_first_s`: a text may be under
    way from before (the program was killed, the cable pulled): hear for so long what the route says about it,
    telling `Sink.late_outcome`, before saying anything to it. `pins` is asked when the SIM wants its PIN.
    `exhibit`: device and SIM are evidence; nothing that is stored on them may change, 'unread' included.
    `folder`: the operation's own; what must lie in a file to be handed over lies there, and nowhere else.
    """

    transcript: Path | None = None
    settings: dict[str, object] = field(default_factory=dict)
    listen_first_s: float = 0.0
    pins: PinDesk | None = None
    exhibit: bool = False
    folder: Path | None = None


@runtime_checkable
class Driver(Protocol):
    """The code for one kind of route."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str:
        """One line for `gsmsend drivers`."""
        ...

    def discover(self) -> Sequence[Endpoint]:
        """What is plugged in, by name only: opens nothing. Several ports of one stick are one endpoint."""
        ...

    def endpoint(self, address: str) -> Endpoint:
        """The endpoint for an address that a person gave (`--port`). Raises UsageError if it cannot be one."""
        ...

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Open, read identity and network state, close; changes nothing. Raises LinkLost if nobody answers."""
        ...

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        """Open the port (not yet the dialogue). Raises LinkLost."""
        ...
