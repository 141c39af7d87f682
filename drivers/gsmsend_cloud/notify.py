"""The driver `notify`: GOV.UK Notify, by its own client library. Address form `notify`.

[driver.notify]
key = "keyring:notify/live"                          # or "env:NOTIFY_KEY"
template = "f33517ff-2a88-4f6e-b855-c550268ce08a"    # a text message template whose whole text is ((text))
field = "text"                                       # the name between the brackets
sender = "8e222534-7f05-4972-86e3-17c5d9f894e2"      # one of the service's senders; its default one if left out

What was approved is what is sent only if the template adds no word: it is read when the link comes up and again
before each text, and what Notify says it sent is compared. Reports come by asking (Notify keeps 7 days).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from gsmsend.contract import Clock, Submission, Traits
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Refusal, Registration
from gsmsend.requesting import Busy, Client, NeverLeft, Pulse, Status, secret
from gsmsend_cloud import notify_hook
from gsmsend_cloud.account import NOT_THE_LINE, CloudClient, CloudDriver, Doubt, told
from gsmsend_cloud.answers import Answer, iso_s
from gsmsend_cloud.settings import UUID, Key, library, like, named, read

NAME = "notify"
LABEL = "GOV.UK Notify"
HOST = "https://api.notifications.service.gov.uk"
LONGEST = 918
"""Characters of one text (SMS_CHAR_COUNT_LIMIT of notifications-utils)."""
FEW, PAGE = 5, 250
"""More texts than a few are asked about by its list, of so many a page (notifications-api, API_PAGE_SIZE)."""
TO_NOBODY = "delivered (test key)"
"""Our own word, with a row in the table: what a test key says is no delivery."""
_DELIVERED = "delivered"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
RATE_WAIT_S = 60.0
"""Its limit on requests is one for each 60 seconds (REST API documentation, rate limits)."""
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KEY = re.compile(rf"(?:.*-)?({_UUID})-({_UUID})")
_KEYS = {
    "key": Key(named),
    "template": Key(UUID),
    "field": Key(like(r"[A-Za-z0-9 _-]{1,60}", 'the name of the template\'s one field, such as "text"'), "text"),
    "sender": Key(UUID, ""),
}
_NOTES = (
    NOT_THE_LINE,
    (
        "what kind of key it is cannot be asked: a team key or a service in trial mode reaches only its own team "
        "and guest list, a test key reaches nobody and says that it delivered. The trial message shows it: the "
        "officer must have it on the phone"
    ),
    "how long a text is tried is Notify's own: up to 72 hours",
)


class NotifyDriver(CloudDriver):
    """Satisfies gsmsend.contract.Driver."""

    name, label = NAME, LABEL
    summary = "GOV.UK Notify: a public body's own service, by template; delivery by asking"
    pulse = Pulse(first_s=5.0, check_s=60.0, batch=PAGE)
    traits = Traits(
        "cloud account",
        "asked for at Notify, for 7 days",
        "",
        "Notify's own record, by our reference; else a person",
    )

    received = staticmethod(notify_hook.received)

    def values(self, where: str, table: Mapping[str, object]) -> dict[str, Any]:
        """What the table of one account says. Raises ConfigError."""
        return read(where, table, _KEYS)

    def client(self, address: str, where: str, table: Mapping[str, object], clock: Clock) -> Client:
        """The client of one service. Raises ConfigError, GuardStop, DriverError."""
        values = self.values(where, table)
        module = library("notifications_python_client.notifications", NAME)
        return NotifyClient(address, where, values, clock, module.NotificationsAPIClient)


class NotifyClient(CloudClient):
    """Satisfies gsmsend.requesting.Client."""

    label = LABEL
    way_in = "See the key under API integration in Notify, and this computer's clock: gsmsend doctor"

    def __init__(self, address: str, where: str, values: dict[str, Any], clock: Clock, api: Any) -> None:
        from gsmsend_cloud.http import Wire, quiet  # noqa: PLC0415 - needs a library that may not be there

        quiet("notifications_python_client")
        key = secret(f"{where}.key", values["key"])
        found = _KEY.fullmatch(key)
        if found is None:
            raise GuardStop(
                f"{where}.key: the secret that it names is no key of Notify, which ends in two ids",
                remedy="Make a key under API integration in Notify, and put the whole of it there.",
            )
        self._reach = values["reach"]
        super().__init__(Wire(self._reach, NAME), NAME, clock)
        self._address = address
        self._template, self._field, self._sender = values["template"], values["field"], values["sender"]
        self._service = found[1].lower()
        self._key = _known_by(found[2])
        self._version: int | None = None
        self._api = api(key, base_url=self._reach.url or HOST, timeout=self._reach.read_s)
        self._api.request_session = self._wire

    def bring_up(self) -> Facts:
        """Read the template. Raises GuardStop if it is not there, or has words of its own; LinkLost."""
        try:
            answer = self._read_template()
        except Busy as busy:
            raise LinkLost(f"{LABEL} asks to be left alone for {busy.wait_s:g} seconds") from None
        self._version = _version(answer)
        title = f"template {self._template}"
        device = Device(
            NAME, self._address, manufacturer=LABEL, model=title, revision=f"version {self._version}",
            virtual=self._reach.virtual, account=self._account,
        )  # fmt: skip
        as_it_is = f"the wording is the template's one field, and nothing else ({title}, version {self._version})"
        return Facts(device, registration=Registration.HOME, operator=LABEL, notes=(*_NOTES, as_it_is))

    @property
    def _account(self) -> str:
        sender = f" from sender {self._sender}" if self._sender else ""
        return f"notify service {self._service} by key {self._key}{sender}"

    def look(self) -> None:
        """Is the template as it was? Raises GuardStop if not, LinkLost, Busy."""
        answer = self._read_template()
        if _version(answer) != self._version:
            raise GuardStop(
                f"{LABEL}: template {self._template} was changed (version {self._version} is now "
                f"{_version(answer)}) while texts went over it; nothing more is sent over it",
                remedy="See who changed it; start again once it is as it should be.",
            )

    def _read_template(self) -> Answer:
        answer = self.asked(lambda: self._api.get_template(self._template))
        place = f"{LABEL}: template {self._template} of service {self._service}"
        if not answer.good:
            raise GuardStop(f"{place} is not there", remedy="See its id under Templates in Notify.")
        if answer.text("type") != "sms":
            raise GuardStop(
                f"{place} is not one for text messages", remedy="Make one for text messages, and name its id."
            )
        wanted = f"(({self._field}))"
        if answer.text("body").strip() != wanted:
            raise GuardStop(
                f"{place} has words of its own; expected nothing but {wanted}, so that what was approved is what "
                "is sent",
                remedy=f"Make its whole message {wanted} in Notify, or name its field in gsmsend.toml.",
            )
        return answer

    def shut_out(self, answer: Answer) -> str:
        """Why the key is not taken."""
        return self.table.answer(answer.status, _said(answer)).words

    def wire(self, submission: Submission) -> str:
        """Our reference and the template; empty if it is longer than Notify takes."""
        if not submission.text.strip() or len(submission.text) > LONGEST:
            return ""
        return f"POST /v2/notifications/sms reference={submission.key} template={self._template}"

    def send(self, submission: Submission) -> Outcome:
        """Hand one text over. Raises NeverLeft."""
        self.ready()
        self._same_template()
        try:
            answer = self.handed(
                submission.key,
                lambda: self._api.send_sms_notification(
                    phone_number=submission.destination, template_id=self._template,
                    personalisation={self._field: submission.text}, reference=submission.key,
                    sms_sender_id=self._sender or None,
                ),
            )  # fmt: skip
        except Doubt as doubt:
            return doubt.outcome
        if not answer.good:
            return self._refused(answer)
        handle = answer.text("id")
        if not re.fullmatch(_UUID, handle):
            return self.unreadable(answer)
        self._as_approved(answer, submission.text)
        version = answer.text("template", "version")
        return Outcome(OutcomeKind.ACCEPTED, raw=told(id=handle, template_version=version), handle=handle)

    def _same_template(self) -> None:
        """Raises NeverLeft if the template is not known to be as it was."""
        try:
            self.look()
        except GuardStop as stop:
            self.stopped(stop)
        except Busy as busy:
            why = f"{LABEL} did not say what its template is now"
            raise NeverLeft(f"{why}; it asks for {busy.wait_s:g} seconds", refusal=Refusal.LATER) from None
        except LinkLost as lost:
            raise NeverLeft(str(lost), lost=True) from None

    def _as_approved(self, answer: Answer, text: str) -> None:
        """Once the first text went out with other words than approved, no other does."""
        if _bare(answer.text("content", "body")) != _bare(text):  # Notify straightens blanks and line ends
            self.altered(
                "the text went out with other words than were approved (the service's name before it, or signs "
                "that Notify replaces)",
                "Switch the service's name off under Settings in Notify, or approve a text without those signs.",
            )
        elif answer.get("template", "version") != self._version:
            self.altered(f"template {self._template} was changed", "See who changed it, and start again.")

    def _refused(self, answer: Answer) -> Outcome:
        said, wait_s = _said(answer), None
        if answer.status == 429:
            daily = "TooManyRequestsError" in said
            wait_s = answer.wait_s(self._clock.now(), self._until_tomorrow_s() if daily else RATE_WAIT_S)
        kind = answer.text("errors", 0, "error")[:60]
        raw = told(HTTP=answer.status, error=kind if kind.isalnum() else "")
        return self.table.outcome(answer.status, said, http=answer.status, raw=raw, wait_s=wait_s)

    def _until_tomorrow_s(self) -> float:
        """Until the next day of Notify's limit begins, at midnight UTC, and a minute."""
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
        return (midnight - now).total_seconds()

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What became of these: where they are many, off its list of the newest. Raises LinkLost, Busy."""
        left = dict.fromkeys(handles)
        for record in self._newest(len(left)) if len(left) > FEW else ():
            handle = record.text("id")
            if handle in left and record.text("status"):
                del left[handle]
                yield from self.worth(self._status(handle, record))
            if not left:
                return
        for handle in left:
            answer = self.asked(partial(self._api.get_notification_by_id, handle))
            if answer.good and answer.text("id") == handle and answer.text("status"):
                yield from self.worth(self._status(handle, answer))

    def _newest(self, count: int) -> Iterable[Answer]:
        """The records of so many of the newest texts, and of some more."""
        older_than = None
        for _ in range(count // PAGE + 2):
            ask = partial(self._api.get_all_notifications, template_type="sms", older_than=older_than)
            records = self.asked(ask).get("notifications")
            if not isinstance(records, list) or not records:
                return
            found = [Answer(200, record) for record in records]
            yield from found
            older_than = found[-1].text("id")

    def _status(self, handle: str, answer: Answer) -> Status:
        said, ended = answer.text("status"), answer.text("completed_at")
        if said == _DELIVERED and _nothing_sent(answer):
            said = TO_NOBODY
            self._stop = GuardStop(
                f"{LABEL}: the key is a test key: Notify says of each text that it was delivered, and sends none",
                remedy="Make a live key under API integration in Notify, and make a trial with it.",
            )
        raw = told(id=handle, status=said, sent_at=answer.text("sent_at"), completed_at=ended)
        recipient = answer.text("phone_number")
        return Status(handle, self.table.tp(said), said, raw, iso_s(ended), recipient)

    def lookup(self, key: str) -> Outcome | None:
        """The record with our reference. That there is none proves nothing, however long ago the text was handed
        over: Notify promises no moment from which its record is complete, and keeps 7 days of it.
        """
        answer = self.asked(lambda: self._api.get_all_notifications(reference=key))
        found = answer.get("notifications")
        if not answer.good or not isinstance(found, list):
            return None
        handles = [
            str(each.get("id")) for each in found if isinstance(each, dict) and each.get("reference") == key
        ]
        if len(handles) != 1:
            return None
        return Outcome(OutcomeKind.ACCEPTED, raw=told(id=handles[0], reference=key), handle=handles[0])


def _known_by(key: str) -> str:
    """What a key is known by: letters alone, from which none of its 122 random bits can be had back.

    Another key is another account: it may be a test key, or one for the team alone, whatever the one before was.
    """
    return sha256(f"gsmsend notify key {key.lower()}".encode()).hexdigest()[:8].translate(_LETTERS)


def _nothing_sent(record: Answer) -> bool:
    """Whether Notify counts no fragment of a text that it says was delivered: that is so with a test key alone.

    REST API documentation, cost_details; notifications-api, send_sms_to_provider: no provider is asked to send it.
    """
    fragments: object = record.get("cost_details", "billable_sms_fragments")
    return fragments == 0


def _bare(text: str) -> str:
    return "".join(text.split())


def _version(answer: Answer) -> int | None:
    found = answer.get("version")
    return found if isinstance(found, int) else None


def _said(answer: Answer) -> str:
    """Types and words of its errors. They may name the recipient: they only choose a row of the table."""
    errors = answer.get("errors")
    if not isinstance(errors, list):
        return answer.text("message")
    return " ".join(f"{each.get('error')} {each.get('message')}" for each in errors if isinstance(each, dict))


DRIVER = NotifyDriver()
