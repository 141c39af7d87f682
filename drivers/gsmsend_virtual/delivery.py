"""Short messages from the network to the TE, as +CNMI and +CSMS have it (TS 27.005 3.4.1, 3.4.4).

A client that has closed the port is a TE that is not ready (V.24 circuit 108 off):
- what must be acknowledged (+CSMS: 1, routed) is not attempted: the network keeps it and offers it again
  some time after the port is opened;
- what needs no acknowledgement is taken, and its indication waits in the TA's buffer (+CNMI <mode> 0 or 2)
  or is lost (<mode> 1 or 3). The buffer is said when AT+CNMI selects <mode> 1 to 3 with <bfr> 0, and in
  <mode> 2 also after the first command of the client that opened the port.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gsmsend_virtual import textmode, tpdu
from gsmsend_virtual.network import Mt
from gsmsend_virtual.storage import Status, Stored
from gsmsend_virtual.timers import Timer

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

BUFFER_LINES = 40
MODE, MT, BM, DS, BFR = range(5)


class Delivery:
    """Takes one message at a time from the network and answers for it."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._unacknowledged: Mt | None = None
        self._expiry: Timer | None = None
        self._buffer: deque[str] = deque(maxlen=BUFFER_LINES)

    @property
    def expecting(self) -> bool:
        """Whether a +CNMA is due."""
        return self._unacknowledged is not None

    def take(self, mt: Mt) -> None:
        """A report or text arrives."""
        ds = self._modem.values["+CNMI"][DS]
        if mt.kind == "report":
            if ds == 1:
                self._route(mt, "+CDS")
            elif ds == 0 and self._modem.personality.reports_unrouted == "drop":
                self._taken(mt, "dropped")
            else:
                memory = self._modem.personality.report_memory or self._modem.memory(2)
                self._store(mt, memory, "+CDSI" if ds == 2 else "")
            return
        mode = self._modem.values["+CNMI"][MT]
        if mode in (2, 3):
            # TS 27.005 3.4.1: 2 routes all but class 2, 3 routes class 3 alone.
            kind = tpdu.message_class(mt.tpdu)
            if (mode == 2 and kind != 2) or (mode == 3 and kind == 3):
                self._route(mt, "+CMT")
                return
        memory = self._modem.memory(2)
        if tpdu.message_class(mt.tpdu) == 2 and "SM" in self._modem.stores:
            memory = "SM"  # TS 23.038 clause 4: class 2 is for the SIM
        elif memory == "SR":  # chosen for reports (3.1: status report storage): texts go where they went before
            memory = self._modem.personality.preferred[2]
        self._store(mt, memory, "+CMTI" if mode else "")

    def _route(self, mt: Mt, name: str) -> None:
        modem = self._modem
        must_acknowledge = modem.values["+CSMS"][0] == 1
        mode = modem.values["+CNMI"][MODE]
        if must_acknowledge:
            if not modem.attached or mode == 0:
                self._refuse(mt, "client away" if not modem.attached else "+CNMI <mode> 0", again=False)
                return
            self._unacknowledged = mt
            self._log(mt, "routed")
            self._expiry = modem.timers.after(modem.personality.ack_timeout_s, self._expired)
            modem.urc(self._lines(mt, name))
            return
        self._log(mt, "routed" if modem.attached and mode else "buffered")
        self._indicate(self._lines(mt, name))
        modem.network.acknowledged(modem.number, mt, "modem")

    def _lines(self, mt: Mt, name: str) -> str:
        if self._modem.values["+CMGF"][0]:
            return textmode.received(mt.tpdu, mt.sca, self._modem.view, name)
        length = len(mt.tpdu)
        head = f"+CMT: ,{length}" if name == "+CMT" else f"{name}: {length}"
        return f"{head}\r\n{(mt.sca + mt.tpdu).hex().upper()}"

    def _store(self, mt: Mt, memory: str, indication: str) -> None:
        modem = self._modem
        memory = memory.removesuffix("_P")
        if memory == "MT":
            memory = next(name for name in ("ME", "SM") if name in modem.stores)
        store = modem.stores.get(memory)
        index = store.add(Stored(Status.REC_UNREAD, mt.sca, mt.tpdu)) if store is not None else None
        if index is None:
            if modem.personality.memory_full:
                modem.urc(modem.personality.memory_full.replace("{memory}", memory))
            self._refuse(mt, f"{memory} full", again=True)
            return
        if indication:
            announced = modem.personality.report_announced
            where = announced if announced and indication == "+CDSI" else f'"{memory}",{index}'
            self._indicate(f"{indication}: {where}")
        self._taken(mt, "stored")

    def _indicate(self, words: str) -> None:
        modem = self._modem
        mode = modem.values["+CNMI"][MODE]
        if modem.attached and mode != 0:
            modem.urc(words)
        elif mode in (0, 2):
            self._buffer.append(words)

    def _taken(self, mt: Mt, how: str) -> None:
        self._log(mt, how)
        self._modem.network.acknowledged(self._modem.number, mt, "modem")

    def _log(self, mt: Mt, how: str) -> None:
        modem = self._modem
        if not modem.journal.active:
            return
        if mt.kind == "report":
            modem.journal.write(
                modem.timers.now, "report", modem.who, submit=mt.serial, to=mt.number, reference=mt.reference,
                status=mt.status, how=how, tpdu=mt.tpdu.hex().upper(),
            )  # fmt: skip
        else:
            modem.journal.write(
                modem.timers.now, "inbound", modem.who, how=how, tpdu=mt.tpdu.hex().upper(), **{"from": mt.number}
            )

    def _refuse(self, mt: Mt, why: str, *, again: bool) -> None:
        self._modem.network.not_taken(self._modem.number, mt, why, again=again)

    # -- acknowledgement --------------------------------------------------------------------------------

    def acknowledge(self, *, positive: bool) -> None:
        """+CNMA: RP-ACK, or RP-ERROR and the network keeps it."""
        mt, self._unacknowledged = self._unacknowledged, None
        if self._expiry is not None:
            self._expiry.cancel()
        if mt is None:
            return
        if positive:
            self._modem.network.acknowledged(self._modem.number, mt, "client")
        else:
            self._refuse(mt, "negative +CNMA", again=True)

    def _expired(self) -> None:
        mt, self._unacknowledged = self._unacknowledged, None
        if mt is None:
            return
        if self._modem.personality.ack_expiry == "disable":
            # TS 27.005 3.4.4: the ME shall switch the routing off, <mt> and <ds> become 0.
            self._modem.values["+CNMI"][MT] = 0
            self._modem.values["+CNMI"][DS] = 0
        self._refuse(mt, "no +CNMA in time", again=True)

    def abandon(self, why: str) -> None:
        """What was routed and not acknowledged goes back to the network."""
        mt, self._unacknowledged = self._unacknowledged, None
        if self._expiry is not None:
            self._expiry.cancel()
        if mt is not None:
            self._refuse(mt, why, again=False)

    # -- the client comes and goes ----------------------------------------------------------------------

    def attached(self) -> None:
        """The TE is ready again: RP-SMMA."""
        self._modem.network.alert(self._modem.number)

    def detached(self) -> None:
        """The TE is not ready."""
        self.abandon("client gone")

    def routing_changed(self) -> None:
        """AT+CNMI was given: say or clear the buffer, and tell the network that we are listening."""
        mode, bfr = self._modem.values["+CNMI"][MODE], self._modem.values["+CNMI"][BFR]
        if mode != 0:
            lines, self._buffer = list(self._buffer), deque(maxlen=BUFFER_LINES)
            if bfr == 0:
                for words in lines:
                    self._modem.timers.after(0.0, lambda words=words: self._modem.urc(words))  # type: ignore[misc]
        self._modem.network.alert(self._modem.number)
