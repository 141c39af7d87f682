"""Notifications of SNS: taken only if AWS signed them, for this topic, now."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from gsmsend.model import Inbound, Report
from gsmsend_cloud.aws_hook import confirmation, received
from gsmsend_cloud.hooks import NotGenuine

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-2:123456789012:texts"
WHERE = "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0123abcd.pem"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
Fields = dict[str, Any]


def certificate(*, ended: bool = False) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=9))
        .not_valid_after(NOW + timedelta(days=-1 if ended else 9))
        .sign(KEY, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


PEM = certificate()
EVENT = {
    "eventType": "TEXT_DELIVERED", "eventTimestamp": 1795348800000, "isFinal": True, "messageId": "id-1",
    "destinationPhoneNumber": "+447700900123", "context": {"gsmsend": "a" * 32},
}  # fmt: skip


def notification(message: object, **more: str) -> Fields:
    return {
        "Type": "Notification", "MessageId": "n-1", "TopicArn": TOPIC, "Message": json.dumps(message),
        "Timestamp": "2026-11-22T11:59:58.123Z", "SignatureVersion": "2", "SigningCertURL": WHERE, **more,
    }  # fmt: skip


def signed(fields: Fields) -> bytes:
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    words = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    mark = KEY.sign(words.encode(), padding.PKCS1v15(), hashes.SHA256())
    return json.dumps({**fields, "Signature": base64.b64encode(mark).decode()}).encode()


def take(body: bytes, pem: bytes = PEM, now: datetime = NOW) -> list[Report | Inbound]:
    return received({}, body, "https://here/aws", TOPIC, now.timestamp(), certificate=lambda _where: pem)


def test_an_event_is_a_report() -> None:
    (report,) = take(signed(notification(EVENT, Subject="texts")))
    assert isinstance(report, Report)
    assert (report.handle, report.status, report.said, report.recipient) == (
        "id-1",
        0,
        "TEXT_DELIVERED",
        "+447700900123",
    )
    assert report.discharged_at_s == 1795348800
    assert "900123" not in report.raw


def test_an_incoming_text_is_told() -> None:
    message = {"originationNumber": "+447700900123", "messageBody": "Thank you", "inboundMessageId": "i-1"}
    (text,) = take(signed(notification(message)))
    assert isinstance(text, Inbound)
    assert (text.sender, text.text, text.raw) == ("+447700900123", "Thank you", "inboundMessageId=i-1")


@pytest.mark.parametrize("message", [{}, {"eventType": 7}, {"eventType": "TEXT_DELIVERED"}])
def test_what_is_about_no_text_is_nothing(message: Fields) -> None:
    assert take(signed(notification(message))) == []


def changed(**more: str) -> Callable[[Fields], Fields]:
    return lambda fields: {**fields, **more}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(TopicArn=TOPIC + "2"), "another topic"),
        (changed(SignatureVersion="1"), "version 2"),
        (changed(SigningCertURL=WHERE.replace("amazonaws", "example")), "at AWS's address"),
        (changed(SigningCertURL=WHERE.replace("eu-west-2", "eu-west-1")), "at AWS's address"),
        (changed(SigningCertURL=WHERE.replace("https", "http")), "at AWS's address"),
        (changed(SigningCertURL=WHERE + "?x=.pem"), "at AWS's address"),
        (changed(Timestamp="2026-11-22T10:59:59.000Z"), "an old one"),
        (changed(Timestamp="2026-11-22T13:00:01.000Z"), "an old one"),
        (changed(Timestamp="yesterday"), "when it was made"),
        (changed(Type="UnsubscribeConfirmation"), "not what AWS sends"),
        (changed(Message="no JSON"), "not what AWS sends"),
        (changed(Message='{"messageBody": 7}'), "not what AWS sends"),
    ],
)
def test_what_is_not_genuine_is_refused(change: Callable[[Fields], Fields], words: str) -> None:
    with pytest.raises(NotGenuine, match=words) as error:
        take(signed(change(notification(EVENT))))
    assert "900123" not in error.value.words


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "Type", "TopicArn"])
def test_what_was_changed_after_it_was_signed_is_refused(name: str) -> None:
    fields = json.loads(signed(notification(EVENT)))
    fields[name] += " "
    with pytest.raises(NotGenuine):
        take(json.dumps(fields).encode())


@pytest.mark.parametrize("pem", [certificate(ended=True), b"", b"-----BEGIN CERTIFICATE-----\nAA==\n"])
def test_a_certificate_that_proves_nothing_is_refused(pem: bytes) -> None:
    with pytest.raises(NotGenuine, match="signature"):
        take(signed(notification(EVENT)), pem)


def test_a_subscription_is_confirmed_at_aws_only() -> None:
    fields = {**notification("x"), "Type": "SubscriptionConfirmation", "Token": "t"}
    right = {**fields, "SubscribeURL": "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription"}
    assert take(signed(right)) == []
    found = confirmation(signed(right), TOPIC, NOW.timestamp(), certificate=lambda _where: PEM)
    assert found == right["SubscribeURL"]
    wrong = signed({**fields, "SubscribeURL": "https://sns.eu-west-2.amazonaws.com.example.org/"})
    with pytest.raises(NotGenuine):
        confirmation(wrong, TOPIC, NOW.timestamp(), certificate=lambda _where: PEM)


@given(
    st.binary(max_size=300) | st.dictionaries(st.text(), st.text()).map(lambda found: json.dumps(found).encode())
)
def test_any_octets_are_refused(body: bytes) -> None:
    with pytest.raises(NotGenuine):
        take(body)
