"""A bench without ports, and a client that types on it: time passes only when told to."""

from __future__ import annotations

from collections.abc import Sequence

from gsmsend.sms import StatusReport, encode_submit, from_pdu, split
from gsmsend_virtual import faults
from gsmsend_virtual.bench import Bench, Plan
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.modem import Modem
from gsmsend_virtual.network import Conditions

CTRL_Z, ESC = "\x1a", "\x1b"
OK = "\r\nOK\r\n"


class Talk:
    """One client on modem 1; `events` is the bench's journal."""

    def __init__(
        self, *, modems: int = 1, personalities: Sequence[str] = ("generic",), echo: bool = False, seed: int = 0,
        **conditions: float,
    ) -> None:  # fmt: skip
        self.events: list[dict[str, object]] = []
        settled = Conditions(**({"radio_s": 1.0, "report_delay_s": 2.0} | conditions))  # type: ignore[arg-type]
        plan = Plan(modems, personalities, settled, seed)
        self.bench = Bench(plan, Journal(tap=self.events.append))
        self.bench.power_on()
        self.modem: Modem = self.bench.modems[0]
        if not echo:
            self.say("ATE0")

    def say(self, line: str, modem: int = 1) -> str:
        """Type a command line; what comes back at once."""
        return self.type(line + "\r", modem)

    def type(self, text: str, modem: int = 1) -> str:
        """Type text as it is; what comes back at once."""
        it = self.bench.modems[modem - 1]
        it.receive(text.encode("latin-1"))
        self.bench.timers.advance(self.bench.timers.now)
        return self.heard(modem)

    def heard(self, modem: int = 1) -> str:
        """What was said since last asked."""
        out = self.bench.modems[modem - 1].outgoing()
        text = bytes(out).decode("latin-1")
        out.clear()
        return text

    def wait(self, seconds: float, modem: int = 1) -> str:
        """Let time pass; what was said meanwhile."""
        self.bench.timers.advance(self.bench.timers.now + seconds)
        return self.heard(modem)

    def pdu(self, to: str = "+447700900001", text: str = "Hello", **fields: object) -> tuple[int, str]:
        """Length and PDU of a one-part text."""
        octets = encode_submit(to, split(text).segments[0], **fields)  # type: ignore[arg-type]
        return len(octets), "00" + octets.hex().upper()

    def send(self, to: str = "+447700900001", text: str = "Hello", modem: int = 1, **fields: object) -> str:
        """Send a text in PDU mode and wait out its radio time; the answer."""
        length, pdu = self.pdu(to, text, **fields)
        prompt = self.say(f"AT+CMGS={length}", modem)
        assert prompt.endswith("> "), prompt
        at_once = self.type(pdu + CTRL_Z, modem)
        return at_once + self.wait(self.bench.network.conditions.radio_s, modem)

    def seen(self, *events: str) -> list[dict[str, object]]:
        """The journal's lines of these kinds."""
        return [line for line in self.events if line["event"] in events]

    @property
    def sent_to(self) -> list[object]:
        """Numbers whose text went on air, in order."""
        on_air = {line["submit"] for line in self.seen("on_air")}
        return [line["to"] for line in self.seen("submit") if line["submit"] in on_air]


def armed(*switches: str, **conditions: float) -> Talk:
    talk = Talk(**({"radio_s": 1.0, "report_delay_s": 1.0} | conditions))  # type: ignore[arg-type]
    talk.say("AT+CNMI=2,1,0,1,0")
    for switch in switches:
        faults.arm(talk.bench, switch)
    return talk


def report_in(said: str) -> StatusReport:
    at = said.index("+CDS: ")
    _, report = from_pdu(said[at:].split("\r\n")[1], "from_network")
    assert isinstance(report, StatusReport)
    return report
