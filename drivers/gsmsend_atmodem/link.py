"""The link to one modem: bring it up, hand it one part at a time, hear what it says. Owned by one thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from math import inf

from gsmsend.at import Event, Late, Restarted, SimChanged, Unsolicited, replies
from gsmsend.contract import Clock, Endpoint, PinDesk, Sink, Submission
from gsmsend.errors import GsmsendError, GuardStop, LinkLost, SmsError
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Refusal
from gsmsend.sms import encode_submit, to_pdu
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.inbox import Inbox
from gsmsend_atmodem.modem import Modem
from gsmsend_atmodem.port import Port
from gsmsend_atmodem.profile import Profiles
from gsmsend_atmodem.questions import Questions
from gsmsend_atmodem.settings import Settings
from gsmsend_atmodem.transcript import Transcript

CHECK_EVERY_S = 30.0
"""An idle modem is asked for its signal so often: a silent one is noticed, and the screen stays true."""

SIGNAL_EVERY_S = 60.0
"""A modem that sends without a pause is asked for its signal and temperature so often; an exhibit is not."""

TRUSTED_IDLE_S = 10.0
"""After a longer pause the modem is asked for its mode and its SIM before the next text."""

RECEIPT_POLL_S = 0.25
"""Between looks at a receipt that is not durable yet, should nobody `wake`."""

NO_SERVICE = 331
"""+CMS ERROR code of a modem that says it has no network (TS 27.005 3.2.5)."""

_SIM_TROUBLE = range(310, 319)
"""+CMS ERROR codes that tell of a SIM that is missing, locked or wrong (TS 27.005 3.2.5)."""

_NO_NETWORK = {331, 332}
"""+CMS ERROR codes of a modem without network service (TS 27.005 3.2.5)."""

_REGISTRATION = {"+CREG:", "+CEREG:", "+CGREG:"}


class AtLink(Questions):
    """Satisfies `gsmsend.contract.Link`, `Markable` and `Countable`.

    `open_next` opens the stick's next port, None if there is none.
    """

    def __init__(
        self,
        port: Port,
        endpoint: Endpoint,
        device: Device,
        profiles: Profiles,
        sink: Sink,
        clock: Clock,
        settings: Settings,
        transcript: Transcript | None = None,
        open_next: Callable[[], Port | None] = lambda: None,
        *,
        listen_first_s: float = 0.0,
        exhibit: bool = False,
        pins: PinDesk | None = None,
    ) -> None:
        self._profiles = profiles
        self._first_profile = profiles.by_usb(endpoint.usb_vid, endpoint.usb_pid) or profiles.generic
        self._device = device
        self._sink = sink
        self._clock = clock
        self._settings = settings
        self._listen_first_s = listen_first_s
        self._exhibit = exhibit
        self._pins = pins
        self._transcript = transcript
        self._open_next = open_next
        self._woken = False
        self._closed = False
        self._fault: GsmsendError | None = None
        self._settle_until = 0.0
        self._unmarked = False
        self._coded: tuple[Submission, str] | None = None
        self._join(port)

    def _join(self, port: Port) -> None:
        self._port = port
        self._dialogue = Dialogue(port, self._first_profile, self._clock, self._transcript)
        self._dialogue.hear = self._hear
        self._inbox = Inbox(self._sink, self._dialogue)
        self._modem = Modem(
            self._dialogue,
            self._inbox,
            self._profiles,
            self._first_profile,
            self._device,
            exhibit=self._exhibit,
            pins=self._pins,
        )

    # -- the contract --------------------------------------------------------------------------------

    def bring_up(self) -> Facts:
        """Set the modem up for sending and read who it is. Raises GuardStop or LinkLost."""
        with self._remembering_faults():
            self._sink.doing("waking the modem")
            self._listen_first()
            self._set_up_some_port()
            self._dialogue.session.settled()
            if self._transcript is not None:
                self._transcript.up(self._modem.profile.name, self._modem.facts.sim.iccid)
        return self._modem.facts

    def raw(self, submission: Submission) -> str:
        """The PDU that follows the prompt, in hexadecimal; empty if the text cannot be coded."""
        try:
            return self._code(submission)
        except SmsError:
            return ""

    def _code(self, submission: Submission) -> str:
        if self._coded is None or self._coded[0] is not submission:
            tpdu = encode_submit(
                submission.destination, submission.segment, seq=submission.seq, total=submission.total,
                concat_reference=submission.concat_reference, report=submission.report,
                validity_s=submission.validity_s,
            )  # fmt: skip
            self._coded = submission, to_pdu(tpdu)
        return self._coded[1]

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        """Hand one part over and wait for its answer, as the contract has it."""
        self._raise_fault()
        try:
            pdu = self._code(submission)
        except SmsError as error:
            why = f"The text cannot be coded: {error}"
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, raw="not coded", why=why)
        outcome = self._ask_for_prompt(len(pdu) // 2 - 1)  # without the service centre's one octet
        if outcome is None:
            outcome = self._hand_over(pdu, commit)
        if outcome.code in _SIM_TROUBLE:
            self._modem.sim_doubt = outcome.raw
        elif outcome.code in _NO_NETWORK:
            self._modem.network_doubt = True
            self._modem.network_says(usable=False)
        if self._transcript is not None:
            self._transcript.outcome(outcome)
        if outcome.code == NO_SERVICE:
            self._modem.network_doubt = True
        return outcome

    def listen(self, timeout_s: float) -> None:
        """Hear what the modem has to say until `timeout_s` has passed or `wake`. Raises LinkLost, GuardStop."""
        with self._remembering_faults():
            self._listen(self._dialogue.now() + timeout_s)

    def wake(self) -> None:
        """Make a blocked `listen`, or the next one, return soon. From any thread, also after `close`."""
        self._woken = True
        self._port.wake()

    def close(self) -> None:
        """Leave the modem at no prompt and let go of the port. Never raises."""
        if self._closed:
            return
        self._closed = True
        if self._fault is None and not self._dialogue.in_step:
            with contextlib.suppress(GsmsendError, ValueError):
                self._dialogue.session.cancel_prompt()
                self._dialogue.flush()
        self._port.close()
        if self._transcript is not None:
            self._transcript.close()

    # -- bring-up --------------------------------------------------------------------------------------

    def _listen_first(self) -> None:
        """Until the answer that may come; a modem that says that it has just started gives none."""
        until, session = self._dialogue.now() + self._listen_first_s, self._dialogue.session
        while session.unanswered and not self._modem.restarted and (left := until - self._dialogue.now()) > 0:
            self._dialogue.step(left)

    def _set_up_some_port(self) -> None:
        while True:
            try:
                self._modem.set_up()
            except LinkLost:
                following = self._open_next()
                if following is None:
                    raise
                self._port.close()
                self._join(following)
            else:
                return

    # -- submitting ------------------------------------------------------------------------------------

    def _ask_for_prompt(self, octets: int) -> Outcome | None:
        """AT+CMGS: None if the prompt is there, else a refusal. A fault is raised by the next call."""
        timeout_s = self._settings.prompt_timeout_s or self._modem.profile.prompt_timeout_s
        try:
            self._settle()
            self._boundary()
            return self._dialogue.submit(octets, timeout_s)
        except GsmsendError as fault:
            self._fault = fault
            refusal = Refusal.LINE if isinstance(fault, GuardStop) else Refusal.MODEM
            sentence = str(fault).removesuffix(".")
            why = f"{sentence[:1].upper()}{sentence[1:]}; nothing was sent."
            return Outcome(OutcomeKind.REFUSED, refusal=refusal, raw="not asked", why=why)

    def _hand_over(self, pdu: str, commit: Callable[[str], None]) -> Outcome:
        try:
            commit(pdu)
        except BaseException:
            try:
                self._dialogue.escape()
            except LinkLost as lost:
                self._fault = lost
            raise
        try:
            return self._release(pdu)
        except Exception as error:  # noqa: BLE001 - the text may be out: whatever happens now is an outcome
            failed = f"the program failed while a text was on its way through {self._port.address}"
            self._fault = self._fault or LinkLost(failed)
            why = "The program failed while the text was on its way; it may have gone out."
            return Outcome(OutcomeKind.UNKNOWN, raw=type(error).__name__, why=why)

    def _release(self, pdu: str) -> Outcome:
        dialogue, profile = self._dialogue, self._modem.profile
        try:
            refused = dialogue.confirm_prompt(profile.prompt_delay_s)
        except LinkLost as lost:
            refused = dialogue.break_off(lost)
        if refused is not None:
            self._fault = dialogue.lost
            return refused
        if self._modem.sim_doubt or self._modem.restarted:
            return self._withdraw()
        outcome = dialogue.release(pdu, self._settings.submit_timeout_s or profile.submit_timeout_s)
        self._fault = dialogue.lost
        if dialogue.session.unanswered:
            self._settle_until = dialogue.now() + self._settings.late_listen_s
        return outcome

    def _withdraw(self) -> Outcome:
        """At the prompt there came a sign that the SIM may be another: the text stays here."""
        try:
            self._dialogue.escape()
        except LinkLost as lost:
            self._fault = lost
        why = "The SIM may have been changed at this moment; nothing was sent."
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw="SIM in doubt", why=why)

    def _settle(self) -> None:
        """After a silence: listen for the late answer before speaking again, so that it is nobody else's."""
        dialogue = self._dialogue
        if not dialogue.session.unanswered or self._modem.restarted:
            return
        self._sink.doing("listening for a late answer")
        while dialogue.session.unanswered and (left := self._settle_until - dialogue.now()) > 0:
            dialogue.step(left)

    # -- between exchanges -----------------------------------------------------------------------------

    def _boundary(self) -> None:
        """What must be done before the next text: all that was put off while one was under way."""
        dialogue, modem = self._dialogue, self._modem
        dialogue.catch_up()
        now = dialogue.now()
        trusted = dialogue.in_step and now - dialogue.answered_at < TRUSTED_IDLE_S
        # Without echo for a sign, a modem that has restarted into text mode must be found out by asking.
        if not (trusted and dialogue.session.echo is False) and not dialogue.synchronise():
            modem.restarted = modem.restarted or "it is no longer in PDU mode"
        if modem.restarted:
            self._sink.doing("setting the modem up again: it has restarted")
            modem.set_up()
            dialogue.session.settled()  # what was under way when it restarted is answered no more
            self._sink.changed(modem.facts)
        if now >= modem.network_due_at(inf):
            before = modem.facts.registration
            if modem.read_network():
                self._sink.changed(modem.facts)
            if modem.facts.registration is not before:
                modem.sim_doubt = "its registration has changed"
        if trusted and not self._exhibit and now - modem.signal_read_at >= SIGNAL_EVERY_S:
            modem.read_signal()
            self._sink.changed(modem.facts)
        if modem.sim_doubt or modem.unsighted or not trusted or now - modem.sim_checked_at >= CHECK_EVERY_S:
            modem.check_sim()
        stopped = not self._inbox.attend(modem.profile) or self._inbox.lapsed(now)
        if stopped or (now - modem.routing_seen_at >= CHECK_EVERY_S and not modem.routes()):
            modem.route_again()
            modem.sweep()
        if self._inbox.memory_is_full:
            modem.route()
            self._sink.changed(modem.facts)
        if self._inbox.left_on_sim:
            self._inbox.left_on_sim = 0
            modem.note("A text went to the SIM's own memory; it was left on the SIM, unread.")
            self._sink.changed(modem.facts)

    def _listen(self, until: float) -> None:
        dialogue = self._dialogue
        while not self._woken:
            now = dialogue.now()
            settling = dialogue.session.unanswered and now < self._settle_until
            if not settling and self._has_work(now):
                self._attend(now)
                now = dialogue.now()
            if now >= until:
                return
            if self._wake_is_due():
                break
            if self._transcript is not None:
                self._transcript.flush()
            due = (
                self._settle_until
                if settling
                else min(self._inbox.lapses_at, self._modem.network_due_at(dialogue.answered_at + CHECK_EVERY_S))
            )
            wait_s = min(until, due) - now
            dialogue.step(min(wait_s, RECEIPT_POLL_S) if self._inbox.waiting else wait_s)
        self._woken = False
        if self._inbox.has_work:
            self._boundary()

    def _wake_is_due(self) -> bool:
        """Whether `wake` was called meanwhile, for what was just told: answers read since use up its octet."""
        return self._woken

    def _has_work(self, now: float) -> bool:
        modem, dialogue = self._modem, self._dialogue
        return bool(
            self._inbox.has_work
            or modem.restarted
            or modem.sim_doubt
            or now >= self._inbox.lapses_at
            or now >= modem.network_due_at(dialogue.answered_at + CHECK_EVERY_S)
        )

    def _attend(self, now: float) -> None:
        if now - self._dialogue.answered_at >= CHECK_EVERY_S:
            # Some devices change their SIM without a word.
            self._modem.network_doubt, self._modem.sim_doubt = True, "a look from time to time"
        self._boundary()

    # -- what comes by itself --------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        if isinstance(event, Unsolicited):
            if event.prefix in _REGISTRATION:
                state = replies.registration(event.line, read=False)
                self._modem.network_doubt |= state is not self._modem.facts.registration
                if state is not None:
                    self._modem.network_says(usable=state.usable)
            else:
                self._inbox.hear(event)
        elif isinstance(event, Late):
            if self._transcript is not None:
                self._transcript.late(event.outcome)
            self._sink.late_outcome(event.outcome)
        elif isinstance(event, Restarted):
            self._modem.restarted = event.sign
            self._unmarked = True
        elif isinstance(event, SimChanged):
            self._modem.sim_doubt = event.sign
            self._unmarked = True

    # -- faults ------------------------------------------------------------------------------------------

    def _raise_fault(self) -> None:
        if self._closed:
            raise LinkLost(f"{self._port.address} was closed", remedy="Open it again.")
        if self._fault is not None:
            raise self._fault

    @contextlib.contextmanager
    def _remembering_faults(self) -> Iterator[None]:
        self._raise_fault()
        try:
            yield
        except GsmsendError as fault:
            self._fault = fault
            raise
