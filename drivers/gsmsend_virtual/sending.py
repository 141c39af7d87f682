"""From AT+CMGS, the prompt and Ctrl-Z to +CMGS (TS 27.005 3.5.1 and 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend.errors import SmsError
from gsmsend_virtual import tpdu
from gsmsend_virtual.codes import AtFault, cms
from gsmsend_virtual.network import NO_SERVICE, Submission
from gsmsend_virtual.sim import PinState

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

BAD_PDU = 304
LONGEST_TPDU = 164  # TS 23.040 9.2.2.2: SMS-SUBMIT with a full TP-UD


class Sending:
    """The submission under way, at most one: the command channel is busy until its answer."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.on_air: Submission | None = None

    def check_sim(self) -> None:
        """Raise what +CMGS answers without a usable SIM."""
        sim = self._modem.sim
        if sim is None:
            raise cms(310)
        state = sim.pin_state
        if state is not PinState.READY:
            raise cms(311 if state is PinState.PIN else 316)

    def pdu_entered(self, octets: bytes, length: int, command: str) -> None:
        """The PDU and Ctrl-Z came: check it against the announced TPDU length, in octets, and send it."""
        try:
            pdu = bytes.fromhex(octets.translate(None, b"\r\n \t").decode("ascii"))
            sca_end = 1 + pdu[0]
        except (ValueError, IndexError):
            self._modem.abort(cms(BAD_PDU))
            return
        if len(pdu) - sca_end != length:
            self._modem.abort(cms(BAD_PDU))
            return
        self.submit(pdu[sca_end:], pdu[:sca_end] if sca_end > 1 else b"", command)

    def submit(self, octets: bytes, sca: bytes, command: str) -> None:
        """Send a TPDU; answers the pending command when the network has answered."""
        modem = self._modem
        sca = sca or tpdu.sca(modem.smsc)
        try:
            self.check_sim()
            if len(sca) < 2:
                raise cms(330)
            if not modem.registered:
                raise cms(NO_SERVICE)
            tpdu.read_submit(octets)
        except AtFault as fault:
            modem.abort(fault)
            return
        except (SmsError, ValueError, IndexError):
            modem.abort(cms(BAD_PDU))
            return
        assert modem.sim is not None
        repeat = octets[0] & 0x04 and octets[1] == modem.sim.last_reference
        reference = octets[1] if repeat else modem.sim.next_reference()
        numbered = octets[:1] + bytes((reference,)) + octets[2:]

        def answer(code: int | None) -> None:
            if self.on_air is not submission:
                return
            self.on_air = None
            space = " " if modem.personality.result_space else ""
            result = f"+{command}:{space}{reference}" if code is None else f"+CMS ERROR: {code}"
            modem.journal.write(
                modem.timers.now, "result", modem.who, submit=submission.serial, result=result,
                busy_s=round(modem.timers.now - submission.began, 6),
            )  # fmt: skip
            if code is None:
                modem.complete(result)
            else:
                modem.abort(cms(code) if code >= 0 else AtFault())

        submission = modem.network.submit(modem, numbered, sca, answer)
        self.on_air = submission

    def abandon(self) -> None:
        """Power is gone: the text goes on, the answer reaches nobody."""
        self.on_air = None
