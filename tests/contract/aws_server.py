"""AWS's services as far as a text needs them, on loopback, with faults.

Every request is checked against the service's own model, as AWS publishes it in botocore: the operation, the
parameters with their types and limits, and that it is signed for this service and region.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import botocore.session  # type: ignore[import-untyped] # AWS ships no types
from botocore.model import ServiceModel  # type: ignore[import-untyped] # as above
from botocore.validate import ParamValidator  # type: ignore[import-untyped] # as above

REGION = "eu-west-2"
GROUP = "/sms/gsmsend"
_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ")
_SESSION = botocore.session.get_session()
_MODELS = {
    "sms-voice": _SESSION.get_service_model("pinpoint-sms-voice-v2"),
    "logs": _SESSION.get_service_model("logs"),
    "sts": _SESSION.get_service_model("sts"),
}
_STS = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::{0}:user/gsmsend</Arn><UserId>AIDA0000000000000000</UserId><Account>{0}</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
    "</GetCallerIdentityResponse>"
)


@dataclass(frozen=True)
class Asked:
    """A SendTextMessage that was taken."""

    parameters: dict[str, Any]
    message_id: str
    header: str


@dataclass
class Faults:
    """Each of those named `next` is for one SendTextMessage and then gone."""

    next_error: tuple[int, str, dict[str, Any]] | None = None
    next_raw: tuple[int, bytes] | None = None
    next_silent: bool = False
    after: bool = False
    logs_error: tuple[int, str] | None = None
    sts_error: tuple[int, str] | None = None


@dataclass
class AwsServer:
    """Listens on 127.0.0.1 until `close`. `wrong`: what was not as the model has it; it must stay empty."""

    account: str = "123456789012"
    faults: Faults = field(default_factory=Faults)
    taken: list[Asked] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    groups: tuple[str, ...] = (GROUP,)
    certificate: tuple[str, str] | None = None
    keys: list[str] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def setup(self) -> None:
                server.connections.append(self.request)
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.answer(self, body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._lock = threading.Lock()
        self._release = threading.Event()
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self._http.server_address[1]}"

    def settings(self, **more: object) -> dict[str, object]:
        base = {
            "region": REGION, "access_key_id": "AKIA0000000000000000", "secret_access_key": "env:AWS_TEST_SECRET",
            "sender": "Helpline", "configuration_set": "gsmsend", "log_group": GROUP, "url": self.url,
        }  # fmt: skip
        return {key: value for key, value in {**base, **more}.items() if value is not None}

    def release(self) -> None:
        """What is silent hangs up from now on."""
        self._release.set()

    def close(self) -> None:
        self.release()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
            self._http.server_close()
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def event(self, asked: Asked, kind: str, *, final: bool = True, **more: object) -> None:
        """Something became of a text: into the log group, as SMS voice v2 writes it."""
        now_ms = int(time.time() * 1000)
        told = {
            "eventType": kind, "eventVersion": "1.0", "eventTimestamp": now_ms, "isFinal": final,
            "originationPhoneNumber": "Helpline", "messageId": asked.message_id, "isoCountryCode": "GB",
            "destinationPhoneNumber": asked.parameters["DestinationPhoneNumber"], "messageType": "TRANSACTIONAL",
            "messageStatus": kind.removeprefix("TEXT_"), "context": asked.parameters["Context"], **more,
        }  # fmt: skip
        with self._lock:
            self.events.append(
                {"timestamp": now_ms, "message": json.dumps(told), "eventId": str(len(self.events))}
            )

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        scope = _SCOPE.match(handler.headers.get("Authorization", ""))
        service = scope[3] if scope else ""
        if not scope or scope[2] != REGION or service not in _MODELS:
            self.wrong.append(f"signed for {scope.groups() if scope else None}")
            return _reply(handler, 403, b'{"__type": "SignatureDoesNotMatch"}')
        self.keys.append(scope[1])
        if service == "sts":
            return self._identity(handler, body)
        operation = handler.headers.get("X-Amz-Target", "").partition(".")[2]
        parameters = json.loads(body)
        self._check(_MODELS[service], operation, parameters)
        self.calls.append(operation)
        if service == "logs":
            return self._logs(handler, parameters)
        return self._send(handler, parameters)

    def _check(self, model: ServiceModel, operation: str, parameters: dict[str, Any]) -> None:
        if operation not in model.operation_names:
            self.wrong.append(f"no operation {operation}")
            return
        shape = model.operation_model(operation).input_shape
        report = ParamValidator().validate(parameters, shape)
        if report.has_errors():
            self.wrong.append(report.generate_report())
        for name, value in parameters.items():
            member = shape.members.get(name)
            if member is None:
                self.wrong.append(f"{operation} has no {name}")
                continue
            known = member.metadata
            if isinstance(value, str):
                fits = re.fullmatch(known["pattern"], value) if "pattern" in known else True
                if not fits or not known.get("min", 0) <= len(value) <= known.get("max", 10**6):
                    self.wrong.append(f"{operation} {name} is not as its model has it")
                if known.get("enum") and value not in known["enum"]:
                    self.wrong.append(f"{operation} {name} is none of {known['enum']}")

    def _identity(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if dict(parse_qsl(body.decode())).get("Action") != "GetCallerIdentity":
            self.wrong.append("STS was asked something else")
        if self.faults.sts_error:
            status, code = self.faults.sts_error
            words = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
            return _reply(handler, status, words.encode(), "text/xml")
        return _reply(handler, 200, _STS.format(self.account).encode(), "text/xml")

    def _logs(self, handler: BaseHTTPRequestHandler, parameters: dict[str, Any]) -> None:
        if self.faults.logs_error:
            status, code = self.faults.logs_error
            return _reply(handler, status, json.dumps({"__type": code}).encode())
        if parameters["logGroupName"] not in self.groups:
            return _reply(handler, 400, b'{"__type": "ResourceNotFoundException"}')
        first = int(parameters.get("nextToken", "0"))
        with self._lock:
            found = [event for event in self.events if event["timestamp"] >= parameters.get("startTime", 0)]
        page: dict[str, Any] = {"events": found[first : first + 2]}
        if len(found) > first + 2:  # small pages: each look must turn them
            page["nextToken"] = str(first + 2)
        return _reply(handler, 200, json.dumps(page).encode())

    def _send(self, handler: BaseHTTPRequestHandler, parameters: dict[str, Any]) -> None:
        faults = self.faults
        error, faults.next_error = faults.next_error, None
        raw, faults.next_raw = faults.next_raw, None
        silent, faults.next_silent = faults.next_silent, False
        if error is None or faults.after:
            asked = Asked(parameters, f"id-{len(self.taken) + 1:04d}", handler.headers.get("X-Request-Id", ""))
            self.taken.append(asked)
            self.event(asked, "TEXT_QUEUED", final=False)
        if silent:
            self._release.wait(30)
            handler.close_connection = True
            return None
        if raw is not None:
            return _reply(handler, *raw)
        if error is not None:
            status, code, more = error
            return _reply(handler, status, json.dumps({"__type": code, **more}).encode())
        return _reply(handler, 200, json.dumps({"MessageId": asked.message_id}).encode())


def _reply(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/x-amz-json-1.0"
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("x-amzn-RequestId", "r-1")
    handler.end_headers()
    handler.wfile.write(body)


def until(true: Callable[[], object], patience_s: float = 5.0) -> bool:
    """Whether it came true in good time."""
    end = time.monotonic() + patience_s
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())
