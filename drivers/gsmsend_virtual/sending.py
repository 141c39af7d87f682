"""From AT+CMGS, the prompt and Ctrl-Z to +CMGS (TS 27.005 3.5.1 and 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsmsend.errors import SmsError
from gsmsend_virtual import tpdu
from gsmsend_virtual.codes import AtError, cms
from gsmsend_virtual.network import NO_SERVICE, Submission
from gsmsend_virtual.sim import PinState, Sim

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

BAD_PDU, BAD_TEXT, SIM_FAILURE, INVALID_INDEX = 304, 305, 313, 321
LONGEST_TPDU = 164  # TS 23.040 9.2.2.2: SMS-SUBMIT with every field at its longest
MTI_SUBMIT = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a submission, due now: `words` as `result` logs it; `say` gives it to the client."""

    words: str
    say: Callable[[], None]


class Sending:
    """The submission under way, at most one: the command channel is busy until its answer."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._asked_of: Sim | None = None
        self.on_air: Submission | None = None

    def prompting(self) -> None:
        """A prompt is about to be shown: what is entered goes out from the SIM that is in now, or not at all."""
        self._asked_of = self.check_sim()

    def check_sim(self) -> Sim:
        """The SIM. Raises what +CMGS answers without a usable one."""
        sim = self._modem.sim
        if sim is None:
            raise cms(310)
        state = sim.pin_state
        if state is not PinState.READY:
            raise cms(311 if state is PinState.PIN else 316)
        return sim

    def cut(self, octets: bytes, length: int) -> tuple[bytes, bytes] | None:
        """A hexadecimal PDU as (service centre, TPDU); None if the TPDU is not `length` octets long."""
        try:
            pdu = bytes.fromhex(octets.translate(None, b"\r\n \t").decode("ascii"))
            end = 1 + pdu[0]
        except (ValueError, IndexError):
            return None
        return (pdu[:end], pdu[end:]) if len(pdu) - end == length else None

    def pdu_entered(self, octets: bytes, length: int) -> None:
        """The PDU of AT+CMGS=length and its Ctrl-Z came."""
        cut = self.cut(octets, length)
        if cut is None or cut[1][0] & 3 != MTI_SUBMIT:
            self._modem.abort(cms(BAD_PDU))
        else:
            self.submit(cut[1], cut[0] if len(cut[0]) > 1 else b"", "CMGS")

    def submit(self, octets: bytes, sca: bytes, command: str, on_sent: Callable[[], None] = lambda: None) -> None:
        """Send a TPDU by `sca` (empty: by +CSCA); answers the pending command when the network has."""
        modem = self._modem
        try:
            sim = self.check_sim()
            asked_of, self._asked_of = self._asked_of, None
            if asked_of is not None and asked_of is not sim:
                raise cms(SIM_FAILURE)
            sca = sca or tpdu.sca(modem.smsc)
            if len(sca) < 2:
                raise cms(330)
            if not modem.registered:
                raise cms(NO_SERVICE)
            submitted = tpdu.read_submit(_numbered(octets, sim))
        except AtError as fault:
            modem.abort(fault)
            return
        except SmsError:
            modem.abort(cms(BAD_PDU))
            return
        if submitted.reference != sim.last_reference:
            sim.used_reference(submitted.reference)

        def answer(code: int | None) -> None:
            if self.on_air is submission:
                due = self._answer(submission, code, command, on_sent)
                if not modem.hooks.divert("result", due):
                    due.say()

        submission = modem.network.prepare(modem, submitted, sca, answer)
        self.on_air = submission
        modem.network.send(submission)
        modem.hooks.divert("submitted", None)

    def _answer(
        self, submission: Submission, code: int | None, command: str, on_sent: Callable[[], None]
    ) -> Answer:
        modem = self._modem
        space = " " if modem.personality.result_space else ""
        result = f"+{command}:{space}{submission.submit.reference}"
        if code is not None:
            result = f"+CMS ERROR: {code}" if code >= 0 else "ERROR"
        return Answer(result, lambda: self._say(submission, code, result, on_sent))

    def _say(self, submission: Submission, code: int | None, result: str, on_sent: Callable[[], None]) -> None:
        modem = self._modem
        if self.on_air is not submission:
            return
        self.on_air = None
        if modem.journal.active:
            modem.journal.write(
                modem.timers.now, "result", modem.who, submit=submission.serial, result=result,
                busy_s=round(modem.timers.now - submission.began, 6),
            )  # fmt: skip
        if code is None:
            on_sent()
            modem.complete(result)
        else:
            modem.abort(cms(code) if code >= 0 else AtError())

    def release(self) -> None:
        """Let the client have the modem back with no answer to its text."""
        self.on_air = None
        self._modem.forget_rest()
        self._modem.end_line()
        self._modem.terminal.process()
        self._modem.on_output()

    def abandon(self) -> None:
        """Power is gone: the text goes on, the answer reaches nobody."""
        self.on_air = None


def _numbered(octets: bytes, sim: Sim) -> bytes:
    """With the TP-MR that follows EF-SMSS; a repeat (TP-RD) of the last one keeps its own."""
    if octets[0] & 0x04 and octets[1:2] == bytes((sim.last_reference,)):
        return octets
    return octets[:1] + bytes(((sim.last_reference + 1) % 256,)) + octets[2:]
