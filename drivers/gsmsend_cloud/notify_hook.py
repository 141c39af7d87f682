"""Webhooks of GOV.UK Notify: delivery receipts and received texts (REST API documentation, callbacks).

The proof is the bearer token that was typed into Notify with the address, so the address must be HTTPS. Notify
signs nothing and gives no time of sending; it repeats a request for 25 minutes: what became so before is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from gsmsend.model import Inbound, Report
from gsmsend_cloud.account import told
from gsmsend_cloud.answers import iso_s
from gsmsend_cloud.hooks import fresh, header, json_of, require, same
from gsmsend_cloud.provider_table import provider_table

REPEATED_S = 5 * 300.0 + 300.0
"""Five repeats, five minutes apart, and what clocks are wrong by."""


def received(
    headers: Mapping[str, str], body: bytes, url: str, secret: str, now_s: float
) -> list[Report | Inbound]:
    """What one request brings; `secret` is the bearer token. Raises NotGenuine."""
    require(secret and url.startswith("https://"), "it needs a token and an address of https")
    scheme, _, token = header(headers, "Authorization").partition(" ")
    require(scheme.lower() == "bearer" and same(token.strip(), secret), "its token is not the one that was agreed")
    given = json_of(body)
    if "source_number" in given:
        return [_text(given, now_s)]
    handle, word = given.get("id"), given.get("status")
    require(isinstance(handle, str) and isinstance(word, str) and handle, "it is not what Notify sends")
    if given.get("notification_type") != "sms":
        return []
    ended = given.get("completed_at") or given.get("sent_at") or given.get("created_at")
    ended_s = iso_s(str(ended))
    fresh(ended_s, now_s, REPEATED_S)
    raw = told(id=handle, status=word, completed_at=ended)
    status = provider_table("notify").tp(str(word))
    recipient = str(given.get("to") or "")
    return [
        Report(
            None,
            recipient,
            status,
            discharged_at_s=ended_s,
            raw=raw,
            how="webhook",
            handle=str(handle),
            said=str(word),
        )
    ]


def _text(given: Mapping[str, object], now_s: float) -> Inbound:
    sender, text, name = given.get("source_number"), given.get("message"), given.get("id")
    require(isinstance(sender, str) and isinstance(text, str) and name, "it is not what Notify sends")
    sent_s = iso_s(str(given.get("date_received")))
    fresh(sent_s, now_s, REPEATED_S)
    number = str(sender)
    number = f"+{number}" if number.isdecimal() and not number.startswith("0") else number
    return Inbound(
        number, str(text), sent_s, raw=told(id=name, date_received=given.get("date_received")), how="webhook"
    )
