"""The driver `vonage`: Vonage's SMS API, by its own client library. Address form `vonage`.

[driver.vonage]
key = "abcd1234"                          # the account's API key, which is its name and no secret
secret = "keyring:vonage/abcd1234"        # or "env:VONAGE_SECRET"
from = "Helpline"                         # a number or name that the account may send under
reports = true                            # ask the Reports API, which costs and must be open to the account

The SMS API itself tells what became of a text only by webhook. The Reports API can be asked: by message id for
reports, by time for a text whose answer was lost, which bears our reference there. Where the account may not ask
it, texts stay unconfirmed, unless the web console takes the webhooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gsmsend.contract import Clock, Submission, Traits
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Registration, ReportOutcome
from gsmsend.requesting import Busy, Client, Pulse, Status, secret
from gsmsend.sms import Encoding, Language, tp_status
from gsmsend_cloud import vonage_hook
from gsmsend_cloud.account import NOT_THE_LINE, CloudClient, CloudDriver, Doubt, told
from gsmsend_cloud.answers import Answer, iso_s
from gsmsend_cloud.settings import Key, flag, library, like, named, read, text

NAME = "vonage"
LABEL = "Vonage"
LONGEST = 1377
"""Characters of one text: nine parts of 153 septets."""
SHORTEST_TTL_S, LONGEST_TTL_S = 20, 604_800
"""SMS API, ttl."""
RATE_WAIT_S = 1.0
WINDOW_S = 86_400
"""The Reports API looks back so far at once (date_start and date_end)."""
PAGES = 20
PARTS = "+"
"""Vonage gives each part of a text an id of its own; the handle has all of them."""
_NOBODY = "0" * 16
_RECORDS = "/v2/reports/records"
_KEYS = {
    "key": Key(like("[0-9A-Za-z]{8}", "the account's API key: eight letters and digits")),
    "secret": Key(named),
    "from": Key(text("Helpline")),
    "reports": Key(flag, default=True),
}
_BY_HOOK_ONLY = (
    "delivery reports come by webhook only; without the console they stay unconfirmed ({why}), and a text whose "
    "answer was lost must be looked up in Vonage's dashboard"
)


class VonageDriver(CloudDriver):
    """Satisfies gsmsend.contract.Driver."""

    name, label = NAME, LABEL
    summary = "Vonage: an account's own number or name; delivery by asking its Reports API"
    traits = Traits(
        "cloud account", "asked for at Vonage's Reports API, where the account may", "",
        "the Reports API, by our reference, for a day; else a person",
    )  # fmt: skip
    pulse = Pulse(first_s=20.0, check_s=60.0, batch=10)

    received = staticmethod(vonage_hook.received)

    def values(self, where: str, table: Mapping[str, object]) -> dict[str, Any]:
        """What the table of one account says. Raises ConfigError."""
        return read(where, table, _KEYS)

    def client(self, address: str, where: str, table: Mapping[str, object], clock: Clock) -> Client:
        """The client of one account. Raises ConfigError, GuardStop, DriverError."""
        values = self.values(where, table)
        http, sms = library("vonage_http_client", NAME), library("vonage_sms", NAME)
        return VonageClient(address, where, values, clock, http, sms)


class VonageClient(CloudClient):
    """Satisfies gsmsend.requesting.Client."""

    label = LABEL
    way_in = "See the account's API key and secret in Vonage's dashboard."

    def __init__(
        self, address: str, where: str, values: dict[str, Any], clock: Clock, http: Any, sms: Any
    ) -> None:
        from gsmsend_cloud.http import Wire, quiet  # noqa: PLC0415 - needs a library that may not be there

        quiet(NAME)
        reach = self._reach = values["reach"]
        super().__init__(Wire(reach, NAME), NAME, clock)
        self._address, self._key, self._from, self._reports = (
            address,
            values["key"],
            values["from"],
            values["reports"],
        )
        hosts = (
            {"api_host": urlsplit(reach.url).netloc, "rest_host": urlsplit(reach.url).netloc} if reach.url else {}
        )
        # It posts again when the far end hangs up, as often as its pool is large; Wire's faults are none it knows.
        options = http.HttpClientOptions(max_retries=0, pool_maxsize=1, pool_connections=1, **hosts)
        self._http = http.HttpClient(
            http.Auth(api_key=self._key, api_secret=secret(f"{where}.secret", values["secret"])), options
        )
        self._http._session = self._wire  # noqa: SLF001 - it takes no session of others, and its own retries
        self._sms, self._message = sms.Sms(self._http), sms.SmsMessage

    def bring_up(self) -> Facts:
        """Read the credit, and try the Reports API. Raises GuardStop, LinkLost."""
        try:
            credit = self._balance()
            why = self._why_no_reports()
        except Busy as busy:
            raise LinkLost(f"{LABEL} asks to be left alone for {busy.wait_s:g} seconds") from None
        notes = [NOT_THE_LINE, f"credit left: {credit} EUR"]
        notes.append(_BY_HOOK_ONLY.format(why=why) if why else "asks the Reports API, which Vonage charges for")
        self._reports = not why
        device = Device(
            NAME, self._address, manufacturer=LABEL, model=self._from, virtual=self._reach.virtual,
            account=f"vonage {self._key} from {self._from}",
        )  # fmt: skip
        return Facts(
            device, registration=Registration.HOME, operator=LABEL, reports=self._reports, notes=tuple(notes)
        )

    def _balance(self) -> str:
        answer = self.asked(
            lambda: self._http.get(self._http.rest_host, "/account/get-balance", auth_type="basic")
        )
        value = answer.get("value")
        if not answer.good or isinstance(value, bool) or not isinstance(value, int | float):
            raise GuardStop(f"{LABEL} knows no account {self._key}", remedy=self.way_in)
        return f"{value:.2f}"

    def _why_no_reports(self) -> str:
        """Why the Reports API cannot be asked; empty if it can."""
        if not self._reports:
            return "gsmsend.toml has reports = false"
        try:
            answer = self._records(id=_NOBODY)
        except GuardStop:
            return "the account may not ask the Reports API"
        return "" if answer.good else f"the Reports API answered HTTP {answer.status}"

    def look(self) -> None:
        """Is it there? Raises LinkLost, GuardStop, Busy."""
        self._balance()

    def wire(self, submission: Submission) -> str:
        """Our reference and the sender; empty if it is longer than Vonage takes."""
        if not submission.text.strip() or len(submission.text) > LONGEST:
            return ""
        return f"POST /sms/json client-ref={_reference(submission.key, submission.total)} from={self._from}"

    def send(self, submission: Submission) -> Outcome:
        """Hand one text over. Raises NeverLeft."""
        self.ready()
        try:
            answer = self.handed(submission.key, lambda: self._sms.send(self._made(submission)))
        except Doubt as doubt:
            return doubt.outcome
        if not answer.good:
            return self._refused(None, answer)
        messages = answer.get("messages")
        listed = messages if isinstance(messages, list) else []
        statuses = [str(each.get("status")) if isinstance(each, dict) else "" for each in listed]
        if not statuses or not all(re.fullmatch("[0-9]{1,3}", each) for each in statuses):
            return self.unreadable(answer)
        bad = [int(each) for each in statuses if each != "0"]
        if len(bad) == len(statuses):
            return self._refused(bad[0], answer)
        if bad:
            taken = f"{len(statuses) - len(bad)} of {len(statuses)} parts"
            why = f"{LABEL} took {taken} of the text, and refused the others"
            return Outcome(OutcomeKind.UNKNOWN, code=bad[0], raw=told(statuses=",".join(statuses)), why=why)
        ids = [str(each.get("message-id")) for each in listed]
        if len(set(ids)) != len(ids) or not all(re.fullmatch("[0-9A-Za-z-]{8,40}", each) for each in ids):
            return self.unreadable(answer)
        handle = PARTS.join(ids)
        return Outcome(OutcomeKind.ACCEPTED, raw=told(message_id=handle), handle=handle)

    def _made(self, submission: Submission) -> Any:
        segment = submission.segment
        plain = segment.encoding is Encoding.GSM7
        plain = plain and segment.locking is Language.DEFAULT and segment.single is Language.DEFAULT
        ttl_s = submission.validity_s
        return self._message(
            to=submission.destination.removeprefix("+"), from_=self._from.removeprefix("+"), text=submission.text,
            type="text" if plain else "unicode", client_ref=_reference(submission.key, submission.total),
            ttl=None if ttl_s is None else int(min(max(ttl_s, SHORTEST_TTL_S), LONGEST_TTL_S)) * 1000,
        )  # fmt: skip

    def _refused(self, code: int | None, answer: Answer) -> Outcome:
        wait_s = None
        if code == 1 or answer.status == 429:
            wait_s = answer.wait_s(self._clock.now(), RATE_WAIT_S)
        raw = told(HTTP=answer.status, status=code)
        return self.table.outcome(code, http=answer.status, raw=raw, wait_s=wait_s)

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What became of these, by one request; delivered once all parts are. Raises LinkLost, Busy."""
        if not self._reports or not handles:
            return
        ids = [each for handle in handles for each in handle.split(PARTS)]
        answer = self._records(id=",".join(ids))
        records = {record["message_id"]: record for record in _listed(answer) if record.get("message_id") in ids}
        for handle in handles:
            parts = [records[each] for each in handle.split(PARTS) if each in records]
            whole = len(parts) == len(handle.split(PARTS))
            worst = max(parts, key=self._weight, default=None)
            if worst is not None and (whole or self._weight(worst)):
                yield from self.worth(self._status(handle, worst, len(parts)))

    def _weight(self, record: Mapping[str, Any]) -> int:
        """How much the word about one part says of the whole: one that failed most, then one still on its way."""
        outcome = tp_status(self._tp(record)).outcome
        return {ReportOutcome.UNDELIVERED: 2, ReportOutcome.PENDING: 1}.get(outcome, 0)

    def _status(self, handle: str, worst: Mapping[str, Any], known: int) -> Status:
        status = self._tp(worst)
        said, code = _word(worst.get("status")), _code(worst)
        ended_s = iso_s(str(worst.get("date_finalized") or ""))
        raw = told(message_id=handle, status=said, error_code=code, parts=known, date_finalized=iso_words(ended_s))
        said = f"{said} {code}" if code else said
        return Status(handle, status, said, raw, ended_s, f"{worst.get('to') or ''}")

    def _tp(self, record: Mapping[str, Any]) -> int:
        return self.table.tp(_word(record.get("status")), _code(record))

    def lookup(self, key: str) -> Outcome | None:
        """The records with our reference, of all its parts. That there is none proves nothing: Vonage does not
        say how soon a record is there.
        """
        if not self._reports:
            return None
        found: dict[str, int] = {}
        for record in self._newest():
            reference, _, total = str(record.get("client_ref") or "").partition("-")
            if reference == key and total.isdecimal() and record.get("message_id"):
                found[str(record["message_id"])] = int(total)
        if not found or set(found.values()) != {len(found)}:
            return None
        handle = PARTS.join(sorted(found))
        return Outcome(OutcomeKind.ACCEPTED, raw=told(message_id=handle), handle=handle)

    def _newest(self) -> Iterable[Mapping[str, Any]]:
        """What the account sent in the last day."""
        now_s = self._clock.now()
        window = {"date_start": iso_words(now_s - WINDOW_S), "date_end": iso_words(now_s)}
        following: dict[str, str] = {}
        for _ in range(PAGES):
            answer = self._records(**window, **following)
            yield from _listed(answer)
            link = parse_qs(urlsplit(answer.text("_links", "next", "href")).query)
            following = {name: link[name][0] for name in ("cursor", "iv") if name in link}
            if not following:
                return

    def _records(self, **which: str) -> Answer:
        params = {"account_id": self._key, "product": "SMS", "direction": "outbound", **which}
        return self.asked(lambda: self._http.get(self._http.api_host, _RECORDS, params, "basic", "query_params"))


def _reference(key: str, total: int) -> str:
    """Our reference: the attempt's key, and of how many parts its text is."""
    return f"{key}-{total}"


def _listed(answer: Answer) -> list[Mapping[str, Any]]:
    records = answer.get("records")
    if not answer.good or not isinstance(records, list):
        return []
    return [record for record in records if isinstance(record, dict)]


def _code(record: Mapping[str, Any]) -> int | None:
    found = str(record.get("error_code") or "")
    return int(found) if found.isdecimal() else None


def _word(said: object) -> str:
    return said if isinstance(said, str) and re.fullmatch(r"[a-z_]{1,40}", said) else "(unreadable)"


def iso_words(at_s: float | None) -> str:
    """A moment as the Reports API has it; empty for none."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at_s is not None else ""


DRIVER = VonageDriver()
