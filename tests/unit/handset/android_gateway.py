"""The gateway app of a handset, on loopback: its published API (OpenAPI 3.0.1, version 1.68), taken strictly.

A request with a field, type or value that the published schema does not have is refused with 400, and so is one
that the app's own checks refuse. What it answers has the fields of the published GetMessageResponse and the
recipient's states of ProcessingState. Faults apply to the next text only.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "sms", "a-1b2c3d"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)")
"""As the app reads it: with three digits of a second, or none."""

_MESSAGE: dict[str, Callable[[Any], bool]] = {
    "id": lambda value: isinstance(value, str) and 0 < len(value) <= 36,
    "deviceId": lambda value: isinstance(value, str) and len(value) <= 21,
    "isEncrypted": lambda value: isinstance(value, bool),
    "message": lambda value: isinstance(value, str) and 0 < len(value) <= 65535,
    "textMessage": lambda value: (
        isinstance(value, dict) and set(value) == {"text"} and isinstance(value["text"], str)
        and 1 <= len(value["text"]) <= 65535
    ),
    "phoneNumbers": lambda value: (
        isinstance(value, list) and 1 <= len(value) <= 100 and all(isinstance(each, str) for each in value)
    ),
    "priority": lambda value: type(value) is int and -128 <= value <= 127,
    "scheduleAt": lambda value: isinstance(value, str) and bool(_RFC3339.fullmatch(value)),
    "simNumber": lambda value: type(value) is int and 1 <= value <= 3,
    "ttl": lambda value: type(value) is int and value >= 5,
    "validUntil": lambda value: isinstance(value, str) and bool(_RFC3339.fullmatch(value)),
    "withDeliveryReport": lambda value: isinstance(value, bool),
}  # fmt: skip
"""The published schema `smsgateway.Message`, but for pictures and data."""


def not_as_published(body: Any) -> str:
    """What is wrong with the body of POST /messages; "" if nothing is."""
    if not isinstance(body, dict):
        return "expected an object"
    unknown = set(body) - set(_MESSAGE)
    if unknown:
        return f"unknown fields: {sorted(unknown)}"
    for name, value in body.items():
        if not _MESSAGE[name](value):
            return f"invalid {name}"
    if "phoneNumbers" not in body:
        return "phoneNumbers is required"
    if ("ttl" in body) and ("validUntil" in body):
        return "fields conflict: ttl and validUntil"
    if ("message" in body) == ("textMessage" in body):
        return "Must specify exactly one of: textMessage, dataMessage, or message"
    return ""


class Gateway:
    """One installed app. `texts` is its record by id; `on_air` what went out, each with the request's body.

    Faults: `answer_with` (this HTTP status and no work), `fail_after` (500 after it took the text),
    `mute` (takes the text, never answers), `drop` (closes the connection without taking it), `stay` (the state
    that a text stays in), `fail_with` (reason for "Failed"; nothing goes out), `hide` (so
    often a text is asked for in vain: a record that is written late); and until they are taken back: `broken`
    (HTTP status by path), `distort` (of a record), `sick` (its health fails).
    """

    def __init__(self) -> None:
        self.texts: dict[str, dict[str, Any]] = {}
        self.on_air: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.device_id = "000000005f3c2a1b0000019a1b2c3d4e"
        self.version = "1.68.0"
        self.sims: list[dict[str, Any]] = []
        self.inbox = True
        self.logs: list[dict[str, Any]] | None = []
        self.answer_with = 0
        self.fail_after = self.mute = self.drop = False
        self.stay = self.fail_with = ""
        self.password = PASSWORD
        self.hide = 0
        self.ends_as = "Sent"
        self.sick = False
        self.broken: dict[str, int] = {}
        self.distort: Callable[[dict[str, Any]], Any] = lambda record: record
        self.webhooks: list[dict[str, str]] = []
        self.settings: dict[str, Any] = {"messages": {"limit_period": "Disabled", "limit_value": 0}}
        self.on_post: Callable[[str], object] = lambda _: None
        self._lock = threading.Lock()
        self._muted = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                gateway._get(self)

            def do_POST(self) -> None:
                gateway._post(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._muted.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def tell(self, key: str, state: str, error: str | None = None) -> None:
        """The app's word for a text from now on."""
        with self._lock:
            text = self.texts[key]
            text["state"], text["error"] = state, error
            text["states"][state] = _now()

    def log_report(self, key: str, pdu: str) -> None:
        """What the app writes into its log of a status report, as Android gives it."""
        number = self.texts[key]["body"]["phoneNumbers"][0]
        said = "Status intent received with action me.capcom.smsgateway.ACTION_DELIVERED and result code -1"
        entry = {"priority": "DEBUG", "module": "messages", "message": said, "id": len(self.logs or ())}
        context = {"data": f"{key}|{number}", "pdu": pdu.lower()}
        self.logs = [*(self.logs or ()), {**entry, "context": context, "createdAt": _now()}]

    def come_in(self, sender: str, text: str, *, sim: int | None = 1, kind: str = "SMS") -> None:
        """A text comes in; newest first, as the app lists them."""
        key = f"text:{len(self.received)}"
        one = {"id": key, "type": kind, "sender": sender, "contentPreview": text, "createdAt": _now()}
        self.received.insert(0, {**one, "simNumber": sim, "recipient": None, "attachments": []})

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(f"GET {parts.path}")
        if parts.path == "/health":
            status = "fail" if self.sick else "pass"
            health: dict[str, Any] = {"status": status, "version": self.version, "releaseId": 1, "checks": {}}
            _answer(request, 500 if self.sick else 200, health)
        elif not self._signed_in(request):
            _answer(request, 401, None)
        elif parts.path == "/device":
            when = _now()
            device = {"id": self.device_id, "name": "Example/phone", "createdAt": when, "updatedAt": when}
            _answer(request, 200, [{**device, "lastSeen": when, "simCards": self.sims}])
        elif parts.path.startswith("/messages/"):
            with self._lock:
                hidden, self.hide = self.hide > 0, max(0, self.hide - 1)
                text = None if hidden else self.texts.get(parts.path.removeprefix("/messages/"))
                record = self._told(text) if text is not None else {}
            _answer(request, 200 if record else 404, self.distort(record) or None)
        elif parts.path in self.broken:
            _answer(request, self.broken[parts.path], None)
        elif parts.path == "/webhooks":
            _answer(request, 200, self.webhooks)
        elif parts.path == "/settings":
            _answer(request, 200, self.settings)
        elif parts.path == "/logs" and self.logs is not None:
            since = query.get("from", "1970-01-01T00:00:00Z")
            found = [one for one in self.logs if _RFC3339.fullmatch(since) and one["createdAt"] >= since]
            _answer(request, 200, found)
        elif parts.path == "/inbox" and self.inbox:
            self._list(request, query)
        else:
            _answer(request, 404, None)

    def _list(self, request: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        limit, offset = int(query.get("limit", "50")), int(query.get("offset", "0"))
        known = {"type", "limit", "offset", "from", "to", "deviceId", "includeAttachments"}
        since = query.get("from", "1970-01-01T00:00:00Z")
        if set(query) - known or not 1 <= limit <= 500 or offset < 0 or not _RFC3339.fullmatch(since):
            _answer(request, 400, {"message": "Invalid request"})
            return
        found = [
            one for one in self.received
            if datetime.fromisoformat(one["createdAt"]) >= datetime.fromisoformat(since)
            and one["type"] == query.get("type", one["type"])
        ]  # fmt: skip
        _answer(request, 200, found[offset : offset + limit])

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        parts = urlsplit(request.path)
        self.asked.append(f"POST {parts.path}")
        self.on_post(raw.decode())
        status, self.answer_with = self.answer_with, 0
        drop, self.drop = self.drop, False
        if drop:
            request.close_connection = True
            return
        if status or not self._signed_in(request):
            _answer(request, status or 401, {"message": "refused"})
            return
        if parts.path not in {"/message", "/messages"}:
            _answer(request, 404, None)
            return
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        wrong = not_as_published(body)
        if set(parse_qs(parts.query)) - {"skipPhoneValidation", "deviceActiveWithin"}:
            wrong = "unknown query"
        if wrong:
            _answer(request, 400, {"message": wrong})
            return
        key = body.get("id") or "made-up"
        with self._lock:
            if key in self.texts:
                _answer(request, 409, {"message": "Message with such ID already exists"})
                return
            self.texts[key] = {
                "body": body, "raw": raw.decode(), "state": "Pending", "error": None,
                "states": {"Pending": _now()},
            }  # fmt: skip
            told = self._told(self.texts[key])
        mute, after = self.mute, self.fail_after
        self._go_on(key)
        if mute:
            self._muted.wait(30)
            request.close_connection = True
        elif after:
            _answer(request, 500, {"message": "Required value was null."})
        else:
            _answer(request, 202, told)

    def _go_on(self, key: str) -> None:
        """Send it, or fail, as the faults have it."""
        self.mute = self.fail_after = False
        stay, self.stay = self.stay, ""
        error, self.fail_with = self.fail_with, ""
        self.tell(key, "Processed")
        if error:
            self.tell(key, "Failed", error)
            return
        with self._lock:
            text = self.texts[key]
            self.on_air.append({**text["body"], "raw": text["raw"]})
        self.tell(key, stay or self.ends_as)

    def _signed_in(self, request: BaseHTTPRequestHandler) -> bool:
        expected = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"

    def _told(self, text: dict[str, Any]) -> dict[str, Any]:
        body = text["body"]
        who = {"phoneNumber": body["phoneNumbers"][0], "state": text["state"], "error": text["error"]}
        return {
            "id": body["id"], "deviceId": self.device_id, "state": text["state"], "isHashed": False,
            "isEncrypted": False, "recipients": [who], "states": dict(text["states"]), "scheduleAt": None,
            "textMessage": body["textMessage"], "dataMessage": None, "hashedMessage": None,
        }  # fmt: skip


def _answer(request: BaseHTTPRequestHandler, status: int, body: object) -> None:
    octets = json.dumps(body).encode() if body is not None else b""
    request.send_response(status)
    if octets:
        request.send_header("Content-Type", "application/json; charset=UTF-8")
    request.send_header("Content-Length", str(len(octets)))
    request.end_headers()
    request.wfile.write(octets)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
