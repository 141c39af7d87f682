"""Webhooks: what is the provider's is heard, what is forged or old is not. Signatures are made here, by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from gsmsend.model import Inbound, Report
from gsmsend_cloud import notify_hook, twilio_hook, vonage_hook
from gsmsend_cloud.hooks import NotGenuine

NOW_S = 1_772_359_200.0  # 2026-03-01T10:00:00Z
NUMBER = "+447700900123"
TEXT = "Thank you, caf\u00e9 & more = less"


# -- GOV.UK Notify -----------------------------------------------------------------------------------------

BEARER = "a-token-typed-into-notify"
HTTPS = "https://bench.example.org/hooks/notify"
RECEIPT = {
    "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": "0" * 32, "to": "07700900123",
    "status": "delivered",
    "created_at": "2026-03-01T09:50:00.000000Z", "completed_at": "2026-03-01T09:59:30.000000Z",
    "sent_at": "2026-03-01T09:50:01.000000Z", "notification_type": "sms", "template_version": 3,
    "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a",
}  # fmt: skip


def notify(body: object, *, token: str = BEARER, url: str = HTTPS, now_s: float = NOW_S) -> list[Report | Inbound]:
    headers = {"authorization": f"Bearer {token}", "Content-Type": "application/json"}
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    return notify_hook.received(headers, octets, url, BEARER, now_s)


def test_a_receipt_of_notify_is_a_report() -> None:
    (report,) = notify(RECEIPT)
    assert isinstance(report, Report)
    assert (report.status, report.handle, report.said) == (0x00, RECEIPT["id"], "delivered")
    assert report.discharged_at_s == NOW_S - 30
    assert "900123" not in report.raw


def test_a_text_to_notify_is_heard() -> None:
    given = {
        "id": "d38ac7d4-0000-4000-8000-000000000000", "source_number": "447700900123",
        "destination_number": "07700900777",
        "message": TEXT, "date_received": "2026-03-01T09:59:58.000000Z",
    }  # fmt: skip
    (text,) = notify(given)
    assert isinstance(text, Inbound)
    assert (text.sender, text.text, text.sent_at_s) == (NUMBER, TEXT, NOW_S - 2)


def test_a_receipt_of_an_e_mail_is_none_of_ours() -> None:
    assert notify({**RECEIPT, "notification_type": "email"}) == []


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (RECEIPT, {"token": "another"}),
        (RECEIPT, {"token": ""}),
        (RECEIPT, {"url": HTTPS.replace("https", "http")}),
        (RECEIPT, {"now_s": NOW_S + 3600}),
        (RECEIPT, {"now_s": NOW_S - 3600}),
        ({**RECEIPT, "completed_at": "soon"}, {}),
        ({**RECEIPT, "status": 7}, {}),
        (b"[]", {}),
        (b"\xff", {}),
        (b"[" * 200_000, {}),
        (b"x" * 2_000_000, {}),
    ],
)
def test_what_is_not_of_notify_is_refused(body: object, changes: dict[str, object]) -> None:
    with pytest.raises(NotGenuine) as refused:
        notify(body, **changes)  # type: ignore[arg-type]  # fields by name
    assert "900123" not in refused.value.words
    assert BEARER not in refused.value.words


# -- Twilio ------------------------------------------------------------------------------------------------

AUTH = "12345"
SID = "SM" + "a1" * 16
PLACE = "https://bench.example.org/hooks/twilio?line=1"
CALLBACK = {"MessageSid": SID, "SmsSid": SID, "MessageStatus": "undelivered", "ErrorCode": "30005", "To": NUMBER,
            "From": "+447700900777", "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01"}  # fmt: skip


def by_hand(url: str, fields: dict[str, str], key: str = AUTH) -> str:
    """As the documents say it: the address, then each name and value, sorted by name."""
    signed = url
    for name, value in sorted(fields.items()):
        signed = signed + name + value
    return base64.b64encode(hmac.digest(key.encode(), signed.encode(), "sha1")).decode()


def twilio(fields: dict[str, str], given: str, url: str = PLACE) -> list[Report | Inbound]:
    body = urlencode(fields).encode()
    return twilio_hook.received({"x-twilio-signature": given}, body, url, AUTH, NOW_S)


def test_the_example_of_twilios_documents() -> None:
    """Webhooks security, the example with these very fields, address and token."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675310", "Digits": "1234", "From": "+14158675310",
              "To": "+18005551212"}  # fmt: skip
    assert twilio_hook.signature(url, fields, "12345") == by_hand(url, fields) == "GvWf1cFY/Q7PnoempGyD5oXAezc="


def test_twilios_own_library_agrees() -> None:
    validator = importlib.import_module("twilio.request_validator").RequestValidator(AUTH)
    assert validator.validate(PLACE, CALLBACK, twilio_hook.signature(PLACE, CALLBACK, AUTH))


@pytest.mark.parametrize("url", [PLACE, PLACE.replace("example.org", "example.org:443")])
def test_a_callback_of_twilio_is_a_report(url: str) -> None:
    (report,) = twilio(CALLBACK, by_hand(url, CALLBACK))
    assert isinstance(report, Report)
    assert (report.status, report.handle, report.said) == (0x43, SID, "undelivered 30005")
    assert "900123" not in report.raw


def test_a_text_to_twilio_is_heard_and_once_more_is_the_very_same() -> None:
    fields = {"MessageSid": SID, "From": NUMBER, "To": "+447700900777", "Body": TEXT, "NumMedia": "0"}
    (text,) = twilio(fields, by_hand(PLACE, fields))
    assert isinstance(text, Inbound)
    assert (text.sender, text.text) == (NUMBER, TEXT)
    assert twilio(fields, by_hand(PLACE, fields)) == [text], "what the store knows a repeat by is the same"


def test_what_is_not_of_twilio_is_refused() -> None:
    right = by_hand(PLACE, CALLBACK)
    forged = {**CALLBACK, "MessageStatus": "delivered"}
    cases = [
        (forged, right, PLACE), (CALLBACK, by_hand(PLACE, CALLBACK, "other"), PLACE), (CALLBACK, "", PLACE),
        (CALLBACK, right, PLACE.replace("line=1", "line=2")), (CALLBACK, right[:-2], PLACE),
    ]  # fmt: skip
    for fields, given, url in cases:
        with pytest.raises(NotGenuine) as refused:
            twilio(fields, given, url)
        assert "900123" not in refused.value.words


def test_a_field_given_twice_is_refused() -> None:
    body = urlencode([*CALLBACK.items(), ("MessageStatus", "delivered")]).encode()
    for given in (by_hand(PLACE, CALLBACK), by_hand(PLACE, {**CALLBACK, "MessageStatus": "delivered"})):
        with pytest.raises(NotGenuine):
            twilio_hook.received({"X-Twilio-Signature": given}, body, PLACE, AUTH, NOW_S)


# -- Vonage ------------------------------------------------------------------------------------------------

SIGNING = "a-signature-secret-of-vonage-for-tests"
WHERE = "https://bench.example.org/hooks/vonage"
DLR = {"msisdn": "447700900123", "to": "Helpline", "network-code": "23410", "messageId": "0A0000001234567B",
       "price": "0.0333", "status": "failed", "scts": "2603010959", "err-code": "3", "api-key": "abcd1234",
       "message-timestamp": "2026-03-01 10:00:00", "timestamp": str(int(NOW_S)),
       "nonce": "ec11dd3e-1e7f-4db5-9467-82b02cd223b9"}  # fmt: skip


def sig(fields: dict[str, str], method: str = "sha256") -> str:
    """As the documents say it."""
    signed = ""
    for name in sorted(fields):
        value = fields[name].replace("&", "_").replace("=", "_")
        signed = f"{signed}&{name}={value}"
    return hmac.digest(SIGNING.encode(), signed.encode(), method).hex().upper()


def vonage(fields: dict[str, str], *, now_s: float = NOW_S, **more: str) -> list[Report | Inbound]:
    headers = {"Content-Type": "application/json"}
    return vonage_hook.received(headers, json.dumps(fields).encode(), WHERE, SIGNING, now_s, **more)


def test_a_receipt_of_vonage_is_a_report() -> None:
    (report,) = vonage({**DLR, "sig": sig(DLR)})
    assert isinstance(report, Report)
    assert (report.status, report.handle, report.said) == (0x43, "0A0000001234567B", "failed 3")
    assert report.discharged_at_s == datetime(2026, 3, 1, 9, 59, tzinfo=UTC).timestamp()
    assert "900123" not in report.raw


@pytest.mark.parametrize("method", ["sha256", "sha512", "sha1", "md5"])
def test_each_hmac_of_vonage_is_taken_where_it_was_agreed(method: str) -> None:
    assert vonage({**DLR, "sig": sig(DLR, method)}, method=method)
    with pytest.raises(NotGenuine):
        vonage({**DLR, "sig": sig(DLR, method)}, method="sha512" if method != "sha512" else "sha1")


def test_vonages_own_library_agrees() -> None:
    auth = importlib.import_module("vonage_http_client").Auth(
        api_key="abcd1234", signature_secret=SIGNING, signature_method="sha256"
    )
    assert auth.sign_params(dict(DLR)) == vonage_hook.signature(DLR, SIGNING, "sha256")


def test_a_receipt_in_the_address_or_in_a_form_is_heard_too() -> None:
    query = urlencode({**DLR, "sig": sig(DLR)})
    assert vonage_hook.received({}, b"", f"{WHERE}?{query}", SIGNING, NOW_S)
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert vonage_hook.received(form, query.encode(), WHERE, SIGNING, NOW_S)


def test_a_part_of_a_text_to_vonage_is_heard() -> None:
    fields = {**DLR, "text": TEXT, "type": "unicode", "concat": "true", "concat-ref": "7", "concat-total": "3",
              "concat-part": "2"}  # fmt: skip
    for name in ("status", "err-code", "scts"):
        del fields[name]
    (text,) = vonage({**fields, "sig": sig(fields)})
    assert isinstance(text, Inbound)
    assert (text.sender, text.text, text.concat, text.sent_at_s) == (NUMBER, TEXT, (7, 3, 2), NOW_S)


def test_what_is_not_of_vonage_is_refused() -> None:
    signed = {**DLR, "sig": sig(DLR)}
    old = {**DLR, "timestamp": str(int(NOW_S) - 3600)}
    no_time = {name: value for name, value in DLR.items() if name != "timestamp"}
    cases = [DLR, {**signed, "status": "delivered"}, {**signed, "sig": sig(DLR)[:-1]}, {**old, "sig": sig(old)},
             {**no_time, "sig": sig(no_time)}, {**signed, "more": "1"}]  # fmt: skip
    for fields in cases:
        with pytest.raises(NotGenuine) as refused:
            vonage(fields)
        assert "900123" not in refused.value.words
    with pytest.raises(NotGenuine, match="old one"):
        vonage(signed, now_s=NOW_S + 3600)


def test_every_octet_of_a_signed_request_is_covered() -> None:
    """Each bit of low order turned over, one by one: refused, or it says the very same."""
    signed = json.dumps({**DLR, "sig": sig(DLR)}).encode()
    headers = {"Content-Type": "application/json"}
    right = vonage_hook.received(headers, signed, WHERE, SIGNING, NOW_S)
    form, given = urlencode(CALLBACK).encode(), by_hand(PLACE, CALLBACK)
    reported = twilio_hook.received({"X-Twilio-Signature": given}, form, PLACE, AUTH, NOW_S)
    for bit in (1, 32):
        for place in range(len(signed)):
            changed = signed[:place] + bytes([signed[place] ^ bit]) + signed[place + 1 :]
            assert heard(vonage_hook.received, headers, changed, WHERE, SIGNING) in (None, right)
        for place in range(len(form)):
            changed = form[:place] + bytes([form[place] ^ bit]) + form[place + 1 :]
            found = heard(twilio_hook.received, {"X-Twilio-Signature": given}, changed, PLACE, AUTH)
            assert found in (None, reported)


def heard(
    received: Callable[..., list[Report | Inbound]], headers: dict[str, str], body: bytes, url: str, secret: str
) -> list[Report | Inbound] | None:
    """What is heard; None if it is refused."""
    try:
        return received(headers, body, url, secret, NOW_S)
    except NotGenuine:
        return None


def jwt(body: bytes, *, alg: str = "HS256", key: str = SIGNING, made_s: float = NOW_S, hashed: str = "") -> str:
    """A token made by hand (RFC 7515 3.1, RFC 7519)."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"iat": int(made_s), "jti": "x", "iss": "Vonage", "api_key": "abcd1234"}
    claims["payload_hash"] = hashed or hashlib.sha256(body).hexdigest()
    signed = f"{part({'typ': 'JWT', 'alg': alg})}.{part(claims)}"
    if alg == "none":
        return f"{signed}."
    mac = hmac.digest(key.encode(), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_a_signed_webhook_of_vonage_is_heard() -> None:
    body = json.dumps(DLR).encode()
    headers = {"Authorization": f"Bearer {jwt(body)}", "Content-Type": "application/json"}
    assert vonage_hook.received(headers, body, WHERE, SIGNING, NOW_S)


def test_a_jwt_signs_no_field_that_stands_in_an_address() -> None:
    headers = {"Authorization": f"Bearer {jwt(b'')}"}
    where = f"{WHERE}?messageId=AAAAAAAA11&msisdn=447700900123&status=delivered"
    with pytest.raises(NotGenuine):
        vonage_hook.received(headers, b"", where, SIGNING, NOW_S)


def test_pyjwt_agrees_on_what_is_signed() -> None:
    claims = importlib.import_module("jwt").decode(
        jwt(b"{}"), SIGNING, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["payload_hash"] == hashlib.sha256(b"{}").hexdigest()


def test_a_signed_webhook_that_is_not_of_vonage_is_refused() -> None:
    body = json.dumps(DLR).encode()
    tokens = [
        jwt(body, alg="none"), jwt(body, alg="RS256"), jwt(body, key="other"), jwt(body, made_s=NOW_S - 3600),
        jwt(b"another body"), jwt(body, hashed="0" * 64), "", "a.b.c", jwt(body).rpartition(".")[0],
        "\u00e9.\u00e9.x",
    ]  # fmt: skip
    for token in tokens:
        with pytest.raises(NotGenuine):
            vonage_hook.received({"Authorization": f"Bearer {token}"}, body, WHERE, SIGNING, NOW_S)
