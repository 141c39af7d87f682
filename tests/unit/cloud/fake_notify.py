"""GOV.UK Notify on loopback.

The schemas are written after alphagov/notifications-api, app/v2/notifications/notification_schemas.py and
app/v2/template/template_schemas.py, and the REST API documentation (notifications-tech-docs).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import ssl
import time
from typing import Any
from uuid import uuid4

from gsmsend.testing.driver_bench import OnAir

from .far_side import Asked, FarSide, Reply

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SIGNER = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"lab-{SERVICE}-{SIGNER}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
SENDER = "8e222534-7f05-4972-86e3-17c5d9f894e2"
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
POST_SMS = {
    "type": "object",
    "properties": {
        "reference": {"type": "string", "maxLength": 1000},
        "phone_number": {"type": "string", "pattern": r"^\+?[0-9 ()-]{7,20}$"},
        "template_id": _UUID,
        "personalisation": {"type": "object", "additionalProperties": {"type": "string"}},
        "sms_sender_id": _UUID,
    },
    "required": ["phone_number", "template_id"],
    "additionalProperties": False,
}
GET_ALL = {
    "type": "object",
    "properties": {
        "reference": {"type": "string"},
        "older_than": _UUID,
        "template_type": {"enum": ["sms", "email", "letter"]},
    },
    "additionalProperties": False,
}


def error(status: int, kind: str, message: str, **headers: str) -> Reply:
    """An error as Notify words it."""
    return Reply(status, {"status_code": status, "errors": [{"error": kind, "message": message}]}, headers)


ERRORS = {
    400: error(400, "ValidationError", "phone_number Not enough digits"),
    403: error(403, "AuthError", "Invalid token: API key not found"),
    429: error(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"),
    500: error(500, "Exception", "Internal server error"),
}


class FakeNotify(FarSide):
    """One service with one template. `prefix` is the service's name, put before each text."""

    send_path = "/v2/notifications/sms"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.body, self.version, self.kind, self.prefix = "((text))", 3, "sms", ""
        self.page = 250
        self.records: dict[str, dict[str, Any]] = {}

    def answer(self, asked: Asked) -> Reply:
        if not self._let_in(asked):
            return error(403, "AuthError", "Invalid token: API key not found")
        if asked.method == "POST" and asked.path == self.send_path:
            return self._sms(asked)
        if asked.path == f"/v2/template/{TEMPLATE}":
            return Reply(200, self._template())
        if asked.path == "/v2/notifications":
            self.check(GET_ALL, asked.query, "GET /v2/notifications")
            wanted, older = asked.query.get("reference"), asked.query.get("older_than")
            newest = [each for each in reversed(self.records.values()) if wanted in (None, each["reference"])]
            first = [each["id"] for each in newest].index(older) + 1 if older else 0
            return Reply(200, {"notifications": newest[first : first + self.page], "links": {"current": self.url}})
        record = self.records.get(asked.path.rpartition("/")[2])
        if record is None:
            return error(404, "NoResultFound", "No result found")
        return Reply(200, record)

    def _let_in(self, asked: Asked) -> bool:
        """The token is checked by hand, with no library of the product's."""
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        signed, _, signature = token.rpartition(".")
        mac = hmac.new(SIGNER.encode(), signed.encode(), hashlib.sha256).digest()
        if base64.urlsafe_b64encode(mac).rstrip(b"=").decode() != signature:
            return False
        octets = signed.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(octets + "=" * (-len(octets) % 4)))
        return bool(claims["iss"] == SERVICE and abs(claims["iat"] - time.time()) < 30)

    def _template(self) -> dict[str, Any]:
        return {
            "id": TEMPLATE, "type": self.kind, "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": None,
            "created_by": "someone@example.gov.uk", "version": self.version, "body": self.body, "subject": None,
            "name": "Offer of help", "personalisation": {"text": {"required": True}},
        }  # fmt: skip

    def _sms(self, asked: Asked) -> Reply:
        given = asked.json()
        self.check(POST_SMS, given, "POST /v2/notifications/sms")
        name = re.sub(r"[()]", "", self.body)
        text = self.prefix + given["personalisation"][name]
        handle = str(uuid4())
        wire = f"POST {asked.path} reference={given['reference']} template={given['template_id']}"
        self.sent.append(OnAir(given["phone_number"], text, None, wire, handle))
        template = {"id": TEMPLATE, "version": self.version, "uri": f"{self.url}/v2/template/{TEMPLATE}"}
        self.records[handle] = {
            "id": handle, "reference": given["reference"], "email_address": None,
            "phone_number": given["phone_number"], "type": "sms", "status": "created", "template": template,
            "body": text, "created_at": "2026-03-01T10:00:00.000000Z", "sent_at": None, "completed_at": None,
        }  # fmt: skip
        content = {"body": text, "from_number": "GOVUK"}
        uri = f"{self.url}/v2/notifications/{handle}"
        return Reply(
            201,
            {"id": handle, "reference": given["reference"], "content": content, "uri": uri, "template": template},
        )

    def report(self, handle: str, word: str) -> None:
        """A text has come so far."""
        record = self.records[handle]
        record["status"] = word
        if word not in ("created", "sending", "pending"):
            record["completed_at"] = "2026-03-01T10:01:30.000000Z"
