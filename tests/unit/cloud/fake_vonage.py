"""Vonage's SMS API, account API and Reports API on loopback.

The schemas are written after Nexmo/api-specification, definitions/sms.yml (NewMessage, SMS, the errors) and
definitions/reports.yml (get-records), with client-ref and ttl as there.
"""

from __future__ import annotations

import base64
import math
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

from gsmsend.testing.driver_bench import OnAir

from .far_side import Asked, FarSide, Reply

KEY = "abcd1234"
WORD = "v0nage-Secret-16"
FROM = "Helpline"
_TEXT = {"type": "string"}
NEW_MESSAGE = {
    "type": "object",
    "properties": {
        "from": {"type": "string", "minLength": 1, "maxLength": 15},
        "to": {"type": "string", "pattern": "^[0-9]{7,15}$"},
        "text": {"type": "string", "minLength": 1},
        "type": {"enum": ["text", "unicode"]},
        "ttl": {"type": "string", "pattern": "^[0-9]{5,9}$"},
        "client-ref": {"type": "string", "maxLength": 40},
    },
    "required": ["from", "to", "text", "type", "client-ref"],
    "additionalProperties": False,
}
_MOMENT = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
RECORDS = {
    "type": "object",
    "properties": {
        "account_id": {"type": "string", "minLength": 8, "maxLength": 8},
        "product": {"const": "SMS"},
        "direction": {"const": "outbound"},
        "id": _TEXT,
        "date_start": _MOMENT,
        "date_end": _MOMENT,
        "cursor": _TEXT,
        "iv": _TEXT,
    },
    "required": ["account_id", "product", "direction"],
    "oneOf": [{"required": ["id"]}, {"required": ["date_start", "date_end"]}],
    "dependentRequired": {"date_start": ["date_end"], "cursor": ["iv"]},
    "additionalProperties": False,
}


def error(status: int, parts: int = 1) -> Reply:
    """An error as the SMS API words it: HTTP 200, and with the number in it."""
    each = {"status": str(status), "error-text": "Not to 447700900123: Help is there", "to": "447700900123"}
    return Reply(200, {"message-count": str(parts), "messages": [each] * parts})


class FakeVonage(FarSide):
    """One account. `open_reports`: it may ask the Reports API. `first_bad`: from this part on, all are refused."""

    send_path = "/sms/json"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.open_reports, self.first_bad, self.page = True, 99, 100
        self.records: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()

    def answer(self, asked: Asked) -> Reply:
        octets = asked.headers.get("Authorization", "").removeprefix("Basic ")
        if base64.b64decode(octets).decode() != f"{KEY}:{WORD}":
            return error(4) if asked.method == "POST" else Reply(401, {"title": "Unauthorized"})
        if asked.path == "/account/get-balance":
            return Reply(200, {"value": 10.284, "autoReload": False})
        if asked.path == "/v2/reports/records":
            return self._reports(asked)
        if asked.path == self.send_path and asked.method == "POST":
            return self._sms(asked)
        return Reply(404, {})

    def _sms(self, asked: Asked) -> Reply:
        given = asked.form()
        self.check(NEW_MESSAGE, given, "POST /sms/json")
        if "ttl" in given and not 20_000 <= int(given["ttl"]) <= 604_800_000:
            self.violations.append(f"ttl {given['ttl']}")
        parts = 1 if len(given["text"]) <= 160 else math.ceil(len(given["text"]) / 153)
        total = int(given["client-ref"].rpartition("-")[2])
        parts = max(parts, total) if given["text"] == "first second" else parts
        messages: list[dict[str, Any]] = []
        for seq in range(parts):
            handle = f"{len(self.records) + 1:08X}0A1B2C3D"
            if seq >= self.first_bad:
                messages.append({"status": "9", "error-text": f"no credit for {given['to']}"})
                continue
            self.records[handle] = self._record(handle, given)
            messages.append({
                "to": given["to"], "message-id": handle, "status": "0", "remaining-balance": "3.14159265",
                "message-price": "0.03330000", "network": "23410", "client-ref": given["client-ref"],
            })  # fmt: skip
        ids = "+".join(str(each["message-id"]) for each in messages if "message-id" in each)
        wire = f"POST /sms/json client-ref={given['client-ref']} from={given['from']}"
        self.sent.append(OnAir(f"+{given['to']}", given["text"], None, wire, ids))
        return Reply(200, {"message-count": str(len(messages)), "messages": messages})

    def _record(self, handle: str, given: dict[str, str]) -> dict[str, Any]:
        return {
            "account_id": KEY, "message_id": handle, "client_ref": given["client-ref"], "direction": "outbound",
            "from": given["from"], "to": given["to"], "network": "23410", "country": "GB",
            "date_received": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"), "date_finalized": None,
            "status": "submitted", "error_code": None, "error_code_description": None, "currency": "EUR",
            "total_price": "0.0333",
        }  # fmt: skip

    def _reports(self, asked: Asked) -> Reply:
        self.check(RECORDS, asked.query, "GET /v2/reports/records")
        if not self.open_reports:
            return Reply(403, {"title": "Forbidden", "detail": "User not authorized to query the requested data"})
        visible = {each: record for each, record in self.records.items() if each not in self.hidden}
        if "id" in asked.query:
            ids = asked.query["id"].split(",")
            found = [visible[each] for each in ids if each in visible]
            missing = ",".join(each for each in ids if each not in visible)
            return Reply(200, {"request_status": "SUCCESS", "records": found, "ids_not_found": missing})
        start, end = (datetime.fromisoformat(asked.query[name]) for name in ("date_start", "date_end"))
        if end - start > timedelta(hours=24):
            return Reply(422, {"title": "Unprocessable entity"})
        first = int(asked.query.get("cursor", 0))
        records = list(visible.values())
        links = {"self": {"href": self.url}}
        if len(records) > first + self.page:
            links["next"] = {
                "href": f"https://api.nexmo.com/v2/reports/records?cursor={first + self.page}&iv=00ff"
            }
        return Reply(
            200, {"_links": links, "request_status": "SUCCESS", "records": records[first : first + self.page]}
        )

    def report(self, handle: str, word: str, code: int | None = None) -> None:
        """A text has come so far; `handle` has the ids of all its parts."""
        for each in handle.split("+"):
            record = self.records[each]
            record["status"], record["error_code"] = word, None if code is None else str(code)
            record["date_finalized"] = "2026-03-01T10:01:30+0000"
