"""A link to a handset through libgammu: one part at a time, by TP-MR, with the process apart doing the talking."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from gsmsend.contract import Sink, StorageState, Submission
from gsmsend.errors import GsmsendError, GuardStop, LinkLost, SmsError
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Refusal
from gsmsend_handset.gammu import handset, outcomes, wire
from gsmsend_handset.gammu.process import Apart, Message, Woken
from gsmsend_handset.gammu.record import Record
from gsmsend_handset.gammu.settings import Settings

READY_S = 10.0
"""For what is done without the handset: no answer, and the process hangs in a call to libgammu."""
CHECK_S = 30.0
READ_S = 30.0
CLOSE_S = 3.0

LEFT_UNREAD = "A text or report was stored on the handset; it was left there, unread, as reading marks it as read."


class GammuLink:
    """Satisfies `gsmsend.contract.Link` and `Countable`. `begin` starts a process, not yet open."""

    def __init__(
        self,
        begin: Callable[[], Apart],
        device: Device,
        settings: Settings,
        sink: Sink,
        record: Record | None = None,
        *,
        exhibit: bool,
    ) -> None:
        self._record = record
        self._begin, self._settings, self._sink, self._exhibit = begin, settings, sink, exhibit
        self._facts = Facts(device)
        self._apart = begin()
        self._fault: GsmsendError | None = None
        self._closed = self._woken = self._brought_up = False
        self._pending: int | None = None
        self._settle_until_s = 0.0
        self._checked_s = monotonic()
        self._stored: deque[tuple[int, int]] = deque()
        self._coded: tuple[Submission, dict[str, Any]] | None = None

    # -- the contract --------------------------------------------------------------------------------------

    def bring_up(self) -> Facts:
        """Connect and read who it is. Raises GuardStop or LinkLost."""
        with self._remembering_faults():
            self._sink.doing("connecting to the handset through libgammu")
            self._connect()
            self._brought_up = True
        return self._facts

    def look(self) -> Facts:
        """Connect and read who it is, leaving what comes where it goes. Raises GuardStop or LinkLost."""
        with self._remembering_faults():
            self._connect(listening=False)
        return replace(self._facts, notes=tuple(note for note in self._facts.notes if note != handset.STORED))

    def raw(self, submission: Submission) -> str:
        """What python-gammu's SendSMS is given, as canonical JSON; empty if the text cannot be coded."""
        try:
            return wire.canonical(self._code(submission))
        except SmsError:
            return ""

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        """Hand one part over and wait for its answer, as the contract has it."""
        self._raise_fault()
        try:
            sms = self._code(submission)
        except SmsError as error:
            why = f"The text cannot be coded: {error}"
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, raw="not coded", why=why)
        try:
            refused = self._prepare(sms, submission)
        except GsmsendError as fault:
            self._fault = fault
            refusal = Refusal.LINE if isinstance(fault, GuardStop) else Refusal.MODEM
            why = f"{str(fault)[:1].upper()}{str(fault)[1:].removesuffix('.')}; nothing was sent."
            return Outcome(OutcomeKind.REFUSED, refusal=refusal, raw="not asked", why=why)
        if refused is not None:
            return refused
        commit(wire.canonical(sms))
        try:
            return self._recorded(self._hand_over(sms))
        except Exception as error:  # noqa: BLE001 - the text may be out: whatever happens now is an outcome
            lost = LinkLost("the connection to the handset failed while a text was on its way")
            self._fault = error if isinstance(error, LinkLost) else lost
            why = "The program that speaks to the handset failed after the text was handed over; it may be out."
            return self._recorded(Outcome(OutcomeKind.UNKNOWN, raw=type(error).__name__, why=why))

    def listen(self, timeout_s: float) -> None:
        """Hear what comes until `timeout_s` has passed or `wake`. Raises LinkLost, GuardStop."""
        with self._remembering_faults():
            until_s = monotonic() + timeout_s
            while not self._woken:
                if self._pending is None:
                    self._read_stored()
                now_s = monotonic()
                if now_s - self._checked_s >= self._settings.check_s and self._pending is None:
                    self._check()
                    continue
                due_s = self._checked_s + self._settings.check_s if self._pending is None else until_s
                if now_s >= until_s:
                    break
                self._hear(min(until_s, due_s) - now_s)
            self._woken = False

    def counter(self) -> int | None:
        """None: libgammu does not read it."""
        return None

    def storage(self, within_s: float) -> StorageState:
        """How many texts SIM and handset hold, as the handset counts them. Raises LinkLost."""
        with self._remembering_faults():
            if self._pending is not None:
                return StorageState(not_read=("not asked: the answer to a text is still awaited",))
            answer = self._ask("count", max(within_s, READY_S))
        texts = handset.counts(answer.get("ok"))
        return StorageState(texts, not_read=() if texts else ("texts: the handset does not tell",))

    def wake(self) -> None:
        """Make a blocked `listen`, or the next one, return. Thread-safe; safe after `close`."""
        self._apart.wake()

    def close(self) -> None:
        """Let go of the handset. Never raises."""
        if not self._closed and self._fault is None and self._pending is None:
            with contextlib.suppress(GsmsendError):
                self._await(self._apart.tell("close"), CLOSE_S)
        self._closed = True
        self._apart.close()
        if self._record is not None:
            self._record.close()

    # -- bring-up ------------------------------------------------------------------------------------------

    def _connect(self, *, listening: bool = True) -> None:
        settings = self._settings
        answer = self._ask(
            "open", handset.OPEN_S, device=settings.device, connection=settings.connection, model=settings.model,
            leave_off=self._exhibit,
        )  # fmt: skip
        handset.raise_not_opened(answer, settings)
        found = handset.facts(self._facts, self._ask("identity", handset.IDENTITY_S).get("ok") or {})
        if self._brought_up:
            handset.guard_same(self._facts, found)
        listens = not listening or "ok" in self._ask("listen", READ_S)
        self._facts = handset.noted(replace(found, reports=listens), exhibit=self._exhibit)
        if self._record is not None:
            self._record.imei = found.device.imei
        self._checked_s = monotonic()

    def _begin_again(self) -> None:
        """The process hangs in a call to libgammu: another one, to the same handset and SIM."""
        self._sink.doing("starting libgammu again: it gives no answer")
        self._apart.kill()
        self._apart.close()
        self._pending = None
        self._apart = self._begin()
        self._connect()

    # -- submitting ----------------------------------------------------------------------------------------

    def _code(self, submission: Submission) -> dict[str, Any]:
        if self._coded is None or self._coded[0] is not submission:
            self._coded = submission, wire.sms_of(submission, self._facts.smsc)
        return self._coded[1]

    def _prepare(self, sms: Mapping[str, Any], submission: Submission) -> Outcome | None:
        """Is it free, and does libgammu make of the text what was meant? Nothing leaves this computer."""
        self._settle()
        answer = self._try("encode", sms)
        if answer is None:
            self._begin_again()
            answer = self._try("encode", sms)
        if answer is None:
            raise LinkLost("libgammu gives no answer", remedy="Unplug the handset and plug it in again.")
        self._raise_fault()
        if "ok" in answer and wire.same(str(answer["ok"]), submission):
            return None
        if "error" in answer:
            return replace(
                outcomes.of_error(str(answer["error"]), None, self._settings.connection),
                kind=OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, why="libgammu cannot code this text.",
            )  # fmt: skip
        why = "libgammu would change this text on its way; nothing was sent."
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, raw="coded otherwise", why=why)

    def _hand_over(self, sms: Mapping[str, Any]) -> Outcome:
        self._pending = self._apart.tell("send", sms=sms)
        answer = self._await(self._pending, self._settings.submit_timeout_s)
        if answer is None:
            self._settle_until_s = monotonic() + self._settings.late_listen_s
            why = "The handset gave no answer; the text may have gone out."
            return Outcome(OutcomeKind.UNKNOWN, raw="no answer", why=why)
        self._pending = None
        return self._outcome(answer)

    def _recorded(self, outcome: Outcome) -> Outcome:
        if self._record is not None:
            self._record.outcome(outcome)
        return outcome

    def _outcome(self, answer: Message) -> Outcome:
        if "ok" in answer:
            return outcomes.of_answer(answer["ok"].get("reference"))
        name = str(answer.get("error", ""))
        if name.startswith("ERR_DEVICE") or name == "ERR_NOTCONNECTED":
            self._fault = handset.gone(self._settings)
        cms = answer.get("cms")
        return outcomes.of_error(
            name, cms if isinstance(cms, int) else None, self._settings.connection,
            handed=answer.get("handed") is not False,
        )  # fmt: skip

    def _settle(self) -> None:
        """After a silence: wait for the late answer before the next text."""
        if self._pending is not None:
            self._sink.doing("listening for a late answer")
        while self._pending is not None and (left_s := self._settle_until_s - monotonic()) > 0:
            self._hear(left_s)

    # -- the process ---------------------------------------------------------------------------------------

    def _ask(self, do: str, timeout_s: float, **arguments: object) -> Message:
        answer = self._await(self._apart.tell(do, **arguments), timeout_s)
        if answer is None:
            self._apart.kill()
            raise LinkLost(
                f"the handset on {self._settings.device} gives no answer through libgammu ({do})",
                remedy="Is it the right device and connection? Unplug the handset and plug it in again.",
            )
        return answer

    def _try(self, do: str, sms: Mapping[str, Any]) -> Message | None:
        return self._await(self._apart.tell(do, sms=sms), READY_S if self._pending is None else 0.0)

    def _await(self, number: int, timeout_s: float) -> Message | None:
        """The answer with this number; what else comes meanwhile is heard."""
        until_s = monotonic() + timeout_s
        while (left_s := until_s - monotonic()) > 0:
            try:
                message = self._apart.next(left_s)
            except Woken:
                self._woken = True
                continue
            if message is not None and message.get("id") == number:
                self._note(message)
                return message
            self._take(message)
        return None

    def _note(self, message: Message) -> None:
        if self._record is not None:
            self._record.sent(message.get("sent") or ())

    def _hear(self, timeout_s: float) -> None:
        try:
            self._take(self._apart.next(timeout_s))
        except Woken:
            self._woken = True
        self._raise_fault()

    def _take(self, message: Message | None) -> None:
        if message is None:
            return
        if message.get("event") == "sms":
            self._came(message.get("sms") or {})
        elif message.get("event") == "gone":
            self._fault = self._fault or handset.gone(self._settings)
        elif message.get("event") == "stumbled":
            self._fault = self._fault or handset.stumbled(self._settings)
        elif self._pending is not None and message.get("id") == self._pending:
            self._pending = None
            self._note(message)
            outcome = self._outcome(message)
            if self._record is not None:
                self._record.outcome(outcome, late=True)
            self._sink.late_outcome(outcome)

    def _came(self, sms: Mapping[str, Any]) -> None:
        if "Number" in sms:
            self._tell(sms, "event")
        elif self._exhibit:
            if LEFT_UNREAD not in self._facts.notes:
                self._facts = replace(self._facts, notes=(*self._facts.notes, LEFT_UNREAD))
                self._sink.changed(self._facts)
        else:
            self._stored.append((sms.get("Folder", 0), sms.get("Location", 0)))

    def _read_stored(self) -> None:
        while self._stored:
            folder, location = self._stored.popleft()
            for each in self._ask("read", READ_S, folder=folder, location=location).get("ok") or ():
                self._tell(each, "stored")

    def _tell(self, sms: Mapping[str, Any], how: str) -> None:
        if wire.is_report(sms):
            self._sink.report(wire.report_of(sms, how))
        else:
            self._sink.inbound(wire.inbound_of(sms, how))

    def _check(self) -> None:
        """Is the same handset there, with the same SIM?"""
        self._checked_s = monotonic()
        found = self._ask("check", CHECK_S)
        if "error" in found:
            raise handset.gone(self._settings)
        now = handset.refreshed(self._facts, found["ok"])
        handset.guard_same(self._facts, now)
        if now != self._facts:
            self._facts = now
            self._sink.changed(now)

    # -- faults --------------------------------------------------------------------------------------------

    def _raise_fault(self) -> None:
        if self._closed:
            raise LinkLost(f"the handset on {self._settings.device} was closed", remedy="Open it again.")
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
