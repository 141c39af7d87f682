"""The driver `twilio`: Twilio's Messages API, by its own client library. Address form `twilio`.

[driver.twilio]
account = "AC00000000000000000000000000000000"
auth_token = "keyring:twilio/main"       # or api_key = "SK..." with api_secret = "keyring:..." in its place
from = "+447700900777"                   # a number or name of the account; or service = "MG..." in its place
region = "ie1"                           # with edge, where the account is not kept in the United States
edge = "dublin"

The Messages API has no reference of ours and refuses no repeat. What became of a text whose answer was lost is
read off the account's list of messages, while this program runs: the one with its number, text and sender that was
made, by Twilio's clock, while we asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gsmsend.contract import Clock, Submission, Traits
from gsmsend.errors import ConfigError, GuardStop, LinkLost
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Registration
from gsmsend.requesting import Busy, Client, Pulse, Status, secret
from gsmsend_cloud import twilio_hook
from gsmsend_cloud.account import NOT_THE_LINE, CloudClient, CloudDriver, Doubt, told
from gsmsend_cloud.answers import Answer, date_s
from gsmsend_cloud.settings import Key, library, like, named, read, text

NAME = "twilio"
LABEL = "Twilio"
LONGEST = 1600
"""Characters of one text (Message resource, Body)."""
LONGEST_VALID_S = 36_000
"""Message resource, ValidityPeriod."""
RATE_WAIT_S = 1.0
FEW, PAGE, PAGES = 5, 200, 3
"""More texts than a few are asked about by its list; so much of that is looked through for one in doubt."""
BEFORE_S, AFTER_S = 2.0, 30.0
"""Twilio's times are whole seconds and its computers' clocks are no more alike than that; and for so long after we
gave a request up it may still make a record of it."""
_SID = "[0-9a-fA-F]{32}"
_PLACE = like(r"[a-z0-9-]{2,30}", 'a name such as "ie1"')
_KEYS = {
    "account": Key(like(f"AC{_SID}", "the account's SID: AC and 32 digits and letters a to f")),
    "auth_token": Key(named, None),
    "api_key": Key(like(f"SK{_SID}", "the key's SID: SK and 32 digits and letters a to f"), ""),
    "api_secret": Key(named, None),
    "from": Key(text("+447700900777"), ""),
    "service": Key(like(f"MG{_SID}", "the Messaging Service's SID: MG and 32 digits and letters a to f"), ""),
    "region": Key(_PLACE, ""),
    "edge": Key(_PLACE, ""),
}
_NOTES = (
    NOT_THE_LINE,
    "Twilio changes no sign (SmartEncoded off) and no link (ShortenUrls off)",
    "Twilio keeps number and text of each message until it is told to forget them",
)


@dataclass(frozen=True, slots=True)
class InQuestion:
    """A text whose answer was lost: what its record must show; `from_s` and `to_s` are by Twilio's own clock."""

    to: str = field(repr=False)
    body: str = field(repr=False)
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What outlives a link, which a lost network may have closed: texts in doubt by our key, and known SIDs."""

    in_question: dict[str, InQuestion] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)


class TwilioDriver(CloudDriver):
    """Satisfies gsmsend.contract.Driver."""

    name, label = NAME, LABEL
    summary = "Twilio: an account's own number or name; delivery by asking"
    pulse = Pulse(first_s=5.0, check_s=60.0, batch=PAGE)
    traits = Traits(
        "cloud account",
        "asked for at Twilio",
        "",
        "Twilio's list of messages while the program runs; else a person",
    )

    def __init__(self) -> None:
        self._memory = Memory()

    received = staticmethod(twilio_hook.received)

    def values(self, where: str, table: Mapping[str, object]) -> dict[str, Any]:
        """What the table of one account says. Raises ConfigError."""
        values = read(where, table, _KEYS)
        _agree(where, values)
        return values

    def client(self, address: str, where: str, table: Mapping[str, object], clock: Clock) -> Client:
        """The client of one account. Raises ConfigError, GuardStop, DriverError."""
        values = self.values(where, table)
        return TwilioClient(address, where, values, clock, library("twilio.rest", NAME), self._memory)


class TwilioClient(CloudClient):
    """Satisfies gsmsend.requesting.Client."""

    label = LABEL
    way_in = "See the account's SID and keys in Twilio's console."

    def __init__(
        self, address: str, where: str, values: dict[str, Any], clock: Clock, rest: Any, memory: Memory
    ) -> None:
        from gsmsend_cloud.http import Wire, quiet  # noqa: PLC0415 - needs a library that may not be there

        quiet(NAME)
        self._reach = values["reach"]
        super().__init__(Wire(self._reach, NAME), NAME, clock)
        self._address, self._memory = address, memory
        self._account, self._from, self._service = values["account"], values["from"], values["service"]
        self._by_key = bool(values["api_key"])
        self._ahead_s: tuple[float, float] | None = None
        word = "api_secret" if self._by_key else "auth_token"
        http = library("twilio.http.http_client", NAME).TwilioHttpClient(max_retries=0)
        http.session = self._wire
        self._api = rest.Client(
            values["api_key"] or self._account, secret(f"{where}.{word}", values[word]), self._account,
            values["region"] or None, http, {"none": "of this process's environment"}, values["edge"] or None,
        )  # fmt: skip
        if self._reach.url:
            self._api.api.base_url = self._reach.url

    def asked(self, ask: Callable[[], object]) -> Answer:
        """As of all clients; and what it says of Twilio's clock (Date, RFC 9110 6.6.1, whole seconds)."""
        begun_s = self._clock.monotonic()
        answer = super().asked(ask)
        said_s = date_s(answer.date)
        if said_s is not None:
            self._ahead_s = (said_s - self._clock.monotonic(), said_s + 1 - begun_s)
        return answer

    def bring_up(self) -> Facts:
        """Sign in. Raises GuardStop for a trial account, which adds words to each text; LinkLost."""
        notes: tuple[str, ...] = _NOTES
        try:
            if self._by_key:
                self.look()
            else:
                notes += self._whose()
        except Busy as busy:
            raise LinkLost(f"{LABEL} asks to be left alone for {busy.wait_s:g} seconds") from None
        sender = self._from or f"Messaging Service {self._service}"
        device = Device(
            NAME, self._address, manufacturer=LABEL, model=sender, virtual=self._reach.virtual,
            account=f"twilio {self._account} from {sender}",
        )  # fmt: skip
        return Facts(device, registration=Registration.HOME, operator=LABEL, notes=notes)

    def _whose(self) -> tuple[str, ...]:
        answer = self.asked(lambda: self._api.api.v2010.accounts(self._account).fetch())
        if not answer.good or answer.text("sid") != self._account:
            raise GuardStop(f"{LABEL} knows no account {self._account}", remedy=self.way_in)
        if answer.text("status") != "active":
            word = answer.text("status")[:20]
            raise GuardStop(f"{LABEL}: account {self._account} is {word}", remedy="See Twilio's console.")
        if answer.text("type") == "Trial":
            raise GuardStop(
                f"{LABEL}: account {self._account} is a trial account: it puts words of its own before each text "
                "and reaches only numbers verified in Twilio's console",
                remedy="Upgrade the account in Twilio's console.",
            )
        return ()

    def look(self) -> None:
        """Is it there? Raises LinkLost, GuardStop, Busy."""
        self._newest(1)

    def _newest(self, size: int) -> Answer:
        answer = self.asked(lambda: self._api.messages.page(page_size=size))
        if not answer.good:
            raise GuardStop(f"{LABEL} knows no account {self._account}", remedy=self.way_in)
        return answer

    def wire(self, submission: Submission) -> str:
        """Our name for the attempt, in a header, and the sender; empty if it is longer than Twilio takes."""
        if not submission.text.strip() or len(submission.text) > LONGEST:
            return ""
        return f"POST Messages.json X-Request-Id={submission.key} sender={self._from or self._service}"

    def send(self, submission: Submission) -> Outcome:
        """Hand one text over. Raises NeverLeft."""
        self.ready()
        more: dict[str, object] = {"from_": self._from} if self._from else {}
        more |= {"messaging_service_sid": self._service} if self._service else {}
        if submission.validity_s is not None:
            more["validity_period"] = int(min(max(submission.validity_s, 1), LONGEST_VALID_S))
        begun_s = self._clock.monotonic()
        try:
            answer = self.handed(
                submission.key,
                lambda: self._api.messages.create(
                    to=submission.destination,
                    body=submission.text,
                    smart_encoded=False,
                    shorten_urls=False,
                    **more,
                ),
            )
        except Doubt as doubt:
            return self._doubtful(submission, begun_s, doubt.outcome)
        if not answer.good:
            outcome = self._refused(answer)
        else:
            handle = answer.text("sid")
            if re.fullmatch(f"(SM|MM){_SID}", handle):
                self._memory.known.add(handle)
                self._as_approved(answer, submission.text)
                raw = told(sid=handle, status=_word(answer.text("status")), segments=answer.text("num_segments"))
                return Outcome(OutcomeKind.ACCEPTED, raw=raw, handle=handle)
            outcome = self.unreadable(answer)
        return self._doubtful(submission, begun_s, outcome) if outcome.kind is OutcomeKind.UNKNOWN else outcome

    def _doubtful(self, submission: Submission, begun_s: float, outcome: Outcome) -> Outcome:
        if self._ahead_s is not None:
            least_s, most_s = self._ahead_s
            self._memory.in_question[submission.key] = InQuestion(
                submission.destination, submission.text, begun_s + least_s - BEFORE_S,
                self._clock.monotonic() + most_s + AFTER_S,
            )  # fmt: skip
        return outcome

    def _as_approved(self, answer: Answer, text: str) -> None:
        if answer.text("body") != text:
            self.altered(
                "the text went out with other words than were approved",
                "See the settings of the Messaging Service.",
            )

    def _refused(self, answer: Answer) -> Outcome:
        code = answer.get("code")
        code = code if isinstance(code, int) else None
        row_code = code if code is not None else answer.status
        wait_s = answer.wait_s(self._clock.now(), RATE_WAIT_S) if answer.status == 429 else None
        raw = told(HTTP=answer.status, code=code)
        return self.table.outcome(row_code, http=answer.status, raw=raw, wait_s=wait_s)

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What became of these: where they are many, off its list of the newest. Raises LinkLost, Busy."""
        left = dict.fromkeys(handles)
        self._memory.known.update(left)
        pages = len(left) // PAGE + 2
        for handle, record in self._records(pages) if len(left) > FEW else ():
            if handle in left and record.get("status"):
                del left[handle]
                yield from self.worth(self._status(handle, Answer(200, record)))
            if not left:
                return
        for handle in left:
            answer = self.asked(partial(_fetched, self._api, handle))
            if answer.good and answer.text("sid") == handle and answer.text("status"):
                yield from self.worth(self._status(handle, answer))

    def _status(self, handle: str, answer: Answer) -> Status:
        said, code = _word(answer.text("status")), answer.get("error_code")
        code = code if isinstance(code, int) else None
        raw = told(sid=handle, status=said, error_code=code, date_updated=answer.text("date_updated"))
        why = f"{said} {code}" if code else said
        ended_s = date_s(answer.text("date_updated"))
        return Status(handle, self.table.tp(said, code), why, raw, ended_s, answer.text("to"))

    def lookup(self, key: str) -> Outcome | None:
        """The one record that can be this text's. That there is none proves nothing: Twilio does not promise
        that its list is ever complete. None once this program was started anew: a record bears no name of ours,
        and what tells it from that of an equal text is when it was made.
        """
        asked = self._memory.in_question.get(key)
        if asked is None or self._has_a_twin(asked):
            return None
        found = [sid for sid, message in self._records(PAGES, asked.from_s) if self._is_it(message, asked)]
        if len(set(found) - self._memory.known) != 1:
            return None
        (handle,) = set(found) - self._memory.known
        self._memory.known.add(handle)
        with suppress(KeyError):
            del self._memory.in_question[key]
        return Outcome(OutcomeKind.ACCEPTED, raw=told(sid=handle), handle=handle)

    def _has_a_twin(self, asked: InQuestion) -> bool:
        """Whether one record could be that of two texts in doubt."""
        alike = [one for one in self._memory.in_question.values() if (one.to, one.body) == (asked.to, asked.body)]
        return sum(one.from_s <= asked.to_s and asked.from_s <= one.to_s for one in alike) > 1

    def _records(self, pages: int, since_s: float = 0.0) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The account's newest messages, back to a moment; by page, as no number is to stand in an address."""
        ask = partial(self._api.messages.page, page_size=PAGE)
        for _ in range(pages):
            answer = self.asked(ask)
            listed = answer.get("messages")
            messages = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
            for message in messages:
                if isinstance(message.get("sid"), str):
                    yield message["sid"], message
            made_s = date_s(str(messages[-1].get("date_created"))) if messages else 0.0
            following = answer.text("next_page_uri")
            if not following.startswith("/2010-04-01/") or (made_s is not None and made_s < since_s):
                return
            ask = partial(self._api.messages.get_page, f"{self._api.api.base_url}{following}")

    def _is_it(self, message: Mapping[str, Any], asked: InQuestion) -> bool:
        made_s = date_s(str(message.get("date_created")))
        return (
            message.get("direction") == "outbound-api"
            and message.get("to") == asked.to
            and message.get("body") == asked.body
            and (not self._from or message.get("from") == self._from)
            and (not self._service or message.get("messaging_service_sid") == self._service)
            and made_s is not None
            and asked.from_s <= made_s <= asked.to_s
        )


def _agree(where: str, values: Mapping[str, Any]) -> None:
    """Raise ConfigError for keys of the table that cannot be kept to together."""
    by_key, by_token = values["api_key"] and values["api_secret"], values["auth_token"]
    if bool(by_key) == bool(by_token) or bool(values["api_key"]) != bool(values["api_secret"]):
        raise ConfigError(f"{where}: expected auth_token, or api_key with api_secret, and not both")
    if not values["from"] and not values["service"]:
        raise ConfigError(f"{where}: expected from (a number or name of the account) or service, or both")
    if values["edge"] and not values["region"]:
        raise ConfigError(f'{where}.edge: expected region with it, such as edge = "dublin" and region = "ie1"')


def _fetched(api: Any, handle: str) -> object:
    return api.messages(handle).fetch()


def _word(said: str) -> str:
    return said if re.fullmatch(r"[a-z_]{1,40}", said) else "(unreadable)"


DRIVER = TwilioDriver()
