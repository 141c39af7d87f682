"""Webhooks of Vonage: delivery receipts and incoming texts of the SMS API (signing messages; signed webhooks).

Two proofs are taken, both with the account's signature secret: `sig`, an HMAC over all other fields in order of
their names, each as `&name=value` with & and = of the value written as _; or a JWT (RFC 7519, HS256) in
Authorization, with the SHA-256 of the body in `payload_hash`, which says nothing of a GET. Both carry a time; an
old request is refused.

A text of several parts has a receipt for each, under that part's own id: the driver settles such texts by asking.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gsmsend.model import Inbound, Report
from gsmsend_cloud.account import told
from gsmsend_cloud.hooks import form_of, fresh, header, json_of, require, same
from gsmsend_cloud.provider_table import provider_table

METHODS = ("sha256", "sha512", "sha1", "md5")


def received(
    headers: Mapping[str, str], body: bytes, url: str, secret: str, now_s: float, *, method: str = "sha256"
) -> list[Report | Inbound]:
    """What one request brings; `secret` is the signature secret. Raises NotGenuine.

    `method` is the HMAC that the account signs with, as its dashboard has it; the plain MD5 hash is not taken.
    """
    require(secret and method in METHODS, "there is no signature secret to check it by, or no such method")
    fields = _fields(headers, body, url)
    scheme, _, token = header(headers, "Authorization").partition(" ")
    if scheme.lower() == "bearer":
        require(body, "its signature is not one of the fields in its address, which a JWT does not sign")
        _signed_as_whole(token.strip(), body, secret, now_s)
    else:
        given = fields.pop("sig", "")
        require(
            given and same(given.lower(), signature(fields, secret, method)), "its signature is not the account's"
        )
        stamp = fields.get("timestamp", "")
        fresh(float(stamp) if re.fullmatch("[0-9]{1,12}", stamp) else None, now_s)
    handle = fields.get("messageId", "")
    require(re.fullmatch("[0-9A-Za-z-]{8,40}", handle) and fields.get("msisdn"), "it is not what Vonage sends")
    if "status" in fields:
        return [_report(handle, fields)]
    require("text" in fields, "it is not what Vonage sends")
    return [_text(handle, fields)]


def signature(fields: Mapping[str, str], secret: str, method: str) -> str:
    """The `sig` of these fields, in lower case."""
    signed = "".join(f"&{name}={_plain(fields[name])}" for name in sorted(fields))
    return hmac.new(secret.encode(), signed.encode("utf-8", "replace"), method).hexdigest()


def _plain(value: str) -> str:
    return value.replace("&", "_").replace("=", "_")


def _fields(headers: Mapping[str, str], body: bytes, url: str) -> dict[str, str]:
    """The fields, wherever they stand: in JSON, in a form, or in the address of a GET."""
    if not body:
        return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if header(headers, "Content-Type").partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return form_of(body)
    return {
        name: str(value)
        for name, value in json_of(body).items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _signed_as_whole(token: str, body: bytes, secret: str, now_s: float) -> None:
    """Raise NotGenuine unless the JWT is the account's, of now, and of this body."""
    signed, _, given = token.rpartition(".")
    mac = hmac.new(secret.encode(), signed.encode("ascii", "replace"), hashlib.sha256).digest()
    wanted = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    require(same(given, wanted), "its signature is not the account's")
    head, claims = (_decoded(part) for part in (*signed.split("."), "", "")[:2])
    require(head.get("alg") == "HS256", "its signature is not the account's")
    made_s = claims.get("iat")
    fresh(_number(made_s), now_s)
    hashed = hashlib.sha256(body).hexdigest()
    require(same(str(claims.get("payload_hash", "")).lower(), hashed), "its body is not what was signed")


def _decoded(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float | None:
    found = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return float(found) if found is not None and abs(found) < 1e12 else None


def _report(handle: str, fields: Mapping[str, str]) -> Report:
    word = fields["status"]
    require(re.fullmatch("[a-z_]{1,40}", word), "it is not what Vonage sends")
    code = int(fields["err-code"]) if fields.get("err-code", "").isdecimal() else None
    return Report(
        None, f"+{fields['msisdn'].removeprefix('+')}", provider_table("vonage").tp(word, code),
        discharged_at_s=_at_s(fields.get("scts", ""), "%y%m%d%H%M"), how="webhook", handle=handle,
        raw=told(message_id=handle, status=word, error_code=code), said=f"{word} {code}" if code else word,
    )  # fmt: skip


def _text(handle: str, fields: Mapping[str, str]) -> Inbound:
    concat = None
    if fields.get("concat") == "true":
        parts = [fields.get(f"concat-{name}", "") for name in ("ref", "total", "part")]
        require(all(re.fullmatch("[0-9]{1,5}", part) for part in parts), "it is not what Vonage sends")
        concat = (int(parts[0]), int(parts[1]), int(parts[2]))
    sent_s = _at_s(fields.get("message-timestamp", ""), "%Y-%m-%d %H:%M:%S")
    sender = fields["msisdn"]
    return Inbound(
        f"+{sender}" if sender.isdecimal() else sender, fields["text"], sent_s, concat,
        raw=told(message_id=handle, part=fields.get("concat-part")), how="webhook",
    )  # fmt: skip


def _at_s(when: str, form: str) -> float | None:
    try:
        return datetime.strptime(when, form).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
