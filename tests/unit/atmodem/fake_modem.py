"""A small modem in memory, and its port: answers as TS 27.005 has it unless a test tells it otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gsmsend.contract import Endpoint
from gsmsend.errors import LinkLost
from gsmsend.model import Device
from gsmsend.sms import Address, Deliver, Segment, StatusReport, Submit, Timestamp, UserData, from_pdu
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.driver_suite import OnAir
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings

ICCID = "8944110000000000017"
OTHER_ICCID = "8944110000000000025"

OK = ("OK",)
ANSWERS: dict[str, tuple[str, ...]] = {
    "AT": OK,
    "ATE0": OK,
    "ATV1": OK,
    "AT+CMEE=1": OK,
    "AT+CGMI": ("Example", "OK"),
    "AT+CGMM": ("E1", "OK"),
    "AT+CGMR": ("Revision: 11.2", "OK"),
    "AT+CGSN": ("490154203237518", "OK"),
    "AT+CPIN?": ("+CPIN: READY", "OK"),
    "AT+CIMI": ("001010000000001", "OK"),
    "AT+CCID": (f"+CCID: {ICCID}", "OK"),
    "AT+CSCA?": ('+CSCA: "+447700900800",145', "OK"),
    "AT+CNUM": ('+CNUM: "","+447700900901",145', "OK"),
    "AT+CMGF=0": OK,
    "AT+CNMI=?": ("+CNMI: (0-3),(0-3),(0,2),(0-2),(0,1)", "OK"),
    "AT+CSMS=?": ("+CSMS: (0,1)", "OK"),
    "AT+CSMS=1": ("+CSMS: 1,1,1", "OK"),
    "AT+CSMS=0": ("+CSMS: 1,1,1", "OK"),
    "AT+CPMS=?": ('+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME")', "OK"),
    "AT+CMMS=2": OK,
    "AT+CREG=1": OK,
    "AT+CREG?": ("+CREG: 1,1", "OK"),
    "AT+CEREG=1": OK,
    "AT+CEREG?": ("+CEREG: 1,0", "OK"),
    "AT+CGREG=1": OK,
    "AT+CGREG?": ("+CGREG: 1,0", "OK"),
    "AT+COPS?": ('+COPS: 0,0,"Test Network"', "OK"),
    "AT+CSQ": ("+CSQ: 20,99", "OK"),
}


@dataclass
class FakeModem:
    """`answers` overrides by command (None: silence); `said` keeps what it was told, line by line.

    What becomes of the next submission: `refuse` (a +CMS ERROR code), `mute` (no answer), `delay_s`,
    `early` (an answer in the prompt's place), `final` (the lines after Ctrl-Z in place of the usual).
    `garbled` is said once in place of the answer.
    """

    answers: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    garbled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    on_air: list[OnAir] = field(default_factory=list)
    stored: dict[str, dict[int, str]] = field(default_factory=lambda: {"ME": {}, "SM": {}, "SR": {}})
    echo: bool = True
    text_mode: bool = False
    csms: int = 0
    cnmi: str = "0,0,0,0,0"
    memory: str = "SM"
    phonebook: str = "SM"
    reference: int = 40
    refuse: int | None = None
    mute: bool = False
    delay_s: float = 0.0
    early: tuple[str, ...] = ()
    final: tuple[str, ...] | None = None
    deaf: bool = False
    out: bytearray = field(default_factory=bytearray)
    later: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    unacknowledged: str | None = None
    queue: list[str] = field(default_factory=list)
    acknowledged: int = 0
    now: float = 0.0
    _line: bytearray = field(default_factory=bytearray)
    _entry: bytearray | None = None
    _argument: str = ""

    # -- the wire ------------------------------------------------------------------------------------

    def receive(self, octets: bytes) -> None:
        for octet in octets:
            if self._entry is not None:
                self._enter(octet)
            elif octet == 13:
                line = self._line.decode("latin-1")
                self._line.clear()
                self._command(line)
            elif octet not in (10, 27, 26):
                self._line.append(octet)

    def say(self, *lines: str) -> None:
        for line in lines:
            self.out += f"\r\n{line}\r\n".encode("latin-1")

    def restart(self, *signs: str) -> None:
        """Lose the session's settings, as after a brown-out."""
        self.echo, self.text_mode, self.csms, self.cnmi, self.memory = True, True, 0, "0,0,0,0,0", "SM"
        self.unacknowledged = None
        self.say(*signs)

    # -- commands ------------------------------------------------------------------------------------

    def _command(self, line: str) -> None:
        if self.deaf or not line:
            return
        self.said.append(line)
        if self.echo:
            self.out += line.encode("latin-1") + b"\r"
        if line in self.garbled:
            self.say(*self.garbled.pop(line))
            return
        if line in self.answers:
            answer = self.answers[line]
            if answer is not None:
                self.say(*answer)
            return
        special = self._special(line)
        self.say(*(special if special is not None else ANSWERS.get(line, ("ERROR",))))
        if line == "ATE0":
            self.echo = False
        if line == "AT+CMGF=0":
            self.text_mode = False

    def _special(self, line: str) -> tuple[str, ...] | None:
        if line == "AT+CMGF?":
            return (f"+CMGF: {int(self.text_mode)}", "OK")
        if line.startswith("AT+CSMS="):
            self.csms = int(line[-1]) if line[-1] != "?" else self.csms
        if line == "AT+CNMI?":
            return (f"+CNMI: {self.cnmi}", "OK")
        if line.startswith("AT+CNMI=") and line[-1] != "?":
            self.cnmi = line[8:]
            return OK
        if line == "AT+CNMA":
            return self._cnma()
        if line.startswith("AT+CPMS=") and line[-1] != "?":
            self.memory = line[9:11]
            return ("+CPMS: 1,20,1,20,1,20", "OK")
        if line == "AT+CMGL=4":
            lines: list[str] = []
            for index, pdu in self.stored[self.memory].items():
                lines += [f"+CMGL: {index},1,,{len(pdu) // 2 - 1}", pdu]
            return (*lines, "OK")
        if line.startswith("AT+CMGR="):
            found = self.stored[self.memory].get(int(line[8:]))
            return (f"+CMGR: 0,,{len(found) // 2 - 1}", found, "OK") if found else ("+CMS ERROR: 321",)
        if line.startswith("AT+CMGS="):
            return self._cmgs(line)
        return None

    def counted(self, line: str) -> tuple[str, ...] | None:
        """The answers of a modem that tells how much it holds; for a test's `_special`."""
        if line == "AT+CPMS?":
            here = f'"{self.memory}",{len(self.stored[self.memory])},20'
            return (f"+CPMS: {here},{here},{here}", "OK")
        if line == "AT+CPBS?":
            return (f'+CPBS: "{self.phonebook}",{7 if self.phonebook == "SM" else 3},250', "OK")
        if line.startswith("AT+CPBS=") and line[-1] != "?":
            self.phonebook = line[9:11]
            return OK
        return None

    def _cmgs(self, line: str) -> tuple[str, ...]:
        if self.early:
            early, self.early = self.early, ()
            return early
        self._argument, self._entry = line[8:].strip('"'), bytearray()
        self.out += b"\r\n> "
        return ()

    def _cnma(self) -> tuple[str, ...]:
        if self.unacknowledged is None:
            return ("+CMS ERROR: 340",)
        self.unacknowledged = None
        self.acknowledged += 1
        self.later.append((self.now, self._next_routed))
        return OK

    def _enter(self, octet: int) -> None:
        assert self._entry is not None
        if octet not in (26, 27):
            self._entry.append(octet)
            return
        pdu, self._entry = self._entry.decode("ascii"), None
        if octet == 27:
            self.say("OK")
            return
        self._submitted(pdu)

    def _submitted(self, pdu: str) -> None:
        if self.refuse is not None:
            code, self.refuse = self.refuse, None
            self.say(f"+CMS ERROR: {code}")
            return
        self.reference = (self.reference + 1) % 256
        reference = self.reference
        if self.text_mode:
            self.on_air.append(OnAir(self._argument, pdu, reference))
        else:
            smsc, tpdu = from_pdu(pdu, "to_network")
            assert isinstance(tpdu, Submit)
            assert smsc is None
            assert int(self._argument) == len(pdu) // 2 - 1
            self.on_air.append(OnAir(tpdu.destination.text, tpdu.text, reference, pdu))
        answer = self.final if self.final is not None else (f"+CMGS: {reference}", "OK")
        self.final = None
        if self.mute:
            self.mute = False
        elif self.delay_s:
            self.later.append((self.now + self.delay_s, lambda: self.say(*answer)))
            self.delay_s = 0.0
        else:
            self.say(*answer)

    # -- from the network ----------------------------------------------------------------------------

    def report(self, part: OnAir, status: int = 0) -> None:
        tpdu = StatusReport(Address.of(part.destination), part.reference or 0, status, *STAMPS)
        self.deliver("+CDS:", "00" + tpdu.encode().hex().upper())

    def inbound(self, sender: str, text: str) -> None:
        user_data = UserData.of_segment(Segment(text))
        tpdu = Deliver(Address.of(sender), user_data, service_centre_time=STAMPS[0])
        self.deliver("+CMT:", "00" + tpdu.encode().hex().upper())

    def deliver(self, prefix: str, pdu: str) -> None:
        _, text, _, report, _ = self.cnmi.split(",")
        kind = text if prefix == "+CMT:" else report
        if (kind == "1" and prefix == "+CMT:") or (kind == "2" and prefix == "+CDS:"):
            memory = "ME" if prefix == "+CMT:" else "SR"
            index = len(self.stored[memory]) + 1
            self.stored[memory][index] = pdu
            self.say(f'{prefix[:-1]}I: "{memory}",{index}')
        elif kind != "0":
            comma = "," if prefix == "+CMT:" else ""
            self.queue.append(f"{prefix} {comma}{len(pdu) // 2 - 1}\r\n{pdu}")
            self._next_routed()

    def _next_routed(self) -> None:
        if self.queue and self.unacknowledged is None:
            routed = self.queue.pop(0)
            self.say(routed)
            if self.csms == 1:
                self.unacknowledged = routed


STAMPS = (Timestamp.of_epoch(1_750_000_000), Timestamp.of_epoch(1_750_000_060))


@dataclass
class FakePort:
    """The port of a FakeModem. With a ManualClock no time passes but what `read` waits for.

    `chunk` is how many octets a read gives at most.
    """

    modem: FakeModem
    clock: ManualClock
    address: str = "/dev/ttyFAKE0"
    chunk: int = 4096
    gone: bool = False
    woken: bool = False
    closed: bool = False
    written: bytearray = field(default_factory=bytearray)
    empty_reads: int = 0

    def read(self, timeout_s: float) -> bytes:
        octets = self._read(timeout_s)
        self.empty_reads = 0 if octets or self.woken else self.empty_reads + 1
        assert self.empty_reads < 1000, "the link spins on an empty port"
        return octets

    def _read(self, timeout_s: float) -> bytes:
        until = self.clock.monotonic() + max(timeout_s, 0)
        while True:
            self._check()
            self._run_due()
            if self.modem.out:
                octets = bytes(self.modem.out[: self.chunk])
                del self.modem.out[: self.chunk]
                return octets
            if self.woken:
                self.woken = False
                return b""
            due = min([until, *(at for at, _ in self.modem.later)])
            self.clock.advance(max(due - self.clock.monotonic(), 0) + 1e-6)
            if due >= until and not any(at <= until for at, _ in self.modem.later):
                return b""

    def _run_due(self) -> None:
        now = self.modem.now = self.clock.monotonic()
        for item in [item for item in self.modem.later if item[0] <= now]:
            self.modem.later.remove(item)
            item[1]()

    def write(self, octets: bytes) -> None:
        self._check()
        self.written += octets
        self.modem.now = self.clock.monotonic()
        self.modem.receive(octets)

    def wake(self) -> None:
        self.woken = True

    def close(self) -> None:
        self.closed = True

    def _check(self) -> None:
        if self.gone:
            raise LinkLost(f"{self.address} is gone")


@dataclass
class Rig:
    """A link to a FakeModem on a clock that stands still."""

    modem: FakeModem = field(default_factory=FakeModem)
    clock: ManualClock = field(default_factory=ManualClock)
    sink: RecordingSink = field(default_factory=RecordingSink)

    def __post_init__(self) -> None:
        self.port = FakePort(self.modem, self.clock)

    def link(self, *, listen_first_s: float = 0.0, exhibit: bool = False, **settings: float) -> AtLink:
        return self._link(settings, listen_first_s=listen_first_s, exhibit=exhibit)

    def _link(self, settings: dict[str, float], *, listen_first_s: float = 0.0, exhibit: bool = False) -> AtLink:
        device, endpoint = Device("atmodem", self.port.address), Endpoint("atmodem", self.port.address)
        made = Settings.of(settings)
        return AtLink(
            self.port,
            endpoint,
            device,
            standard_profiles(),
            self.sink,
            self.clock,
            made,
            listen_first_s=listen_first_s,
            exhibit=exhibit,
        )

    def up(self, **settings: float) -> AtLink:
        link = self._link(settings)
        link.bring_up()
        self.modem.said.clear()
        self.port.written.clear()
        return link

    def elapsed(self, action: Callable[[], object]) -> float:
        """How long it took, in seconds of the clock."""
        before = self.clock.monotonic()
        action()
        return self.clock.monotonic() - before
