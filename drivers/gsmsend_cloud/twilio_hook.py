"""Webhooks of Twilio: status callbacks and incoming messages (Webhooks security: validating signatures).

X-Twilio-Signature is the Base64 of HMAC-SHA1, keyed with the account's auth token, over the address as Twilio has
it and then name and value of each field, by name. It covers no time: an old request sent again is the very same
one, which the store takes once, and which says nothing new of a text.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from gsmsend.model import Inbound, Report
from gsmsend_cloud.account import told
from gsmsend_cloud.hooks import form_of, header, require, same
from gsmsend_cloud.provider_table import provider_table

_SID = re.compile("(SM|MM)[0-9a-fA-F]{32}")


def received(
    headers: Mapping[str, str], body: bytes, url: str, secret: str, now_s: float
) -> list[Report | Inbound]:
    """What one request brings; `secret` is the auth token, `url` the address that Twilio was given.

    `now_s` is the moment at which a text came, as Twilio does not say it. Raises NotGenuine.
    """
    require(secret, "there is no auth token to check it by")
    given = header(headers, "X-Twilio-Signature")
    fields = form_of(body)
    genuine = any(same(given, signature(address, fields, secret)) for address in _addresses(url))
    require(given and genuine, "its signature is not Twilio's for this address")
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    require(_SID.fullmatch(sid), "it is not what Twilio sends")
    word = fields.get("MessageStatus") or ""
    if not word:
        require("Body" in fields and fields.get("From"), "it is not what Twilio sends")
        return [Inbound(fields["From"], fields["Body"], now_s, raw=told(sid=sid), how="webhook")]
    require(re.fullmatch("[a-z_]{1,40}", word), "it is not what Twilio sends")
    code = int(fields["ErrorCode"]) if fields.get("ErrorCode", "").isdecimal() else None
    return [
        Report(
            None, fields.get("To", ""), provider_table("twilio").tp(word, code), how="webhook", handle=sid,
            raw=told(sid=sid, status=word, error_code=code), said=f"{word} {code}" if code else word,
        )
    ]  # fmt: skip


def signature(url: str, fields: Mapping[str, str], secret: str) -> str:
    """What Twilio signs a request of these fields to this address with."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    mac = hmac.new(secret.encode(), signed.encode("utf-8", "replace"), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def _addresses(url: str) -> tuple[str, str]:
    """The address with its port and without: Twilio signs either (as its own libraries allow)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return tuple(urlunsplit(parts._replace(netloc=place)) for place in (host, f"{host}:{port}"))  # type: ignore[return-value]
