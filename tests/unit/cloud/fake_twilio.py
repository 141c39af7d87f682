"""Twilio's Messages API on loopback.

The schema is written after twilio/twilio-oai, spec/json/twilio_api_v2010.json: CreateMessageRequest, the
parameters of ListMessage, and api.v2010.account.message.
"""

from __future__ import annotations

import base64
import ssl
import time
from email.utils import formatdate
from typing import Any
from uuid import uuid4

from gsmsend.testing.driver_bench import OnAir

from .far_side import Asked, FarSide, Reply

ACCOUNT = "AC" + "0" * 31 + "1"
SERVICE = "MG" + "0" * 31 + "2"
API_KEY = "SK" + "0" * 31 + "3"
WORD = "5up3rs3cr3t-of-tw1l1o"
FROM = "+447700900777"
_TEXT = {"type": "string"}
_FLAG = {"enum": ["true", "false", "True", "False"]}
CREATE = {
    "type": "object",
    "properties": {
        "To": {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"},
        "From": _TEXT,
        "MessagingServiceSid": {"type": "string", "pattern": "^MG[0-9a-fA-F]{32}$"},
        "Body": {"type": "string", "minLength": 1, "maxLength": 1600},
        "ValidityPeriod": {
            "type": "string",
            "pattern": "^([1-9]|[1-9][0-9]{1,3}|[12][0-9]{4}|3[0-5][0-9]{3}|36000)$",
        },
        "SmartEncoded": _FLAG,
        "ShortenUrls": _FLAG,
        "StatusCallback": _TEXT,
    },
    "required": ["To", "Body", "SmartEncoded", "ShortenUrls"],
    "anyOf": [{"required": ["From"]}, {"required": ["MessagingServiceSid"]}],
    "additionalProperties": False,
}
LIST = {
    "type": "object",
    "properties": {
        "PageSize": {"type": "string", "pattern": "^[1-9][0-9]{0,3}$"},
        "Page": _TEXT,
        "PageToken": _TEXT,
    },
    "additionalProperties": False,
}
STATUS = {20003: 401, 20429: 429, 20500: 500, 20503: 503}


def error(code: int, **headers: str) -> Reply:
    """An error as Twilio words it: with the number in its words."""
    status = STATUS.get(code, 400)
    message = "The 'To' number +447700900123 is not what we like. Help is there"
    body = {
        "code": code, "message": message, "more_info": "https://www.twilio.com/docs/errors", "status": status
    }  # fmt: skip
    return Reply(status, body, headers)


class FakeTwilio(FarSide):
    """One account."""

    send_path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.status, self.type, self.before = "active", "Full", ""
        self.records: dict[str, dict[str, Any]] = {}
        self.page, self.elsewhere = 50, ""
        self.users = {ACCOUNT: WORD}

    def answer(self, asked: Asked) -> Reply:
        scheme, _, octets = asked.headers.get("Authorization", "").partition(" ")
        user, _, word = base64.b64decode(octets).decode().partition(":")
        if scheme != "Basic" or self.users.get(user) != word:
            return error(20003)
        if asked.path == f"/2010-04-01/Accounts/{ACCOUNT}.json":
            return Reply(200, self._account()) if user == ACCOUNT else error(20003)
        if asked.path == self.send_path and asked.method == "POST":
            return self._create(asked)
        if asked.path == self.send_path:
            return self._list(asked)
        record = self.records.get(asked.path.rpartition("/")[2].removesuffix(".json"))
        return (
            Reply(200, record)
            if record is not None
            else Reply(404, {"code": 20404, "status": 404, "message": "no"})
        )

    def answer_only_checked(self, asked: Asked) -> None:
        """As of all providers, and without a record."""
        before = dict(self.records)
        super().answer_only_checked(asked)
        self.records = before

    def _account(self) -> dict[str, Any]:
        return {
            "sid": ACCOUNT, "friendly_name": "Lab", "status": self.status, "type": self.type, "auth_token": WORD,
            "date_created": "Thu, 01 Jan 2026 10:00:00 +0000", "date_updated": "Thu, 01 Jan 2026 10:00:00 +0000",
            "owner_account_sid": ACCOUNT, "uri": f"/2010-04-01/Accounts/{ACCOUNT}.json", "subresource_uris": {},
        }  # fmt: skip

    def _create(self, asked: Asked) -> Reply:
        given = asked.form()
        self.check(CREATE, given, "POST Messages.json")
        for name in ("SmartEncoded", "ShortenUrls"):
            if given[name].lower() != "false":
                self.violations.append(f"{name} is {given[name]}: the text would be changed")
        sid = f"SM{uuid4().hex}"
        key = asked.headers["X-Request-Id"]
        sender = given.get("From") or given["MessagingServiceSid"]
        body = self.before + given["Body"]
        wire = f"POST Messages.json X-Request-Id={key} sender={sender}"
        self.sent.append(OnAir(given["To"], body, None, wire, sid))
        self.records[sid] = self.record(
            sid, given["To"], body, given.get("From"), given.get("MessagingServiceSid")
        )
        return Reply(201, self.records[sid])

    def record(
        self, sid: str, to: str, body: str, sender: str | None, service: str | None, *, made_s: float | None = None
    ) -> dict[str, Any]:
        """A message resource."""
        made = formatdate(made_s if made_s is not None else time.time() + self.ahead_s, usegmt=True)
        return {
            "sid": sid, "account_sid": ACCOUNT, "messaging_service_sid": service, "to": to, "from": sender,
            "body": body, "status": "accepted" if service else "queued", "direction": "outbound-api",
            "num_segments": "1", "num_media": "0", "error_code": None, "error_message": None, "price": None,
            "price_unit": "USD", "api_version": "2010-04-01", "date_created": made, "date_updated": made,
            "date_sent": None, "uri": f"{self.send_path.removesuffix('.json')}/{sid}.json", "subresource_uris": {},
        }  # fmt: skip

    def _list(self, asked: Asked) -> Reply:
        self.check(LIST, asked.query, "GET Messages.json")
        size = min(int(asked.query.get("PageSize", 50)), self.page)
        page = int(asked.query.get("Page", 0))
        newest = list(reversed(self.records.values()))
        shown = newest[page * size : (page + 1) * size]
        more = len(newest) > (page + 1) * size
        following = (
            f"{self.elsewhere}{self.send_path}?PageSize={size}&Page={page + 1}&PageToken=PA1" if more else None
        )
        return Reply(200, {"messages": shown, "page": page, "page_size": size, "next_page_uri": following,
                           "uri": self.send_path, "first_page_uri": self.send_path, "previous_page_uri": None,
                           "start": 0, "end": len(shown)})  # fmt: skip

    def report(self, handle: str, word: str, code: int | None = None) -> None:
        """A text has come so far."""
        self.records[handle]["status"], self.records[handle]["error_code"] = word, code
