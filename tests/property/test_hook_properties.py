"""Webhooks stand open to the network: whatever comes is refused in one way, and takes nothing down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.model import Inbound, Report
from gsmsend_cloud import notify_hook, twilio_hook, vonage_hook
from gsmsend_cloud.hooks import NotGenuine

URL = "https://bench.example.org/hook"
SECRET = "a-secret-that-is-agreed-with-the-provider"  # noqa: S105 - of nobody
NOW_S = 1_772_359_200.0
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["id", "status", "to", "completed_at", "notification_type", "source_number", "message", "date_received",
     "msisdn", "messageId", "err-code", "text", "scts", "timestamp", "sig", "concat", "concat-ref"]
)  # fmt: skip
BODIES = st.binary(max_size=200) | st.dictionaries(NAMES | st.text(), VALUES, max_size=12).map(
    lambda found: json.dumps(found).encode()
)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "X-Twilio-Signature", "Content-Type"]),
    st.text() | st.sampled_from(["Bearer ", "Bearer a.b.c", "application/x-www-form-urlencoded"]),
)


@pytest.mark.parametrize("hook", [notify_hook, twilio_hook, vonage_hook])
@given(headers=HEADERS, body=BODIES)
def test_what_nobody_signed_is_refused(hook: ModuleType, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotGenuine):
        hook.received(headers, body, URL, SECRET, NOW_S)


@given(body=BODIES)
@settings(max_examples=200)
def test_what_was_signed_and_makes_no_sense_is_refused_in_the_same_way(body: bytes) -> None:
    """The provider itself may send what nobody has seen yet."""
    for hook, headers in ((notify_hook, {"Authorization": f"Bearer {SECRET}"}), (vonage_hook, by_token(body))):
        try:
            found = hook.received(headers, body, URL, SECRET, NOW_S)
        except NotGenuine:
            continue
        assert all(isinstance(each, Report | Inbound) for each in found)


def by_token(body: bytes) -> dict[str, str]:
    """A genuine token of Vonage's for this body."""
    claims = {"iat": int(NOW_S), "payload_hash": hashlib.sha256(body).hexdigest()}
    head, said = (
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
        for each in ({"alg": "HS256"}, claims)
    )
    mac = hmac.digest(SECRET.encode(), f"{head}.{said}".encode(), "sha256")
    token = f"{head}.{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
