"""Target `link`: the whole AT modem driver on a port where anything may happen. See `Event`.

Behind the port is the unit tests' modem, which answers well; the input says what becomes of its answers. The link
raises LinkLost and GuardStop and nothing else, submits only what was committed, once, and believes only lines.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from enum import IntEnum

from gsmsend.errors import GsmsendError, GuardStop, LinkLost
from gsmsend.model import OutcomeKind
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.driver_suite import part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem.link import AtLink
from tests.fuzz.driver_lines import check_sink
from tests.fuzz.evidence import Stream, proves
from tests.unit.atmodem.fake_modem import FakeModem, Rig

NUMBER = "+447700900123"
MOST_READS = 3000
"""Of one input; then the port is gone. A bring-up on a modem that is silent throughout takes about 60."""

RESTART_S = 3.0

ALREADY_THERE = 197
"""The +CMS ERROR that says the text was accepted before."""

FORBIDDEN = re.compile(
    r"AT(&[FWY]|Z|\+CMG[DWC]|\+CPWD|\+CLCK|\+CPBW|\+CFUN(?!\?|=1$)|\+CSAS|\+CPIN=|\+CSCA=|\+CSIM|\+CPMS=.*SM)",
    re.IGNORECASE,
)


class Event(IntEnum):
    """Octets of the input that happen to the port; all others come out of it instead of the modem's answer."""

    WELL = 0xE0  # the next octet: so many reads go well
    CUT = 0xE1  # what came so far is one read
    DROP = 0xE2  # the modem's answer is lost
    SILENCE = 0xE3  # nothing comes until the time is out
    TWICE = 0xE4  # the modem's answer comes twice
    HALF = 0xE5  # half of the modem's answer comes
    DAMAGE = 0xE6  # the next octet: which octet of the answer has a bit turned over
    RESTART = 0xE7  # the modem has lost its settings
    GONE = 0xE8  # the port is gone
    JAMMED = 0xE9  # the next write fails
    REPORT = 0xEA  # a delivery report comes for the last text
    TEXT = 0xEB  # a text comes
    MUTE = 0xEC  # the next text is not answered
    REFUSE = 0xED  # the next octet: the +CMS ERROR for the next text
    LITERAL = 0xEF


class Port:
    """A port with a script. After it everything goes well."""

    address = "/dev/ttyFUZZ"

    def __init__(self, script: bytes, modem: FakeModem, clock: ManualClock) -> None:
        self.script, self.modem, self.clock = script, modem, clock
        self.stream = Stream()
        self.written = bytearray()
        self.reads = self.well = 0
        self.gone = self.jammed = False
        self.lied = self.faked_prompt = False
        self.released_at = 0
        self.settling: Callable[[], bool] = lambda: False
        self._spinning = 0
        self._at = 0

    def read(self, timeout_s: float) -> bytes:
        """What the script says comes now."""
        self.reads += 1
        self._check(self.reads > MOST_READS)
        octets = self._next(timeout_s)
        self._spinning = 0 if octets or timeout_s > 0 or self.settling() else self._spinning + 1
        assert self._spinning < 100, "the link spins on an empty port"
        if not octets:
            self.clock.advance(max(timeout_s, 0) + 1e-3)
        self.stream.octets += octets
        return octets

    def write(self, octets: bytes) -> None:
        """Give it to the modem, if it is there."""
        if b"\x1a" in octets:
            self.released_at = len(self.stream)
        self._check(self.jammed)
        self.written += octets
        self.modem.now = self.clock.monotonic()
        self.modem.receive(octets)

    def wake(self) -> None:
        """Nobody blocks."""

    def close(self) -> None:
        """Nothing is open."""

    def _check(self, lost: bool) -> None:
        self.gone = self.gone or lost
        if self.gone:
            raise LinkLost(f"{self.address} is gone")

    def _next(self, timeout_s: float) -> bytes:
        self._due(self.clock.monotonic())
        if self.well:
            self.well -= 1
            return self._truth(timeout_s)
        said = bytearray()
        while (octet := self._octet()) is not None:
            if octet not in set(Event):
                said.append(octet)
            elif octet == Event.LITERAL:
                said.append(self._octet() or 0)
            else:
                found = self._happen(Event(octet), bytes(said), timeout_s)
                if found is not None:
                    return found
        self._lie(bytes(said))
        return bytes(said) or self._truth(timeout_s)

    def _lie(self, said: bytes, *, damage: bool = False) -> None:
        self.lied = self.lied or bool(said) or damage
        self.faked_prompt = self.faked_prompt or b">" in said or damage

    def _octet(self) -> int | None:
        self._at += 1
        return self.script[self._at - 1] if self._at <= len(self.script) else None

    def _truth(self, timeout_s: float) -> bytes:
        if not self.modem.out:
            self._due(self.clock.monotonic() + timeout_s)
        octets = bytes(self.modem.out)
        self.modem.out.clear()
        return octets

    def _due(self, until: float) -> None:
        for item in [item for item in self.modem.later if item[0] <= until]:
            self.modem.later.remove(item)
            item[1]()

    def _happen(self, event: Event, said: bytes, timeout_s: float) -> bytes | None:
        """What is read now; None: nothing yet, the script goes on."""
        modem = self.modem
        self._lie(said, damage=event is Event.DAMAGE)
        if event is Event.REPORT and modem.on_air:
            modem.report(modem.on_air[-1])
        elif event is Event.TEXT:
            modem.inbound(NUMBER, "thank you")
        elif event is Event.MUTE:
            modem.mute = True
        elif event is Event.REFUSE:
            modem.refuse = self._octet() or 0
            self.lied = self.lied or modem.refuse == ALREADY_THERE
        elif event is Event.JAMMED:
            self.jammed = True
        elif event is Event.RESTART:
            self._restart()
        elif event is Event.GONE:
            self._check(lost=True)
        elif event is Event.WELL:
            self.well = self._octet() or 0
            return said or self._truth(timeout_s)
        elif event is Event.SILENCE:
            return said
        elif event is Event.CUT:
            return said or None
        else:
            return said + self._spoilt(event, timeout_s)
        return said or None

    def _restart(self) -> None:
        # It says nothing about it; but it takes its time, and hears nothing meanwhile.
        modem = self.modem
        modem._entry, modem.deaf = None, True
        modem.restart()
        modem.later.append((self.clock.monotonic() + RESTART_S, lambda: setattr(modem, "deaf", False)))

    def _spoilt(self, event: Event, timeout_s: float) -> bytes:
        truth = self._truth(timeout_s)
        if event is Event.TWICE:
            return truth * 2
        if event is Event.HALF:
            return truth[: len(truth) // 2]
        if event is Event.DAMAGE and truth:
            at = (self._octet() or 0) % len(truth)
            return truth[:at] + bytes((truth[at] ^ 0x10,)) + truth[at + 1 :]
        return b""


class Bench:
    """A link on such a port, and its judge."""

    def __init__(self, options: int, script: bytes) -> None:
        rig = Rig(sink=RecordingSink(durable=not options & 1))
        rig.modem.echo = not options & 2
        self.sink, self.modem = rig.sink, rig.modem
        self.port = Port(script, rig.modem, rig.clock)
        rig.port = self.port  # type: ignore[assignment]
        self.link: AtLink = rig.link(listen_first_s=5.0 if options & 4 else 0.0)
        self.port.settling = lambda: self.link._dialogue.session.unanswered > 0
        self.commits = 0
        self.committed = ""

    def run(self) -> None:
        """Bring it up and send three texts, listening in between."""
        with contextlib.suppress(GuardStop, LinkLost):
            facts = self.link.bring_up()
            assert facts.sim.known or facts.device.imei or facts.device.manufacturer or facts.device.model
            assert "\x1a" not in self.port.written.decode("latin-1"), "no Ctrl-Z outside a submission"
            for _ in range(3):
                self.submit()
                self.link.listen(1.0)
                for receipt in self.sink.receipts:
                    receipt.durable = True
            count = self.link.counter()
            assert count is None or 0 <= count <= 255
        self.link.close()
        self.check_said()
        check_sink(self.sink)
        if not self.port.lied:
            on_air = {each.reference for each in self.modem.on_air}
            late = {each.reference for each in self.sink.late if each.kind is OutcomeKind.ACCEPTED}
            assert late <= on_air, "a late answer is one that was given"

    def submit(self) -> None:
        """Send a text and judge what is said of it."""
        self.commits, self.port.released_at = 0, 0
        written, on_air = len(self.port.written), len(self.modem.on_air)
        try:
            outcome = self.link.submit(part(NUMBER), self._commit)
        except GsmsendError:
            assert not self.commits, "after the commit everything is an outcome"
            raise
        went_out = len(self.modem.on_air) - on_air
        assert self.port.written.count(b"\x1a", written) <= self.commits <= 1, "nothing without its commit"
        if b"\x1a" in self.port.written[written:]:
            assert f"{self.committed}\x1a".encode() in self.port.written[written:], "what was committed is sent"
        assert went_out <= self.commits, "one submission, one text"
        if not self.port.faked_prompt:
            assert all(each.destination == NUMBER for each in self.modem.on_air), "to nobody else"
        if not self.port.released_at:
            assert outcome.kind is OutcomeKind.REFUSED, "without Ctrl-Z nothing can have gone out"
        else:
            assert proves(outcome, self.port.stream.lines(self.port.released_at)), outcome
        if not self.port.lied:
            assert outcome.kind is not OutcomeKind.ACCEPTED or went_out, "accepted, and it did not go out"
            assert outcome.kind is not OutcomeKind.REFUSED or not went_out, "refused, and it went out"

    def _commit(self, raw: str) -> None:
        self.commits, self.committed = self.commits + 1, raw

    def check_said(self) -> None:
        """Nothing was said to the modem that changes the SIM or outlives the session."""
        for line in self.port.written.decode("latin-1").replace("\x1b", "").split("\r"):
            assert not FORBIDDEN.match(line), line


def fuzz(data: bytes) -> None:
    """`data[0]` is how the link is opened, the rest the port's script."""
    if data:
        Bench(data[0], data[1:]).run()
