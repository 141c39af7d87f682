"""The shared suite over AWS: SMS voice v2 on a server that holds requests to AWS's model, SNS on moto's."""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import boto3  # type: ignore[import-untyped] # AWS ships no types
import pytest
from moto.server import ThreadedMotoServer
from moto.sns.models import sns_backends

from gsmsend.contract import Driver, Link, OpenOptions, Requesting, Sink
from gsmsend.errors import ConfigError, GuardStop, LinkLost, UsageError
from gsmsend.model import Facts, OutcomeKind, Refusal
from gsmsend.requesting import NeverLeft, Pulse
from gsmsend.testing.driver_bench import Traits
from gsmsend.testing.driver_suite import Bench, OnAir, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_cloud.aws import DRIVER, AwsDriver
from gsmsend_cloud.provider_table import Kind, provider_table
from tests.contract.aws_server import REGION, AwsServer
from tests.unit.cloud.connect_proxy import ConnectProxy

ERRORS: dict[int, tuple[int, str, dict[str, Any]]] = {
    400: (400, "ValidationException", {"Reason": "MAXIMUM_SIZE_EXCEEDED"}),
    403: (403, "AccessDeniedException", {"Reason": "ACCOUNT_DISABLED"}),
    409: (409, "ConflictException", {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}),
    429: (429, "ThrottlingException", {}),
    500: (500, "InternalServerException", {}),
}
REFUSALS = ((400, Refusal.MESSAGE), (403, Refusal.LINE), (409, Refusal.RECIPIENT), (429, Refusal.RETRY))


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Quick(AwsDriver):
    """Asks at once, as a test has no minutes."""

    pulse = Pulse(first_s=0.02, growth=1.0, check_s=0.05)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_TEST_SECRET", "s3cret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def linked(settings: dict[str, object], sink: Sink) -> Link:
    driver = Quick()
    return driver.open(driver.endpoint("aws"), sink, SystemClock(), OpenOptions(settings=settings))


class AwsBench:
    """Satisfies `driver_suite.Bench`."""

    two_step = False

    def __init__(self) -> None:
        self.server = AwsServer()

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        return linked(self.server.settings(read_seconds=submit_timeout_s), sink)

    def on_air(self) -> list[OnAir]:
        return [
            OnAir(
                each.parameters["DestinationPhoneNumber"],
                each.parameters["MessageBody"],
                wire=f"SendTextMessage Context.gsmsend={each.parameters['Context']['gsmsend']} sender=Helpline",
                handle=each.message_id,
            )
            for each in self.server.taken
        ]

    def refuse_next(self, code: int) -> None:
        self.server.faults.next_error = ERRORS[code]

    def refuse_next_early(self) -> None:
        raise NotImplementedError

    def silence_next(self) -> None:
        self.server.faults.next_silent = True

    def delay_next(self, seconds: float) -> None:
        raise NotImplementedError

    def send_report(self, part: OnAir, status: int = 0) -> None:
        asked = next(each for each in self.server.taken if each.message_id == part.handle)
        self.server.event(asked, "TEXT_TTL_EXPIRED" if status >= 0x40 else "TEXT_DELIVERED")

    def send_inbound(self, sender: str, text: str) -> None:
        raise NotImplementedError

    def held(self) -> object:
        return ()

    def swap_sim(self) -> None:
        self.server.account = "210987654321"

    def unplug(self) -> None:
        self.server.close()

    def dispose(self) -> None:
        self.server.close()
        assert not self.server.wrong, self.server.wrong


class TestVoice(RequestSuite):
    """All of the suite over SMS voice v2."""

    traits: ClassVar[Traits] = replace(REQUESTS, refusals=REFUSALS, unproven=500, lookup=True, swaps=True)

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = AwsBench()
        yield bench
        bench.dispose()


@pytest.fixture
def server() -> Iterator[AwsServer]:
    made = AwsServer()
    yield made
    made.close()
    assert not made.wrong, made.wrong


def opened(server: AwsServer, sink: Sink, **settings: object) -> Link:
    link = linked(server.settings(read_seconds=0.5, **settings), sink)
    link.bring_up()
    return link


def hear(link: Link, enough: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not enough() and time.monotonic() < end:
        link.listen(0.02)
    assert enough()


# --- who it is --------------------------------------------------------------------------------------------


def test_the_entry_point_is_a_driver_of_a_cloud() -> None:
    assert isinstance(DRIVER, Driver)
    assert DRIVER.endpoint("aws").cloud
    assert DRIVER.endpoint("aws:second").address == "aws:second"
    assert DRIVER.discover() == ()
    with pytest.raises(UsageError):
        DRIVER.endpoint("/dev/ttyUSB0")


def facts_of(server: AwsServer, **settings: object) -> Facts:
    return DRIVER.inspect(DRIVER.endpoint("aws"), OpenOptions(settings=server.settings(**settings)))


def test_the_account_is_named_and_a_simulator_is_virtual(server: AwsServer) -> None:
    facts = facts_of(server)
    assert facts.device.account == f"aws 123456789012 {REGION} sms-voice-v2 from Helpline"
    assert facts.device.virtual
    assert facts.reports


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"log_group": None}, "No log_group is set"),
        ({"log_group": "/sms/other"}, "no log group /sms/other"),
    ],
)
def test_where_no_reports_can_come_it_says_so(server: AwsServer, settings: dict[str, object], words: str) -> None:
    facts = facts_of(server, **settings)
    assert not facts.reports
    assert any(words in note for note in facts.notes)


def test_a_log_that_may_not_be_read_is_no_reason_not_to_send(server: AwsServer) -> None:
    server.faults.logs_error = 400, "AccessDeniedException"
    facts = facts_of(server)
    assert not facts.reports
    assert any("may not read" in note for note in facts.notes)


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken"])
def test_a_key_that_is_not_taken_stops_the_line(server: AwsServer, code: str) -> None:
    server.faults.sts_error = 403, code
    with pytest.raises(GuardStop, match=code) as stop:
        facts_of(server)
    assert "s3cret" not in stop.value.words


def test_nobody_there_is_a_lost_link(server: AwsServer) -> None:
    server.close()
    with pytest.raises(LinkLost, match="cannot be reached"):
        facts_of(server)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"region": None}, "region is missing"),
        ({"service": "sqs"}, 'expected "sms-voice-v2" or "sns"'),
        ({"profile": "work"}, "not both"),
        ({"secret_access_key": None}, "together"),
        ({"secret_access_key": "s3cret"}, "never stands in a config"),
        ({"configuration_set": None}, "configuration_set is missing"),
        ({"service": "sns"}, "SNS has none"),
        ({"url": "https://sms-voice.example.org"}, "on this machine"),
        ({"colour": "red"}, "colour is not known"),
    ],
)
def test_a_wrong_setting_is_named(server: AwsServer, settings: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        linked(server.settings(**settings), RecordingSink())
    assert "s3cret" not in error.value.words


def test_a_profile_that_is_not_there_is_named(server: AwsServer) -> None:
    settings = server.settings(profile="nobody", access_key_id=None, secret_access_key=None)
    with pytest.raises(GuardStop, match="nobody"):
        linked(settings, RecordingSink())


# --- texts ------------------------------------------------------------------------------------------------


def test_a_text_is_asked_for_as_the_model_has_it(server: AwsServer) -> None:
    link = opened(server, RecordingSink(), max_price="0.10")
    asked = replace(part(text="Help is there: caf\u00e9 \U0001f600"), validity_s=3600.0)
    assert link.submit(asked, lambda _raw: None).handle == "id-0001"
    assert server.taken[0].parameters == {
        "DestinationPhoneNumber": "+447700900123", "MessageBody": "Help is there: caf\u00e9 \U0001f600",
        "MessageType": "TRANSACTIONAL", "OriginationIdentity": "Helpline", "ConfigurationSetName": "gsmsend",
        "MaxPrice": "0.10", "TimeToLive": 3600, "Context": {"gsmsend": asked.key},
    }  # fmt: skip
    assert server.taken[0].header == asked.key
    link.close()


@pytest.mark.parametrize(
    ("code", "more", "refusal"),
    [
        ("ThrottlingException", {}, Refusal.RETRY),
        ("ServiceQuotaExceededException", {"Reason": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"}, Refusal.LINE),
        ("ConflictException", {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}, Refusal.RECIPIENT),
        ("ConflictException", {"Reason": "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"}, Refusal.LINE),
        ("ConflictException", {"Reason": "NO_ORIGINATION_IDENTITIES_FOUND"}, Refusal.LINE),
        ("ValidationException", {"Reason": "SENDER_ID_NOT_REGISTERED"}, Refusal.LINE),
        (
            "ValidationException",
            {
                "Reason": "FIELD_VALIDATION_FAILED",
                "Fields": [{"Name": "DestinationPhoneNumber", "Message": "+447700900123 is not valid"}],
            },
            Refusal.RECIPIENT,
        ),
        ("ValidationException", {"Reason": "CANNOT_PARSE"}, Refusal.LINE),
        ("ResourceNotFoundException", {"ResourceType": "configuration-set"}, Refusal.LINE),
        ("AccessDeniedException", {"Message": "not for +447700900123"}, Refusal.LINE),
        ("NobodyKnowsThisException", {"Message": "+447700900123: Help is there"}, None),
    ],
)
def test_errors_mean_what_their_code_and_reason_say(
    server: AwsServer, code: str, more: dict[str, Any], refusal: Refusal | None
) -> None:
    link = opened(server, RecordingSink())
    server.faults.next_error = 400, code, more
    outcome = link.submit(part(), lambda _raw: None)
    assert outcome.kind is (OutcomeKind.REFUSED if refusal else OutcomeKind.UNKNOWN)
    assert outcome.refusal is refusal
    assert (outcome.wait_s is not None) is (refusal is Refusal.RETRY)
    assert code in outcome.raw
    assert "900123" not in str(outcome)
    link.close()


@pytest.mark.parametrize(
    "answer", [(200, b"{}"), (200, b"<html>"), (200, b""), (302, b"{}"), (502, b"<html>Bad gateway</html>")]
)
def test_an_answer_that_cannot_be_read_leaves_it_in_doubt_and_it_is_sent_once(
    server: AwsServer, answer: tuple[int, bytes]
) -> None:
    link = opened(server, RecordingSink())
    server.faults.next_raw = answer
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.UNKNOWN
    assert len(server.taken) == 1
    link.close()


def test_an_error_of_aws_s_own_after_it_took_the_text_is_settled_by_the_log(server: AwsServer) -> None:
    link = opened(server, RecordingSink())
    server.faults.next_error, server.faults.after = ERRORS[500], True
    asked = part()
    assert link.submit(asked, lambda _raw: None).kind is OutcomeKind.UNKNOWN
    assert isinstance(link, Requesting)
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert (found.kind, found.handle, server.calls.count("SendTextMessage")) == (
        OutcomeKind.ACCEPTED,
        "id-0001",
        1,
    )
    link.close()


def test_without_a_log_nothing_is_settled(server: AwsServer) -> None:
    link = opened(server, RecordingSink(), log_group=None)
    server.faults.next_silent = True
    asked = part()
    assert link.submit(asked, lambda _raw: None).kind is OutcomeKind.UNKNOWN
    assert isinstance(link, Requesting)
    assert link.lookup(asked.key, 1) is None
    link.close()


def test_what_is_proven_not_to_have_left_is_refused(server: AwsServer) -> None:
    link = opened(server, RecordingSink())
    server.close()
    outcome = link.submit(part(), lambda _raw: None)
    assert (outcome.kind, outcome.refusal) == (OutcomeKind.REFUSED, Refusal.RETRY)
    with pytest.raises(LinkLost):
        link.listen(0.1)
    link.close()


def self_signed(tmp_path: Path) -> tuple[str, str]:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(cert), str(key)


def test_what_went_through_a_proxys_tunnel_is_in_doubt_when_the_far_end_hangs_up(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    server, proxy = AwsServer(certificate=(cert, key)), ConnectProxy()
    settings = server.settings(ca=cert, proxy=proxy.url)
    client = Quick()._client(DRIVER.endpoint("aws"), OpenOptions(settings=settings), SystemClock())
    server.faults.next_silent = True
    server.release()
    with pytest.raises(Exception, match="Failed to connect to proxy") as raised:
        client.send(part())
    assert not isinstance(raised.value, NeverLeft), "whatever botocore calls it"
    assert len(server.taken) == 1, "AWS has it"
    proxy.answer = b"HTTP/1.1 502 Bad Gateway\r\n\r\n"
    with pytest.raises(NeverLeft, match="cannot be reached"):
        client.send(part())
    assert len(server.taken) == 1
    client.close()
    proxy.close()
    server.close()


def test_a_certificate_of_nobody_gets_no_text(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    server = AwsServer(certificate=(cert, key))
    with pytest.raises(LinkLost, match="SSLError"):
        facts_of(server)
    client = Quick()._client(DRIVER.endpoint("aws"), OpenOptions(settings=server.settings()), SystemClock())
    with pytest.raises(NeverLeft, match="not trusted"):
        client.send(part())
    client.close()
    assert facts_of(server, ca=cert).device.virtual, "one that is trusted is taken"
    assert not server.taken
    server.close()


def test_a_profile_without_a_key_stops_the_line(
    server: AwsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(GuardStop, match="no key that can be used"):
        facts_of(server, profile="work", access_key_id=None, secret_access_key=None)
    (tmp_path / "none").write_text("[work]\naws_access_key_id = AKIA0000000000000000\naws_secret_access_key = s\n")
    facts = facts_of(server, profile="work", access_key_id=None, secret_access_key=None)
    assert facts.device.account.startswith("aws 123456789012")


def test_nothing_of_the_environment_is_used_unasked(server: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA9999999999999999")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    link = opened(server, RecordingSink())
    server.faults.next_error = ERRORS[500]
    link.submit(part(), lambda _raw: None)
    assert server.calls.count("SendTextMessage") == 1
    assert set(server.keys) == {"AKIA0000000000000000"}
    link.close()


# --- reports ----------------------------------------------------------------------------------------------


def test_what_is_not_the_end_is_asked_about_again(server: AwsServer) -> None:
    sink = RecordingSink()
    link = opened(server, sink)
    link.submit(part(), lambda _raw: None)
    server.event(server.taken[0], "TEXT_SUCCESSFUL", final=False)
    hear(link, lambda: any(report.said == "TEXT_SUCCESSFUL" for report in sink.reports))
    server.event(server.taken[0], "TEXT_DELIVERED")
    hear(link, lambda: sink.reports[-1].said == "TEXT_DELIVERED")
    assert [report.status for report in sink.reports][-2:] == [0x30, 0x00]
    assert sink.reports[-1].recipient == "+447700900123"
    link.close()


EVENTS = [row.said for row in provider_table("aws").rows if row.said.startswith("TEXT_")]


@pytest.mark.parametrize("kind", [word for word in EVENTS if word != "TEXT_QUEUED"])
def test_each_event_has_its_status(server: AwsServer, kind: str) -> None:
    sink = RecordingSink()
    link = opened(server, sink)
    link.submit(part(), lambda _raw: None)
    server.event(server.taken[0], kind)
    hear(link, lambda: any(report.said == kind for report in sink.reports))
    assert sink.reports[-1].status == provider_table("aws").tp(kind)
    link.close()


def test_a_log_with_other_things_in_it_is_read_past(server: AwsServer) -> None:
    sink = RecordingSink()
    link = opened(server, sink)
    link.submit(part(), lambda _raw: None)
    now_ms = int(time.time() * 1000)
    for words in ("not JSON", "[1]", "{}", '{"messageId": 7, "eventType": null}', '{"delivery": 3}'):
        server.events.append({"timestamp": now_ms, "message": words, "eventId": "x"})
    server.event(server.taken[0], "TEXT_DELIVERED")
    hear(link, lambda: any(report.status == 0 for report in sink.reports))
    link.close()


def test_a_long_log_is_read_to_its_end_a_stretch_at_a_time(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsmsend_cloud.aws_events._PAGES", 3)  # of two events each
    sink = RecordingSink()
    link = opened(server, sink)
    link.submit(part(), lambda _raw: None)
    for _ in range(12):
        server.event(server.taken[0], "TEXT_PENDING", final=False)
    server.event(server.taken[0], "TEXT_DELIVERED")
    hear(link, lambda: any(report.said == "TEXT_DELIVERED" for report in sink.reports))
    link.close()


def test_a_log_that_asks_to_wait_is_left_alone(server: AwsServer) -> None:
    sink = RecordingSink()
    link = opened(server, sink)
    link.submit(part(), lambda _raw: None)
    server.faults.logs_error = 400, "ThrottlingException"
    link.listen(0.2)
    assert server.calls.count("FilterLogEvents") == 2, "once when it came up, and once more"
    link.close()


def test_nothing_that_is_said_or_logged_names_a_person_or_the_key(
    server: AwsServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        link = opened(server, RecordingSink())
        told = [str(link.submit(part(), lambda _raw: None))]
        for error in ERRORS.values():
            server.faults.next_error = error[0], error[1], {**error[2], "Message": "+447700900123: Help is there"}
            told.append(str(link.submit(part(), lambda _raw: None)))
        server.close()
        told.append(str(link.submit(part(), lambda _raw: None)))
        with pytest.raises(LinkLost) as lost:
            link.listen(0.5)
        link.close()
    for words in (*told, lost.value.words, caplog.text):
        assert not any(secret in words for secret in ("7700900123", "Help is there", "s3cret"))


# --- SNS, on moto -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _host, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def by_hand(moto: str, service: str) -> Any:
    return boto3.Session("AKIA0000000000000000", "s3cret", region_name=REGION).client(service, endpoint_url=moto)


def on_sns(moto: str, **more: object) -> dict[str, object]:
    base = {
        "service": "sns", "region": REGION, "access_key_id": "AKIA0000000000000000", "sender": "Helpline",
        "secret_access_key": "env:AWS_TEST_SECRET", "log_group": "auto", "url": moto,
    }  # fmt: skip
    return {key: value for key, value in {**base, **more}.items() if value is not None}


def test_sns_takes_a_text_and_its_log_tells_what_became_of_it(moto: str) -> None:
    place = f"sns/{REGION}/123456789012/DirectPublishToPhoneNumber"
    logs = by_hand(moto, "logs")
    for group in (place, f"{place}/Failure"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    sink = RecordingSink()
    link = linked(on_sns(moto), sink)
    facts = link.bring_up()
    assert facts.device.account == f"aws 123456789012 {REGION} sns from Helpline"
    assert facts.reports
    handles = [link.submit(part(f"+44770090012{number}"), lambda _raw: None).handle for number in range(3)]
    sent = sns_backends["123456789012"][REGION].sms_messages
    assert [sent[handle][:2] for handle in handles] == [
        (f"+44770090012{number}", "Help is there") for number in range(3)
    ]
    words = (
        ("SUCCESS", "Message has been accepted by phone", place),
        ("SUCCESS", "Message has been accepted by phone carrier", place),
        ("FAILURE", "Phone number is opted out", f"{place}/Failure"),
    )
    for handle, (status, response, group) in zip(handles, words, strict=True):
        told = {
            "notification": {"messageId": handle, "timestamp": "2026-11-22 00:40:34.558"}, "status": status,
            "delivery": {"destination": "+447700900123", "providerResponse": response, "smsType": "Transactional"},
        }  # fmt: skip
        event = {"timestamp": int(time.time() * 1000), "message": json.dumps(told)}
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    hear(link, lambda: len(sink.reports) == 3)
    assert {report.handle: report.status for report in sink.reports} == dict(
        zip(handles, (0x00, 0x01, 0x51), strict=True)
    )
    link.close()


def test_sns_takes_sender_kind_and_price(moto: str) -> None:
    link = linked(on_sns(moto, log_group=None, max_price="0.10"), RecordingSink())
    link.bring_up()
    attributes: dict[str, Any] = {}
    client = link._client._api  # type: ignore[attr-defined]
    client.meta.events.register("provide-client-params.sns.Publish", lambda params, **_: attributes.update(params))
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.ACCEPTED
    found = {name: one["StringValue"] for name, one in attributes["MessageAttributes"].items()}
    assert found == {
        "AWS.SNS.SMS.SMSType": "Transactional", "AWS.SNS.SMS.SenderID": "Helpline", "AWS.SNS.SMS.MaxPrice": "0.10",
    }  # fmt: skip
    link.close()


def test_sns_has_no_record_that_could_be_asked_by_our_key(moto: str) -> None:
    link = linked(on_sns(moto), RecordingSink())
    facts = link.bring_up()
    assert any("SNS keeps no reference of ours" in note for note in facts.notes)
    asked = part()
    link.submit(asked, lambda _raw: None)
    assert isinstance(link, Requesting)
    assert link.lookup(asked.key, 1) is None
    link.close()


def test_sns_refuses_a_number_that_is_none(moto: str) -> None:
    link = linked(on_sns(moto), RecordingSink())
    link.bring_up()
    outcome = link.submit(part("07700900123"), lambda _raw: None)
    assert (outcome.kind, outcome.refusal) == (OutcomeKind.REFUSED, Refusal.RECIPIENT)
    link.close()


def test_each_row_of_the_table_is_reached() -> None:
    table = provider_table("aws")
    for row in table.rows:
        if row.kind is Kind.ANSWER:
            words = " ".join(row.said.split("+"))
            assert table.answer(None, words, http=400) is row, f"hidden by an earlier one: {row.said}"
        else:
            assert table.tp(row.said) == row.tp
        assert row.words
        assert row.source
    assert table.answer(None, "", http=500).refusal is None
