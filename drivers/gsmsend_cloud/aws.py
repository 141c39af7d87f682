"""The driver `aws`: AWS End User Messaging SMS, or SNS, by boto3. Address form `aws`.

[driver.aws]
service = "sms-voice-v2"                 # or "sns"
region = "eu-west-2"
profile = "gsmsend"                      # or access_key_id = "AK..." with secret_access_key = "keyring:..."
sender = "Helpline"                      # sender id, number, or the id of a pool of the account
configuration_set = "gsmsend"            # sms-voice-v2: whose events go to the log group
log_group = "/sms/gsmsend"               # CloudWatch Logs; none: no delivery reports
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gsmsend.contract import Clock, OpenOptions, Submission, Traits
from gsmsend.contract import Endpoint as _Endpoint
from gsmsend.errors import ConfigError, GuardStop, LinkLost
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Registration
from gsmsend.requesting import Busy, Client, Heard, NeverLeft, Pulse, Status
from gsmsend_cloud.account import NOT_THE_LINE, CloudDriver, told
from gsmsend_cloud.aws_calls import LABEL, Calls
from gsmsend_cloud.aws_events import CONTEXT, EventLog
from gsmsend_cloud.provider_table import provider_table
from gsmsend_cloud.settings import Key, like, named, own, read, text

NAME = "aws"
VOICE, SNS = "sms-voice-v2", "sns"
LONGEST = 1600
"""Characters of one text (SendTextMessage, MessageBody; SNS cuts at 1600 too)."""
TTL_S = (5, 259_200)
"""SendTextMessage, TimeToLive."""
AUTO = "auto"
_KEYS = {
    "service": Key(like(f"{VOICE}|{SNS}", f'"{VOICE}" or "{SNS}"'), VOICE),
    "region": Key(like(r"[a-z]{2}(-[a-z]+)+-\d", 'a region such as "eu-west-2"')),
    "profile": Key(text("gsmsend"), ""),
    "access_key_id": Key(like(r"[A-Z0-9]{16,128}", "the key's id: AK and capital letters and digits"), ""),
    "secret_access_key": Key(named, None),
    "sender": Key(like(r"[A-Za-z0-9_:/+-]{1,256}", 'a sender id, number or pool, such as "Helpline"'), ""),
    "configuration_set": Key(like(r"[A-Za-z0-9_:/-]{1,256}", "the name of a configuration set"), ""),
    "log_group": Key(like(r"[A-Za-z0-9_/.#-]{1,512}", "the name of a log group of CloudWatch Logs"), ""),
    "max_price": Key(
        like(r"\d{0,2}\.\d{1,5}", 'the most that a part may cost, in US dollars, such as "0.10"'), ""
    ),
}


class AwsDriver(CloudDriver):
    """Satisfies gsmsend.contract.Driver."""

    name, label = NAME, LABEL
    summary = "AWS End User Messaging SMS, or SNS: an account's own sender; delivery by its log"
    pulse = Pulse(first_s=5.0, check_s=300.0)
    traits = Traits(
        kind="cloud account",
        reports="from CloudWatch Logs, where log_group is set",
        unknown="by the log, with sms-voice-v2 and a log_group; else only by a person",
    )

    def _client(self, endpoint: _Endpoint, options: OpenOptions, clock: Clock) -> Client:
        where, table = own(self.name, endpoint.address, options.settings)
        return self.client(endpoint.address, where, table, clock)

    def values(self, where: str, table: Mapping[str, object]) -> dict[str, Any]:
        """What the table of one account says. Raises ConfigError."""
        values = read(where, table, _KEYS)
        _agree(where, values)
        return values

    def client(self, address: str, where: str, table: Mapping[str, object], clock: Clock) -> Client:
        """The client of one account. Raises ConfigError, GuardStop, DriverError."""
        values = self.values(where, table)
        return AwsClient(address, values, Calls(where, values), clock)


class AwsClient:
    """Satisfies gsmsend.requesting.Client."""

    def __init__(self, address: str, values: dict[str, Any], calls: Calls, clock: Clock) -> None:
        self._address, self._values, self._calls, self._clock = address, values, calls, clock
        self._table = provider_table(NAME)
        self._service: str = values["service"]
        self._sender: str = values["sender"]
        self._identity = calls.client("sts")
        self._voice = self._service == VOICE
        self._api = calls.client("pinpoint-sms-voice-v2" if self._voice else "sns")
        self._attempt = ""
        self._api.meta.events.register("before-call", self._name_attempt)
        self._account = ""
        self._stop: GuardStop | None = None
        self._events = EventLog(calls, (), self._table, clock)

    def bring_up(self) -> Facts:
        """Whose key it is, and whether its log is there. Raises GuardStop, LinkLost."""
        notes = [NOT_THE_LINE]
        try:
            self._account = self._whose()
            self._events = EventLog(self._calls, self._groups(), self._table, self._clock)
            missing, shut = self._found_groups()
        except Busy as busy:
            raise LinkLost(f"{LABEL} asks to be left alone for {busy.wait_s:g} seconds") from None
        notes += [f"The key may not read log group {group}: no delivery reports." for group in shut]
        notes += [f"There is no log group {group} (yet): no delivery reports." for group in missing]
        if not self._groups():
            notes.append("No log_group is set: no delivery reports; what is in doubt waits for a person.")
        elif not self._voice:
            notes.append("SNS keeps no reference of ours: what was in doubt stays so until a person decides.")
        name = self._name(self._account)
        device = Device(
            NAME, self._address, manufacturer=LABEL, model=self._service, virtual=self._values["reach"].virtual,
            account=name,
        )  # fmt: skip
        reports = len(missing) + len(shut) < len(self._groups())
        return Facts(device, registration=Registration.HOME, operator=LABEL, reports=reports, notes=tuple(notes))

    def _name(self, account: str) -> str:
        sender = self._sender or "a sender that AWS chooses"
        return f"aws {account} {self._values['region']} {self._service} from {sender}"

    def _whose(self) -> str:
        answer = self._calls.ask(self._identity.get_caller_identity) or {}
        return str(answer.get("Account", ""))

    def _found_groups(self) -> tuple[Sequence[str], Sequence[str]]:
        """Log groups that are not there, and those that the key may not read. Raises LinkLost, Busy."""
        try:
            return self._events.missing(), ()
        except GuardStop:
            return (), self._groups()

    def _groups(self) -> Sequence[str]:
        group = self._values["log_group"]
        if group != AUTO:
            return (group,) if group else ()
        place = f"sns/{self._values['region']}/{self._account}/DirectPublishToPhoneNumber"
        return place, f"{place}/Failure"

    def wire(self, submission: Submission) -> str:
        """Our name for the attempt, where it is put, and the sender; empty if it is longer than AWS takes."""
        if not submission.text.strip() or len(submission.text) > LONGEST:
            return ""
        call = f"SendTextMessage Context.{CONTEXT}" if self._voice else "Publish X-Request-Id"
        return f"{call}={submission.key} sender={self._sender or '(by AWS)'}"

    def send(self, submission: Submission) -> Outcome:
        """Hand one text over. Raises NeverLeft."""
        if self._stop is not None:
            raise NeverLeft(str(self._stop))
        self._attempt = submission.key
        try:
            if self._voice:
                call, asked = self._api.send_text_message, self._of_voice(submission)
            else:
                call, asked = self._api.publish, self._of_sns(submission)
            answer = self._calls.hand_over(self._table, call, **asked)
        finally:
            self._attempt = ""
        if isinstance(answer, Outcome):
            return answer
        handle = answer.get("MessageId")
        if not isinstance(handle, str) or not handle:
            why = f"{LABEL} took the request, and its answer cannot be read; it may have gone out"
            return Outcome(OutcomeKind.UNKNOWN, raw="no MessageId", why=why)
        request = answer.get("ResponseMetadata", {}).get("RequestId", "")
        return Outcome(OutcomeKind.ACCEPTED, handle=handle, raw=told(MessageId=handle, RequestId=request))

    def _of_voice(self, submission: Submission) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "DestinationPhoneNumber": submission.destination, "MessageBody": submission.text,
            "MessageType": "TRANSACTIONAL", "Context": {CONTEXT: submission.key},
        }  # fmt: skip
        if self._sender:
            asked["OriginationIdentity"] = self._sender
        if self._values["configuration_set"]:
            asked["ConfigurationSetName"] = self._values["configuration_set"]
        if self._values["max_price"]:
            asked["MaxPrice"] = self._values["max_price"]
        if submission.validity_s is not None:
            asked["TimeToLive"] = int(min(max(submission.validity_s, TTL_S[0]), TTL_S[1]))
        return asked

    def _of_sns(self, submission: Submission) -> dict[str, Any]:
        words = {"AWS.SNS.SMS.SMSType": "Transactional"}
        if self._sender:
            number = self._sender.startswith("+")
            words["AWS.MM.SMS.OriginationNumber" if number else "AWS.SNS.SMS.SenderID"] = self._sender
        if self._values["max_price"]:
            words["AWS.SNS.SMS.MaxPrice"] = self._values["max_price"]
        attributes = {
            name: {"DataType": "Number" if name.endswith("MaxPrice") else "String", "StringValue": value}
            for name, value in words.items()
        }
        return {
            "PhoneNumber": submission.destination, "Message": submission.text, "MessageAttributes": attributes,
        }  # fmt: skip

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """What the log says of these. Raises LinkLost, Busy."""
        self._look()
        return [status for status in map(self._events.status, handles) if status is not None]

    def lookup(self, key: str) -> Outcome | None:
        """The text that an event names by our key; with SNS, or without a log, there is none. Raises LinkLost."""
        self._look()
        handle = self._events.handle(key)
        return Outcome(OutcomeKind.ACCEPTED, handle=handle, raw=told(MessageId=handle)) if handle else None

    def _look(self) -> None:
        try:
            self._events.look()
        except GuardStop as stop:  # of the log alone: texts may still be taken, `check` asks about the key itself
            raise Busy(60.0) from stop

    def hear(self, timeout_s: float) -> Iterable[Heard] | None:  # noqa: ARG002 - nothing ever comes unasked
        """Nothing comes unasked."""
        return None

    def check(self) -> None:
        """Is the key still taken, and the same account's? Raises LinkLost, GuardStop."""
        if self._stop is not None:
            raise self._stop
        try:
            found = self._whose()
        except Busy:
            return
        if found != self._account:
            self._stop = GuardStop(
                f"{self._address} is {self._name(found)} now; expected {self._name(self._account)}",
                remedy="Set the right key, or start again if it is meant to be another account.",
            )
            raise self._stop

    def wake(self) -> None:
        """There is nothing to wake."""

    def close(self) -> None:
        """Hang up."""
        for client in (self._api, self._identity):
            client.close()
        self._events.close()

    def _name_attempt(self, params: dict[str, Any], **_more: object) -> None:
        if self._attempt:
            params["headers"]["X-Request-Id"] = self._attempt


def _agree(where: str, values: Mapping[str, Any]) -> None:
    by_key = bool(values["access_key_id"])
    if by_key == bool(values["profile"]):
        raise ConfigError(f"{where}: expected profile, or access_key_id with secret_access_key, and not both")
    if by_key != (values["secret_access_key"] is not None):
        raise ConfigError(f"{where}: expected access_key_id and secret_access_key together, or neither")
    if values["service"] == SNS and values["configuration_set"]:
        raise ConfigError(f"{where}.configuration_set: SNS has none; take it out, or set service = {VOICE!r}")
    if values["service"] == VOICE and values["log_group"] == AUTO:
        raise ConfigError(
            f'{where}.log_group = "{AUTO}": expected the name of the log group that events of the configuration '
            f'set go to; "{AUTO}" is for service = "{SNS}"'
        )
    if values["service"] == VOICE and values["log_group"] and not values["configuration_set"]:
        raise ConfigError(
            f"{where}.configuration_set is missing: expected the one whose events go to {values['log_group']}"
        )


DRIVER = AwsDriver()
