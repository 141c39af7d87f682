"""Webhooks of AWS: events of SMS voice v2 and incoming texts, brought by a topic of SNS over HTTPS.

SNS signs each with a certificate that it names ("Verifying the signatures of Amazon SNS messages"). Taken
are version 2 (RSA, SHA-256), which is an attribute of the topic, and certificates at SNS's own address in that
region; the SHA-1 of version 1 is not. `certificate` fetches one, over HTTPS, and may keep it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from gsmsend.model import Inbound, Report
from gsmsend_cloud.account import told
from gsmsend_cloud.aws_events import event_status
from gsmsend_cloud.hooks import NotGenuine, fresh, json_of, require, same
from gsmsend_cloud.provider_table import provider_table

STALE_S = 3600.0
"""SNS tries again for so long what was not taken; the store takes the very same report once."""
_NOT_OURS = "it is not what AWS sends"
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
_ARN = re.compile(r"arn:aws:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}")


def received(
    headers: Mapping[str, str],  # noqa: ARG001 - SNS signs the body alone
    body: bytes,
    url: str,  # noqa: ARG001 - as above
    secret: str,
    now_s: float,
    *,
    certificate: Callable[[str], bytes],
) -> list[Report | Inbound]:
    """What one request brings; `secret` is the topic's ARN, the only one that is listened to. Raises NotGenuine.

    Nothing for a SubscriptionConfirmation: `confirmation` gives the address that a person may have asked.
    """
    fields = _genuine(body, secret, now_s, certificate)
    if fields["Type"] != "Notification":
        return []
    try:
        event = json.loads(fields["Message"])
    except (ValueError, RecursionError):
        event = None
    require(isinstance(event, dict), _NOT_OURS)
    if "eventType" in event:
        return _report(event)
    if "messageBody" in event:
        return _text(event)
    return []


def confirmation(body: bytes, secret: str, now_s: float, *, certificate: Callable[[str], bytes]) -> str:
    """The address by which the topic is told that its subscription is wanted. Raises NotGenuine."""
    fields = _genuine(body, secret, now_s, certificate)
    require(fields["Type"] == "SubscriptionConfirmation", _NOT_OURS)
    address = fields["SubscribeURL"]
    require(address.startswith(f"https://sns.{_region(secret)}.amazonaws.com/"), _NOT_OURS)
    return address


def _genuine(body: bytes, topic: str, now_s: float, certificate: Callable[[str], bytes]) -> dict[str, str]:
    require(_ARN.fullmatch(topic), "there is no topic to check it by")
    fields = {name: value for name, value in json_of(body).items() if isinstance(value, str)}
    names = _SIGNED.get(fields.get("Type", ""))
    if names is None:
        raise NotGenuine(f"a webhook was refused: {_NOT_OURS}")
    require(all(name in fields for name in names if name != "Subject"), _NOT_OURS)
    require(same(fields["TopicArn"], topic), "it is of another topic")
    require(
        fields.get("SignatureVersion") == "2", "it is not signed by version 2: set SignatureVersion of the topic"
    )
    address = fields.get("SigningCertURL", "")
    place = rf"https://sns\.{re.escape(_region(topic))}\.amazonaws\.com/SimpleNotificationService-[0-9a-f]+\.pem"
    require(re.fullmatch(place, address), "its certificate is not at AWS's address")
    signed = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    require(
        _signed_by(certificate(address), fields.get("Signature", ""), signed, now_s), "its signature is not AWS's"
    )
    fresh(_at_s(fields["Timestamp"]), now_s, STALE_S)
    return fields


def _signed_by(pem: bytes, signature: str, signed: str, now_s: float) -> bool:
    try:
        found = x509.load_pem_x509_certificate(pem)
        key, octets = found.public_key(), base64.b64decode(signature, validate=True)
        now = datetime.fromtimestamp(now_s, UTC)
        if (
            not isinstance(key, rsa.RSAPublicKey)
            or not found.not_valid_before_utc <= now <= found.not_valid_after_utc
        ):
            return False
        key.verify(octets, signed.encode("utf-8", "surrogatepass"), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True


def _region(topic: str) -> str:
    return topic.split(":")[3]


def _report(event: dict[str, Any]) -> list[Report | Inbound]:
    status = event_status(event, provider_table("aws"), _number_s(event.get("eventTimestamp")), "webhook")
    if status is None:
        return []
    return [
        Report(
            None, status.recipient, status.status, discharged_at_s=status.discharged_at_s, raw=status.raw,
            how=status.how, handle=status.handle, said=status.said,
        )
    ]  # fmt: skip


def _text(event: dict[str, Any]) -> list[Report | Inbound]:
    sender, words, name = (event.get(key) for key in ("originationNumber", "messageBody", "inboundMessageId"))
    if not isinstance(sender, str) or not isinstance(words, str) or not isinstance(name, str):
        raise NotGenuine(f"a webhook was refused: {_NOT_OURS}")
    return [Inbound(sender, words, raw=told(inboundMessageId=name), how="webhook")]


def _number_s(value: object) -> float | None:
    return value / 1000 if isinstance(value, int) and 0 < value < 1e14 else None


def _at_s(when: str) -> float | None:
    try:
        return datetime.strptime(when, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
