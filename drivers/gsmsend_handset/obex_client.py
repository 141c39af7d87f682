"""One handset over Bluetooth MAP, as a `gsmsend.requesting.Client`.

A text is pushed into the outbox; the handset sends it and moves it to the folder `sent` once the network has it
(MAP 1.4, 5.8). obexd tells of events only for messages that it has listed, and not which one a push has made: so
the folders are listed before the push and after it, and the new one to this recipient is the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from gsmsend.contract import Submission
from gsmsend.errors import LinkLost
from gsmsend.model import Facts, Inbound, Outcome, OutcomeKind, Refusal
from gsmsend.requesting import Heard, NeverLeft, Status
from gsmsend.sms import split
from gsmsend_handset.bluetooth_facts import BLUEZ, bluez_facts, read_device
from gsmsend_handset.bus import Bus, BusError, BusGone, NoAnswer
from gsmsend_handset.bus_errors import outcome_of
from gsmsend_handset.bus_record import BusRecord
from gsmsend_handset.bus_settings import DIALLED, Buses
from gsmsend_handset.obex_bmessage import bmessage, text_of
from gsmsend_handset.obex_events import said
from gsmsend_handset.obex_files import PrivateFiles
from gsmsend_handset.obex_news import ENDS, News
from gsmsend_handset.obex_session import INBOX, NEWEST, OUTBOX, SENT, SERVICE, MapSession, Row, lost

TABLE = "obex.csv"
_NAME = "bluetooth"
_LOOK_S, _LOOK_LONGEST_S = 0.3, 5.0
_FETCH_S = 20.0
_SPARE = 20
"""Listed before a push beyond what is listed after it: texts that come up as others are deleted are not new."""


@dataclass(slots=True)
class _Pushed:
    """A text that the handset was handed: what its folders held before, and what it calls the text, once known."""

    key: str
    destination: str
    parts: int
    before: frozenset[str]
    handle: str = ""


class HandsetClient:
    """Satisfies `gsmsend.requesting.Client`.

    `folder` is for files that are being handed over, private and gone at once. `exhibit`: received texts are read
    from the handset's list only, up to 255 octets: no message is opened.
    """

    def __init__(
        self,
        buses: Buses,
        address: str,
        submit_timeout_s: float,
        folder: Path,
        record: BusRecord,
        *,
        exhibit: bool,
    ) -> None:
        self._bus = Bus(buses.session, _NAME)
        try:
            self._system = Bus(buses.system, _NAME, self._bus)
        except LinkLost:
            self._bus.close()
            raise
        self._record, self._bus.told = record, record.called
        self._address, self._timeout_s, self._exhibit = address, submit_timeout_s, exhibit
        self._virtual = buses.private
        self._session = MapSession(self._bus, address)
        self._files = PrivateFiles(folder, address)
        self._news = News(address)
        self._received: set[str] = set()
        self._again = False
        self._ours: set[str] = set()
        self._doubtful: dict[str, _Pushed] = {}
        self._last: _Pushed | None = None
        self._look_s, self._pause_s = 0.0, _LOOK_S

    def bring_up(self) -> Facts:
        """Connect to the handset. It must have been paired by a person. Raises GuardStop, LinkLost."""
        self._files.sweep()
        try:
            self._system.watch(BLUEZ)
            self._news.device, name = read_device(self._system, self._address)
            self._bus.watch(SERVICE)
        except (BusError, NoAnswer, BusGone) as fault:
            raise lost(fault, self._address) from None
        self._session.open()
        self._news.session = self._session.path
        try:
            self._received = {row.handle for row in self._session.rows(INBOX)}
        except (BusError, NoAnswer, BusGone) as fault:
            raise lost(fault, self._address) from None
        return bluez_facts(self._address, name, virtual=self._virtual, exhibit=self._exhibit)

    def wire(self, submission: Submission) -> str:
        """The bMessage that is pushed, in hexadecimal; empty if it cannot be made."""
        octets = self._octets(submission)
        return f"bMessage {octets.hex().upper()}" if octets else ""

    def _octets(self, submission: Submission) -> bytes:
        if not DIALLED.fullmatch(submission.destination):
            return b""
        try:
            return bmessage(self._session.kind, submission.destination, submission.text)
        except ValueError:
            return b""

    def send(self, submission: Submission) -> Outcome:
        """Push the text and wait for the handset's word that it was sent."""
        self._last = None
        parts = len(split(submission.text, national=False).segments)
        pushed = _Pushed(submission.key, submission.destination, parts, self._before())
        self._doubtful[pushed.key] = self._last = pushed
        try:
            transfer = self._push(submission)
        except NeverLeft:
            self._doubtful.pop(pushed.key)
            self._last = None
            raise
        outcome = self._await(pushed, transfer)
        self._record.outcome(outcome)
        if outcome.kind is not OutcomeKind.UNKNOWN:
            self._doubtful.pop(pushed.key, None)
            self._last = None
        return outcome

    def _before(self) -> frozenset[str]:
        """What is in the outbox and among the sent. Raises NeverLeft: nobody could tell what was sent then."""
        try:
            rows = [self._session.rows(folder, most=NEWEST + _SPARE) for folder in (OUTBOX, SENT)]
            return frozenset(row.handle for folder in rows for row in folder)
        except BusError as fault:
            why = "the handset does not list its folders, so whether it sends could not be seen"
            gone = not self._there()
            raise NeverLeft(why, refusal=Refusal.MODEM, raw=fault.name, lost=gone) from None
        except (NoAnswer, BusGone) as fault:
            raise NeverLeft(str(lost(fault, self._address)), refusal=Refusal.MODEM, lost=True) from None

    def _there(self) -> bool:
        try:
            return self._session.still()
        except (NoAnswer, BusGone):
            return False

    def _push(self, submission: Submission) -> str:
        """Hand the file over; the transfer's path. Raises NeverLeft where the answer proves it was not taken."""
        try:
            octets = self._octets(submission)
            with self._files.holding(octets) as file:  # obexd opens it before it answers
                self._record.handed_over(submission.total, len(octets))
                return self._session.push(file)
        except BusError as error:
            outcome = outcome_of(TABLE, error.name)
            if outcome.kind is not OutcomeKind.REFUSED:
                raise
            refusal = outcome.refusal or Refusal.MODEM
            raise NeverLeft(outcome.why, refusal=refusal, raw=error.name, code=outcome.code) from None

    def _await(self, pushed: _Pushed, transfer: str) -> Outcome:
        """Listen and look until the handset says what came of it, or the time is over."""
        until_s, pause_s, taken = monotonic() + self._timeout_s, _LOOK_S, False
        while True:
            self._listen(min(pause_s, max(0.0, until_s - monotonic())))
            if self._news.lost is not None:
                why = "the handset was lost after the text was handed over; it may have gone out"
                return Outcome(OutcomeKind.UNKNOWN, raw="lost", why=why)
            if not taken:
                state = self._news.transfers.get(transfer) or self._session.transfer(transfer)
                if state == "error":
                    return outcome_of(TABLE, "transfer-error")
                taken = state in {"complete", ""}
            if taken:
                found = self._outcome(pushed)
                if found is not None:
                    return found
            if monotonic() >= until_s:
                return outcome_of(TABLE, "no-event")
            pause_s = min(pause_s * 1.5, _LOOK_LONGEST_S)

    def _outcome(self, pushed: _Pushed) -> Outcome | None:
        """What events and folders say of it by now; None if nothing does. Raises BusError, NoAnswer, BusGone."""
        word = self._news.told.get(pushed.handle, "")
        if word not in ENDS:
            row, folder = self._find(pushed)
            if row is None:
                return None
            pushed.handle, word = row.handle, self._news.told.get(row.handle, "")
            if word not in ENDS and (folder == SENT or row.sent):
                word = "sent"
        if word == "sending-failure":
            return outcome_of(TABLE, word, parts=pushed.parts)
        if word in ENDS or word == "sent":
            self._ours.add(pushed.handle)
            return Outcome(OutcomeKind.ACCEPTED, raw=word, handle=pushed.handle)
        return None

    def _find(self, pushed: _Pushed) -> tuple[Row | None, str]:
        """The message that is new since, to this recipient, and the folder that it is in.

        One that names nobody may be any text that is in doubt, so it is this one's only if no other is.
        """
        for folder in (SENT, OUTBOX):
            for row in self._session.rows(folder):
                new = row.handle not in pushed.before and row.handle not in self._ours
                mine = row.handle == pushed.handle if pushed.handle else new
                alone = pushed.handle or _digits(row.recipient) or len(self._doubtful) == 1
                if mine and alone and _same(row.recipient, pushed.destination):
                    return row, folder
        return None, ""

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What the handset's list of sent texts says of them."""
        try:
            rows = {row.handle: row for row in self._session.rows(SENT)}
        except (BusError, NoAnswer, BusGone) as fault:
            raise lost(fault, self._address) from None
        self._ours.update(handles)
        words = {
            handle: self._news.told.get(handle) or rows[handle].delivery for handle in handles if handle in rows
        }
        found = [said(handle, word, "poll") for handle, word in words.items()]
        return [one for one in found if one is not None]

    def lookup(self, key: str) -> Outcome | None:
        """What the handset's folders say of a text that was pushed since the link was opened."""
        pushed = self._doubtful.get(key)
        if pushed is None:
            return None
        try:
            found = self._outcome(pushed)
        except (BusError, NoAnswer, BusGone) as fault:
            raise lost(fault, self._address) from None
        if found is not None:
            self._doubtful.pop(key, None)
        return found

    def hear(self, timeout_s: float) -> Iterable[Heard]:
        """Events about texts, received texts, and the late word about the last one."""
        if self._news.lost is not None:
            raise self._news.lost
        waiting = self._last is not None and self._look_s <= monotonic() + timeout_s
        within_s = max(0.0, self._look_s - monotonic()) if waiting else timeout_s
        self._listen(0.0 if self._news.events or self._news.inbox else within_s)
        found: list[Heard] = []
        try:
            with suppress(BusError):  # the handset is busy: looked for again later
                found += self._late()
            while self._news.events:
                handle, word = self._news.events.popleft()
                status = said(handle, word, "event") if handle in self._ours else None
                found += [status] if status is not None else []
            found += self._inbound()
        except (NoAnswer, BusGone) as fault:
            self._news.lost = lost(fault, self._address)
        if self._news.lost is not None and not found:
            raise self._news.lost
        return found

    def _late(self) -> Iterator[Outcome]:
        """The outcome of the last text, looked for ever more rarely."""
        last = self._last
        if last is None or monotonic() < self._look_s:
            return
        self._pause_s = min(self._pause_s * 1.5, 60.0) if self._look_s else _LOOK_S
        self._look_s = monotonic() + self._pause_s
        outcome = self._outcome(last)
        if outcome is not None:
            self._last, self._look_s = None, 0.0
            self._doubtful.pop(last.key, None)
            if outcome.kind is not OutcomeKind.UNKNOWN:
                self._record.outcome(outcome, late=True)
                yield outcome

    def _listen(self, timeout_s: float) -> None:
        """Take in what is told, waiting for it at most so long."""
        self._news.take(self._bus.hear(timeout_s))
        if not self._bus.connected:
            self._news.end("the session's message bus is gone")

    def _inbound(self) -> Iterator[Inbound]:
        """Texts that are new in the inbox."""
        if not self._news.inbox:
            return
        self._news.inbox = False
        try:
            rows = self._session.rows(INBOX, words=True)
        except BusError:
            self._again = True
            return
        for row in reversed(rows):
            if row.handle not in self._received and row.sms:
                self._received.add(row.handle)
                text, raw = row.subject, f"message {row.handle} of {self._address}, by the list"
                if not self._exhibit:
                    text, raw = self._fetch(row) or text, f"message {row.handle} of {self._address}"
                yield Inbound(row.sender, text, raw=raw, how="event")

    def _fetch(self, row: Row) -> str:
        """The whole text; empty if it cannot be had. 'Unread' stays as it is."""
        try:
            with self._files.holding(b"") as file:
                transfer = self._session.fetch(row.path, file)
                until_s = monotonic() + _FETCH_S
                while monotonic() < until_s and self._news.lost is None:
                    state = self._news.transfers.get(transfer) or self._session.transfer(transfer)
                    if state in {"complete", "error", ""}:
                        return text_of(file.read_bytes())
                    self._listen(0.2)
        except (BusError, NeverLeft, OSError):
            return ""  # its first words are in the list
        return ""

    def check(self) -> None:
        """Whether the session is there, with the same handset. What could not be listed is, next."""
        self._news.inbox, self._again = self._news.inbox or self._again, False
        try:
            if not self._session.still():
                raise LinkLost(f"{self._address}: the handset ended the connection", remedy="Bring it near.")
        except (NoAnswer, BusGone) as fault:
            raise lost(fault, self._address) from None

    def wake(self) -> None:
        """Make a blocked `hear` return soon."""
        self._bus.wake()

    def close(self) -> None:
        """Disconnect from the handset."""
        if self._bus.connected and self._news.lost is None:
            self._session.close()
        self._system.close()
        self._bus.close()
        self._record.close()


def _same(one: str, other: str) -> bool:
    """Whether two numbers can be the same, one in national form perhaps, or left out by the handset."""
    ours, theirs = _digits(one)[-9:], _digits(other)[-9:]
    return not ours or ours == theirs


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())
