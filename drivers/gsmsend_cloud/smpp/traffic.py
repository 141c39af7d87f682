"""What goes over a session: texts and their answers, in any order; receipts and texts that come in."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from gsmsend.contract import Submission
from gsmsend.errors import ConfigError, LinkLost, SmsError
from gsmsend.model import Inbound, Outcome, OutcomeKind, Refusal
from gsmsend.requesting import NeverLeft, Status
from gsmsend.sms import Address, Ton
from gsmsend_cloud.smpp import coding, compose
from gsmsend_cloud.smpp.ids import KnownIds, same
from gsmsend_cloud.smpp.pdu import Command, Deliver, Pdu, PduError, Tag, message_id
from gsmsend_cloud.smpp.receipt import Receipt, receipt_of
from gsmsend_cloud.smpp.session import NothingWritten, Session
from gsmsend_cloud.smpp.settings import Settings
from gsmsend_cloud.smpp.statuses import command_status

UNREADABLE = 0x65
"""ESME_RX_P_APPN: bringing it again would not help."""
_STALE_S = 300.0
"""A text without an answer for so long no longer takes a place in the window."""
_MOST_KEPT = 5000
_LONGEST_WAIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Brought:
    """What a deliver_sm had in it; its `sequence` is for `Traffic.confirm`."""

    heard: Status | Inbound
    sequence: int


@dataclass(frozen=True, slots=True)
class _Unanswered:
    key: str
    destination: str
    user_reference: int | None
    since_s: float


class Traffic:
    """One session's texts. Used on one thread, but for `wake`. Nothing that it says names a recipient."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings, self._ids = settings, KnownIds(settings.message_id, settings.where)
        self.session = Session(settings, self._take)
        self._began = datetime.fromtimestamp(now(), UTC).isoformat(timespec="seconds")
        self._unanswered: dict[int, _Unanswered] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._current = self._given_up = 0
        self._outcome: Outcome | None = None
        self._came: list[Brought | Outcome] = []
        self._throttled = 0
        self.notes: list[str] = []

    def octets(self, submission: Submission) -> bytes:
        """The submit_sm, its sequence_number 0. Raises SmsError if it cannot be made."""
        return compose.submit(
            self._settings.source(),
            Address.of(submission.destination),
            coding.code(submission, self._settings),
            report=submission.report and self._settings.receipts,
            validity_s=submission.validity_s,
            user_reference=self._reference(submission),
            service_type=self._settings.service_type,
        )

    def wire(self, submission: Submission) -> str:
        """The same in hex; empty if it cannot be made."""
        try:
            return self.octets(submission).hex().upper()
        except (SmsError, ConfigError):
            return ""

    def hand_over(self, submission: Submission) -> Outcome:
        """Send it and wait for its answer. Raises NeverLeft on proof, LinkLost where it may have gone out."""
        octets, now_s = self.octets(submission), monotonic()
        if sum(now_s - one.since_s < _STALE_S for one in self._unanswered.values()) >= self._settings.window:
            why = "Too many texts are without the provider's answer."
            wait_s = self._settings.read_seconds
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw="window", why=why, wait_s=wait_s)
        sequence = self._write(octets)
        # An outcome is told without a name, of the text that was handed over last: from here on that is this one.
        # Those of texts before it are there for whoever asks by their keys.
        self._came = [one for one in self._came if isinstance(one, Brought)]
        self._current, self._given_up, self._outcome = sequence, 0, None
        reference = self._reference(submission)
        self._keep(sequence, _Unanswered(submission.key, submission.destination, reference, now_s))
        try:
            return self._wait(now_s + self._settings.read_seconds)
        finally:
            self._current = 0

    def _write(self, octets: bytes) -> int:
        try:
            self.session.turn(0)  # the SMSC may have gone since: nothing is written then
        except LinkLost as lost:
            raise NeverLeft(str(lost), lost=True) from None
        try:
            return self.session.send(octets)
        except NothingWritten as lost:
            raise NeverLeft(str(lost), lost=True) from None

    def _wait(self, until_s: float) -> Outcome:
        while self._outcome is None:
            left_s = until_s - monotonic()
            if left_s <= 0:
                self._given_up = self._current
                why = "The provider did not answer in time; the text may have gone out."
                return Outcome(OutcomeKind.UNKNOWN, raw="no answer", why=why)
            try:
                self.session.turn(left_s)
            except LinkLost:
                if self._outcome is None:
                    raise
        return self._outcome

    def hear(self, timeout_s: float) -> list[Brought | Outcome]:
        """What comes within `timeout_s`, or until `wake`. Raises LinkLost, once all that came before is told."""
        until_s = monotonic() + timeout_s
        try:
            if not self._came:
                self.session.turn(0)
            while not self._came and not self.session.woken and (left_s := until_s - monotonic()) > 0:
                self.session.turn(left_s)
        except LinkLost:
            if not self._came:
                raise
        came, self._came = self._came, []
        return came

    def confirm(self, sequence: int, status: int = 0) -> None:
        """deliver_sm_resp: it is on disk. Raises LinkLost; then the SMSC brings it again."""
        try:
            self.session.write(compose.simple("deliver_sm_resp", sequence, status))
        except NothingWritten:
            self.session.turn(0)

    def expect(self, handle: str) -> None:
        """Receipts for this one, from before, are still wanted."""
        self._ids.expect(handle)

    def lookup(self, key: str) -> Outcome | None:
        """The answer that came when it was not waited for any more. No SMSC can be asked by our own key.

        Raises LinkLost.
        """
        if key not in self._outcomes:
            self.session.turn(0)
        return self._outcomes.get(key)

    def _reference(self, submission: Submission) -> int | None:
        """user_message_reference (5.3.2.17): 16 bits of our key, which a receipt may bring back (4.6.1)."""
        if not self._settings.user_reference:
            return None
        return zlib.crc32(submission.key.encode()) % 0xFFFF + 1

    def _note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def _keep(self, sequence: int, entry: _Unanswered) -> None:
        self._unanswered[sequence] = entry
        while len(self._unanswered) > _MOST_KEPT:
            del self._unanswered[next(iter(self._unanswered))]

    def _take(self, pdu: Pdu) -> None:
        if pdu.command == Command.DELIVER_SM:
            self._deliver(pdu)
            return
        entry = self._unanswered.get(pdu.sequence)
        if entry is not None:
            self._settle(pdu.sequence, entry, self._read_answer(pdu, entry))

    def _settle(self, sequence: int, entry: _Unanswered, outcome: Outcome) -> None:
        """Tell the outcome to whoever waits: the submission, a later question by its key, and the sink as long as
        the text is the last that was handed over.
        """
        del self._unanswered[sequence]
        if sequence == self._current:
            self._outcome = outcome
            return
        if outcome.kind is OutcomeKind.UNKNOWN:
            return
        self._outcomes[entry.key] = outcome
        while len(self._outcomes) > _MOST_KEPT:
            del self._outcomes[next(iter(self._outcomes))]
        if sequence == self._given_up and not self._current:
            self._given_up = 0
            self._came.append(outcome)

    def _read_answer(self, pdu: Pdu, entry: _Unanswered) -> Outcome:
        if pdu.status or pdu.command == Command.GENERIC_NACK:
            return self._refused(pdu.status)
        self._throttled = 0
        try:
            handle = message_id(pdu.body)
        except PduError:
            handle = ""
        if not handle:
            self._note("The provider gave a text no message id: no report on it can be told from others.")
        return self._accepted(handle, entry)

    def _accepted(self, handle: str, entry: _Unanswered) -> Outcome:
        known_by = self._ids.add(handle, entry.destination)
        return Outcome(OutcomeKind.ACCEPTED, handle=known_by, raw=f"ESME_ROK {handle}".strip())

    def _refused(self, code: int) -> Outcome:
        outcome = command_status(code).outcome(code)
        statuses = dict(self._settings.statuses)
        if code in statuses:
            said, where = statuses[code], f"{self._settings.where}.statuses"
            why = f"The provider answered with its code 0x{code:X}: {said or 'no proof'}, says {where}."
            kind = OutcomeKind.UNKNOWN if said is None else OutcomeKind.REFUSED
            outcome = replace(outcome, kind=kind, refusal=said, why=why, wait_s=None)
        if outcome.wait_s is None:
            self._throttled = 0
            return outcome
        self._throttled += 1
        return replace(outcome, wait_s=min(outcome.wait_s * 2 ** (self._throttled - 1), _LONGEST_WAIT_S))

    def _deliver(self, pdu: Pdu) -> None:
        try:
            deliver = Deliver.decode(pdu.body)
        except PduError:
            self._note("The provider sent a text or a report that cannot be read; it was refused.")
            self.confirm(pdu.sequence, UNREADABLE)
            return
        raw = f"{pdu.hex} {self._began}"
        sender = Address(deliver.source, _ton(deliver.source_ton)).text
        receipt = receipt_of(deliver)
        if receipt is not None:
            self._came.append(Brought(self._status(receipt, deliver, sender, raw), pdu.sequence))
            return
        text, place = coding.read(deliver, self._settings)
        self._came.append(Brought(Inbound(sender, text, concat=place, raw=raw, how="deliver_sm"), pdu.sequence))

    def _status(self, receipt: Receipt, deliver: Deliver, sender: str, raw: str) -> Status:
        self._settle_by_receipt(receipt, deliver, sender)
        handle = self._ids.of(receipt)
        if self._ids.of_another(handle, sender):
            if self._ids.of_another(handle, deliver.destination):
                self._note(
                    "A report came under the id of a text to another number; it is kept and confirms nothing."
                )
                handle = f"{handle} of another number"
            else:
                sender = (
                    f"+{deliver.destination.removeprefix('+')}"  # this SMSC has the addresses as they were sent
                )
        hint = self._ids.hint(receipt, sender)
        if hint:
            self._note(hint)
        return Status(handle, receipt.state.status, receipt.said, raw=raw, recipient=sender, how="deliver_sm")

    def _settle_by_receipt(self, receipt: Receipt, deliver: Deliver, recipient: str) -> None:
        """A receipt that brings back the reference of a text without answer says that it was taken."""
        reference = deliver.number(Tag.USER_MESSAGE_REFERENCE)
        if not reference or self._ids.known(receipt):
            return
        found = [
            (sequence, entry)
            for sequence, entry in self._unanswered.items()
            if entry.user_reference == reference and same(entry.destination, recipient)
        ]
        if len(found) == 1 and found[0][0] != self._current:
            handle = self._ids.of(receipt)
            self._ids.expect(handle)
            self._settle(*found[0], Outcome(OutcomeKind.ACCEPTED, handle=handle, raw="receipt"))


def handed(traffic: Traffic, submission: Submission) -> Outcome:
    """`hand_over`, where a connection that breaks is an outcome: the next call tells of it. Raises NeverLeft."""
    try:
        return traffic.hand_over(submission)
    except LinkLost:
        why = "The connection to the provider broke after the text was handed over; it may have gone out."
        return Outcome(OutcomeKind.UNKNOWN, raw="connection lost", why=why)


def _ton(value: int) -> Ton:
    return Ton(value) if value in set(Ton) else Ton.UNKNOWN
