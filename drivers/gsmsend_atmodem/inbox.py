"""Reports and texts on their way to the sink, and their acknowledgements (TS 27.005 3.4.1, 3.4.4)."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from math import inf

from gsmsend.at import Final, Reply, Unsolicited
from gsmsend.contract import Receipt, Sink
from gsmsend.errors import SmsError
from gsmsend.model import Inbound, Report
from gsmsend.sms import Deliver, StatusReport, from_pdu
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile
from gsmsend_atmodem.routing import Routing, Way

_INDICATED = re.compile(r'\+C(MT|DS)I:\s*"(\w+)"\s*,\s*(\d+)')
_TEXT_MODE_REPORT = re.compile(
    r'\+CDS:\s*\d+\s*,\s*(\d{1,3})\s*,\s*(?:"([^"]*)")?\s*,\s*(\d*)\s*,\s*"[^"]*"\s*,\s*"[^"]*"\s*,\s*(\d{1,3})'
)
_PDU = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_ROUTED = {"+CDS:": "CDS", "+CMT:": "CMT"}


LAPSE_S = 20.0
"""The network waits for an acknowledgement for some 12 to 20 s (TS 24.011 10.1, TR1N, TR2M)."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What the modem waits to have acknowledged."""

    receipt: Receipt
    since: float


class Inbox:
    """Hands over what comes, remembers what is to be acknowledged or read at the next boundary."""

    def __init__(self, sink: Sink, dialogue: Dialogue) -> None:
        self._sink = sink
        self._dialogue = dialogue
        self._due: deque[_Due] = deque()
        self._to_read: deque[tuple[str, int, str]] = deque()
        self.routing = Routing(Way.NONE)
        self._stored = 0
        self._garbled_at: float | None = None
        self._set_up = False
        self.left_on_sim = 0

    def route(self, routing: Routing) -> None:
        """Take what was set up; what came before was routed as the program before had set it up."""
        self.routing, self._stored, self._set_up = routing, 0, True
        if routing.way is not Way.ACKNOWLEDGED:
            self._due.clear()

    @property
    def memory_is_full(self) -> bool:
        """Whether as much was stored as may be before another way is taken."""
        return self._stored >= self.routing.room

    def lapsed(self, now: float) -> bool:
        """Whether the modem has stopped routing by now, as something unreadable was not acknowledged in time.

        TS 27.005 3.4.4: it then sets <mt> and <ds> of +CNMI to 0. Told once.
        """
        if self._garbled_at is None or now - self._garbled_at < LAPSE_S:
            return False
        self._garbled_at = None
        return self.routing.way is Way.ACKNOWLEDGED

    @property
    def lapses_at(self) -> float:
        """When `lapsed` is to be asked, on the dialogue's clock; infinity if nothing was unreadable."""
        return inf if self._garbled_at is None else self._garbled_at + LAPSE_S

    @property
    def waiting(self) -> bool:
        """Whether an acknowledgement waits for its receipt."""
        return bool(self._due)

    @property
    def has_work(self) -> bool:
        """Whether `attend` would do something."""
        return bool(self._to_read or (self._due and self._due[0].receipt.durable))

    def hear(self, event: Unsolicited) -> None:
        """Take an unsolicited line that may be a report or a text."""
        how = _ROUTED.get(event.prefix)
        if how is not None:
            self._routed(event, how)
            return
        if event.prefix in {"+CDSI:", "+CMTI:"}:
            indicated = _INDICATED.match(event.line)
            if indicated is not None:
                self._to_read.append((indicated[2], int(indicated[3]), f"C{indicated[1]}I"))

    def _routed(self, event: Unsolicited, how: str) -> None:
        if event.body is not None and _PDU.fullmatch(event.body) and not _torn(event.line, event.body):
            receipt = self._hand_over(event.body, how)
        elif (report := _text_mode_report(event.line)) is not None:
            receipt = self._sink.report(report)
        else:
            # Half a line: it is not acknowledged, so the network sends it again, once routing is on again.
            self._garbled_at = self._dialogue.now()
            return
        if self.routing.way is Way.ACKNOWLEDGED or not self._set_up:
            self._due.append(_Due(receipt, self._dialogue.now()))

    def _hand_over(self, pdu: str, how: str) -> Receipt:
        try:
            _, tpdu = from_pdu(pdu, "from_network")
        except SmsError:
            # Kept as it is: unacknowledged it would come again and again and hold up all behind it.
            return self._sink.inbound(Inbound(sender="", text="", raw=pdu, how=f"{how}, unreadable"))
        if isinstance(tpdu, StatusReport):
            return self._sink.report(
                Report(
                    reference=tpdu.reference,
                    recipient=tpdu.recipient.text,
                    status=tpdu.status,
                    submitted_at_s=tpdu.service_centre_time.epoch_s,
                    discharged_at_s=tpdu.discharge_time.epoch_s,
                    raw=pdu,
                    how=how,
                )
            )
        if not isinstance(tpdu, Deliver):
            return self._sink.inbound(Inbound(sender="", text="", raw=pdu, how=f"{how}, unreadable"))
        header = tpdu.user_data.header
        joined = header.concatenation if header is not None else None
        return self._sink.inbound(
            Inbound(
                sender=tpdu.originator.text,
                text=tpdu.text,
                sent_at_s=tpdu.service_centre_time.epoch_s,
                concat=(joined.reference, joined.total, joined.seq) if joined is not None else None,
                raw=pdu,
                how=how,
            )
        )

    def attend(self, profile: Profile) -> bool:
        """At a boundary between exchanges: acknowledge what is durable, read what was indicated.

        False if the modem expected no acknowledgement: it has stopped routing and +CNMI must be set again.
        Raises LinkLost.
        """
        while self._due and self._due[0].receipt.durable:
            self._due.popleft()
            reply = self._dialogue.ask(profile.cnma, profile.command_timeout_s)
            if not reply.ok:
                # TS 27.005 3.4.4: without acknowledgement in time the modem sets <mt> and <ds> to 0.
                self._due.clear()
                return reply.result.final is Final.SILENCE
        while self._to_read:
            self._read_one(profile, *self._to_read.popleft())
        return True

    def forget(self) -> None:
        """The modem has restarted: it waits for no acknowledgement any more."""
        self._due.clear()

    def _read_one(self, profile: Profile, memory: str, index: int, how: str) -> None:
        if memory not in profile.own_memories:
            self.left_on_sim += 1
            return
        self._stored += 1
        home = self.routing.memory
        other = memory != home
        if other and not self._select(memory, profile):
            return
        reply = self._dialogue.ask(profile.read_command.format(index=index), profile.network_timeout_s)
        self.take_stored(reply, how)
        if other and home:
            self._select(home, profile)

    def _select(self, memory: str, profile: Profile) -> bool:
        return self._dialogue.ask(f'AT+CPMS="{memory}"', profile.network_timeout_s).ok

    def take_stored(self, reply: Reply, how: str) -> list[str]:
        """Hand over each PDU in the answer to a command that reads or lists stored texts. Returns them."""
        found = [line for line in reply.lines if _PDU.fullmatch(line)]
        for line in found:
            self._hand_over(line, how)
        return found


def _text_mode_report(line: str) -> Report | None:
    """A status report as text mode has it: the modem has lost its settings, the report need not be lost."""
    found = _TEXT_MODE_REPORT.match(line)
    if found is None or int(found[1]) > 255 or int(found[4]) > 255:
        return None
    return Report(int(found[1]), found[2] or "", int(found[4]), raw="", how="CDS in text mode")


def _torn(line: str, pdu: str) -> bool:
    """Whether octets were lost on the way to us: neither readable nor as long as announced (TS 27.005 3.4.1)."""
    try:
        from_pdu(pdu, "from_network")
    except SmsError:
        announced = line.rpartition(",")[2].rpartition(":")[2].strip()
        behind_the_centre = len(pdu) // 2 - int(pdu[:2], 16) - 1
        return announced.isdigit() and behind_the_centre != int(announced)
    return False
