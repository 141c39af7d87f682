"""One simulated network for all modems of a bench: radio, SMSC, delivery, status reports.

Store and forward: what cannot be handed over waits in the SMSC, one mailbox a subscriber, oldest first,
one at a time, and is offered again (TS 23.040 3.2.8, TS 29.002 alert). Every draw comes from one seeded
generator. Times are the bench's monotonic seconds; `epoch_offset_s` makes them UTC.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from gsmsend.sms import Ton
from gsmsend_virtual import tpdu
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.timers import Timer, Timers

BAD_ADDRESS = 195  # invalid SME address
DUPLICATE = 197  # SM rejected, duplicate SM (TS 23.040 9.2.3.25)
NO_SERVICE = 331
EXPIRED = 0x46  # TP-Status: validity period expired (TS 23.040 9.2.3.15)


@dataclass(slots=True, eq=False)
class Mt:
    """One short message on its way to a subscriber: a text (SMS-DELIVER) or a status report."""

    kind: Literal["report", "text"]
    tpdu: bytes
    sca: bytes
    serial: int = 0  # of the submission it belongs to, 0 for an injected text
    number: str = ""  # the other end: recipient of a report, sender of a text
    reference: int = 0
    status: int = 0
    done: Callable[[], None] | None = None


class Subscriber(Protocol):
    """What the network knows of a modem."""

    @property
    def number(self) -> str: ...

    @property
    def who(self) -> dict[str, object]: ...

    @property
    def reachable(self) -> bool: ...

    def take(self, mt: Mt) -> None:
        """A short message arrives. Answered by `Network.acknowledged` or `Network.not_taken`, once."""
        ...


@dataclass(slots=True)
class Submission:
    """One SMS-SUBMIT between Ctrl-Z and its answer."""

    serial: int
    subscriber: Subscriber
    submit: tpdu.Submitted
    sca: bytes
    answer: Callable[[int | None], None]
    began: float
    sender: str
    on_air: bool = True
    answered_with: int | None = None  # what the client is told of an accepted text: a fault that lies


@dataclass(slots=True)
class Mailbox:
    """What the SMSC keeps for one subscriber; `offered` is out and not answered yet, `held` waits for an alert."""

    waiting: deque[Mt] = field(default_factory=deque)
    offered: Mt | None = None
    offering: bool = False
    held: bool = False
    retry: Timer | None = None


@dataclass(slots=True)
class Shaped:
    """One status report to come. `after_s` counts from the acceptance; `early` puts it before the answer."""

    after_s: float
    status: int = 0
    early: bool = False
    clock_s: float = 0.0
    recipient: str | None = None
    reference: int | None = None
    smsc: str | None = None


class Rule(Protocol):
    """A say in what the network does; see `gsmsend_virtual.faults`. Rules are asked in order."""

    def refuse(self, submission: Submission) -> int | None:
        """The +CMS ERROR code to answer with, or None to let it pass."""
        ...

    def shape(self, submission: Submission, reports: list[Shaped]) -> list[Shaped]:
        """The reports to send for an accepted submission."""
        ...

    def air_s(self, submission: Submission, seconds: float) -> float | None:
        """The radio time; None means the network never answers."""
        ...


@dataclass
class Conditions:
    """How the network behaves when no rule speaks. All times in seconds."""

    radio_s: float = 0.0
    radio_jitter_s: float = 0.0
    report_delay_s: float = 0.5
    report_jitter_s: float = 0.0
    reports: bool = True
    redelivery_s: float = 2.0
    zone_quarters: int = 0


class Network:
    """Takes submissions, delivers, reports. All methods are called at `timers.now`."""

    def __init__(
        self, timers: Timers, journal: Journal, conditions: Conditions | None = None, *, seed: int = 0
    ) -> None:
        self.timers = timers
        self.journal = journal
        self.conditions = conditions or Conditions()
        self.random = random.Random(seed)
        self.epoch_offset_s = 0.0
        self.rules: list[Rule] = []
        self._subscribers: dict[str, Subscriber] = {}
        self._numbers: set[str] = set()
        self._mailboxes: dict[str, Mailbox] = {}
        self._accepted: dict[str, tuple[int, str]] = {}
        self._serial = 0

    def subscribe(self, subscriber: Subscriber) -> None:
        """Make a number reachable through this subscriber, from now on."""
        self._subscribers[subscriber.number] = subscriber
        self._numbers.add(subscriber.number)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """The SIM left this modem; its number keeps its mailbox."""
        if self._subscribers.get(subscriber.number) is subscriber:
            del self._subscribers[subscriber.number]

    def epoch(self) -> float:
        """The network's own clock, UTC."""
        return self.timers.now + self.epoch_offset_s

    # -- from the modem ---------------------------------------------------------------------------------

    def prepare(
        self, subscriber: Subscriber, submit: tpdu.Submitted, sca: bytes, answer: Callable[[int | None], None]
    ) -> Submission:
        """A submission, not yet begun; `answer` gets None for accepted, or a +CMS ERROR code (-1: ERROR)."""
        self._serial += 1
        return Submission(self._serial, subscriber, submit, sca, answer, self.timers.now, subscriber.number)

    def send(self, submission: Submission) -> None:
        """Put a submission on air: its radio time begins, its answer comes by itself."""
        submit, subscriber, now, journal = submission.submit, submission.subscriber, self.timers.now, self.journal
        if journal.active:
            journal.write(
                now, "submit", subscriber.who, submit=submission.serial, to=submit.number,
                reference=submit.reference, tpdu=submit.octets.hex().upper(), via=tpdu.sca_number(submission.sca),
            )  # fmt: skip
        conditions = self.conditions
        seconds: float | None = conditions.radio_s
        if conditions.radio_jitter_s:
            seconds = max(0.0, conditions.radio_s + conditions.radio_jitter_s * self.random.uniform(-1, 1))
        for rule in self.rules:
            if seconds is not None:
                seconds = rule.air_s(submission, seconds)
        if submission.on_air and journal.active:
            journal.write(now, "on_air", subscriber.who, submit=submission.serial)
        if seconds is not None:
            if seconds <= 0:
                self.timers.at(now, lambda: self._arrived(submission))
            else:
                self.timers.after(seconds, lambda: self._arrived(submission))

    def _arrived(self, submission: Submission) -> None:
        code = self._refusal(submission)
        submit, subscriber = submission.submit, submission.subscriber
        journal, now = self.journal, self.timers.now
        if code is not None:
            journal.write(
                now, "refused", subscriber.who, submit=submission.serial, to=submit.number,
                reference=submit.reference, code=code,
            )  # fmt: skip
            submission.answer(code)
            return
        self._accepted[submission.sender] = (submit.reference, submit.number)
        journal.write(
            now, "accepted", subscriber.who, submit=submission.serial, to=submit.number, reference=submit.reference
        )
        late = self._forward(submission)
        submission.answer(submission.answered_with)
        for shaped in late:
            self._report_later(submission, shaped)

    def _refusal(self, submission: Submission) -> int | None:
        for rule in self.rules:
            code = rule.refuse(submission)
            if submission.answered_with is not None:
                return None
            if code is not None:
                return code
        submit = submission.submit
        if submit.tpdu.destination.ton is Ton.ALPHANUMERIC:
            return BAD_ADDRESS
        if submit.reject_duplicates and self._accepted.get(submission.sender) == (
            submit.reference,
            submit.number,
        ):
            return DUPLICATE
        return None

    # -- delivery ---------------------------------------------------------------------------------------

    def _forward(self, submission: Submission) -> list[Shaped]:
        """Deliver an accepted text; the reports to send later. Early ones go out now."""
        submit = submission.submit
        conditions = self.conditions
        reports: list[Shaped] = []
        if submit.wants_report and conditions.reports:
            delay = conditions.report_delay_s
            if conditions.report_jitter_s:
                delay = max(0.0, delay + conditions.report_jitter_s * self.random.uniform(-1, 1))
            reports = [Shaped(delay)]
            for rule in self.rules:
                reports = rule.shape(submission, reports)
        for shaped in reports:
            if shaped.early:
                self.post(self._report(submission, shaped), submission.sender)
        late = [shaped for shaped in reports if not shaped.early]
        if submit.number not in self._numbers:
            return late
        self._deliver(submission, late)
        return []

    def _deliver(self, submission: Submission, reports: list[Shaped]) -> None:
        """Bring a text to another modem of ours; its reports follow, or tell that its validity ran out."""
        submit = submission.submit
        expiry: list[Timer] = []

        def reached() -> None:
            for timer in expiry:
                timer.cancel()
            self.journal.write(self.timers.now, "delivered", submit=submission.serial, to=submit.number)
            for shaped in reports:
                self._report_later(submission, shaped)

        def expired() -> None:
            box = self._mailboxes[submit.number]
            if mt in box.waiting:
                box.waiting.remove(mt)
                for shaped in reports:
                    self._report_later(submission, replace(shaped, status=EXPIRED))

        sender = submission.sender
        octets = tpdu.deliver_from(submit, sender, self.epoch(), self.conditions.zone_quarters)
        mt = Mt("text", octets, submission.sca, submission.serial, sender, done=reached)
        if submit.validity_s is not None:
            expiry.append(self.timers.after(submit.validity_s, expired))
        self.post(mt, submit.number)

    def _report_later(self, submission: Submission, shaped: Shaped) -> None:
        number = submission.sender
        self.timers.after(shaped.after_s, lambda: self.post(self._report(submission, shaped), number))

    def _report(self, submission: Submission, shaped: Shaped) -> Mt:
        submit = submission.submit
        now = self.epoch() + shaped.clock_s
        reference = submit.reference if shaped.reference is None else shaped.reference
        octets = tpdu.report(
            submit, reference, shaped.status, submission.began + self.epoch_offset_s + shaped.clock_s, now,
            recipient=shaped.recipient, zone_quarters=self.conditions.zone_quarters,
        )  # fmt: skip
        sca = submission.sca if shaped.smsc is None else tpdu.sca(shaped.smsc)
        return Mt(
            "report", octets, sca, submission.serial, shaped.recipient or submit.number, reference, shaped.status
        )

    def inject(self, to: str, sender: str, text: str, *, smsc: str = "+447700900800") -> int:
        """A text from outside to one of our numbers; the number of parts. Raises SmsError."""
        parts = tpdu.text_parts(
            sender, text, self.epoch(), self.conditions.zone_quarters, self.random.randrange(256)
        )
        for octets in parts:
            self.post(Mt("text", octets, tpdu.sca(smsc), number=sender), to)
        return len(parts)

    def post(self, mt: Mt, number: str) -> None:
        """Put a message into a subscriber's mailbox and try to hand it over."""
        box = self._mailboxes.get(number)
        if box is None:
            box = self._mailboxes[number] = Mailbox()
        box.waiting.append(mt)
        self._offer(number, box)

    def waiting(self, number: str) -> int:
        """How many messages the SMSC keeps for a number, the one on offer included."""
        box = self._mailboxes.get(number)
        return 0 if box is None else len(box.waiting) + (box.offered is not None)

    def _offer(self, number: str, box: Mailbox) -> None:
        if box.offering:
            return  # an answer given from within `take`: the loop below goes on
        box.offering = True
        while box.offered is None and box.waiting and box.retry is None and not box.held:
            subscriber = self._subscribers.get(number)
            if subscriber is None or not subscriber.reachable:
                break
            box.offered = box.waiting.popleft()
            subscriber.take(box.offered)
        box.offering = False

    def acknowledged(self, number: str, mt: Mt, by: str) -> None:
        """RP-ACK: the subscriber has it. `by` is `client` (+CNMA) or `modem`."""
        number = self._home(number, mt)
        box = self._mailboxes.get(number)
        if box is None or box.offered is not mt:
            return
        box.offered = None
        subscriber = self._subscribers.get(number)
        if self.journal.active:
            self.journal.write(
                self.timers.now, "acknowledged", subscriber.who if subscriber else None, kind=mt.kind,
                submit=mt.serial, reference=mt.reference, by=by,
            )  # fmt: skip
        if mt.done is not None:
            mt.done()
        if box.waiting:
            self._offer(number, box)

    def _home(self, number: str, mt: Mt) -> str:
        """Whose it is: the SIM may have been changed since it was offered."""
        box = self._mailboxes.get(number)
        if box is not None and box.offered is mt:
            return number
        return next((other for other, held in self._mailboxes.items() if held.offered is mt), number)

    def not_taken(self, number: str, mt: Mt, why: str, *, again: bool) -> None:
        """RP-ERROR or no answer: keep it. `again` retries after a while, else `alert` must come."""
        number = self._home(number, mt)
        box = self._mailboxes.get(number)
        if box is None or box.offered is not mt:
            return
        box.offered = None
        box.waiting.appendleft(mt)
        subscriber = self._subscribers.get(number)
        self.journal.write(
            self.timers.now, "held", subscriber.who if subscriber else None, kind=mt.kind, submit=mt.serial,
            reference=mt.reference, why=why,
        )  # fmt: skip
        if box.retry is not None:
            box.retry.cancel()
            box.retry = None
        if again:
            box.retry = self.timers.after(self.conditions.redelivery_s, lambda: self._again(number))
        else:
            box.held = True

    def alert(self, number: str) -> None:
        """The subscriber can be reached again (RP-SMMA, registration): try after the redelivery time."""
        box = self._mailboxes.get(number)
        if box is None or not box.waiting:
            return
        box.held = False
        if box.retry is None:
            box.retry = self.timers.after(self.conditions.redelivery_s, lambda: self._again(number))

    def _again(self, number: str) -> None:
        box = self._mailboxes[number]
        box.retry = None
        self._offer(number, box)
